"""The table of replies: one real wording a row, at the least, and what follows from it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from composer.delivery.smtp.reply import Destination, Outcome, Phase, Reply, Retry, Scope, judge
from composer.delivery.smtp.reply_table import ReplyMeaning, _row, look_up, reply_rules
from composer.delivery.state import State
from tests.delivery.smtp.test_reply_labels import part

HOUR = timedelta(hours=1)
RETRY = Retry((5 * HOUR,))

#: (phase, provider, reply): what the reply asks of the pace, and for how long; ``""`` is the relay itself.
STRAINS = [
    (Phase.RCPT, "orange", Reply(550, "5.7.1", "Adresse IP source bloquee. OFR006_102 Ref"), "blocked orange 60"),
    (Phase.MAIL, "orange", Reply(421, None, "mwinf5c77 ME Service refuse. OFR_999"), "blocked orange 60"),
    (Phase.DOT, "orange", Reply(550, "5.2.0", "Mail rejete. Mail rejected. ofr_506 [506]"), "blocked orange 60"),
    (Phase.DOT, "laposte", Reply(550, "5.5.0", "service refused, please try later. LPN007_510"), "blocked laposte 60"),
    (Phase.CONNECT, "orange", Reply(421, None, "Trop de connexions. OFR004_104"), ""),
    (Phase.RCPT, "laposte", Reply(421, None, "Too many connections, slow down. LPN105_104"), "throttled laposte 0"),
    (Phase.DOT, "laposte", Reply(550, "5.7.0", "DMARC refused LPN007_517"), "configuration laposte 60"),
    (Phase.RCPT, "orange", Reply(550, "5.5.0", "SPF: not allowed. OFR004_401"), "configuration orange 60"),
    (Phase.RCPT, "laposte", Reply(550, "5.0.1", "Emetteur invalide. LPN007_405"), "configuration laposte 60"),
    (Phase.RCPT, "sfr", Reply(450, "4.7.1", "Service refused due to bad behavior SFR_IN_101"), "blocked sfr 120"),
    (Phase.RCPT, "sfr", Reply(550, None, "SFR_IN_205"), "blocked sfr 120"),
    (Phase.RCPT, "sfr", Reply(421, "4.7.0", "msfrf2604.sfr.fr Error: too many errors"), "blocked sfr 120"),
    (Phase.DOT, "free", Reply(550, None, "spam detected"), "blocked free 120"),
    (Phase.DOT, "gmail", Reply(550, "5.7.28", "unusual rate of unsolicited mail"), "blocked gmail 60"),
    (Phase.DOT, "gmail", Reply(421, "4.7.28", "unusual rate of unsolicited mail"), "throttled gmail 0"),
    (Phase.DOT, "gmail", Reply(421, "4.7.26", "not passing authentication"), "configuration gmail 60"),
    (Phase.DOT, "gmail", Reply(550, "5.7.26", "unauthenticated"), "configuration gmail 60"),
    (Phase.DOT, "gmail", Reply(550, "5.7.40", "no DMARC record"), "configuration gmail 60"),
    (Phase.RCPT, "gmail", Reply(421, "4.7.0", "TLS required for RCPT domain"), "configuration gmail 60"),
    (Phase.DATA, "gmail", Reply(550, "5.4.5", "Daily sending quota exceeded"), "blocked  60"),
    (Phase.RCPT, "outlook", Reply(550, "5.7.606", "Access denied, banned sending IP"), "blocked outlook 60"),
    (Phase.DOT, "outlook", Reply(550, "5.7.515", "Access denied, sending domain"), "configuration outlook 60"),
    (Phase.RCPT, "outlook", Reply(451, "4.7.650", "rate limited, IP reputation"), "blocked outlook 60"),
    (Phase.RCPT, "outlook", Reply(421, None, "RP-001 The mail server IP has exceeded"), "throttled outlook 0"),
    (Phase.RCPT, "outlook", Reply(550, "5.7.1", "on our block list (S3150)"), "blocked outlook 60"),
    (Phase.RCPT, "outlook", Reply(550, None, "DY-001 Mail rejected"), "configuration outlook 60"),
    (Phase.MAIL, "yahoo", Reply(421, "4.7.0", "[TSS04] Messages temporarily deferred"), "blocked yahoo 120"),
    (Phase.DOT, "yahoo", Reply(554, "5.7.9", "Message not accepted for policy reasons"), "configuration yahoo 60"),
    (Phase.DATA, "gmail", Reply(454, None, "Throttling failure: Daily message quota exceeded"), "blocked  60"),
    (Phase.DATA, "gmail", Reply(454, None, "Throttling failure: Maximum sending rate exceeded."), "throttled  0"),
    (Phase.MAIL, "", Reply(452, "4.4.5", "wait a moment"), "throttled  0"),
    (Phase.MAIL, "", Reply(530, "5.7.0", "Must issue a STARTTLS command first"), "configuration  60"),
    (Phase.MAIL, "", Reply(503, "5.5.1", "Authentication required"), "configuration  60"),
    (Phase.DATA, "gmail", Reply(550, "5.7.8", "Bad credentials"), "configuration  60"),
    (Phase.DATA, "gmail", Reply(554, "5.7.1", "Relay access denied"), "configuration  60"),
    (Phase.MAIL, "gmail", Reply(550, None, "we do not want you"), "configuration  60"),
    (Phase.RCPT, "gmail", Reply(450, "4.7.1", "cannot find your reverse hostname"), "configuration gmail 60"),
    (Phase.RCPT, "", Reply(550, None, "SPF check failed"), ""),
    (Phase.RCPT, "gmail", Reply(550, None, "SPF check failed"), "configuration gmail 60"),
    (Phase.MAIL, "", Reply(550, None, "SPF check failed"), "configuration  60"),
    (Phase.MAIL, "", Reply(450, "4.7.1", "Error: too much mail from 192.0.2.9"), "throttled  0"),
    (Phase.DOT, "gmail", Reply(550, "5.7.1", "rejected per DMARC policy"), "configuration gmail 60"),
    (Phase.DOT, "gmail", Reply(554, None, "Message rejected: Email address is not verified."), "configuration  60"),
    (Phase.RCPT, "", Reply(451, None, "trop de messages, ralentissez"), "throttled  0"),
    (Phase.RCPT, "", Reply(421, "4.7.0", "try again later"), "throttled  0"),
    (Phase.RCPT, "", Reply(554, "5.7.1", "blocked using zen.spamhaus.org"), "blocked  60"),
    # of one mailbox, one message, one conversation: the pace has nothing to do with it
    (Phase.RCPT, "orange", Reply(552, "5.1.1", "Boite du destinataire pleine. OFR_417"), ""),
    (Phase.RCPT, "laposte", Reply(550, "5.5.0", "Le compte du destinataire est bloque. LPN007_426"), ""),
    (Phase.RCPT, "orange", Reply(550, None, "Adresse d au moins un destinataire invalide. OFR_416"), ""),
    (Phase.DOT, "orange", Reply(552, None, "Taille limite du message atteinte OFR_514"), ""),
    (Phase.RCPT, "gmail", Reply(450, "4.2.1", "The user is receiving mail too quickly"), ""),
    (Phase.RCPT, "", Reply(550, "5.1.1", "unknown in relay table"), ""),
    (Phase.RCPT, "", Reply(550, "5.7.1", "Relaying denied"), ""),
    (Phase.RCPT, "", Reply(550, None, "Authentication is required"), ""),
    (Phase.RCPT, "", Reply(553, "5.7.1", "<address>: Sender address rejected: not owned by user gazette"), ""),
    (Phase.RCPT, "", Reply(550, "5.1.8", "bad sender"), ""),
    (Phase.RCPT, "", Reply(450, "4.2.0", "Recipient address rejected: Greylisted"), ""),
    (Phase.RCPT, "", Reply(421, "4.7.0", "mx.example Error: too many errors"), ""),
    (Phase.RCPT, "", Reply(503, "5.5.1", "bad sequence of commands"), ""),
    (Phase.DOT, "", Reply(554, "5.2.252", "SendAsDenied; gazette not allowed to send as lettre"), "configuration  60"),
    (Phase.RCPT, "", Reply(525, "5.7.1", "Unauthorized IP address"), "configuration  60"),
    (Phase.DOT, "gmail", Reply(550, "5.7.1", "Votre compte est suspendu"), "configuration  60"),
    (Phase.RCPT, "", Reply(550, None, 'Outgoing mail from "gazette" has been suspended.'), "configuration  60"),
    (Phase.RCPT, "", Reply(550, "5.7.1", "Limite d'envoi quotidienne atteinte"), "blocked  60"),
    (Phase.RCPT, "", Reply(550, None, "maximum number of recipients per day"), "blocked  60"),
    (Phase.DOT, "", Reply(550, None, "Crédit insuffisant"), "blocked  60"),
    (Phase.RCPT, "", Reply(550, "5.7.1", "Sending rate exceeded"), "throttled  0"),
    (Phase.RCPT, "", Reply(550, None, "Message rejected: Address blacklisted."), ""),
    (Phase.DATA, "", Reply(502, "5.5.1", "Error: command not implemented"), ""),
    (Phase.RCPT, "", Reply(421, "4.3.2", "going down"), ""),
    (Phase.RCPT, "", Reply(450, "4.2.2", "over quota"), ""),
]  # fmt: skip


def judged(phase: Phase, provider: str, reply: Reply, shaped: bool = False) -> Outcome:
    return judge(phase, reply, RETRY, Destination("hall", provider, shaped))


@pytest.mark.parametrize(("phase", "provider", "reply", "strain"), STRAINS)
def test_what_a_reply_asks_of_the_pace(phase: Phase, provider: str, reply: Reply, strain: str) -> None:
    found = judged(phase, provider, reply).strain
    said = f"{found.means} {found.provider} {found.lasts // timedelta(minutes=1)}" if found else ""
    assert said == strain
    assert found is None or found.relay == "hall"


@pytest.mark.parametrize(("phase", "provider", "reply", "strain"), STRAINS)
def test_what_strains_the_pace_costs_the_reader_nothing(phase: Phase, provider: str, reply: Reply, strain: str) -> None:
    outcome = judged(phase, provider, reply)
    if outcome.strain is not None:
        assert outcome.scope is Scope.SITE
        assert not outcome.unknown_mailbox
        assert outcome.state is State.QUEUED or (outcome.state is State.DEFERRED and not outcome.counted)
        assert outcome.pause == (outcome.strain.means is ReplyMeaning.CONFIGURATION and not outcome.strain.provider)


def test_a_row_fits_by_whole_code_and_status_and_by_part_of_the_text_whatever_its_case() -> None:
    row = _row(
        {
            **{"code": "55[04]", "status": r"5\.7\.1", "text": "spam", "means": "blocked", "of": "provider"},
            **{"minutes": 60, "source": "a postmaster's page"},
        }
    )
    assert (row.means, row.source) == (ReplyMeaning.BLOCKED, "a postmaster's page")
    assert (row.of, row.lasts) == ("provider", HOUR)
    assert row.fits(554, "5.7.1", "Looks like SPAM to us")
    assert not row.fits(551, "5.7.1", "spam")
    assert not row.fits(550, "5.7.12", "spam")
    assert not row.fits(550, None, "spam")
    assert not row.fits(550, "5.7.1", "ham")


def test_a_row_that_says_little_fits_every_refusal_and_lasts_no_time() -> None:
    row = _row({"means": "message", "source": ""})
    assert (row.of, row.lasts) == ("", timedelta(0))
    assert row.fits(450, None, "")
    assert row.fits(599, "5.7.1", "spam")
    assert not row.fits(250, "2.0.0", "kept")


def test_every_row_of_the_table_has_an_example_and_a_source() -> None:
    """And none is hidden behind an earlier one. The replies that are held out are no examples."""
    hit = {id(look_up(reply.code, reply.status, reply.text)) for _, _, reply, _ in STRAINS}
    hit |= {id(look_up(reply.code, reply.status, reply.words)) for reply in part("known")}
    assert [row.source for row in reply_rules() if id(row) not in hit] == []
    assert all(len(row.source) > 20 for row in reply_rules())


def test_only_a_block_lasts_and_every_block_does() -> None:
    assert {bool(row.lasts) for row in reply_rules() if row.means is ReplyMeaning.BLOCKED} == {True}
    assert {bool(row.lasts) for row in reply_rules() if row.means is not ReplyMeaning.BLOCKED} == {False}


@pytest.mark.parametrize("code", ["OFR_417", "LPN007_417", "OFR_420", "LPN007_426"])
def test_a_full_or_suspended_mailbox_at_orange_is_not_an_unknown_one_whatever_its_status(code: str) -> None:
    outcome = judged(Phase.RCPT, "orange", Reply(550, "5.1.1", code))
    assert (outcome.state, outcome.scope, outcome.unknown_mailbox) == (State.REJECTED, Scope.RECIPIENT, False)


@pytest.mark.parametrize(
    "reply", [Reply(550, "5.1.1", "LPN416"), Reply(550, None, "OFR_416"), Reply(550, None, "OUK_418")]
)
def test_an_unknown_mailbox_at_orange_is_one_without_a_status_too(reply: Reply) -> None:
    assert judged(Phase.RCPT, "orange", reply).unknown_mailbox
    assert not judged(Phase.DOT, "orange", reply).unknown_mailbox


def test_a_mailbox_full_after_the_dot_is_the_reader_s_trouble_not_the_message_s() -> None:
    """Ten messages refused in a row stop a mailing; ten full mailboxes must not."""
    assert judged(Phase.DOT, "orange", Reply(552, "5.2.2", "OFR_417")).scope is Scope.RECIPIENT


def test_a_provider_s_block_of_a_domain_we_do_not_know_lets_that_message_wait_alone() -> None:
    """A domain of its own at that provider: nobody else's pace is known to be meant, and no retry is used up."""
    outcome = judged(Phase.RCPT, "", Reply(550, "5.7.606", "banned"))
    assert (outcome.state, outcome.delay, outcome.counted, outcome.strain) == (State.DEFERRED, HOUR, False, None)


