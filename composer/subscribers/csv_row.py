"""Read and validate one row of a list, without looking at the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from string import ascii_letters
from typing import Any
from zoneinfo import ZoneInfo

from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers import values
from composer.subscribers.address import read_address
from composer.subscribers.csv_columns import Located
from composer.subscribers.csv_reader import CsvRow, bare
from composer.subscribers.record import DETAILS, read_line

_LEAVES: dict[str, Callable[[str], bool]] = {
    "opted_out": values.read_opted_out,
    "opted_in": lambda text: not values.read_opted_in(text),
    "opted_out_reason": values.read_opted_out_reason,
}
#: Fast path: a cell that begins with one of these is neither quoted by ``safe`` nor a spelling of "empty".
_ORDINARY = frozenset(["", *ascii_letters, *"123456789"]) - frozenset("nNuUiI")
_READERS = tuple((name, detail.read) for name, detail in DETAILS.items())
#: Fields in which ``None`` or ``Nil`` may be a person's name and not a spelling of "empty".
_NAMES_OF_PEOPLE = frozenset(("name", "first_name", "last_name"))


@dataclass(frozen=True)
class Terms:
    """What the operator states for a whole list. ``zone``: time zone of times that name none. ``now``: a consent dated
    later is refused.
    """

    publication: str
    source: str | None
    tier: str | None
    zone: ZoneInfo
    now: datetime


def read_candidate(record: CsvRow, located: Located, terms: Terms) -> dict[str, Any]:
    """The values of one row by column of the staging table; ``None`` where the list gives no value.

    Raises ``Refused`` with the reason. A row that marks its reader as unsubscribed is accepted even where other cells
    are wrong: the opt-out must not be lost.
    """
    if record.trouble:
        raise Refused(record.trouble)
    cells = {field: _cell(field, record.cells[at]) for field, at in located.single.items()}
    address = read_address(cells["email"])
    publication = cells.get("publication") or terms.publication
    if publication != terms.publication:
        raise Refused(
            _("a subscription to {other}, not to {publication}").format(
                other=publication, publication=terms.publication
            )
        )
    leaves = _leaves(record, located, cells)
    try:
        said = _said(cells, terms)
    except Refused:
        if not leaves:
            raise
        said = dict.fromkeys((*DETAILS, "subscribed_at")) | {"source": ""}
    said["line"], said["address_key"], said["email"], said["leaves"] = record.line, address.key, address.email, leaves
    return said


def _said(cells: Mapping[str, str], terms: Terms) -> dict[str, Any]:
    zone, said = terms.zone, dict[str, Any]()
    for name, read in _READERS:
        text = cells.get(name)
        said[name] = read(text, zone) if text else None
    if not said["name"]:
        said["name"] = read_line(" ".join(filter(None, (cells.get("first_name"), cells.get("last_name"))))) or None
    said["tier"] = said["tier"] or terms.tier
    said["subscribed_at"] = _past(cells.get("subscribed_at"), terms)
    said["source"] = _source(cells.get("source") or terms.source)
    return said


def _cell(field: str, text: str) -> str:
    if text[:1] in _ORDINARY:
        return text.strip()
    text = bare(text).strip()
    return "" if field not in _NAMES_OF_PEOPLE and values.is_empty(text) else text


def _past(text: str | None, terms: Terms) -> datetime | None:
    at = values.read_instant(text, terms.zone, end=False) if text else None
    if at is not None and at > terms.now:
        raise Refused(_("subscribed in the future: {date}").format(date=at.date().isoformat()))
    return at


def _source(text: str | None) -> str:
    if not text:
        raise Refused(_("where this reader consented is not said; fill the column, or add --source"))
    return read_line(text)


def _leaves(record: CsvRow, located: Located, cells: Mapping[str, str]) -> bool:
    """Whether the row marks its reader as unsubscribed; exports often keep unsubscribed readers in the same list."""
    gone = False
    for field, at in located.leaving:
        gone |= _LEAVES[field](_cell(field, record.cells[at]))
    status = cells.get("status")
    return gone or (bool(status) and values.read_status(status) == "unsubscribed")
