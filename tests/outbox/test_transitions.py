"""The states of single messages, one statement after another, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, false, select, true, update

from composer.database import db_now
from composer.delivery.state import State
from composer.message import Template
from composer.outbox import SingleMessage, SingleState, erase_messages, put_message
from composer.outbox.queue import MESSAGE_KEPT, left_within, outbox_depth, purge_messages, purgeable_messages
from composer.outbox.tables import outbox
from composer.outbox.transitions import (
    ClaimedMessage,
    MessageOutcome,
    any_message_due,
    claim_messages,
    doubt_messages,
    due_messages,
    mark_message,
    settle_message,
    take_over_messages,
    unclaim_messages,
)
from tests.support import databases
from tests.support.address_keys import open_database

pytestmark = pytest.mark.usefixtures("each_engine")
WORKER = 7


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(databases.url(tmp_path), tmp_path, create=True)
    yield made
    made.dispose()


def add(connection: Connection, number: int = 1, **more: object) -> int:
    """One message to ``reader<number>``."""
    content = Template((b"Subject: secret link\r\n\r\nhttps://example.org/confirm/x\r\n",), ())
    fields: dict[str, object] = {"publication": "vendredi", "provider": "", **more}
    email = f"reader{number}@example.org"
    return put_message(connection, SingleMessage("confirm", email, f"key{number}", content=content, **fields))  # type: ignore[arg-type] # reason: as given


def taken(connection: Connection, most: int = 10, per_hour: int = 100) -> list[ClaimedMessage]:
    return claim_messages(connection, [one.id for one in due_messages(connection, most, per_hour)], WORKER, true())


def state(connection: Connection, number: int) -> tuple[str, bool]:
    """The state, and whether the content is still there."""
    row = connection.execute(select(outbox.c.state, outbox.c.content).where(outbox.c.id == number)).one()
    return row.state, row.content is not None


def test_its_states_are_the_ledgers() -> None:
    of_letters_alone = {State.SUPPRESSED, State.BOUNCED, State.COMPLAINED}
    assert {state.value for state in SingleState} == {state.value for state in set(State) - of_letters_alone}


def test_claimed_marked_and_accepted_it_holds_no_link_any_more(engine: Engine) -> None:
    with engine.begin() as connection:
        number = add(connection)
        assert any_message_due(connection)
        (claimed,) = taken(connection)
        assert (claimed.id, claimed.attempt, claimed.email) == (number, 1, "reader1@example.org")
        assert not any_message_due(connection)
        assert taken(connection) == []
        assert mark_message(connection, claimed, true())
        assert state(connection, number) == ("in_flight", True)
        assert settle_message(connection, claimed, MessageOutcome(SingleState.ACCEPTED, 250))
        assert state(connection, number) == ("accepted", False)
        assert not settle_message(connection, claimed, MessageOutcome(SingleState.REJECTED, 550))
        assert left_within(connection, 3600) == 1


def test_a_dead_worker_claims_and_marks_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        number = add(connection)
        assert claim_messages(connection, [number], WORKER, false()) == []
        (claimed,) = taken(connection)
        assert not mark_message(connection, claimed, false())
        unclaim_messages(connection, [claimed])
        assert state(connection, number) == ("queued", True)
        (again,) = taken(connection)
        assert again.attempt == 2
        assert not mark_message(connection, claimed, true())  # the first attempt is over


def test_what_a_dead_worker_held_is_queued_or_in_doubt(engine: Engine) -> None:
    with engine.begin() as connection:
        first, second = add(connection, 1), add(connection, 2)
        one, two = taken(connection)
        assert mark_message(connection, two, true())
        dead = select(outbox.c.worker_id).where(outbox.c.worker_id == WORKER)
        assert take_over_messages(connection, dead, "died") == (1, 1)
        assert state(connection, first) == ("queued", True)
        assert state(connection, second) == ("in_doubt", False)
        assert [claimed.id for claimed in taken(connection)] == [one.id]  # the other is never sent again


def test_a_late_reply_settles_a_doubt_for_good_and_never_queues_it(engine: Engine) -> None:
    with engine.begin() as connection:
        number = add(connection)
        (claimed,) = taken(connection)
        mark_message(connection, claimed, true())
        assert doubt_messages(connection, "restored") == 1
        assert not settle_message(connection, claimed, MessageOutcome(SingleState.DEFERRED, 450, delay=1))
        assert state(connection, number)[0] == "in_doubt"
        assert settle_message(connection, claimed, MessageOutcome(SingleState.ACCEPTED, 250))


def test_a_deferred_one_waits_and_expires_after_a_day(engine: Engine) -> None:
    with engine.begin() as connection:
        number = add(connection)
        (claimed,) = taken(connection)
        assert settle_message(connection, claimed, MessageOutcome(SingleState.DEFERRED, 450, delay=60))
        assert state(connection, number) == ("deferred", True)
        assert not any_message_due(connection)
        assert taken(connection) == []
        connection.execute(update(outbox).values(not_before=db_now(-1)))
        (claimed,) = taken(connection)
        assert (claimed.attempt, claimed.deferrals) == (2, 1)
        unclaim_messages(connection, [claimed])
        connection.execute(update(outbox).values(expires_at=db_now(-1)))
        assert taken(connection) == []
        assert state(connection, number) == ("expired", False)


def test_no_more_leave_in_an_hour_than_may(engine: Engine) -> None:
    with engine.begin() as connection:
        for number in range(5):
            add(connection, number)
        first = taken(connection, per_hour=3)
        assert len(first) == 3
        assert taken(connection, per_hour=3) == []  # those claimed count
        for claimed in first:
            mark_message(connection, claimed, true())
            settle_message(connection, claimed, MessageOutcome(SingleState.ACCEPTED, 250))
        assert taken(connection, per_hour=3) == []
        assert outbox_depth(connection)["queued"] == 2
        connection.execute(update(outbox).where(outbox.c.left_at.is_not(None)).values(left_at=db_now(-3601)))
        assert len(taken(connection, per_hour=3)) == 2


def test_what_only_to_holds_is_cancelled_from_the_start(engine: Engine) -> None:
    with engine.begin() as connection:
        number = add(connection, held=True)
        assert state(connection, number) == ("cancelled", False)
        assert not any_message_due(connection)


def test_an_address_is_erased_whatever_the_state(engine: Engine) -> None:
    with engine.begin() as connection:
        add(connection, 1), add(connection, 2)
        first, _second = taken(connection)
        assert erase_messages(connection, "key1") == 1
        assert not mark_message(connection, first, true())
    assert "reader1" not in databases.dump(engine)
    assert "reader2" in databases.dump(engine)


def test_what_is_over_for_thirty_days_is_purged(engine: Engine) -> None:
    with engine.begin() as connection:
        for number in range(3):
            add(connection, number)
        over, _waits, fresh = taken(connection)
        unclaim_messages(connection, [_waits])
        for claimed in (over, fresh):
            settle_message(connection, claimed, MessageOutcome(SingleState.REJECTED, 550))
        old = outbox.c.id.in_((over.id, _waits.id))
        connection.execute(update(outbox).where(old).values(changed_at=db_now(-MESSAGE_KEPT - 1)))
        assert purgeable_messages(connection) == 1
        assert purge_messages(connection, 10) == 1
        left = connection.execute(select(outbox.c.id).order_by(outbox.c.id)).scalars().all()
        assert left == [_waits.id, fresh.id]
