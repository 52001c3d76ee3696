"""The brake's memory, which is as long as a worker's life: what it keeps, and for how many mailings."""

from __future__ import annotations

from composer.delivery.ledger.claims import Claimed, Settlement
from composer.delivery.ledger.messages import MessageInputs
from composer.delivery.smtp.reply import Outcome, Phase, Reply, Retry, judge
from composer.delivery.worker import circuit_breaker
from composer.delivery.worker.circuit_breaker import UNKNOWN_IN_A_ROW, CircuitBreaker

UNKNOWN = judge(Phase.RCPT, Reply(550, "5.1.1", "5.1.1 unknown"), Retry())
REFUSED = judge(Phase.DOT, Reply(554, "5.6.0", "5.6.0 no"), Retry())


def heard(held: CircuitBreaker, mailing: int, row: int, outcome: Outcome = UNKNOWN) -> list[Settlement]:
    claimed = Claimed(row, MessageInputs(mailing, mailing, row, row, "anne@example.org"), "vendredi", 1, 0, 1)
    return held.after(Settlement(claimed, outcome))


def stopped(held: CircuitBreaker, mailing: int) -> None:
    """The relay knows nobody: the mailing is paused, and resumed."""
    back = [settlement for row in range(UNKNOWN_IN_A_ROW) for settlement in heard(held, mailing, row)]
    assert [settlement.outcome.pause for settlement in back] == [False] * (UNKNOWN_IN_A_ROW - 1) + [True]
    held.release([mailing])


def test_a_reader_whom_the_relay_does_not_know_twice_is_believed_to_be_gone() -> None:
    held = CircuitBreaker()
    stopped(held, 1)
    assert [settlement.outcome for settlement in heard(held, 1, 0)] == [UNKNOWN]


def test_what_was_doubted_is_forgotten_after_a_hundred_other_mailings() -> None:
    """The relay is asked once more, then: nobody is suppressed for it, and nothing that is held is forgotten."""
    held = CircuitBreaker()
    heard(held, 2, 0)
    stopped(held, 1)
    for mailing in range(3, 3 + circuit_breaker.MAILINGS):
        stopped(held, mailing)
    assert heard(held, 1, 0) == []
    assert len(held._troubles) == circuit_breaker.MAILINGS
    assert {settlement.claimed.inputs.mailing_id for settlement in held.rest()} == {1, 2}


def test_refusals_in_a_row_are_counted_for_each_mailing() -> None:
    held = CircuitBreaker()
    pauses = []
    for row in range(circuit_breaker.IN_A_ROW):
        pauses += [heard(held, mailing, row, REFUSED)[0].outcome.pause for mailing in (1, 2)]
    assert pauses == [False] * (2 * circuit_breaker.IN_A_ROW - 2) + [True, True]
