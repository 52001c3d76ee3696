"""What an SMTP reply means, and for whom. Pure.

Four scopes, after Postfix: trouble with the *recipient*, with the *message*, with the *session*, with the *site* (the
relay, and our standing with it). Only the first may ever be held against a reader.

Which code means what: RFC 5321 4.2, RFC 3463 and its registry, and the mailbox providers' published codes.

BUGS: 550 without an enhanced status at RCPT often means an unknown mailbox; as often it means a policy. It rejects this
delivery and does not suppress the reader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from composer.delivery.state import State


class Phase(StrEnum):
    """How far a transaction had come."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    DOT = "dot"


class Scope(StrEnum):
    """Whom an outcome is about."""

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
class Outcome:
    """What becomes of a delivery. ``state`` is where its row goes; ``delay`` goes with ``deferred``.

    ``why`` is ours, where it is not in the reply: no reply came, or the retries are used up.
    ``unknown_mailbox``: the address does not exist and nothing is to be sent to it again.
    ``relaying``: the relay does not take messages to this reader's domain, or from us; one odd address hears the same.
    ``pause``: sending on would repeat the same refusal; the mailing waits for the operator.
    """

    state: State
    scope: Scope
    reply: Reply | None = None
    why: str = ""
    delay: timedelta | None = None
    unknown_mailbox: bool = False
    relaying: bool = False
    pause: bool = False

    @property
    def words(self) -> str:
        """What is said of it: ours, then the relay's."""
        return ": ".join(filter(None, (self.why, self.reply.text if self.reply else "")))

    def __str__(self) -> str:
        code = (self.reply.code, self.reply.status) if self.reply else ()
        return " ".join(str(part) for part in (*code, self.words) if part)


@dataclass(frozen=True)
class Retry:
    """When a delivery is tried again. ``deferrals`` temporary refusals came before; ``delays`` follow each one.

    ``spread`` (from -1 to 1, random) moves the delay by up to a tenth, so that readers refused together do not come
    back together.
    """

    delays: Sequence[timedelta] = ()
    deferrals: int = 0
    spread: float = 0.0

    def later(self, scope: Scope, reply: Reply | None, why: str, what: str = "temporary refusals") -> Outcome:
        if self.deferrals < len(self.delays):
            delay = self.delays[self.deferrals] * (1 + 0.1 * self.spread)
            return Outcome(State.DEFERRED, scope, reply, why, delay)
        count = self.deferrals + 1
        return Outcome(State.REJECTED, scope, reply, f"given up after {count} {what} {why}".strip())


#: Bad destination mailbox, bad destination system, recipient address has a null MX (RFC 3463, RFC 7505).
_UNKNOWN_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.10"})

#: Our authentication, encryption, DNS, signature: RFC 4954, RFC 7372, Gmail's 5.7.20 to 40, Microsoft's 5.7.5xx.
_CONFIGURATION = re.compile(r"5\.7\.(?:[389]|1[0-4]|2\d|3[0-4]|40|5\d\d)")
_CONFIGURATION_CODES = frozenset({530, 534, 535, 538})
#: As Postfix, Sendmail, Exim and Exchange put it. "Relay" alone is also in "mail relay busy" and in host names.
_RELAYING = re.compile(
    r"\brelay(?:ing)?(?: access)?(?: is)? (?:denied|prohibited|(?:not |un)(?:permitted|allowed|authori[sz]ed))\b"
    r"|\b(?:unable|not (?:permitted|allowed)|do(?:es)? not|cannot|can't|won't|will not)(?: to)? relay\b",
    re.IGNORECASE,
)


def judge(phase: Phase, reply: Reply, retry: Retry) -> Outcome:
    """The outcome of ``reply`` in ``phase``."""
    if phase is Phase.DOT and 200 <= reply.code < 300:
        return Outcome(State.ACCEPTED, Scope.RECIPIENT, reply)
    if reply.code >= 500:
        return _refused(phase, reply, retry)
    if phase in _NOBODY_NAMED:
        return Outcome(State.QUEUED, Scope.SESSION, reply)
    if reply.code == 421:  # the relay closes the connection (RFC 5321 3.8)
        return retry.later(Scope.SESSION, reply, "")
    return retry.later(Scope.RECIPIENT if phase is Phase.RCPT else Scope.MESSAGE, reply, "")


def lost(phase: Phase, why: str, retry: Retry) -> Outcome:
    """The outcome where no reply could be read: a doubt after the dot; before it, certainly nothing was delivered.

    Where the message may have been the cause (a relay that dies of it every time), it comes back later, not at once.
    """
    if phase is Phase.DOT:
        return Outcome(State.IN_DOUBT, Scope.SESSION, why=why)
    if phase in _NOBODY_NAMED:
        return Outcome(State.QUEUED, Scope.SESSION, why=why)
    return retry.later(Scope.SESSION, None, why)


#: No recipient has been named yet: whatever happens, the delivery goes back as it came.
_NOBODY_NAMED = (Phase.CONNECT, Phase.MAIL)


def _refused(phase: Phase, reply: Reply, retry: Retry) -> Outcome:
    relaying = bool(_RELAYING.search(reply.text)) and reply.status not in _UNKNOWN_MAILBOX
    configuration = (
        phase in _NOBODY_NAMED
        or reply.code in _CONFIGURATION_CODES
        or bool(reply.status and _CONFIGURATION.fullmatch(reply.status))
        or (relaying and phase is not Phase.RCPT)
    )
    if configuration:
        return Outcome(State.QUEUED, Scope.SITE, reply, pause=True)
    if phase is Phase.RCPT and relaying:
        return replace(retry.later(Scope.SITE, reply, "", "refusals to relay"), relaying=True)
    if phase is Phase.RCPT:
        return Outcome(State.REJECTED, Scope.RECIPIENT, reply, unknown_mailbox=reply.status in _UNKNOWN_MAILBOX)
    return Outcome(State.REJECTED, Scope.MESSAGE, reply)


_ADDRESS = re.compile(r"<?[^\s<>@:;,()\"']+@[^\s<>@:;,()\"']+>?")


def scrub(text: str, recipient: str = "") -> str:
    """``text`` without addresses: whatever looks like one, and ``recipient``'s local part, alone or encoded."""
    local = recipient.rpartition("@")[0]
    if "@" in text:
        text = _ADDRESS.sub("<address>", text)
    if len(local) >= 3 and local.lower() in text.lower():
        text = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)\S*", "<address>", text, flags=re.IGNORECASE)
    return text
