"""What came back and wants a person: told once while it lasts, listed with its readers, and believed."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from composer.daemon import sweep
from composer.daemon.process import AppContext
from composer.database import db_now, read_only
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.returns.acts import SOFT_BOUNCES
from composer.returns.hard_bounces import FEW, held_by_provider
from composer.returns.notices import return_notices
from composer.returns.return_act import ReturnAct
from composer.returns.tables import returned
from composer.schedule.telling import pending
from composer.schedule.tick import tick
from composer.subscribers.tables import subscriptions
from tests.cli.test_without_database import typed
from tests.delivery.support.sample_newsroom import SECRET
from tests.returns.test_acts import COMPLAINT, HARD, POLICY, SOFT, Ledger
from tests.schedule.support.sample_hour import paris
from tests.support.newsrooms import write_newsroom


def told(ledger: Ledger) -> list[tuple[str, str]]:
    """Kind and key of each notice, the subjects and texts without an address."""
    with read_only(ledger.engine).connect() as connection:
        notices = list(return_notices(ledger.of.room, connection))
    assert not [notice for notice in notices if "@" in notice.subject + notice.text]
    return [(notice.kind, notice.what) for notice in notices]


@pytest.mark.usefixtures("each_engine")
def test_what_is_held_listed_and_about_us_is_told_without_an_address(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, readers=FEW + 3)
    assert told(ledger) == []
    assert ledger.act(POLICY, FEW + 2) is ReturnAct.NOTED
    for reader in range(FEW + 1):
        ledger.act(HARD, reader)
    with ledger.engine.begin() as connection:
        connection.execute(update(subscriptions).values(tier="paid"))
    for number in [ledger.mailing(day, 29 - day) for day in range(1, SOFT_BOUNCES + 1)]:
        act = ledger.act(SOFT, FEW + 1, number)
    assert act is ReturnAct.LISTED
    reader = ledger.readers[FEW + 1]
    assert told(ledger) == [
        ("returns-held", "now:returns-held:orange"),
        ("returns-policy", "now:returns-policy:orange"),
        ("returns-listed", f"now:returns-listed:{reader}"),
    ]
    with ledger.engine.begin() as connection:
        connection.execute(update(returned).values(at=db_now(-31 * 86400)))
    assert told(ledger) == [("returns-held", "now:returns-held:orange")]


@pytest.mark.usefixtures("each_engine")
def test_hundreds_of_small_domains_that_refuse_us_are_one_alert(tmp_path: Path) -> None:
    """A block list is asked by every company's server: an email for each would keep all other alerts waiting."""
    ledger = Ledger(tmp_path, readers=5)
    with ledger.engine.begin() as connection:
        for number, reader in enumerate(ledger.readers[1:]):
            theirs = deliveries.c.subscriber_id == reader
            of_house = {"provider": "", "email": f"anne@maison{number // 2}.example"}
            connection.execute(update(deliveries).where(theirs).values(**of_house))
    for reader in range(5):
        assert ledger.act(POLICY, reader) is ReturnAct.NOTED
    with read_only(ledger.engine).connect() as connection:
        notices = list(return_notices(ledger.of.room, connection))
    assert [notice.what for notice in notices] == ["now:returns-policy:orange", "now:returns-policy:"]
    assert "4 letters" in notices[1].text
    assert "number of domains: 2" in notices[1].text


