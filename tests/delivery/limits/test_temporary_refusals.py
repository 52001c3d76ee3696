"""What temporary refusals say of the relay, and what they say of one reader, one domain."""

from __future__ import annotations

from datetime import timedelta

from composer.delivery.limits.temporary_refusals import IN_A_ROW, TemporaryRefusals
from composer.delivery.smtp.reply import Destination, Outcome, Phase, Reply, Retry, judge

SMARTHOST = Destination("hall")
ACCEPTED = judge(Phase.DOT, Reply(250, "2.0.0", "kept"), Retry(), SMARTHOST)
LATER = judge(Phase.RCPT, Reply(450, "4.3.0", "later"), Retry((timedelta(hours=1),)), SMARTHOST)
TOO_FAST = judge(Phase.RCPT, Reply(450, "4.7.1", "too many messages"), Retry(), SMARTHOST)


def slowed(refusals: TemporaryRefusals, row: int, domain: str, provider: str = "") -> bool:
    return refusals.after(row, TOO_FAST, Destination("hall", provider), domain).strain is not None


def test_a_run_spans_three_domains_unless_the_mailing_has_fewer() -> None:
    refusals = TemporaryRefusals()
    found = [refusals.after(row, LATER, SMARTHOST, f"d{row % 2}.example").strain for row in range(30)]
    assert found == [None] * 30
    assert refusals.after(30, LATER, SMARTHOST, "third.example").strain is not None
    few = TemporaryRefusals()
    assert [few.after(row, LATER, SMARTHOST).strain is not None for row in range(IN_A_ROW)] == [False] * 9 + [True]


def test_too_fast_counts_in_a_run_though_the_relay_hangs_up_with_it() -> None:
    """A mere goodbye does not, nor does greylisting by name."""
    later, found = Retry((timedelta(hours=1),)), []
    for reply in (Reply(421, None, "too many messages"), Reply(421, None, "closing"), Reply(450, None, "Liste grise")):
        refusals, refused = TemporaryRefusals(), judge(Phase.RCPT, reply, later, SMARTHOST)
        for row in range(IN_A_ROW):
            refusals.after(row, refused, SMARTHOST, f"d{row % 5}.example")
        found.append(refusals.lasts())
    assert found == [True, False, False]


def test_too_fast_is_heeded_once_a_reader_and_once_in_turn_a_domain_while_others_are_accepted() -> None:
    refusals = TemporaryRefusals()
    assert slowed(refusals, 1, "closed.example")
    assert slowed(refusals, 1, "closed.example")  # nothing was accepted since: it may be the relay
    refusals.after(2, ACCEPTED, SMARTHOST, "d.example")
    assert not slowed(refusals, 1, "closed.example")
    assert not slowed(refusals, 3, "closed.example")
    assert slowed(refusals, 4, "d.example")
    refusals.after(5, ACCEPTED, SMARTHOST, "d.example")
    assert [slowed(refusals, row, "gmail", "gmail") for row in (6, 7)] == [True, True]
    refusals.after(8, ACCEPTED, SMARTHOST, "d.example")
    assert slowed(refusals, 9, "gmail", "gmail")


def test_a_relay_that_greylists_in_words_of_its_own_is_slowed_until_ten_came_back() -> None:
    refusals = TemporaryRefusals()
    slowed_by: list[int] = []
    lifted_by: list[int] = []

    def asked(outcome: Outcome, row: int, deferrals: int = 0) -> None:
        strain = refusals.after(row, outcome, SMARTHOST, f"d{row % 5}.example", deferrals).strain
        if strain is not None:
            (lifted_by if strain.mistaken else slowed_by).append(row)

    for row in range(IN_A_ROW + 4):
        asked(LATER, row)
    for row in range(IN_A_ROW + 4):
        asked(ACCEPTED, row, int(row < IN_A_ROW - 1))  # of the others the first refusal was not counted
    assert slowed_by == list(range(IN_A_ROW - 1, IN_A_ROW + 4))
    for row in range(100, 200):
        asked(LATER, row)
    assert (len(slowed_by), lifted_by) == (5, [109])
    for row in range(100, 200):
        asked(LATER, row, 1)  # it greylists no more: it takes nobody
    assert slowed_by[5] == 100 + IN_A_ROW - 1


def test_a_relay_that_was_out_of_order_and_takes_those_who_come_back_first_does_not_greylist() -> None:
    refusals = TemporaryRefusals()
    for outcome, rows, deferrals in ((LATER, 30, 0), (ACCEPTED, 30, 1), (ACCEPTED, 1, 0)):
        for row in range(rows):
            refusals.after(row + 100 * (deferrals == 0), outcome, SMARTHOST, f"d{row % 5}.example", deferrals)
    found = [refusals.after(row, LATER, SMARTHOST, f"d{row % 5}.example").strain for row in range(300, 312)]
    assert [one is not None for one in found] == [False] * 9 + [True] * 3
