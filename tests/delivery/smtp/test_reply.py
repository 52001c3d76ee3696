"""What replies mean, and for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.delivery.smtp.reply import (
    Destination,
    Outcome,
    Phase,
    Reply,
    Retry,
    Scope,
    Throttle,
    judge,
    lost,
    scrub,
    turned_away,
)
from composer.delivery.smtp.reply_table import ReplyMeaning
from composer.delivery.state import State

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WAY = Destination("hall", "gmail")


def asks(means: ReplyMeaning, lasts: timedelta, provider: str = "") -> Throttle:
    return Throttle("hall", provider, means, lasts)


SLOWER = asks(ReplyMeaning.THROTTLED, timedelta(0), "gmail")
BAD_SETTINGS = Outcome(State.QUEUED, Scope.SITE, pause=True, strain=asks(ReplyMeaning.CONFIGURATION, HOUR))

#: (phase, reply): all that follows from it, but for the reply itself, which every outcome keeps.
FOLLOWS = [
    (Phase.DOT, Reply(200, None, "kept"), Outcome(State.ACCEPTED, Scope.RECIPIENT)),
    (Phase.DOT, Reply(299, None, "kept"), Outcome(State.ACCEPTED, Scope.RECIPIENT)),
    (Phase.DOT, Reply(300, None, "what?"), Outcome(State.DEFERRED, Scope.MESSAGE, delay=HOUR)),
    (Phase.MAIL, Reply(451, None, "later"), Outcome(State.QUEUED, Scope.SESSION)),
    (Phase.CONNECT, Reply(500, None, "no"), BAD_SETTINGS),
    (Phase.MAIL, Reply(550, "5.7.26", "unauthenticated"), BAD_SETTINGS),
    (Phase.RCPT, Reply(530, "5.7.0", "authenticate first"), BAD_SETTINGS),
    (Phase.DOT, Reply(554, "5.7.1", "Relay access denied"), BAD_SETTINGS),
    (Phase.RCPT, Reply(450, None, "busy"), Outcome(State.DEFERRED, Scope.RECIPIENT, delay=HOUR)),
    (Phase.RCPT, Reply(421, "4.3.2", "going down"), Outcome(State.DEFERRED, Scope.SESSION, delay=HOUR)),
    (Phase.RCPT, Reply(503, "5.5.1", "bad sequence"), Outcome(State.DEFERRED, Scope.SESSION, delay=HOUR)),
    (Phase.RCPT, Reply(454, None, "Relaying denied"), Outcome(State.DEFERRED, Scope.SITE, delay=HOUR, relaying=True)),
    (Phase.RCPT, Reply(500, None, "no"), Outcome(State.REJECTED, Scope.RECIPIENT, unclear=True)),
    (Phase.RCPT, Reply(550, "5.1.1", "unknown"), Outcome(State.REJECTED, Scope.RECIPIENT, unknown_mailbox=True)),
    (Phase.DOT, Reply(452, None, "OFR_417 full"), Outcome(State.DEFERRED, Scope.RECIPIENT, delay=HOUR, full=True)),
    (Phase.DOT, Reply(452, None, "OFR_514 big"), Outcome(State.DEFERRED, Scope.MESSAGE, delay=HOUR)),
    (Phase.DOT, Reply(552, None, "OFR_417 full"), Outcome(State.REJECTED, Scope.RECIPIENT)),
    (Phase.DOT, Reply(552, None, "OFR_514 big"), Outcome(State.REJECTED, Scope.MESSAGE)),
    (Phase.DOT, Reply(550, "5.7.28", "flood"),
     Outcome(State.QUEUED, Scope.SITE, strain=asks(ReplyMeaning.BLOCKED, HOUR, "gmail"))),
    (Phase.DOT, Reply(421, "4.7.28", "flood"),
     Outcome(State.DEFERRED, Scope.SITE, delay=MINUTE, counted=False, strain=SLOWER)),
    (Phase.DOT, Reply(421, "4.7.26", "unauthenticated"),
     Outcome(State.QUEUED, Scope.SITE, strain=asks(ReplyMeaning.CONFIGURATION, HOUR, "gmail"))),
]  # fmt: skip


@pytest.mark.parametrize(("phase", "reply", "outcome"), FOLLOWS)
def test_all_that_follows_from_a_reply(phase: Phase, reply: Reply, outcome: Outcome) -> None:
    assert judge(phase, reply, Retry((HOUR,)), WAY) == replace(outcome, reply=reply)


#: The same of a domain that no provider is known to have: such a reply is about this message alone.
OF_NO_PROVIDER = [
    (Reply(500, None, "SPF check failed"), Outcome(State.REJECTED, Scope.RECIPIENT)),
    (Reply(421, "4.7.29", "no TLS"), Outcome(State.DEFERRED, Scope.SITE, delay=1.1 * HOUR, counted=False)),
    (Reply(550, "5.7.28", "flood"), Outcome(State.DEFERRED, Scope.SITE, delay=1.1 * HOUR, counted=False)),
    (Reply(421, "4.7.28", "flood"), Outcome(State.DEFERRED, Scope.SESSION, delay=1.1 * HOUR)),
]


@pytest.mark.parametrize(("reply", "outcome"), OF_NO_PROVIDER)
def test_all_that_follows_where_the_provider_is_not_known(reply: Reply, outcome: Outcome) -> None:
    found = judge(Phase.RCPT, reply, Retry((HOUR,), spread=1.0), Destination("hall"))
    assert found == replace(outcome, reply=reply)


def test_a_relay_that_turns_us_away_at_the_door_pauses_the_mailing_and_says_why() -> None:
    assert turned_away("wrong password", WAY) == replace(BAD_SETTINGS, why="wrong password")


def test_what_no_reply_came_to_costs_a_retry_only_once_the_message_may_be_the_cause() -> None:
    """A relay that is away would otherwise use up the retries of a whole list."""
    assert lost(Phase.DOT, "gone", Retry((HOUR,))) == Outcome(State.IN_DOUBT, Scope.SESSION, why="gone")
    assert lost(Phase.MAIL, "gone", Retry((HOUR,))) == Outcome(State.QUEUED, Scope.SESSION, why="gone")
    assert lost(Phase.BODY, "gone", Retry((HOUR,))) == Outcome(State.DEFERRED, Scope.SESSION, why="gone", delay=HOUR)


def test_what_is_given_up_says_after_how_many_refusals_of_what() -> None:
    """In the mailing's list, an operator reads this beside the relay's own words."""
    relay, busy = Reply(454, None, "Relay access denied"), Reply(450, "4.2.0", "busy")
    assert lost(Phase.BODY, "gone", Retry()) == Outcome(
        State.REJECTED, Scope.SESSION, why="given up at the first attempt: gone"
    )
    assert str(judge(Phase.RCPT, busy, Retry())) == "given up at the first attempt: 450 4.2.0 busy"
    assert judge(Phase.RCPT, relay, Retry((HOUR,), 1), WAY) == Outcome(
        State.REJECTED, Scope.SITE, relay, "given up after 2 attempts", relaying=True
    )


def test_a_reply_and_an_outcome_are_written_without_what_they_lack() -> None:
    assert str(Reply(550, "5.1.1", "unknown")) == "550 5.1.1 unknown"
    assert str(Reply(550, None, "")) == "550"
    assert str(judge(Phase.RCPT, Reply(550, None, "unknown"), Retry())) == "550 unknown"
    assert str(lost(Phase.DOT, "gone", Retry())) == "gone"


@pytest.mark.parametrize("phase", [Phase.RCPT, Phase.DATA, Phase.DOT])
def test_each_temporary_refusal_has_its_delay_and_the_last_gives_up(phase: Phase) -> None:
    delays = (HOUR, 3 * HOUR)
    found = [judge(phase, Reply(451, None, "later"), Retry(delays, count)) for count in range(3)]
    assert [outcome.delay for outcome in found] == [HOUR, 3 * HOUR, None]
    assert [outcome.state for outcome in found] == [State.DEFERRED, State.DEFERRED, State.REJECTED]
    assert found[2].why == "given up after 3 attempts"


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


@pytest.mark.parametrize(
    ("text", "recipient", "left"),
    [
        ("<anne@example.org>: user unknown", "anne@example.org", "<address>: user unknown"),
        ("no user Ann here", "ann@example.org", "no user <address> here"),
        ("tell me more", "me@example.org", "tell me more"),  # two letters are in too many words
        ("try again later", "", "try again later"),
    ],
)
def test_only_the_address_leaves_a_reply(text: str, recipient: str, left: str) -> None:
    assert scrub(text, recipient) == left
