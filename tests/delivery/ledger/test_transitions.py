"""What each transition writes into a row, and what it answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Row, select, update

from composer.database import db_now, read_only
from composer.delivery.ledger.claims import Claimed, Settlement, claim, settle, still_held, unclaim
from composer.delivery.ledger.refusal_runs import Effect
from composer.delivery.smtp.reply import Outcome, Phase, Reply, Retry, Scope, judge, lost
from composer.delivery.state import State
from composer.delivery.tables import deliveries, mailings
from composer.subscribers.tables import subscribers, suppressions
from tests.delivery.support.ledger_calls import claimed, joined, marked, settled
from tests.delivery.support.sample_ledger import Ready, ready, states

pytestmark = pytest.mark.usefixtures("each_engine")

ANNE, BORIS, CHLOE = "anne@example.org", "boris@example.org", "chloe@example.org"
ACCEPTED = judge(Phase.DOT, Reply(250, "2.0.0", "kept"), Retry())
LATER = Outcome(State.DEFERRED, Scope.RECIPIENT, Reply(450, "4.2.0", "busy"), delay=timedelta(0))


def given_back(engine: Engine, claims: list[Claimed]) -> int:
    with engine.begin() as connection:
        return unclaim(connection, claims)


def held(engine: Engine, worker: int) -> set[tuple[int, int]]:
    with engine.begin() as connection:
        return still_held(connection, worker)


def turned(ledger: Ready, state: str) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(update(mailings).values(state=state))


def row(engine: Engine) -> Row[Any]:
    with read_only(engine).connect() as connection:
        return connection.execute(select(deliveries)).one()


def test_every_transition_says_when_it_was(tmp_path: Path) -> None:
    """The rate of sending and retention go by it."""
    ledger = ready(tmp_path)
    engine, worker = ledger.engine, joined(ledger.engine)

    def fresh() -> bool:
        """Whether the row was changed just now; it is an hour old afterwards."""
        with engine.begin() as connection:
            found: bool = connection.execute(select(deliveries.c.changed_at > db_now(-60))).scalar_one()
            connection.execute(update(deliveries).values(changed_at=db_now(-3600)))
            return found

    assert fresh()
    assert not fresh()
    claims = claimed(engine, worker)
    assert fresh()
    assert given_back(engine, claims) == 1
    assert fresh()
    claims = claimed(engine, worker)
    assert fresh()
    turned(ledger, "paused")
    assert held(engine, worker) == set()
    assert fresh()
    turned(ledger, "sending")
    claims = claimed(engine, worker)
    assert fresh()
    assert marked(engine, claims) == [True]
    assert fresh()
    settled(engine, claims, LATER)
    assert fresh()
    claims = claimed(engine, worker)
    assert fresh()
    settled(engine, claims, ACCEPTED)
    assert fresh()


def test_what_is_due_is_claimed_before_what_waits_and_no_more_than_asked_for(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE, BORIS, CHLOE])
    worker = joined(ledger.engine)
    settled(ledger.engine, claimed(ledger.engine, worker)[2:], LATER)
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.state == "claimed").values(state="queued"))
        first, second = claim(connection, worker, 2)
        (third,) = claim(connection, worker, 2)
    assert first.inputs.email == CHLOE
    assert {second.inputs.email, third.inputs.email} == {ANNE, BORIS}
    with read_only(ledger.engine).connect() as connection:
        again = connection.execute(select(deliveries.c.not_before).where(deliveries.c.id == first.id)).scalar_one()
    assert again is None  # it is tried now, and not due any more


def test_a_claim_is_of_the_readers_at_some_providers_or_at_all_the_others(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=["anne@gmail.com", "boris@orange.fr", CHLOE])
    worker = joined(ledger.engine)
    with ledger.engine.begin() as connection:
        assert [one.provider for one in claim(connection, worker, 10, ["gmail"])] == ["gmail"]
        others = claim(connection, worker, 10, ["gmail"], others=True)
    assert sorted(one.provider for one in others) == ["", "orange"]


def test_an_attempt_is_of_one_worker(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    ours, theirs = joined(ledger.engine), joined(ledger.engine)
    (one,) = claimed(ledger.engine, ours)
    assert marked(ledger.engine, [replace(one, worker_id=theirs)]) == [False]
    assert states(ledger.engine) == {ANNE: "claimed"}
    assert marked(ledger.engine, [one]) == [True]


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (ACCEPTED, (250, "2.0.0", "kept")),
        (LATER, (450, "4.2.0", "busy")),
        (judge(Phase.RCPT, Reply(550, None, "no"), Retry()), (550, None, "no")),
        (lost(Phase.DOT, "connection lost", Retry()), (None, None, "connection lost")),
        (Outcome(State.QUEUED, Scope.SESSION), (None, None, None)),
    ],
)
def test_a_row_keeps_what_was_said_of_it(
    tmp_path: Path, outcome: Outcome, told: tuple[int | None, str | None, str | None]
) -> None:
    ledger = ready(tmp_path)
    claims = claimed(ledger.engine, joined(ledger.engine))
    marked(ledger.engine, claims)
    settled(ledger.engine, claims, outcome)
    found = row(ledger.engine)
    assert (found.state, found.reply_code, found.reply_status, found.reply_text) == (outcome.state, *told)


def test_an_unknown_mailbox_suppresses_its_reader_alone_and_says_why(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE, BORIS])
    anne, boris = claimed(ledger.engine, joined(ledger.engine))
    with ledger.engine.begin() as connection:
        unknown = judge(Phase.RCPT, Reply(550, "5.1.1", "no such user"), Retry())
        refused = judge(Phase.RCPT, Reply(550, "5.7.1", "no"), Retry())
        assert settle(connection, [Settlement(anne, refused), Settlement(boris, unknown)]) == [Effect.NONE, Effect.NONE]
    with read_only(ledger.engine).connect() as connection:
        key = connection.execute(select(subscribers.c.address_key).where(subscribers.c.email == BORIS)).scalar_one()
        found = connection.execute(select(suppressions)).one()
    assert (found.address_key, found.reason, found.detail) == (key, "hard-bounce", "550 5.1.1 no such user")


def test_of_several_outcomes_the_one_that_paused_the_mailing_says_so(tmp_path: Path) -> None:
    """It is logged once, and the mailing says why it waits."""
    ledger = ready(tmp_path, readers=[ANNE, BORIS, CHLOE])
    anne, boris, chloe = claimed(ledger.engine, joined(ledger.engine))
    wrong, again = (judge(Phase.MAIL, Reply(530, "5.7.0", words), Retry()) for words in ("log in", "log in, please"))
    with ledger.engine.begin() as connection:
        three = [Settlement(anne, ACCEPTED), Settlement(boris, wrong), Settlement(chloe, again)]
        assert settle(connection, three) == [Effect.NONE, Effect.PAUSED, Effect.STOPPED]
    with read_only(ledger.engine).connect() as connection:
        mailing = connection.execute(select(mailings)).one()
    assert (mailing.state, mailing.reason) == ("paused", "530 5.7.0 log in")
    assert states(ledger.engine) == {ANNE: "accepted", BORIS: "queued", CHLOE: "queued"}


def test_only_what_is_not_begun_and_still_ours_is_given_back(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE, BORIS, CHLOE])
    engine, ours, theirs = ledger.engine, joined(ledger.engine), joined(ledger.engine)
    begun, waiting = claimed(engine, ours, 1), claimed(engine, ours, 1)
    assert len(claimed(engine, theirs)) == 1
    marked(engine, begun)
    assert given_back(engine, [*begun, *waiting]) == 1
    assert sorted(states(engine).values()) == ["claimed", "in_flight", "queued"]
    again = claimed(engine, theirs)
    assert [one.id for one in again] == [one.id for one in waiting]
    assert given_back(engine, waiting) == 0  # an attempt of another worker by now
    assert held(engine, theirs) >= {(again[0].id, 2)}


def test_a_long_list_is_given_back_whole(tmp_path: Path) -> None:
    """SQLite takes so many parameters and no more: the list goes in pieces, and none is forgotten at the seams."""
    ledger = ready(tmp_path, readers=[f"reader{number}@example.org" for number in range(502)])
    claims = claimed(ledger.engine, joined(ledger.engine), 600)
    assert given_back(ledger.engine, claims) == 502
    assert set(states(ledger.engine).values()) == {"queued"}


def test_what_a_worker_may_still_send_are_its_own_claims_of_mailings_being_sent(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE, BORIS, CHLOE])
    first, second = joined(ledger.engine), joined(ledger.engine)
    (anne,), (boris, chloe) = claimed(ledger.engine, first, 1), claimed(ledger.engine, second)
    marked(ledger.engine, [chloe])
    assert held(ledger.engine, second) == {(boris.id, 1)}
    turned(ledger, "paused")
    assert held(ledger.engine, second) == set()
    assert states(ledger.engine)[boris.inputs.email or ""] == "queued"
    assert states(ledger.engine)[anne.inputs.email or ""] == "claimed"
