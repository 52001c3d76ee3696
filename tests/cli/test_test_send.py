"""test: as an operator types it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from composer.cli import filigrane
from composer.errors import OutsideWorld, Refused, WrongUsage
from composer.locale import use
from tests.delivery.support.fake_relay import Relay, at, listening
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

ANNE, BORIS = "anne@example.org", "boris@example.org"


@pytest.fixture(autouse=True)
def english() -> None:
    use("en")


@contextmanager
def in_a_thread() -> Iterator[Relay]:
    """The relay that accepts everything, for commands that run an event loop of their own."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    done, relays = asyncio.Event(), list[Relay]()

    async def serve() -> None:
        async with listening() as relay:
            relays.append(relay)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield relays[0]
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


def typed(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(filigrane, ["--newsroom", str(folder), *words])


def test_a_test_send_is_marked_in_both_editions_and_has_no_live_token(tmp_path: Path) -> None:
    with in_a_thread() as relay:
        write_newsroom(tmp_path, relay=relay.port)
        write_issue(tmp_path, "vendredi", FRIDAY)
        result = typed(tmp_path, "test", "vendredi/2026-11-27", "--to", f"Anne <{ANNE}>; Ancelin, Boris <{BORIS}>,")
    assert result.exit_code == 0, result.exception
    assert result.stdout.count("accepted") == 4
    assert sorted(to for to, _ in relay.received) == [ANNE, ANNE, BORIS, BORIS]
    contents = [content for _, content in relay.received]
    assert all(b"[test]" in content and b"/u/test" in content for content in contents)
    assert sum(b"(free edition)" in content for content in contents) == 2
    message_ids = {line for content in contents for line in content.split(b"\r\n") if line.startswith(b"Message-ID")}
    assert len(message_ids) == 4


def _relays(**ports: int) -> list[dict[str, object]]:
    return [{"name": name, "host": "127.0.0.1", "port": port, "security": "none"} for name, port in ports.items()]


def test_a_test_send_takes_the_next_relay_where_one_does_not_answer_and_says_which(tmp_path: Path) -> None:
    with in_a_thread() as court:
        write_newsroom(tmp_path, relays=_relays(hall=1, court=court.port))
        write_issue(tmp_path, "vendredi", FRIDAY)
        result = typed(tmp_path, "test", "vendredi/2026-11-27", "--to", ANNE)
    assert result.exit_code == 0, result.exception
    assert result.stdout.count(f"{ANNE}  court  accepted") == 2
    assert "hall  the relay could not be used: 127.0.0.1:1" in result.stderr


def test_a_test_send_takes_the_next_relay_where_one_refuses_us_and_not_where_it_refuses_the_reader(
    tmp_path: Path,
) -> None:
    with in_a_thread() as hall, in_a_thread() as court:
        write_newsroom(tmp_path, relays=_relays(hall=hall.port, court=court.port))
        write_issue(tmp_path, "vendredi", FRIDAY)
        hall.script = at("MAIL", b"530 5.7.0 authentication required")
        assert typed(tmp_path, "test", "vendredi/2026-11-27", "--to", ANNE).exit_code == 0
        assert court.accepted == [ANNE, ANNE]
        hall.script = at("RCPT", b"550 5.1.1 unknown")
        refused = typed(tmp_path, "test", "vendredi/2026-11-27", "--to", ANNE)
        assert isinstance(refused.exception, OutsideWorld)
        assert f"{ANNE}  hall  rejected  550 5.1.1 unknown" in refused.stdout
        assert court.accepted == [ANNE, ANNE]


def test_a_test_send_goes_through_the_relay_that_is_named(tmp_path: Path) -> None:
    with in_a_thread() as hall, in_a_thread() as court:
        write_newsroom(tmp_path, relays=_relays(hall=hall.port, court=court.port))
        write_issue(tmp_path, "vendredi", FRIDAY)
        assert typed(tmp_path, "test", "vendredi/2026-11-27", "--to", ANNE, "--relay", "court").exit_code == 0
        wrong = typed(tmp_path, "test", "vendredi/2026-11-27", "--to", ANNE, "--relay", "attic").exception
    assert (hall.connections, court.accepted) == (0, [ANNE, ANNE])
    assert isinstance(wrong, WrongUsage)
    assert "there are: hall, court" in str(wrong)


def test_a_test_send_obeys_only_to(tmp_path: Path) -> None:
    write_newsroom(tmp_path, only_to=["@essai.example"])
    write_issue(tmp_path, "vendredi", FRIDAY)
    refused = typed(tmp_path, "test", "vendredi/2026-11-27", "--to", ANNE).exception
    assert isinstance(refused, Refused)
    assert ANNE in str(refused)


def test_a_test_send_names_what_is_no_address(tmp_path: Path) -> None:
    write_newsroom(tmp_path)
    write_issue(tmp_path, "vendredi", FRIDAY)
    refused = typed(tmp_path, "test", "vendredi/2026-11-27", "--to", ANNE, "--to", "anne").exception
    assert isinstance(refused, Refused)
    assert "“anne” is not an email address" in str(refused)
