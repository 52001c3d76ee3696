"""One row of a list, read and judged on its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers import columns
from composer.subscribers.address import read_address
from composer.subscribers.columns import Field
from composer.subscribers.spreadsheet import Record, bare

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class Terms:
    """What the operator says of a whole list. ``zone`` is that of hours without one; ``now`` bounds consents."""

    publication: str
    source: str | None
    tier: str | None
    zone: ZoneInfo
    now: datetime


def read_candidate(record: Record, located: Mapping[Field, int], terms: Terms) -> dict[str, Any]:
    """The values of one row, as the staging table has them; ``None`` says that the list tells nothing.

    Raises ``Refused`` with the reason.
    """
    if record.trouble:
        raise Refused(record.trouble)
    cells = {field: _cell(record.cells[at]) for field, at in located.items()}
    address = read_address(cells["email"])
    name = cells.get("name") or " ".join(filter(None, (cells.get("first_name"), cells.get("last_name"))))
    if cells.get("publication", terms.publication) not in ("", terms.publication):
        raise Refused(
            _("a subscription to {other}, not to {publication}").format(
                other=cells["publication"], publication=terms.publication
            )
        )
    tier = cells.get("tier")
    return {
        "line": record.line,
        "address_key": address.key,
        "email": address.email,
        "name": _line(name, 200) or None,
        "tier": columns.read_tier(tier) if tier else terms.tier,
        "paid_until": _instant(cells.get("paid_until"), terms, end=True),
        "language": columns.read_language(cells["language"]) if cells.get("language") else None,
        "subscribed_at": _past(_instant(cells.get("subscribed_at"), terms, end=False), terms.now),
        "source": _source(cells.get("source") or terms.source),
        "leaves": _leaves(cells),
    }


def _cell(text: str) -> str:
    return (bare(text) if text[:1] == "'" else text).strip()


def _instant(text: str | None, terms: Terms, *, end: bool) -> datetime | None:
    return columns.read_instant(text, terms.zone, end=end) if text else None


def _past(at: datetime | None, now: datetime) -> datetime | None:
    if at is not None and at > now:
        raise Refused(_("subscribed in the future: {date}").format(date=at.date().isoformat()))
    return at


def _source(text: str | None) -> str:
    if not text:
        raise Refused(_("where this reader consented is not said; fill the column, or add --source"))
    return _line(text, 200)


def _line(text: str, longest: int) -> str:
    if _CONTROL.search(text):
        raise Refused(_("a line break or another control character inside a cell"))
    if len(text) > longest:
        raise Refused(_("a cell of {found} characters; {longest} fit").format(found=len(text), longest=longest))
    return text


def _leaves(cells: Mapping[Field, str]) -> bool:
    """Whether the list says that this person left: an old export may hold them beside the others."""
    if cells.get("status") and columns.read_status(cells["status"]) == "unsubscribed":
        return True
    if "opted_in" in cells and columns.is_no(cells["opted_in"]):
        return True
    return "opted_out" in cells and not columns.is_no(cells["opted_out"])
