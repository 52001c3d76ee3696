"""The ledger's gates, on their own: who may do what to a row, and when."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update

from composer.database import db_now, read_only
from composer.delivery.control import cancel, pause, resume
from composer.delivery.ledger import mailings, resend, workers
from composer.delivery.ledger.claims import Settlement, claim, settle
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.ledger.refusal_runs import Effect
from composer.delivery.smtp.reply import Outcome, Phase, Reply, Retry, Scope, judge, lost
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.delivery.tables import mailings as mailings_table
from composer.delivery.tables import workers as workers_table
from composer.errors import Refused
from composer.subscribers.tables import subscribers, subscriptions, suppressions
from tests.delivery.support.ledger_calls import claimed, joined, marked, settled
from tests.delivery.support.sample_ledger import ready, states

pytestmark = pytest.mark.usefixtures("each_engine")

ANNE, BORIS = "anne@example.org", "boris@example.org"
ACCEPTED = judge(Phase.DOT, Reply(250, None, "kept"), Retry())


def silence(engine: Engine, worker: int, seconds: float = 31) -> None:
    """The worker's last heartbeat was so many seconds ago, and its process runs elsewhere."""
    with engine.begin() as connection:
        connection.execute(
            update(workers_table)
            .where(workers_table.c.id == worker)
            .values(heartbeat_at=db_now(-seconds), process="elsewhere")
        )


def cleared(engine: Engine) -> tuple[int, int]:
    with engine.begin() as connection:
        return workers.sweep_dead(connection)


def test_two_workers_never_claim_the_same_row(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[f"reader{number}@example.org" for number in range(30)])
    first, second = joined(ledger.engine), joined(ledger.engine)
    taken: list[int] = []
    for worker in (first, second, first, second):
        taken += [one.id for one in claimed(ledger.engine, worker, 7)]
    assert len(taken) == len(set(taken)) == 28
    assert outcomes(ledger.engine, ledger.mailing) == {"claimed": 28, "queued": 2}


def test_a_claim_is_marked_once_and_settled(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE, BORIS])
    claims = claimed(ledger.engine, joined(ledger.engine))
    assert marked(ledger.engine, claims) == [True, True]
    assert marked(ledger.engine, claims) == [False, False]
    settled(ledger.engine, claims, ACCEPTED)
    assert set(states(ledger.engine).values()) == {"accepted"}


def test_the_last_look_sees_who_unsubscribed_was_suppressed_or_forgotten(tmp_path: Path) -> None:
    readers = [f"reader{number}@example.org" for number in range(4)]
    ledger = ready(tmp_path, readers=readers)
    claims = claimed(ledger.engine, joined(ledger.engine))
    with ledger.engine.begin() as connection:
        connection.execute(
            update(subscriptions).where(subscriptions.c.id == ledger.subscriptions[0]).values(status="unsubscribed")
        )
        key = select(subscribers.c.address_key).where(subscribers.c.email == readers[1])
        connection.execute(
            insert(suppressions).values(address_key=connection.execute(key).scalar_one(), reason="complaint")
        )
        connection.execute(
            update(subscribers).where(subscribers.c.email == readers[2]).values(forgotten_at=db_now(), email=None)
        )
    assert marked(ledger.engine, claims) == [False, False, False, True]
    assert list(states(ledger.engine).values()) == ["suppressed", "suppressed", "suppressed", "in_flight"]


@pytest.mark.slow
def test_pausing_holds_what_is_claimed_and_resuming_sends_it(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    worker = joined(ledger.engine)
    claims = claimed(ledger.engine, worker)
    pause(ledger.engine, ledger.mailing)
    assert marked(ledger.engine, claims) == [False]
    assert states(ledger.engine) == {ANNE: "queued"}
    assert claimed(ledger.engine, worker) == []
    resume(ledger.engine, ledger.mailing)
    assert marked(ledger.engine, claims) == [False]  # the old attempt has no right to it any more
    assert marked(ledger.engine, claimed(ledger.engine, worker)) == [True]


@pytest.mark.parametrize(("turned", "left"), [("paused", "queued"), ("cancelled", "cancelled")])
def test_the_last_look_alone_stops_what_is_in_hand(tmp_path: Path, turned: str, left: str) -> None:
    """Between the commit of a pause and the giving back of what is claimed, or where a host that froze holds some."""
    ledger = ready(tmp_path, readers=[ANNE, BORIS])
    held = claimed(ledger.engine, joined(ledger.engine))
    with ledger.engine.begin() as connection:
        connection.execute(update(mailings_table).values(state=turned))
    assert marked(ledger.engine, held) == [False, False]
    assert states(ledger.engine) == {ANNE: left, BORIS: left}


def test_a_commit_beats(tmp_path: Path) -> None:
    """Whoever may write a dot has as long as that takes: the worker cannot count as dead meanwhile."""
    ledger = ready(tmp_path, readers=[ANNE])
    worker = joined(ledger.engine)
    held = claimed(ledger.engine, worker)
    with ledger.engine.begin() as connection:
        connection.execute(update(workers_table).values(heartbeat_at=db_now(1 - workers.SILENCE)))
    with ledger.engine.begin() as connection:
        assert workers.bump(connection, worker, 0, 1)()
    assert marked(ledger.engine, held) == [True]
    with ledger.engine.connect() as connection:
        fresh = select(workers_table.c.heartbeat_at > db_now(-workers.HEARTBEAT))
        assert connection.execute(fresh).scalar_one()


def test_cancelling_takes_back_all_but_what_is_in_flight(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE, BORIS, "chloe@example.org"])
    worker = joined(ledger.engine)
    flying, waiting = claimed(ledger.engine, worker, 1), claimed(ledger.engine, worker, 1)
    marked(ledger.engine, flying)
    cancel(ledger.engine, ledger.mailing)
    assert marked(ledger.engine, waiting) == [False]
    settled(ledger.engine, flying, ACCEPTED)
    assert outcomes(ledger.engine, ledger.mailing) == {"accepted": 1, "cancelled": 2}
    with pytest.raises(Refused, match="cancelled"):
        resume(ledger.engine, ledger.mailing)


