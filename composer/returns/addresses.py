"""The addresses in a message that came back: the reader's that a bounce or a complaint names, and our own tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.policy import compat32
from email.utils import getaddresses

from flufl.bounce import all_failures

from composer.returns.parts import Fields, Opened

#: Maximum number of tokens, and of addresses, that are taken from one message.
MOST_FOUND = 20
#: Bytes of a message that flufl.bounce looks at.
MOST_SEARCHED = 262_144

#: Local part of ours: of a return path or Message-ID (b-), of an address for leaving (u-). See composer.message.verp.
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])([bu]-[a-z2-7]{26})(?![a-z0-9_-])", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w.+/=-])[\w.+/=!#$%&'*?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,10}[\w-]{1,63}")
#: Not the reader's: a mail system's own.
_OWN = re.compile(r"^(?:mailer-?daemon|postmaster|abuse|support|helpdesk|[bu]-[a-z2-7]{26})@", re.IGNORECASE)
#: Fields that name the address that a message arrived at, as mail systems note it.
_ARRIVED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "to", "cc")


def tokens(opened: Opened, content: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Our local parts: those that the message is addressed to, and those that stand elsewhere in it.

    ``content`` are its bytes as they came: a report that no parser understands still names its Message-ID.
    """
    addressed = _distinct(_named(value for name in _ARRIVED for value in opened.head.get(name, ())))
    reports = (value for fields in (*opened.statuses, *opened.feedback) for value in fields.values())
    places = (*reports, opened.returned, *_answers(opened), opened.text, content.decode("latin-1"))
    carried = (token for token in _named(places) if token not in addressed)
    return addressed, _distinct(carried)


def answered(opened: Opened) -> tuple[str, ...]:
    """Our local parts in the Message-IDs of the letters that the message answers (RFC 5322 3.6.4)."""
    return _distinct(_named(_answers(opened)))


def of_group(fields: Fields) -> str | None:
    """The address that a group of a delivery report speaks of (RFC 3464 2.3.1, 2.3.2).

    The original one first: it is the one we wrote to, where a server passed the letter on.
    """
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        kind, semicolon, value = fields.get(name, "").partition(";")
        found = _first_address(value if semicolon else kind)
        if found is not None:
            return found
    return None


def of_complaint(opened: Opened) -> str | None:
    """The address that a complaint speaks of; None where it was taken out."""
    for fields in opened.feedback:
        for name in ("original-rcpt-to", "x-hmxmroriginalrecipient", "removal-recipient"):
            if (found := _first_address(fields.get(name, ""))) is not None:
                return found
    return written_to(opened)


def written_to(opened: Opened) -> str | None:
    """The address in To of the message that is returned; None where it is ours, or hidden."""
    named = re.search(r"^to:[ \t]*(.{0,1000})", opened.returned, re.IGNORECASE | re.MULTILINE)
    found = _first_address(named[1]) if named else None
    return None if found is None or re.match(r"redact|undisclosed", found, re.IGNORECASE) else found


def of_failure(opened: Opened, said: str, content: bytes) -> str | None:
    """The address that a bounce without a report speaks of. ``said`` is what was written about the message."""
    for value in opened.head.get("x-failed-recipients", ()):
        if (found := _first_address(value)) is not None:
            return found
    returned_to = written_to(opened)
    own = {address.lower() for name in ("from", "to", "sender") for address in _all(opened.head.get(name, ()))}
    named = [each for each in _distinct(_ADDRESS.findall(said)) if each.lower() not in own and not _OWN.match(each)]
    if returned_to is not None and returned_to.lower() in {each.lower() for each in named}:
        return returned_to
    return next(iter(_detected(content)), None) or next(iter(named), None) or returned_to


def _detected(content: bytes) -> list[str]:
    """Addresses that flufl.bounce finds, permanent failures first: it knows servers of thirty years."""
    try:
        temporary, permanent = all_failures(message_from_bytes(content[:MOST_SEARCHED], policy=compat32))
    except Exception:  # noqa: BLE001 # reason: a hostile message makes its detectors raise anything
        return []
    texts = [str(each, "ascii", "replace") for each in (*sorted(permanent), *sorted(temporary))]
    return [found for text in texts if (found := _first_address(text)) is not None and not _OWN.match(found)]


def _answers(opened: Opened) -> Iterator[str]:
    return (value for name in ("references", "in-reply-to") for value in opened.head.get(name, ()))


def _named(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for match in _TOKEN.finditer(text):
            yield match[1].lower()


def _all(values: Iterable[str]) -> list[str]:
    return [address for _name, address in getaddresses(list(values)[:MOST_FOUND])]


def _first_address(text: str) -> str | None:
    match = _ADDRESS.search(text[:1_000])
    return match[0].rstrip(".") if match else None


def _distinct(found: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for each in found:
        kept[each] = None
        if len(kept) >= MOST_FOUND:
            break
    return tuple(kept)
