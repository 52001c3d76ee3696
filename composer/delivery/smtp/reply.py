"""From an SMTP reply to the outcome of a delivery. Pure.

Four scopes, after Postfix: trouble with the *recipient*, with the *message*, with the *session*, with the *site* (the
relay, and our reputation with it). Only the first may count against a reader.

Meanings of codes: RFC 5321 4.2, RFC 3463 and its registry, and the mailbox providers' published codes, which are rows
of ``reply_table`` with their sources.

BUGS: 550 without an enhanced status at RCPT often means an unknown mailbox; as often it means a policy. It rejects this
delivery and does not suppress the reader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from composer.delivery.smtp.reply_table import ReplyMeaning, ReplyRule, look_up
from composer.delivery.state import State
from composer.locale import gettext as _
from composer.locale import ngettext


class Phase(StrEnum):
    """The step of a transaction that a reply answers."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    DOT = "dot"


class Scope(StrEnum):
    """The cause of an outcome: the recipient, the message, the session or the relay."""

    RECIPIENT = "recipient"
    MESSAGE = "message"
    SESSION = "session"
    SITE = "site"


@dataclass(frozen=True)
class Reply:
    """A parsed reply. ``text`` holds no address (``scrub``); ``status`` is the enhanced status, ``5.1.1``."""

    code: int
    status: str | None
    text: str

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.code, self.status, self.text) if part)


@dataclass(frozen=True)
class Destination:
    """Where a message went: the relay's key, and the reader's mailbox provider, empty if it is not a known one.

    ``shaped``: the relay passes messages on at once, so its replies may come from the provider.
    """

    relay: str = ""
    provider: str = ""
    shaped: bool = False


@dataclass(frozen=True)
class Throttle:
    """A reply's request to reduce or suspend the rate through ``relay`` to ``provider``, or to all if that is empty.

    ``means`` is throttled (send slower), blocked or configuration (send nothing for the time ``lasts``). ``mistaken``:
    a reduction before was none that the reply asked for, and is lifted.
    """

    relay: str
    provider: str
    means: ReplyMeaning
    lasts: timedelta
    mistaken: bool = False


@dataclass(frozen=True)
class Outcome:
    """Result of an attempt. ``state`` is the row's next state; ``delay`` belongs to ``deferred``.

    ``why`` is our explanation where the reply has none: no reply came, or the retries are used up.
    ``unknown_mailbox``: the address does not exist; nothing is to be sent to it again.
    ``relaying``: the relay refuses to relay to this domain, or for us; a single malformed address gets the same reply.
    ``pause``: further messages would be refused alike; the mailing waits for the operator, unless another relay takes
    over. ``counted``: whether a deferral uses up a retry. ``strain``: change of the send rate (``limits.rate_limits``).
    ``unclear``: refused in words that no row of the table knows. ``full``: the reply is of the state of that mailbox.
    ``waited``: seconds since the first temporary refusal, of a reader given up; 0 where the last one was lasting (503).
    """

    state: State
    scope: Scope
    reply: Reply | None = None
    why: str = ""
    delay: timedelta | None = None
    unknown_mailbox: bool = False
    relaying: bool = False
    pause: bool = False
    counted: bool = True
    strain: Throttle | None = None
    unclear: bool = False
    full: bool = False
    waited: float = field(default=0.0, compare=False)

    @property
    def may_be_the_relay_s(self) -> bool:
        """Whether the next reader's message may end alike (``ledger.refusal_runs``)."""
        refused = self.state in (State.REJECTED, State.IN_DOUBT) or self.relaying or self.pause
        return refused and not self.unknown_mailbox and not self.full

    @property
    def words(self) -> str:
        """Our explanation, then the relay's text."""
        return why_and_words(self.why, self.reply.text if self.reply else "")

    def __str__(self) -> str:
        """Our explanation, then the whole reply."""
        return why_and_words(self.why, str(self.reply) if self.reply else "")


def why_and_words(why: str, said: str) -> str:
    """Our explanation, then the words of the relay; one of them alone where the other is empty."""
    return _("{why}: {said}").format(why=why, said=said) if why and said else why or said


