"""The columns stored for a reader beside the address, defined once.

A column added to ``ReaderDetails`` is in the tables, in what an import reads, compares and updates, in the export
and in ``subscribers show --json``. It needs a migration, and an option of ``subscribers add`` to be settable there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypedDict, get_type_hints
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, func
from sqlalchemy.types import TypeEngine

from composer.database import UTCDateTime
from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers.instants import DateOrder, read_instant
from composer.subscribers.values import has_control, read_language, read_tier

Tier = Literal["free", "paid"]


def read_line(text: str) -> str:
    """``text``, 200 characters at most. Raises ``Refused`` for more, or for a control character."""
    if has_control(text):
        raise Refused(_("a line break or another control character inside a cell"))
    if len(text) > 200:
        raise Refused(_("a text of {found} characters; {longest} fit").format(found=len(text), longest=200))
    return text


@dataclass(frozen=True)
class Detail:
    """One column. ``table``: ``subscribers`` for personal data, which ``forget`` erases, or ``subscriptions``.

    ``type`` is ``String``, ``Integer`` or ``UTCDateTime``, the types that staging writes without SQLAlchemy.
    ``headers``: column names in lists, folded (``values.fold``), separated by spaces. ``read`` parses a cell that is
    not empty (its other arguments: the zone of times that name none, the order of day and month) and raises
    ``Refused``. ``otherwise`` is the default; without one the column is nullable.
    """

    table: Literal["subscribers", "subscriptions"]
    type: type[TypeEngine[Any]] | TypeEngine[Any]
    headers: str
    read: Callable[[str, ZoneInfo, DateOrder], Any]
    otherwise: str | None = None

    def stored(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """``value`` or the default, as an SQL expression."""
        return value if self.otherwise is None else func.coalesce(value, self.otherwise)


class ReaderDetails(TypedDict, total=False):
    """Values given for a reader, by a row of a list or by ``subscribers add``. Absent or ``None``: not given."""

    name: Annotated[
        str | None,
        Detail(
            "subscribers",
            String(200),
            "name fullname nomcomplet prenomnom prenometnom nometprenom displayname contactname",
            lambda text, zone, order: read_line(text),
        ),
    ]
    tier: Annotated[
        Tier | None,
        Detail(
            "subscriptions",
            String(8),
            "tier formule offre abonnement plan activesubscription",
            lambda text, zone, order: read_tier(text),
            otherwise="free",
        ),
    ]
    paid_until: Annotated[
        datetime | None,
        Detail(
            "subscriptions",
            UTCDateTime,
            "paiduntil payejusquau payejusque echeance findabonnement finabonnement datefinabonnement "
            "datedefinabonnement datedefindabonnement dateecheance datedecheance expiry expiration expirationdate "
            "expiresat expireson dateexpiration datedexpiration currentperiodend currentperiodendutc",
            lambda text, zone, order: read_instant(text, zone, end=True, order=order),
        ),
    ]
    language: Annotated[
        str | None,
        Detail(
            "subscriptions",
            String(8),
            "language lang langue preferredlanguage preferredlocale locale",
            lambda text, zone, order: read_language(text),
        ),
    ]


#: Column name → its ``Detail``, in the order of the export.
DETAILS: dict[str, Detail] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(ReaderDetails, include_extras=True).items()
}
#: The same, by table.
OF_PERSON = {name: detail for name, detail in DETAILS.items() if detail.table == "subscribers"}
OF_SUBSCRIPTION = {name: detail for name, detail in DETAILS.items() if detail.table == "subscriptions"}