def test_a_provider_s_throttling_of_a_domain_we_do_not_know_is_an_ordinary_refusal_for_now() -> None:
    outcome = judged(Phase.RCPT, "", Reply(421, "4.7.28", ""))
    assert (outcome.state, outcome.delay, outcome.counted, outcome.strain) == (State.DEFERRED, 5 * HOUR, True, None)


@pytest.mark.parametrize(
    ("phase", "reply"),
    [
        (Phase.DOT, Reply(550, "5.7.26", "")),
        (Phase.DOT, Reply(550, "5.7.1", "rejected by the DMARC policy of the forwarding domain")),
        (Phase.DOT, Reply(550, "5.7.133", "RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required")),
        (Phase.DOT, Reply(525, "5.7.13", "sender not authenticated for a public folder")),
        (Phase.RCPT, Reply(550, "5.7.1", "undeliverable address: host mx.mairie.example said: 550 5.7.1 SPF policy")),
        (Phase.RCPT, Reply(550, None, "Fix reverse DNS for 192.0.2.1")),
    ],
)
def test_what_one_reader_s_server_says_of_us_concerns_that_message(phase: Phase, reply: Reply) -> None:
    outcome = judged(phase, "", reply)
    assert (outcome.state, outcome.pause, outcome.strain) == (State.REJECTED, False, None)
    assert not outcome.unknown_mailbox


