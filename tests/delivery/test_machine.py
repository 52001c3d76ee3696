"""The ledger as a state machine: whatever workers, relays and operators do, in any order, nobody is sent to twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, update

from composer.database import moment
from composer.delivery import doubts, mailings, pause, resume, workers
from composer.delivery.ledger import Claimed, Settlement, claim, mark, settle
from composer.delivery.reply import Outcome, Phase, Reply, Retry, Scope, judge, lost
from composer.delivery.state import State
from composer.delivery.tables import workers as workers_table
from composer.errors import Refused
from tests.delivery.ledgers import ready, states

READERS = [f"reader{number}@example.org" for number in range(4)]
ANSWERS = {
    "kept": judge(Phase.DOT, Reply(250, None, "kept"), Retry()),
    "no": judge(Phase.DOT, Reply(550, None, "no"), Retry()),
    "later": Outcome(State.DEFERRED, Scope.RECIPIENT, delay=timedelta(0)),
    "nothing": lost(Phase.DOT, "gone", Retry()),
}


class Ledger(RuleBasedStateMachine):
    """``flying`` are messages whose dot was written; the relay keeps a message when it answers 250, or says nothing."""

    @initialize()
    def open(self) -> None:
        self.folder = TemporaryDirectory()
        self.ledger = ready(Path(self.folder.name), readers=READERS)
        self.engine = self.ledger.engine
        self.living: list[int] = []
        self.held: list[Claimed] = []
        self.flying: list[Claimed] = []
        self.kept: Counter[int] = Counter()
        self.resent: Counter[int] = Counter()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.engine.dispose()
            self.folder.cleanup()

    @rule()
    def a_worker_joins(self) -> None:
        with self.engine.begin() as connection:
            self.living.append(workers.join(connection))

    @precondition(lambda self: self.living)
    @rule(data=st.data(), count=st.integers(1, 3))
    def it_claims(self, data: st.DataObject, count: int) -> None:
        with self.engine.begin() as connection:
            self.held += claim(connection, data.draw(st.sampled_from(self.living)), count)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def it_marks_and_writes_the_dot(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.held))
        with self.engine.begin() as connection:
            (may,) = mark(connection, [one])
        if may:
            self.flying.append(one)

    @precondition(lambda self: self.flying)
    @rule(data=st.data(), answer=st.sampled_from(sorted(ANSWERS)))
    def the_relay_answers(self, data: st.DataObject, answer: str) -> None:
        """Also long after everybody thought the worker dead."""
        one = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
        self.kept[one.id] += answer in ("kept", "nothing")
        with self.engine.begin() as connection:
            settle(connection, [Settlement(one, ANSWERS[answer])])

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def a_session_is_lost_before_the_dot(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.held))
        if not any(one.id == other.id for other in self.flying):
            with self.engine.begin() as connection:
                settle(connection, [Settlement(one, lost(Phase.MAIL, "", Retry()))])

    @precondition(lambda self: self.living)
    @rule(data=st.data())
    def a_worker_falls_silent_and_is_buried(self, data: st.DataObject) -> None:
        worker = data.draw(st.sampled_from(self.living))
        with self.engine.begin() as connection:
            row = update(workers_table).where(workers_table.c.id == worker)
            connection.execute(row.values(heartbeat_at=moment(-60), process=None))
            workers.clear(connection)

    @rule(order=st.sampled_from([pause, resume]))
    def the_operator_interferes(self, order: Callable[[Engine, int], None]) -> None:
        with suppress(Refused):  # it was so already
            order(self.engine, self.ledger.mailing)

    @rule()
    def the_operator_sends_doubts_again(self) -> None:
        with self.engine.begin() as connection:
            ids = [row.id for row in doubts.rows(connection, self.ledger.mailing, State.IN_DOUBT)]
        doubts.resend(self.engine, self.ledger.mailing, ids)
        self.resent.update(ids)

    @rule()
    def what_is_done_is_closed(self) -> None:
        with self.engine.begin() as connection:
            mailings.sweep(connection)

    @invariant()
    def nobody_is_sent_to_twice_but_by_a_persons_decision(self) -> None:
        if hasattr(self, "kept"):
            on_the_wire = Counter(one.id for one in self.flying)
            for delivery, count in (self.kept + on_the_wire).items():
                assert count <= 1 + self.resent[delivery]

    @invariant()
    def nobody_is_lost(self) -> None:
        if hasattr(self, "ledger"):
            assert len(states(self.engine)) == len(READERS)

    @invariant()
    def what_the_ledger_calls_accepted_the_relay_kept(self) -> None:
        if hasattr(self, "ledger"):
            with self.engine.begin() as connection:
                for row in doubts.rows(connection, self.ledger.mailing, State.ACCEPTED):
                    assert self.kept[row.id] >= 1


@pytest.mark.usefixtures("each_engine")
def test_whatever_happens_in_any_order() -> None:
    run_state_machine_as_test(Ledger, settings=settings(max_examples=25, stateful_step_count=30, deadline=None))