@dataclass(frozen=True)
class Retry:
    """When a delivery is tried again: ``delays[deferrals]`` after this refusal, ``deferrals`` having come before it.

    Where there is no such delay the delivery is given up: with six delays, at the seventh refusal.

    ``spread`` (random, -1 to 1) shifts a delay by up to a tenth, so that messages refused together are not retried
    together.
    """

    delays: Sequence[timedelta] = ()
    deferrals: int = 0
    spread: float = 0.0

    def later(self, scope: Scope, reply: Reply | None, why: str) -> Outcome:
        if self.deferrals < len(self.delays):
            delay = self.delays[self.deferrals] * (1 + 0.1 * self.spread)
            return Outcome(State.DEFERRED, scope, reply, why, delay)
        count = self.deferrals + 1
        given_up = ngettext("given up at the first attempt", "given up after {count} attempts", count)
        temporary = reply is None or reply.code < 500
        waited = sum(delay.total_seconds() for delay in self.delays) if temporary else 0.0
        return Outcome(State.REJECTED, scope, reply, why_and_words(given_up.format(count=count), why), waited=waited)


def judge(phase: Phase, reply: Reply, retry: Retry, destination: Destination | None = None) -> Outcome:
    """The outcome of ``reply`` in ``phase``, for a message sent to ``destination``."""
    if phase is Phase.DOT and 200 <= reply.code < 300:
        return Outcome(State.ACCEPTED, Scope.RECIPIENT, reply)
    destination = destination or Destination()
    row = look_up(reply.code, reply.status, reply.text)
    if row is not None and (trouble := _trouble(phase, reply, row, retry, destination)):
        return trouble
    at_rcpt = phase is Phase.RCPT or (destination.shaped and phase not in BEFORE_RCPT)
    if at_rcpt and row is not None and row.means is ReplyMeaning.RELAYING:
        return replace(retry.later(Scope.SITE, reply, ""), relaying=True)
    if reply.code >= 500:
        return _refused(phase, reply, row, retry, destination)
    if phase in BEFORE_RCPT:
        return Outcome(State.QUEUED, Scope.SESSION, reply)
    if reply.code == 421:  # the relay closes the connection (RFC 5321 3.8)
        return retry.later(Scope.SESSION, reply, "")
    one = row is not None and row.means is ReplyMeaning.RECIPIENT
    later = retry.later(Scope.RECIPIENT if one or phase is Phase.RCPT else Scope.MESSAGE, reply, "")
    return replace(later, full=one and not GREYLISTED.search(reply.text))


def turned_away(why: str, destination: Destination) -> Outcome:
    """The outcome if the relay refused our configuration before a session existed, for instance a wrong password."""
    return _misconfigured(None, destination, "", why)


def lost(phase: Phase, why: str, retry: Retry) -> Outcome:
    """The outcome if no reply could be read: in doubt after the dot; before it, nothing can have been delivered.

    If the message may be the cause (a relay that crashes on it every time), it is retried later, not at once.
    """
    if phase is Phase.DOT:
        return Outcome(State.IN_DOUBT, Scope.SESSION, why=why)
    if phase in BEFORE_RCPT:
        return Outcome(State.QUEUED, Scope.SESSION, why=why)
    return retry.later(Scope.SESSION, None, why)


#: Phases before RCPT: whatever happens in them, the delivery goes back to the queue unchanged.
BEFORE_RCPT = (Phase.CONNECT, Phase.MAIL)


