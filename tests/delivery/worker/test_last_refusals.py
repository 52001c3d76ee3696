"""What a mailing, or a connection, ends with: refusals in words that no row of the table knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from composer.database import read_only
from composer.delivery.control import resume
from composer.delivery.ledger.refusal_runs import LAST
from composer.delivery.tables import paces
from tests.delivery.support.fake_relay import at, listening, ordinary
from tests.delivery.support.odd_relay import Conversation, OddRelay
from tests.delivery.support.sample_ledger import ready, states
from tests.delivery.worker.test_odd_relays import TOWNS, counted, mailing, readers, suppressed
from tests.delivery.worker.test_relays import closed_port, run, through

pytestmark = pytest.mark.slow
ENOUGH = "554 The bridge is up until further notice"
UNKNOWN = "550 5.1.1 User unknown"


@pytest.mark.parametrize(("count", "domains"), [(3, 1), (9, 4)])
@pytest.mark.parametrize(("step", "line"), [("RCPT", ENOUGH), ("DOT", ENOUGH), ("RCPT", UNKNOWN)])
async def test_a_short_list_refused_whole_is_queued_again_and_told(
    count: int, domains: int, step: str, line: str, tmp_path: Path, each_engine: str
) -> None:
    async with listening(at(step, line.encode())) as relay:
        ledger = ready(tmp_path, relay.port, readers(count, TOWNS[:domains]))
        await run(ledger)
        assert counted(ledger) == {"queued": count}
        state, reason = mailing(ledger)
        assert (state, reason.endswith(f"It says: {line}")) == ("paused", True)
        relay.script = ordinary
        resume(ledger.engine, ledger.mailing)
        await run(ledger)
        assert sorted(relay.accepted) == sorted(states(ledger.engine))
    assert (mailing(ledger), suppressed(ledger)) == (("done", ""), 0)


@pytest.mark.parametrize("line", [ENOUGH, UNKNOWN])
async def test_a_short_list_refused_again_after_the_resume_is_refused(line: str, tmp_path: Path) -> None:
    async with listening(at("RCPT", line.encode())) as relay:
        ledger = ready(tmp_path, relay.port, readers(4), retry=["0s"])
        await run(ledger)
        resume(ledger.engine, ledger.mailing)
        await run(ledger)
    assert (counted(ledger), mailing(ledger)) == ({"rejected": 4}, ("done", ""))
    assert suppressed(ledger) == 0


class Last(OddRelay):
    """Refuses readers whose address begins with "last"."""

    def refusal(self, talk: Conversation) -> str | None:
        return ENOUGH if talk.reader.startswith("last") else None


@pytest.mark.parametrize(("last", "state"), [(LAST, "paused"), (LAST - 1, "done")])
async def test_the_last_three_refused_are_the_relay_s(last: int, state: str, tmp_path: Path) -> None:
    relay = Last()
    async with relay.listening():
        people = readers(30) + [f"last{number}@d{number}.example" for number in range(last)]
        ledger = ready(tmp_path, relay.port, people, retry=["0s"], connections=1)
        await run(ledger)
    assert (mailing(ledger)[0], counted(ledger)["accepted"]) == (state, 30)
    assert counted(ledger)["queued" if state == "paused" else "rejected"] == last


async def test_three_refused_with_as_many_accepted_after_them_stop_nothing(tmp_path: Path) -> None:
    relay = Last()
    async with relay.listening():
        people = [f"last{number}@d{number}.example" for number in range(LAST)] + readers(30)
        ledger = ready(tmp_path, relay.port, people, connections=1)
        await run(ledger)
    assert (counted(ledger), mailing(ledger)[0]) == ({"accepted": 30, "rejected": LAST}, "done")


async def test_full_mailboxes_given_up_together_stop_and_slow_nothing(tmp_path: Path) -> None:
    """After their last attempt no other reader is left to be accepted between them."""

    class Full(OddRelay):
        def refusal(self, talk: Conversation) -> str | None:
            return "452 4.2.2 Mailbox full" if talk.reader.startswith("full") else None

    relay = Full()
    async with relay.listening():
        people = [f"full{number}@d{number}.example" for number in range(15)] + readers(20)
        ledger = ready(tmp_path, relay.port, people, retry=["1s"], connections=1)
        await run(ledger)
    assert (counted(ledger), mailing(ledger)[0]) == ({"accepted": 20, "rejected": 15}, "done")
    with read_only(ledger.engine).connect() as connection:
        assert connection.execute(select(paces)).all() == []


class Brief(OddRelay):
    """Takes five messages a connection, and refuses the next ones."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self._line = line

    def refusal(self, talk: Conversation) -> str | None:
        return self._line if talk.messages > 5 else None


@pytest.mark.parametrize("line", [ENOUGH, UNKNOWN])
@pytest.mark.parametrize("connections", [1, 2])
async def test_a_relay_that_refuses_all_after_five_messages_a_connection_loses_no_reader(
    line: str, connections: int, tmp_path: Path, each_engine: str
) -> None:
    relay = Brief(line)
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(90), connections=connections)
        await run(ledger)
    assert (counted(ledger), mailing(ledger)[0], suppressed(ledger)) == ({"accepted": 90}, "done", 0)
    assert max(relay.kept.values()) == 1


async def test_one_server_of_several_that_refuses_all_loses_no_reader(tmp_path: Path) -> None:
    class Balanced(OddRelay):
        def refusal(self, talk: Conversation) -> str | None:
            return ENOUGH if talk.number % 5 == 2 else None

    relay = Balanced()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(60), connections=1, per_connection=8)
        await run(ledger)
    assert counted(ledger).get("accepted", 0) >= 58
    assert max(relay.kept.values()) == 1


@pytest.mark.parametrize("refusal", [ENOUGH, UNKNOWN, "550 5.7.8 bad credentials"])
async def test_where_the_other_relay_cannot_be_reached_the_mailing_pauses(refusal: str, tmp_path: Path) -> None:
    """It waited for an hour otherwise, for the one that refuses, without a word."""
    async with listening(at("RCPT", refusal.encode())) as court:
        ledger = through(tmp_path, await closed_port(), court.port, readers=readers(40))
        await run(ledger)
    assert (mailing(ledger)[0], counted(ledger)) == ("paused", {"queued": 40})
    with read_only(ledger.engine).connect() as connection:
        assert connection.execute(select(paces.c.quiet_until)).all() == []


async def test_a_table_of_mailboxes_that_comes_and_goes_suppresses_no_reader(tmp_path: Path) -> None:
    class Flapping(OddRelay):
        asked = 0

        def refusal(self, talk: Conversation) -> str | None:
            self.asked += 1
            return UNKNOWN if (self.asked - 1) // 12 % 2 else None

    relay = Flapping()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(150), connections=1, retry=["0s"] * 30)
        await run(ledger)
    assert (suppressed(ledger), counted(ledger)) == (0, {"accepted": 150})
    assert max(relay.kept.values()) == 1