@pytest.mark.parametrize(
    "reply", [Reply(535, None, "no"), Reply(530, "5.7.0", "Must issue a STARTTLS"), Reply(550, "5.7.8", "credentials")]
)
def test_where_the_relay_passes_messages_on_as_they_come_what_it_says_after_rcpt_is_the_provider_s_word(
    reply: Reply,
) -> None:
    one, many = judged(Phase.DOT, "", reply, shaped=True), judged(Phase.DOT, "gmail", reply, shaped=True)
    assert (one.state, one.pause, one.strain) == (State.REJECTED, False, None)
    assert (many.state, many.pause, many.strain and many.strain.provider) == (State.QUEUED, False, "gmail")
    assert judged(Phase.MAIL, "gmail", reply, shaped=True).pause


def test_relaying_denied_at_the_dot_by_a_relay_that_passes_on_may_be_one_reader_s() -> None:
    reply = Reply(554, "5.7.1", "Relay access denied")
    assert judged(Phase.DOT, "gmail", reply, shaped=True).relaying
    assert judged(Phase.DOT, "gmail", reply).pause


@pytest.mark.parametrize(
    "reply",
    [
        Reply(450, "4.7.25", "Client host rejected: cannot find your hostname, [192.0.2.1]"),
        Reply(421, "4.7.29", "TLS"),
    ],
)
def test_what_is_said_of_us_for_now_about_a_domain_we_do_not_know_uses_up_no_retry(reply: Reply) -> None:
    outcome = judged(Phase.RCPT, "", reply)
    assert (outcome.state, outcome.delay, outcome.counted, outcome.strain) == (State.DEFERRED, HOUR, False, None)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(454, "4.7.1", "<address>: Relay access denied"),  # Postfix's default, defer_unauth_destination
        Reply(554, "5.7.1", "<host[192.0.2.1]>: Client host rejected: Access denied"),
        Reply(553, "5.7.1", "<address>: Sender address rejected: not logged in"),
        Reply(450, "4.1.8", "<address>: Sender address rejected: Domain not found"),
        Reply(504, "5.5.2", "<localhost>: Helo command rejected: need fully-qualified hostname"),
        Reply(550, None, "Sender verify failed"),
        Reply(550, "5.7.0", "Must issue a STARTTLS command first"),
        Reply(550, "5.1.7", "no such sender"),
    ],
)
def test_what_a_relay_says_of_us_where_it_is_asked_for_a_reader_rejects_nobody(reply: Reply) -> None:
    """Postfix says it all at RCPT. Ten in a row pause the mailing (test_trouble)."""
    outcome = judged(Phase.RCPT, "", reply)
    assert (outcome.state, outcome.scope, outcome.relaying) == (State.DEFERRED, Scope.SITE, True)


