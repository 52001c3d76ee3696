"""How often the daemon looks at what was asked at the pages: seldom enough that letters go first."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from composer.daemon import doorkeeper
from composer.doors import ONE_LOOK


@pytest.mark.parametrize("answered", [1, ONE_LOOK - 1])
def test_what_comes_between_two_looks_waits_for_the_next(monkeypatch: pytest.MonkeyPatch, answered: int) -> None:
    assert waits(monkeypatch, answered, answered) == [doorkeeper.LOOK, doorkeeper.LOOK]


def test_a_look_that_left_some_is_followed_sooner_and_not_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first, _second = waits(monkeypatch, ONE_LOOK, 0)
    assert 0 < first < doorkeeper.LOOK


def waits(monkeypatch: pytest.MonkeyPatch, *answered: int) -> list[float]:
    """Seconds of rest after looks that answered so many."""
    left, rests, stop = list(answered), list[float](), asyncio.Event()

    async def rest(stop: asyncio.Event, seconds: float) -> None:
        rests.append(seconds)
        if not left:
            stop.set()

    monkeypatch.setattr(doorkeeper, "anything_asked", lambda _engine, to_write: True)
    monkeypatch.setattr(doorkeeper, "answer_requests", lambda *_given: left.pop(0))
    monkeypatch.setattr(doorkeeper, "until", rest)
    asyncio.run(doorkeeper.keep_doors(cast(Any, SimpleNamespace(engine=None, newsroom=None)), stop))
    return rests
