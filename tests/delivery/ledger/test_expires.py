"""News is stale after a while: what has not left by then does not leave any more, and the counts say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from composer.database import db_now, read_only
from composer.delivery.control import pause, resume
from composer.delivery.ledger import listing, mailings, resend, workers
from composer.delivery.ledger.claims import Settlement, claim, mark, settle
from composer.delivery.ledger.expiry import expire, spare
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.smtp.reply import Phase, Reply, Retry, judge, lost
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.delivery.tables import mailings as mailings_table
from composer.errors import Refused
from tests.delivery.support.fake_relay import listening
from tests.delivery.support.sample_ledger import Ready, opened, ready, states
from tests.delivery.worker.test_worker import run

DAY = 86400.0
READERS = [f"reader{number}@example.org" for number in range(4)]


def grown_stale(ledger: Ready, *, told: bool = True) -> None:
    """The news is stale; ``told``: a tick has said so."""
    with ledger.engine.begin() as connection:
        connection.execute(update(mailings_table).values(expires_at=db_now(-0.001)))
        if told:
            assert expire(connection) == [ledger.mailing]


def test_the_publication_says_when_and_the_database_s_clock_counts(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    with read_only(ledger.engine).connect() as connection:
        row = connection.execute(select(mailings_table)).one()
    late = row.expires_at - row.opened_at
    assert abs(late - ledger.room.publications["vendredi"].expires) < timedelta(seconds=5)


def test_a_stale_delivery_is_neither_claimed_nor_marked_and_the_counts_add_up(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=READERS)
    with ledger.engine.begin() as connection:
        worker = workers.join(connection)
        accepted, deferred, held = claim(connection, worker, 3)
        assert mark(connection, [accepted])() == [True]
        settle(
            connection,
            [
                Settlement(accepted, judge(Phase.DOT, Reply(250, None, ""), Retry())),
                Settlement(deferred, judge(Phase.RCPT, Reply(450, None, ""), Retry((timedelta(0),)))),
            ],
        )
    grown_stale(ledger)
    with ledger.engine.begin() as connection:
        assert claim(connection, worker, 9) == []
        assert mark(connection, [held])() == [False]
        assert mailings.sweep(connection) == [ledger.mailing]
    assert outcomes(ledger.engine, ledger.mailing) == {"accepted": 1, "expired": 3}


def test_what_is_on_its_way_when_the_news_grows_stale_keeps_its_answer(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    with ledger.engine.begin() as connection:
        claims = claim(connection, workers.join(connection), 1)
        assert mark(connection, claims)() == [True]
    grown_stale(ledger)
    with ledger.engine.begin() as connection:
        assert mailings.sweep(connection) == []
        settle(connection, [Settlement(claims[0], judge(Phase.DOT, Reply(250, None, ""), Retry()))])
        assert mailings.sweep(connection) == [ledger.mailing]
    assert set(states(ledger.engine).values()) == {"accepted"}


def test_a_paused_mailing_grows_stale_too_and_is_done_then(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=READERS)
    pause(ledger.engine, ledger.mailing)
    grown_stale(ledger)
    with ledger.engine.begin() as connection:
        assert mailings.sweep(connection) == [ledger.mailing]
    assert outcomes(ledger.engine, ledger.mailing) == {"expired": 4}


def test_a_doubt_about_stale_news_is_not_sent_again(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    with ledger.engine.begin() as connection:
        (claimed,) = claim(connection, workers.join(connection), 1)
        mark(connection, [claimed])()
        settle(connection, [Settlement(claimed, lost(Phase.DOT, "gone", Retry()))])
    grown_stale(ledger)
    with pytest.raises(Refused, match="stale"):
        resend.resend(ledger.engine, ledger.mailing, [claimed.id])
    assert states(ledger.engine) == {"anne@example.org": "in_doubt"}


def test_who_opens_a_mailing_again_does_not_make_its_news_fresh(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    grown_stale(ledger)
    later = {"vendredi": ledger.room.publications["vendredi"].model_copy(update={"expires": timedelta(days=30)})}
    assert opened(ledger.engine, replace(ledger.room, publications=later)) is None
    with ledger.engine.begin() as connection:
        assert claim(connection, workers.join(connection), 1) == []
        assert len(connection.execute(select(deliveries)).all()) == 1


def state_of(ledger: Ready) -> tuple[str, str | None]:
    with read_only(ledger.engine).connect() as connection:
        row = connection.execute(select(mailings_table)).one()
    return row.state, row.reason


@pytest.mark.usefixtures("each_engine")
def test_by_the_clock_alone_nothing_leaves_and_nothing_expires(tmp_path: Path) -> None:
    """The clock leapt, and no tick has said yet what that means."""
    ledger = ready(tmp_path, readers=READERS)
    with ledger.engine.begin() as connection:
        worker = workers.join(connection)
        (held,) = claim(connection, worker, 1)
    grown_stale(ledger, told=False)
    with ledger.engine.begin() as connection:
        assert mark(connection, [held])() == [False]
        assert claim(connection, worker, 9) == []
        assert mailings.sweep(connection) == []
    assert outcomes(ledger.engine, ledger.mailing) == {"queued": 4}
    with ledger.engine.begin() as connection:
        connection.execute(update(mailings_table).values(expires_at=db_now(60)))  # the clock is put right
        assert len(claim(connection, worker, 9)) == 4


@pytest.mark.usefixtures("each_engine")
def test_stale_only_by_a_long_gap_it_pauses_and_keeps_the_time_it_had_left(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=READERS)
    with ledger.engine.begin() as connection:
        connection.execute(update(mailings_table).values(opened_at=db_now(-3 * DAY), expires_at=db_now(-2 * DAY)))
        before = connection.execute(select(db_now(-2 * DAY - 3600))).scalar_one()
        assert spare(connection, before, "the clock leapt") == [ledger.mailing]
        assert expire(connection) == mailings.sweep(connection) == []
        left = connection.execute(select(mailings_table.c.expires_at, db_now())).one()
    assert abs((left[0] - left[1]).total_seconds() - 3600) < 60
    assert state_of(ledger) == ("paused", "the clock leapt")
    resume(ledger.engine, ledger.mailing)
    with ledger.engine.begin() as connection:
        assert len(claim(connection, workers.join(connection), 9)) == 4


def test_stale_before_the_gap_it_expires(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=READERS)
    pause(ledger.engine, ledger.mailing)
    with ledger.engine.begin() as connection:
        connection.execute(update(mailings_table).values(expires_at=db_now(-3 * DAY)))
        before = connection.execute(select(db_now(-2 * DAY))).scalar_one()
        assert spare(connection, before, "the clock leapt") == []
        assert mailings.sweep(connection) == [ledger.mailing]
    assert outcomes(ledger.engine, ledger.mailing) == {"expired": 4}


@pytest.mark.usefixtures("each_engine")
def test_by_force_what_expired_leaves_after_all_and_nothing_else(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=READERS)
    with ledger.engine.begin() as connection:
        worker = workers.join(connection)
        (accepted,) = claim(connection, worker, 1)
        mark(connection, [accepted])()
        settle(connection, [Settlement(accepted, judge(Phase.DOT, Reply(250, None, ""), Retry()))])
    grown_stale(ledger)
    with ledger.engine.begin() as connection:
        assert mailings.sweep(connection) == [ledger.mailing]
    chosen = listing.ids(ledger.engine, ledger.mailing, State.EXPIRED)
    assert list(resend.choose(ledger.engine, ledger.mailing, chosen).ids) == []
    choice = resend.choose(ledger.engine, ledger.mailing, chosen, force=True)
    assert (len(choice.ids), choice.stale, choice.doubled) == (3, 3, 0)
    assert resend.resend(ledger.engine, ledger.mailing, choice.ids[:2], force=True) == 2
    assert state_of(ledger) == ("sending", None)
    with ledger.engine.begin() as connection:
        assert mailings.sweep(connection) == expire(connection) == []
        assert len(claim(connection, workers.join(connection), 9)) == 2
    assert outcomes(ledger.engine, ledger.mailing) == {"accepted": 1, "claimed": 2, "expired": 1}


def test_by_force_what_still_waits_of_a_stale_mailing_is_not_woken(tmp_path: Path) -> None:
    """No worker ran when it went stale: its rows are still queued when one of its readers is sent to again."""
    ledger = ready(tmp_path, readers=READERS)
    with ledger.engine.begin() as connection:
        (claimed,) = claim(connection, workers.join(connection), 1)
        mark(connection, [claimed])()
        settle(connection, [Settlement(claimed, lost(Phase.DOT, "gone", Retry()))])
    grown_stale(ledger, told=False)
    assert resend.resend(ledger.engine, ledger.mailing, [claimed.id], force=True) == 1
    assert outcomes(ledger.engine, ledger.mailing) == {"queued": 1, "expired": 3}


async def test_a_worker_in_the_middle_of_news_that_grows_stale_stops_and_the_counts_add_up(tmp_path: Path) -> None:
    readers = [f"reader{number:03d}@example.org" for number in range(200)]

    def script(step: str, address: str) -> bytes | None:
        if step == "DOT" and len(relay.accepted) == 20:
            grown_stale(ledger)
        return None

    async with listening(script) as relay:
        ledger = ready(tmp_path, relay.port, readers)
        await run(ledger)
    counts = outcomes(ledger.engine, ledger.mailing)
    assert counts == {"accepted": len(relay.accepted), "expired": 200 - len(relay.accepted)}
    assert 20 < len(relay.accepted) < 30  # what was marked already
    with read_only(ledger.engine).connect() as connection:
        assert connection.execute(select(mailings_table.c.state)).scalar_one() == "done"
