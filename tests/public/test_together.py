"""Many at once: two hundred leave in the same moment, a flood of sign-ups, and what is done together in one call."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, insert, select

from bench.crowd import AT_ONCE, ONE_CLICK, post
from composer.database import Collision, read_only
from composer.public import app
from composer.public.networks import NetworkLimits
from composer.public.together import GROUP, Together
from composer.subscribers import token_reader, unsubscribe_token
from composer.subscribers.requests import count_requests
from composer.subscribers.tables import subscribers, subscriptions
from tests.public.support.page_server import SECRET, serving
from tests.support.doors import ZOE, OpenHouse, open_house


@pytest.fixture
def crowded(tmp_path: Path) -> OpenHouse:
    """As many readers as leave at once, and doors; 127.0.0.1 is a network like any other."""
    house = open_house(tmp_path, trusted_proxies=["10.0.0.0/8"])
    with house.engine.begin() as connection:
        people = [{"id": n, "email": f"r{n}@example.org", "address_key": f"{n:064d}"} for n in range(1, AT_ONCE + 1)]
        connection.execute(insert(subscribers), people)
        row = {"publication": "vendredi", "status": "active", "tier": "free"}
        connection.execute(insert(subscriptions), [{"id": n, "subscriber_id": n} | row for n in range(1, AT_ONCE + 1)])
    return house


def at_once(port: int, heads: Sequence[str], body: bytes) -> Counter[int]:
    async def all_of_them() -> Counter[int]:
        return Counter(await asyncio.gather(*(post(port, f"{head}\r\n", body) for head in heads)))

    return asyncio.run(all_of_them())


@pytest.mark.usefixtures("each_engine")
def test_two_hundred_of_one_network_leave_at_once_and_none_is_lost(crowded: OpenHouse) -> None:
    pages = app(crowded.engine, crowded.newsroom, token_reader(SECRET))
    paths = [f"/u/{unsubscribe_token(n, SECRET)} HTTP/1.1" for n in range(1, AT_ONCE + 1)]
    with serving(pages, network_of=NetworkLimits(["10.0.0.0/8"]).network) as base:
        assert at_once(int(base.rpartition(":")[2]), paths, ONE_CLICK) == {200: AT_ONCE}
    left = select(func.count()).where(subscriptions.c.unsubscribed_by == "one-click")
    with read_only(crowded.engine).connect() as connection:
        assert connection.execute(left).scalar_one() == AT_ONCE
    crowded.engine.dispose()


def test_a_flood_of_sign_ups_fills_no_table_and_keeps_nobody_from_leaving(
    crowded: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("composer.public.networks.SIGNUP_RATE", 0.0)
    monkeypatch.setattr("composer.public.networks.SIGNUP_BURST", 20.0)
    path = crowded.root / "config" / "newsroom.yaml"
    path.write_text(path.read_text().replace("10.0.0.0/8", "127.0.0.1"))
    mark = crowded.asked().form
    heads = [
        f"/join.json HTTP/1.1\r\nContent-Type: application/json\r\nX-Forwarded-For: 203.0.113.{n}" for n in range(100)
    ]
    body = f'{{"email": "{ZOE}", "letters": ["vendredi"], "language": "fr", "form": "{mark}"}}'.encode()
    with serving(app(crowded.engine, crowded.newsroom, token_reader(SECRET))) as base:
        assert at_once(int(base.rpartition(":")[2]), heads, body) == {202: 20, 429: 80}
        assert httpx.post(f"{base}/u/{unsubscribe_token(1, SECRET)}", content=ONE_CLICK).status_code == 200
    with read_only(crowded.engine).connect() as connection:
        assert count_requests(connection) == 20
    crowded.engine.dispose()


Work = Callable[[Sequence[int]], Mapping[int, str]]


def found(work: Work, *items: int) -> list[Any]:
    """What each gets who asks at the same moment; errors as values."""

    async def in_thread(function: Callable[..., object], *arguments: object) -> object:
        return await asyncio.to_thread(function, *arguments)

    async def ask() -> list[Any]:
        together = Together(in_thread, work)
        return await asyncio.gather(*(together.find(item) for item in items), return_exceptions=True)

    return asyncio.run(ask())


def test_what_comes_at_once_is_done_in_few_calls_and_each_gets_its_own() -> None:
    calls: list[Sequence[int]] = []

    def work(items: Sequence[int]) -> Mapping[int, str]:
        calls.append(items)
        return {item: f"n{item}" for item in items if item != 7}

    assert found(work, *range(2 * GROUP)) == [f"n{item}" if item != 7 else None for item in range(2 * GROUP)]
    assert [len(items) for items in calls] == [GROUP, GROUP]


def test_trouble_is_each_ones_and_the_next_have_their_turn() -> None:
    def work(items: Sequence[int]) -> Mapping[int, str]:
        if 0 in items:
            raise OSError("away")
        return dict.fromkeys(items, "done")

    got = found(work, *range(GROUP + 1))
    assert [str(each) for each in got] == ["away"] * GROUP + ["done"]


def test_a_collision_is_tried_again_alone() -> None:
    def work(items: Sequence[int]) -> Mapping[int, str]:
        if 2 in items:
            raise Collision("another transaction")
        return dict.fromkeys(items, "done")

    assert [str(each) for each in found(work, 1, 2, 3)] == ["done", "another transaction", "done"]


def test_one_call_at_a_time() -> None:
    running = threading.Semaphore(1)

    def work(items: Sequence[int]) -> Mapping[int, str]:
        assert running.acquire(blocking=False)
        running.release()
        return {}

    assert found(work, *range(3 * GROUP)) == [None] * 3 * GROUP
