"""The brake's memory, which is as long as a worker's life: what it keeps, and for how many mailings."""

from __future__ import annotations

from composer.delivery.ledger.claims import Claimed, Settlement
from composer.delivery.ledger.messages import MessageInputs
from composer.delivery.smtp.reply import Outcome, Phase, Reply, Retry, judge
from composer.delivery.worker import circuit_breaker
from composer.delivery.worker.circuit_breaker import UNKNOWN_IN_A_ROW, CircuitBreaker

UNKNOWN = judge(Phase.RCPT, Reply(550, "5.1.1", "5.1.1 unknown"), Retry())
ACCEPTED = judge(Phase.DOT, Reply(250, "2.0.0", "2.0.0 kept"), Retry())
REFUSED = judge(Phase.DOT, Reply(554, "5.6.0", "5.6.0 no"), Retry())


def heard(
    held: CircuitBreaker,
    mailing: int,
    row: int,
    outcome: Outcome = UNKNOWN,
    begun: float = 0.0,
    email: str = "anne@example.org",
    relay: str = "",
    provider: str = "",
) -> list[Settlement]:
    claimed = Claimed(row, MessageInputs(mailing, mailing, row, row, email), "vendredi", 1, 0, 1, provider)
    return held.after(Settlement(claimed, outcome), begun, relay=relay)


def stopped(held: CircuitBreaker, mailing: int) -> None:
    """The relay knows nobody: the mailing is paused, and resumed."""
    back = [settlement for row in range(UNKNOWN_IN_A_ROW) for settlement in heard(held, mailing, row)]
    assert [settlement.outcome.pause for settlement in back] == [False] * (UNKNOWN_IN_A_ROW - 1) + [True]
    held.release([mailing])


def test_a_reader_whom_the_relay_does_not_know_twice_is_believed_to_be_gone() -> None:
    held = CircuitBreaker()
    stopped(held, 1)
    assert [settlement.outcome for settlement in heard(held, 1, 0)] == [UNKNOWN]


def test_a_reader_who_was_on_the_way_for_the_second_time_as_it_stopped_is_not_believed_to_be_gone() -> None:
    held = CircuitBreaker()
    back = [one for row in range(UNKNOWN_IN_A_ROW) for one in heard(held, 1, row)]
    assert len(back) == UNKNOWN_IN_A_ROW
    assert [one.outcome.state for one in heard(held, 1, 0)] == ["queued"]
    held.release([1])
    assert [one.outcome for one in heard(held, 1, 0)] == [UNKNOWN]


def test_what_was_doubted_is_forgotten_after_a_hundred_other_mailings() -> None:
    """The relay is asked once more, then: nobody is suppressed for it, and nothing that is held is forgotten."""
    held = CircuitBreaker()
    heard(held, 2, 0)
    stopped(held, 1)
    for mailing in range(3, 3 + circuit_breaker.MAILINGS):
        stopped(held, mailing)
    assert heard(held, 1, 0) == []
    assert len(held._troubles) == circuit_breaker.MAILINGS
    assert held.holding() == {1: 1, 2: 1}
    assert [settlement.claimed.inputs.mailing_id for settlement in held.rest(2)] == [2]


def test_a_refusal_reports_when_the_accepted_ones_before_it_were_begun_and_once() -> None:
    held = CircuitBreaker()
    for begun in range(100):
        heard(held, 1, begun, ACCEPTED, float(begun))
        heard(held, 2, begun, ACCEPTED, -1.0)
    reports = [heard(held, 1, row, REFUSED)[0].report for row in (100, 101)]
    assert [report and list(report.accepted) for report in reports] == [list(range(60, 100)), []]


