"""What replies mean, and for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.delivery.smtp.reply import Phase, Reply, Retry, Scope, judge, lost, scrub
from composer.delivery.state import State

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("phase", [Phase.RCPT, Phase.DATA, Phase.DOT])
def test_each_temporary_refusal_has_its_delay_and_the_last_gives_up(phase: Phase) -> None:
    delays = (HOUR, 3 * HOUR)
    found = [judge(phase, Reply(451, None, "later"), Retry(delays, count)) for count in range(3)]
    assert [outcome.delay for outcome in found] == [HOUR, 3 * HOUR, None]
    assert [outcome.state for outcome in found] == [State.DEFERRED, State.DEFERRED, State.REJECTED]
    assert found[2].why == "given up after 3 temporary refusals"


@given(st.floats(-1, 1))
def test_the_delay_is_spread_by_a_tenth_at_most(spread: float) -> None:
    delay = judge(Phase.RCPT, Reply(450, None, ""), Retry((HOUR,), 0, spread)).delay
    assert delay is not None
    assert 0.9 * HOUR <= delay <= 1.1 * HOUR


@given(
    st.sampled_from(list(Phase)),
    st.integers(200, 599),
    st.sampled_from([None, "4.7.1", "5.1.1", "5.7.1", "5.7.26", "5.2.2"]),
    st.text(max_size=30),
)
def test_only_an_unknown_mailbox_at_rcpt_is_held_against_a_reader(
    phase: Phase, code: int, status: str | None, text: str
) -> None:
    outcome = judge(phase, Reply(code, status, text), Retry((HOUR,)))
    assert not outcome.unknown_mailbox or (phase is Phase.RCPT and code >= 500 and status == "5.1.1")
    assert outcome.state is not State.IN_DOUBT  # a reply is never a doubt
    assert not outcome.pause or outcome.state is State.QUEUED


@pytest.mark.parametrize("phase", list(Phase))
def test_silence_is_a_doubt_after_the_dot_alone(phase: Phase) -> None:
    assert (lost(phase, "gone", Retry((HOUR,))).state is State.IN_DOUBT) == (phase is Phase.DOT)


@pytest.mark.parametrize(
    ("phase", "reply", "scope"),
    [
        (Phase.MAIL, Reply(451, None, ""), Scope.SESSION),
        (Phase.RCPT, Reply(450, None, ""), Scope.RECIPIENT),
        (Phase.RCPT, Reply(421, None, ""), Scope.SESSION),
        (Phase.RCPT, Reply(550, "5.7.1", "blocked by the recipient"), Scope.RECIPIENT),
        (Phase.RCPT, Reply(550, "5.7.1", "we do not relay"), Scope.SITE),
        (Phase.RCPT, Reply(554, "5.7.1", "<address>: Relay access denied"), Scope.SITE),
        (Phase.RCPT, Reply(550, "5.7.1", "Relaying denied"), Scope.SITE),
        (Phase.RCPT, Reply(550, None, "relay not permitted"), Scope.SITE),
        (Phase.RCPT, Reply(550, "5.7.54", "SMTP; Unable to relay recipient in non-accepted domain"), Scope.SITE),
        (Phase.RCPT, Reply(550, "5.4.1", "refused by relay mx1.example"), Scope.RECIPIENT),
        (Phase.DOT, Reply(554, "5.6.0", "spam, says relay.example"), Scope.MESSAGE),
        (Phase.RCPT, Reply(535, None, ""), Scope.SITE),
        (Phase.RCPT, Reply(550, "5.1.1", "unknown in relay table"), Scope.RECIPIENT),
        (Phase.MAIL, Reply(550, None, ""), Scope.SITE),
        (Phase.DATA, Reply(554, None, ""), Scope.MESSAGE),
        (Phase.DOT, Reply(452, None, ""), Scope.MESSAGE),
        (Phase.MAIL, Reply(550, "5.7.25", "no PTR"), Scope.SITE),
        (Phase.DOT, Reply(550, "5.7.25", "no PTR"), Scope.MESSAGE),
        (Phase.DOT, Reply(554, "5.7.1", "Relay access denied"), Scope.SITE),
    ],
)
def test_trouble_has_one_of_four_scopes(phase: Phase, reply: Reply, scope: Scope) -> None:
    assert judge(phase, reply, Retry((HOUR,))).scope is scope


@pytest.mark.parametrize(
    "text",
    [
        "<Anne.Martin@Example.org>: user unknown",
        "anne.martin@example.org unknown",
        "unknown user anne.martin",
        "unknown ANNE.MARTIN=example.org",
        "b-aaaaabbbbbcccccdddddeeeeef@retours.example.org refused",
    ],
)
def test_no_address_stays_in_a_reply(text: str) -> None:
    scrubbed = scrub(text, "anne.martin@example.org").lower()
    assert "anne" not in scrubbed
    assert "@" not in scrubbed
    assert "<address>" in scrubbed