@pytest.mark.parametrize("why", ["unverified address: Address verification in progress", "Try again later"])
def test_a_sender_who_is_still_being_verified_is_an_ordinary_refusal_for_now(why: str) -> None:
    outcome = judged(Phase.RCPT, "", Reply(450, "4.1.7", f"<address>: Sender address rejected: {why}"))
    assert (outcome.state, outcome.scope, outcome.relaying) == (State.DEFERRED, Scope.RECIPIENT, False)


def test_where_the_relay_passes_messages_on_as_they_come_slow_down_is_the_provider_s_word() -> None:
    slow = Reply(450, None, "slow down")
    through, behind = judged(Phase.RCPT, "gmail", slow, shaped=True), judged(Phase.RCPT, "gmail", slow)
    assert through.strain is not None
    assert behind.strain is not None
    assert (through.strain.provider, behind.strain.provider) == ("gmail", "")


def test_an_accepted_message_strains_nothing_whatever_the_relay_says() -> None:
    outcome = judged(Phase.DOT, "yahoo", Reply(250, "2.0.0", "kept, but slow down [TSS04]"))
    assert (outcome.state, outcome.strain) == (State.ACCEPTED, None)


@pytest.mark.parametrize(
    ("phase", "reply"),
    [
        (Phase.RCPT, Reply(500, "5.5.2", "Error: bad syntax")),
        (Phase.RCPT, Reply(502, "5.5.2", "Error: command not recognized")),
        (Phase.DATA, Reply(554, "5.5.1", "Error: no valid recipients")),
        (Phase.RCPT, Reply(554, None, "SMTP synchronization error")),
        (Phase.DOT, Reply(500, "5.5.1", 'Command unrecognized: "<p>"')),
    ],
)
def test_who_does_not_know_at_which_step_we_are_refuses_no_reader(phase: Phase, reply: Reply) -> None:
    outcome = judged(phase, "", reply)
    assert (outcome.state, outcome.scope) == (State.DEFERRED, Scope.SESSION)


@pytest.mark.parametrize(
    "words",
    ["LDAP lookup failed: recipient unknown", "User database is unavailable: unknown", "internal error, unknown"],
)
def test_an_unknown_mailbox_in_the_words_of_a_broken_directory_suppresses_nobody(words: str) -> None:
    outcome = judged(Phase.RCPT, "", Reply(550, "5.1.1", words))
    assert (outcome.state, outcome.unknown_mailbox) == (State.REJECTED, False)