def test_it_is_among_what_is_told_after_a_tick_and_only_where_it_is_asked_for(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.act(POLICY)
    ticked = tick(paris("2026-12-01 08:00"), ledger.of.room, ledger.engine, SECRET)
    room, notices = ledger.of.room, partial(return_notices, ledger.of.room)
    assert "returns-policy" in [each.kind for each in pending(ticked, room, ledger.engine, notices)]
    assert "returns-policy" not in [each.kind for each in pending(ticked, ledger.of.room, ledger.engine)]


def test_the_list_names_readers_and_a_provider_is_believed_by_hand(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, readers=FEW + 2)
    write_newsroom(tmp_path, database="sqlite:///ledger.db")
    assert "nothing is held" in typed(tmp_path, "returns", "list").output
    assert "of any provider" in str(typed(tmp_path, "returns", "believe", "orange").exception)
    for reader in range(FEW + 1):
        ledger.act(HARD, reader)
    ledger.act(POLICY, FEW + 1)
    listed = typed(tmp_path, "returns", "list").output.splitlines()
    assert len(listed) == FEW + 2
    assert sum("reader0@orange.fr · orange" in line and "held" in line for line in listed) == 1
    rows = json.loads(typed(tmp_path, "returns", "list", "--json").output)
    assert {(row["act"], row["cause"]) for row in rows} == {("held", "unknown"), ("noted", "refused")}

    refused = typed(tmp_path, "returns", "believe", "orange")
    assert (refused.exit_code, ledger.suppressed()) == (1, {})
    assert f"{FEW + 1} readers of orange get no letter of the house any more" in str(refused.exception)
    other = typed(tmp_path, "returns", "believe", "gmail", "--yes")
    assert (other.exit_code, "of these it is: orange" in str(other.exception)) == (1, True)
    assert typed(tmp_path, "returns", "believe", "orange", "--yes").exit_code == 0
    assert set(ledger.suppressed()) == set(range(FEW + 1))


def test_the_ledger_says_why_a_letter_came_back_in_place_of_the_relay_s_answer(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, readers=3)
    write_newsroom(tmp_path, database="sqlite:///ledger.db")
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).values(reply_code=250, reply_status="2.0.0", reply_text="Ok: queued"))
    ledger.act(replace(HARD, status="5.1.1"))
    ledger.act(SOFT, 1)
    ledger.act(COMPLAINT, 1)
    number = str(ledger.of.mailing)
    first, second, third = typed(tmp_path, "deliveries", number).output.splitlines()
    assert first.endswith("reader0@orange.fr  5.1.1 hard: there is no such mailbox")
    assert second.endswith("reader1@orange.fr  soft: the mailbox is full, complaint: the reader called it spam")
    assert third.endswith("reader2@orange.fr  250 2.0.0 Ok: queued")
    done = typed(tmp_path, "deliveries", number, "--state", "bounced", "--json")
    assert done.exit_code == 0, (done.exception, done.output)
    rows = json.loads(done.stdout)
    (came,) = rows[0]["returned"]
    assert (came["kind"], came["bounce_class"], came["cause"], came["status"]) == ("bounce", "hard", "unknown", "5.1.1")
    others = json.loads(typed(tmp_path, "deliveries", number, "--state", "accepted", "--json").stdout)
    assert [row["returned"] for row in others] == [[]]


def test_the_daemon_believes_after_two_days_what_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("FIRST", 0.0), ("LOOK", 0.01), ("PAUSE", 0.0), ("BUSY", 0.01)):
        monkeypatch.setattr(sweep, name, seconds)
    ledger = Ledger(tmp_path, readers=FEW + 2)
    for reader in range(FEW + 2):
        ledger.act(HARD, reader)
    with ledger.engine.begin() as connection:
        early = deliveries.c.subscriber_id == ledger.readers[0]  # it came back before it was recorded as accepted
        connection.execute(update(deliveries).where(early).values(state=State.ACCEPTED))
        young = returned.c.subscriber_id == ledger.readers[0]
        connection.execute(update(returned).where(~young).values(at=db_now(-49 * 3600)))

    async def a_look() -> None:
        stop = asyncio.Event()
        part = asyncio.create_task(sweep.sweeping(AppContext(ledger.of.room, ledger.engine, SECRET), stop))
        async with asyncio.timeout(60):
            while ledger.suppressed() == {}:  # noqa: ASYNC110 # reason: the database has no events
                await asyncio.sleep(0.02)
        stop.set()
        await part

    asyncio.run(a_look())
    assert set(ledger.suppressed()) == set(range(1, FEW + 2))
    assert ledger.state() == State.BOUNCED
    with read_only(ledger.engine).connect() as connection:
        assert held_by_provider(connection) == {"orange": 1}


def test_what_cannot_be_believed_keeps_nothing_from_being_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (("FIRST", 0.0), ("LOOK", 0.01), ("PAUSE", 0.0), ("BUSY", 0.01)):
        monkeypatch.setattr(sweep, name, seconds)
    ledger, swept = Ledger(tmp_path), asyncio.Event()

    def fail(_connection: object) -> int:
        raise OSError

    async def note(_base: AppContext, stop: asyncio.Event) -> None:
        swept.set()
        stop.set()

    monkeypatch.setattr(sweep, "believe_held", fail)
    monkeypatch.setattr(sweep, "_sweep", note)

    async def a_look() -> None:
        await asyncio.wait_for(sweep.sweeping(AppContext(ledger.of.room, ledger.engine, SECRET), asyncio.Event()), 60)

    with capture_logs() as logs:
        asyncio.run(a_look())
    assert swept.is_set()
    assert {(line["event"], line["part"]) for line in logs} == {("retention-failed", "returns")}
