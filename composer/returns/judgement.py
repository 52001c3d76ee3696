"""What a message that came back is: its kind, and of a bounce, for which address, how bad and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class ReturnKind(StrEnum):
    """What a message is. ``OTHER`` and ``AUTO_REPLY`` change nothing, whatever they say."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto-reply"
    UNSUBSCRIBE = "unsubscribe"
    OTHER = "other"


class BounceClass(StrEnum):
    """``HARD``: there is no such mailbox. ``SOFT``: not this time. ``POLICY``: about us or our letter, never the
    reader's fault."""

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"


class Cause(StrEnum):
    """Why a message was judged as it was. The first ones are those of bounces (``causes.toml``)."""

    QUOTA = "quota"
    SENDER = "sender"
    SIZE = "size"
    LOOP = "loop"
    NO_MAIL = "no-mail"
    TEMPORARY = "temporary"
    REFUSED = "refused"
    GROUP = "group"
    DISABLED = "disabled"
    UNKNOWN = "unknown"
    UNCLEAR = "unclear"

    REPORTED = "reported"
    LEAVES = "leaves"
    AUTOMATIC = "automatic"

    DELAYED = "delayed"
    DELIVERED = "delivered"
    RECEIPT = "receipt"
    NO_COMPLAINT = "no-complaint"
    ORDINARY = "ordinary"
    NO_MESSAGE = "no-message"
    TOO_BIG = "too-big"
    TOO_DEEP = "too-deep"
    NOT_READ = "not-read"


@dataclass(frozen=True)
class Judgement:
    """What one message is.

    ``address`` is the one that it speaks of, as the message names it. ``status`` is the enhanced code (RFC 3463), and
    ``words`` what the far host said, on one line, without addresses and links. ``addressed`` are the local parts of
    ours that the message is addressed to, ``carried`` those that stand elsewhere in it, ``answered`` those of
    the letters that it answers: none is verified yet (``composer.returns.identity``).
    """

    kind: ReturnKind
    cause: Cause
    address: str | None = None
    bounce_class: BounceClass | None = None
    status: str | None = None
    words: str = ""
    addressed: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(found: Mapping[str, Any]) -> Judgement:
    """The judgement that ``as_json`` wrote. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
    given = found["bounce_class"]
    return Judgement(
        kind=ReturnKind(found["kind"]),
        cause=Cause(found["cause"]),
        address=None if found["address"] is None else str(found["address"]),
        bounce_class=None if given is None else BounceClass(given),
        status=None if found["status"] is None else str(found["status"]),
        words=str(found["words"]),
        addressed=tuple(map(str, found["addressed"])),
        carried=tuple(map(str, found["carried"])),
        answered=tuple(map(str, found["answered"])),
    )