def test_thirty_unknown_readers_of_one_closed_domain_are_held_and_twenty_of_three_domains_stop() -> None:
    held = CircuitBreaker()
    held.note_few(1, False)
    assert [heard(held, 1, row, email=f"reader{row}@closed.example") for row in range(30)] == [[]] * 30
    assert heard(held, 1, 30, email="paul@gone.example") == []
    settled = heard(held, 1, 31, ACCEPTED)
    assert [settlement.outcome for settlement in settled] == [UNKNOWN] * 31 + [ACCEPTED]
    back = [one for row in range(40, 60) for one in heard(held, 1, row, email=f"reader@domain{row % 3}.example")]
    assert [settlement.outcome.state for settlement in back] == ["queued"] * UNKNOWN_IN_A_ROW
    assert back[-1].outcome.pause


def test_an_accepted_message_speaks_for_its_relay_and_its_provider_alone() -> None:
    held = CircuitBreaker()
    for row, (relay, provider) in enumerate([("hall", ""), ("hall", "gmail"), ("hall", "sfr"), ("court", "")]):
        assert heard(held, 1, row, relay=relay, provider=provider) == []
    believed = [one.claimed.id for one in heard(held, 1, 10, ACCEPTED, relay="hall", provider="gmail")]
    assert believed == [0, 1, 10]
    assert [one.claimed.id for one in heard(held, 1, 11, ACCEPTED, relay="court")] == [3, 11]
    assert [one.claimed.id for one in heard(held, 1, 12, ACCEPTED, relay="hall")] == [12]
    assert [(one.claimed.id, one.outcome) for one in held.rest(1)] == [(2, UNKNOWN)]
    assert held.holding() == {}


def test_what_a_connection_said_that_proved_nothing_is_asked_once_more_and_believed_then() -> None:
    held = CircuitBreaker()

    def said(row: int, connection: int, outcome: Outcome = UNKNOWN) -> list[Settlement]:
        claimed = Claimed(row, MessageInputs(1, 1, row, row, f"{row}@example.org"), "vendredi", 1, 0, 1)
        return held.after(Settlement(claimed, outcome), relay="hall", connection=connection)

    assert said(1, 7) + said(2, 8) == []
    assert [one.claimed.id for one in said(3, 8, ACCEPTED)] == [2, 3]
    back = held.ended("hall", 7)
    assert [(one.claimed.id, one.outcome.state) for one in back] == [(1, "queued")]
    assert held.ended("hall", 7) + said(1, 9) + held.ended("hall", 9) == []
    assert [(one.claimed.id, one.outcome) for one in said(4, 8, ACCEPTED)] == [(1, UNKNOWN), (4, ACCEPTED)]


def test_at_the_end_a_relay_that_accepted_nothing_suppresses_nobody_and_of_one_that_was_left_another_is_asked() -> None:
    held = CircuitBreaker()
    heard(held, 1, 0, relay="hall")
    (found,) = held.rest(1)
    assert (found.outcome.state, found.outcome.unknown_mailbox) == ("rejected", False)
    held.left(1, "hall")
    heard(held, 1, 1, relay="hall")
    assert [one.outcome.state for one in held.rest(1)] == ["queued"]
    heard(held, 1, 1, relay="court")
    heard(held, 1, 2, ACCEPTED, relay="court")
    heard(held, 1, 1, relay="court")
    assert [one.outcome for one in held.rest(1)] == [UNKNOWN]
    for row in range(10, 15):
        heard(held, 1, row, relay="court")
    assert {(one.outcome.state, one.outcome.unknown_mailbox) for one in held.rest(1)} == {("rejected", False)}


def test_a_reader_refused_in_unknown_words_is_asked_once_more_and_counts_the_first_time() -> None:
    held = CircuitBreaker()
    odd = judge(Phase.DOT, Reply(554, None, "the bridge is up"), Retry())
    found = []
    for _time in range(3):  # the third one is sent by hand
        asked_before = held.asked_again(1, 0, "")
        [one] = heard(held, 1, 0, odd)
        found.append((asked_before, one.outcome.state, one.report is not None and one.report.counts))
    assert found == [(False, "deferred", True), (True, "rejected", False), (False, "deferred", True)]