def _trouble(phase: Phase, reply: Reply, row: ReplyRule, retry: Retry, destination: Destination) -> Outcome | None:
    """The outcome if neither the reader nor the message is the cause, so that no retry is used up; None otherwise."""
    of_provider = row.of == "provider" or (not row.of and destination.shaped)
    if row.means is ReplyMeaning.CONFIGURATION and phase not in BEFORE_RCPT:
        of_provider = (
            of_provider or destination.shaped
        )  # what such a relay says after RCPT is the reader's server's word
    provider = destination.provider if of_provider and phase is not Phase.CONNECT else ""
    if row.means is ReplyMeaning.CONFIGURATION:
        return _configuration(phase, reply, retry, destination, provider, known=bool(provider) or not of_provider)
    if row.means not in (ReplyMeaning.BLOCKED, ReplyMeaning.THROTTLED):
        return None
    if of_provider and not provider:  # a custom domain that this provider may host: only this message waits
        return _unblamed(reply, row.lasts, retry) if row.means is ReplyMeaning.BLOCKED else None
    strain = Throttle(destination.relay, provider, row.means, row.lasts)
    if row.means is ReplyMeaning.BLOCKED or phase in BEFORE_RCPT:
        return Outcome(State.QUEUED, Scope.SITE, reply, strain=strain)
    return replace(_unblamed(reply, _SLOWDOWN, retry), strain=strain)


def _configuration(
    phase: Phase, reply: Reply, retry: Retry, destination: Destination, provider: str, known: bool
) -> Outcome | None:
    """The outcome if our configuration is refused. If its author is not ``known``, one reader's server says so, of this
    message: None, unless the refusal is temporary."""
    if phase in BEFORE_RCPT:
        return _misconfigured(reply, destination, "") if reply.code >= 500 else None
    if provider or (known and reply.code >= 500):
        return _misconfigured(reply, destination, provider)
    return _unblamed(reply, RECHECK, retry) if reply.code < 500 else None


def _misconfigured(reply: Reply | None, destination: Destination, provider: str, why: str = "") -> Outcome:
    strain = Throttle(destination.relay, provider, ReplyMeaning.CONFIGURATION, RECHECK)
    return Outcome(State.QUEUED, Scope.SITE, reply, why, pause=not provider, strain=strain)


def _unblamed(reply: Reply, delay: timedelta, retry: Retry) -> Outcome:
    return Outcome(State.DEFERRED, Scope.SITE, reply, delay=delay * (1 + 0.1 * retry.spread), counted=False)


def _refused(phase: Phase, reply: Reply, row: ReplyRule | None, retry: Retry, destination: Destination) -> Outcome:
    means = row.means if row is not None else None
    if phase is Phase.MAIL and means is ReplyMeaning.SESSION:
        return Outcome(State.QUEUED, Scope.SESSION, reply)  # a proxy's server was begun again, say, and wants EHLO
    if phase in BEFORE_RCPT or means is ReplyMeaning.RELAYING:
        return _misconfigured(reply, destination, "")
    if means is ReplyMeaning.SESSION:
        return retry.later(Scope.SESSION, reply, "")
    unknown = means is ReplyMeaning.UNKNOWN and phase is Phase.RCPT
    one = phase is Phase.RCPT or means in (ReplyMeaning.RECIPIENT, ReplyMeaning.UNKNOWN)
    scope = Scope.RECIPIENT if one else Scope.MESSAGE
    return Outcome(State.REJECTED, scope, reply, unknown_mailbox=unknown, unclear=row is None)


#: Time after which a refusal of our configuration is tried again: the operator may have corrected it.
RECHECK = timedelta(hours=1)
#: Delay of a message that was refused because we sent too fast.
_SLOWDOWN = timedelta(minutes=1)

#: Words of a refusal that comes to each reader once and passes by itself, however fast we send (RFC 6647). To slow down
#: for it would make a list of twelve thousand last for days: each run of ten has to come back before the next one goes.
GREYLISTED = re.compile(r"\bgr[ae]y[- ]?list|\bliste grise\b|\blista gris\b|\bgraue liste\b", re.IGNORECASE)

_ADDRESS = re.compile(r"<?[^\s<>@:;,()\"']+@[^\s<>@:;,()\"']+>?")


def scrub(text: str, recipient: str = "") -> str:
    """``text`` with each address, and each word that begins with ``recipient``'s local part, put as ``<address>``."""
    local = recipient.rpartition("@")[0]
    if "@" in text:
        text = _ADDRESS.sub("<address>", text)
    if len(local) >= 3 and local.lower() in text.lower():
        text = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)\S*", "<address>", text, flags=re.IGNORECASE)
    return text
