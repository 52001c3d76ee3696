"""What is held about one person, as lines for people: in the newsroom's language, with times in a zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date as Date
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from composer.locale import gettext as _
from composer.subscribers.labels import suppression_word, way_out

#: Columns with numbers of ours, by which rows refer to each other, and with what stands for the address.
NUMBERS = ("id", "subscriber_id", "subscription_id", "delivery_id", "address_key")


def held_lines(held: Mapping[str, Sequence[Mapping[str, Any]]], zone: ZoneInfo) -> Iterator[str]:
    """Lines that say what ``held.held_about`` found, but ``NUMBERS`` and what is empty: a table, then a line a row."""
    for name, rows in held.items():
        yield _("{what} ({number})").format(what=table_word(name), number=len(rows))
        for row in rows:
            told = {column: row[column] for column in row if column not in NUMBERS and row[column] not in (None, "")}
            said = (f"{column_word(column)}: {_value(column, value, zone)}" for column, value in told.items())
            yield "  - " + " · ".join(said)


def table_word(name: str) -> str:
    """What the rows of a table are, in the newsroom's language."""
    words = {
        "subscribers": _("The reader"),
        "subscriptions": _("Subscriptions"),
        "consents": _("Proofs of consent"),
        "suppressions": _("Nothing may be sent to this address"),
        "signups": _("Sign-ups by the form"),
        "links": _("Links to choices"),
        "requests": _("Asked for at the pages just now"),
        "outbox": _("Single messages: confirmations, links"),
        "deliveries": _("Letters, one by one"),
        "returned": _("What came back of letters"),
        "welcomed": _("Welcome letters"),
        "run_refusals": _("Refusals that may pause a mailing"),
    }
    return words[name]


def column_word(name: str) -> str:
    """What a column says, in the newsroom's language."""
    words = {
        "email": _("address"),
        "name": _("name"),
        "created_at": _("here since"),
        "forgotten_at": _("forgotten on"),
        "publication": _("letter"),
        "status": _("status"),
        "tier": _("edition"),
        "paid_until": _("paid until"),
        "language": _("language"),
        "unsubscribed_at": _("left on"),
        "unsubscribed_by": _("how"),
        "source": _("source"),
        "at": _("on"),
        "detail": _("details"),
        "reason": _("why"),
        "letters": _("letters"),
        "state": _("state"),
        "form": _("form"),
        "wording": _("words agreed to"),
        "page": _("page"),
        "asked_at": _("asked on"),
        "not_before": _("not before"),
        "mailed_at": _("written to on"),
        "confirmed_at": _("confirmed on"),
        "expires_at": _("until"),
        "kind": _("what"),
        "provider": _("mailbox provider"),
        "attempt": _("attempts"),
        "bounce_class": _("kind of bounce"),
        "cause": _("cause"),
        "act": _("what was done"),
        "deferrals": _("put off, times"),
        "changed_at": _("changed on"),
        "purpose": _("what for"),
        "paused_until": _("pauses until"),
        "left_at": _("gone on"),
        "reply_code": _("code of the reply"),
        "reply_status": _("status of the reply"),
        "reply_text": _("words of the reply"),
        "mailing_id": _("issue"),
        "letter": _("issue"),
        "dated": _("its date"),
        "rehearsal": _("as a rehearsal"),
        "edition_id": _("its edition"),
        "pinned": _("may be out"),
        "canary": _("leaves first"),
        "domain": _("digest of the domain"),
        "doubted": _("doubted"),
    }
    return words[name]


def local_instant(at: datetime, zone: ZoneInfo) -> str:
    """``at`` in ``zone``, to the minute."""
    try:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
    except OverflowError:  # the first or the last day of the calendar, from a list imported long ago
        return f"{at:%Y-%m-%d}"


def _value(column: str, value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, Mapping):
        return ", ".join(_value("", each, zone) for each in value.values() if each not in (None, ""))
    if isinstance(value, datetime):
        return local_instant(value, zone)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Date | int):
        return str(value)
    if column == "unsubscribed_by":
        return way_out(value)
    if column == "reason":
        return suppression_word(value)
    if column in ("status", "tier", "state"):
        return _(value)
    return " ".join(value.split())