def test_a_temporary_refusal_in_a_cancelled_mailing_is_not_tried_again(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    claims = claimed(ledger.engine, joined(ledger.engine))
    marked(ledger.engine, claims)
    cancel(ledger.engine, ledger.mailing)
    settled(ledger.engine, claims, Outcome(State.DEFERRED, Scope.RECIPIENT, delay=timedelta(0)))
    with ledger.engine.begin() as connection:
        mailings.sweep(connection)
    assert states(ledger.engine) == {ANNE: "cancelled"}


def test_of_a_silent_worker_claims_are_queued_and_dots_are_in_doubt(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE, BORIS])
    worker = joined(ledger.engine)
    flying, _waiting = claimed(ledger.engine, worker, 1), claimed(ledger.engine, worker, 1)
    marked(ledger.engine, flying)
    assert cleared(ledger.engine) == (0, 0)
    silence(ledger.engine, worker, 29)
    assert cleared(ledger.engine) == (0, 0)
    silence(ledger.engine, worker)
    assert cleared(ledger.engine) == (1, 1)
    assert states(ledger.engine) == {ANNE: "in_doubt", BORIS: "queued"}


def test_a_worker_taken_for_dead_can_neither_claim_nor_write_a_dot_nor_come_back(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    worker = joined(ledger.engine)
    claims = claimed(ledger.engine, worker)
    silence(ledger.engine, worker)
    assert marked(ledger.engine, claims) == [False]  # even before anybody reaped it
    cleared(ledger.engine)
    assert claimed(ledger.engine, worker) == []
    with ledger.engine.begin() as connection:
        assert not workers.heartbeat(connection, worker)


def test_a_late_reply_settles_the_doubt_of_its_own_attempt(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    worker = joined(ledger.engine)
    claims = claimed(ledger.engine, worker)
    marked(ledger.engine, claims)
    silence(ledger.engine, worker)
    cleared(ledger.engine)
    assert states(ledger.engine) == {ANNE: "in_doubt"}
    settled(ledger.engine, claims, ACCEPTED)
    assert states(ledger.engine) == {ANNE: "accepted"}


@pytest.mark.slow
def test_a_late_reply_changes_nothing_of_a_later_attempt(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    worker = joined(ledger.engine)
    first = claimed(ledger.engine, worker)
    marked(ledger.engine, first)
    settled(ledger.engine, first, lost(Phase.DOT, "gone", Retry()))
    assert resend.resend(ledger.engine, ledger.mailing, [first[0].id]) == 1
    settled(ledger.engine, first, ACCEPTED)
    assert states(ledger.engine) == {ANNE: "queued"}
    again = claimed(ledger.engine, worker)
    marked(ledger.engine, again)
    settled(ledger.engine, first, judge(Phase.DOT, Reply(550, None, "no"), Retry()))
    assert states(ledger.engine) == {ANNE: "in_flight"}


def test_a_doubt_is_never_claimed_and_a_resend_goes_on_with_a_finished_mailing(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    worker = joined(ledger.engine)
    claims = claimed(ledger.engine, worker)
    marked(ledger.engine, claims)
    settled(ledger.engine, claims, lost(Phase.DOT, "gone", Retry()))
    with ledger.engine.begin() as connection:
        assert mailings.sweep(connection) == [ledger.mailing]
    assert claimed(ledger.engine, worker) == []
    assert resend.resend(ledger.engine, ledger.mailing, [claims[0].id]) == 1
    assert resend.resend(ledger.engine, ledger.mailing, [claims[0].id]) == 0
    assert [one.attempt for one in claimed(ledger.engine, worker)] == [2]


def test_a_doubt_taken_for_accepted_stays_so(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    claims = claimed(ledger.engine, joined(ledger.engine))
    marked(ledger.engine, claims)
    settled(ledger.engine, claims, lost(Phase.DOT, "gone", Retry()))
    assert resend.assume_accepted(ledger.engine, ledger.mailing, [claims[0].id]) == 1
    settled(ledger.engine, claims, judge(Phase.DOT, Reply(550, None, "no"), Retry()))
    assert states(ledger.engine) == {ANNE: "accepted"}


def test_a_deferral_waits_for_its_delay_by_the_databases_clock(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    worker = joined(ledger.engine)
    settled(ledger.engine, claimed(ledger.engine, worker), Outcome(State.DEFERRED, Scope.RECIPIENT, delay=timedelta(1)))
    assert claimed(ledger.engine, worker) == []
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).values(not_before=db_now(-1)))
    (again,) = claimed(ledger.engine, worker)
    assert (again.attempt, again.deferrals) == (2, 1)


def test_what_is_given_back_loses_neither_its_place_nor_a_retry(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    worker = joined(ledger.engine)
    settled(ledger.engine, claimed(ledger.engine, worker), lost(Phase.CONNECT, "refused", Retry()))
    with ledger.engine.begin() as connection:
        claimed_again = claim(connection, worker, 1)
        assert [one.deferrals for one in claimed_again] == [0]
        assert workers.retire(connection, worker) == 1
    assert states(ledger.engine) == {ANNE: "queued"}


def test_workers_of_this_kernel_are_known_by_more_than_their_number(tmp_path: Path) -> None:
    """A PID that was reused, a boot ago or in another container: only the first is known at once to be dead."""
    ledger = ready(tmp_path)
    mine = workers.process_name()
    assert mine is not None
    kernel, _space, start = mine.rpartition(" ")
    named = {
        "reused": f"{kernel} {int(start) + 1}",
        "another boot": f"{'0' * 36} {kernel.split(' ')[1]} {start}",
        "another container": f"{kernel.split(' ')[0]} pid:[1] {start}",
        "unknown": None,
        "this very process": mine,
    }
    ids = {}
    with ledger.engine.begin() as connection:
        for name, process in named.items():
            worker = workers.join(connection)
            connection.execute(update(workers_table).where(workers_table.c.id == worker).values(process=process))
            ids[name] = worker
        assert workers.mark_dead(connection) == []  # join had buried it already
    with read_only(ledger.engine).connect() as connection:
        dead = select(workers_table.c.id).where(workers_table.c.stopped_at.is_not(None))
        assert set(connection.execute(dead).scalars()) == {ids["reused"]}


def test_what_a_lost_attempt_heard_of_a_reader_does_not_count_and_what_it_heard_of_us_does(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    first, second = joined(ledger.engine), joined(ledger.engine)
    late = claimed(ledger.engine, first)
    silence(ledger.engine, first)
    assert cleared(ledger.engine) == (1, 0)
    claimed(ledger.engine, second)

    def heard(text: str, phase: Phase) -> tuple[int, str]:
        code, status, words = text.split(" ", 2)
        settled(ledger.engine, late, judge(phase, Reply(int(code), status, words), Retry()))
        with read_only(ledger.engine).connect() as connection:
            state: str = connection.execute(select(mailings_table.c.state)).scalar_one()
            return len(connection.execute(select(suppressions)).all()), state

    assert heard("550 5.1.1 unknown", Phase.RCPT) == (0, "sending")
    assert heard("530 5.7.0 authentication required", Phase.MAIL) == (0, "paused")
    assert states(ledger.engine) == {ANNE: "claimed"}


def test_what_is_settled_together_is_settled_each_for_itself(tmp_path: Path) -> None:
    """Of several kinds, and with delays of their own; of two outcomes of one delivery the first holds."""
    addresses = [f"reader{number}@example.org" for number in range(6)]
    ledger = ready(tmp_path, readers=addresses)
    held = claimed(ledger.engine, joined(ledger.engine))
    assert all(marked(ledger.engine, held))
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    refused = judge(Phase.DOT, Reply(554, "5.6.0", "no"), Retry())
    outcomes_of = [
        (held[0], ACCEPTED),
        (held[1], Outcome(State.DEFERRED, Scope.RECIPIENT, delay=minute)),
        (held[2], Outcome(State.DEFERRED, Scope.SITE, delay=hour, counted=False)),
        (held[3], refused),
        (held[4], ACCEPTED),
        (held[4], refused),
        (held[5], Outcome(State.DEFERRED, Scope.RECIPIENT, delay=hour)),
        (held[5], Outcome(State.DEFERRED, Scope.RECIPIENT, delay=minute)),
    ]
    with ledger.engine.begin() as connection:
        assert settle(connection, [Settlement(*each) for each in outcomes_of]) == [Effect.NONE] * len(outcomes_of)
    with read_only(ledger.engine).connect() as connection:
        told = deliveries.c.state, deliveries.c.deferrals, deliveries.c.not_before, db_now().label("now")
        rows = connection.execute(select(*told).order_by(deliveries.c.id)).all()
    assert [row.state for row in rows] == ["accepted", "deferred", "deferred", "rejected", "accepted", "deferred"]
    assert [row.deferrals for row in rows] == [0, 1, 0, 0, 0, 1]
    minutes = [row.not_before and round((row.not_before - row.now) / minute) for row in rows]
    assert minutes == [None, 1, 60, None, None, 60]
