"""Select subscriptions, write them as CSV that ``import_list`` can read, and count them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from sqlalchemy import ColumnElement, Engine, Label, Select, and_, case, exists, func, select

from composer.clock import now
from composer.database import db_now, read_only
from composer.subscribers.csv_reader import safe
from composer.subscribers.recipients import has_paid
from composer.subscribers.record import OF_PERSON, OF_SUBSCRIPTION, Tier
from composer.subscribers.tables import consents, subscribers, subscriptions, suppressions

#: ``active`` are those that pause, too, where readers are chosen by it.
Status = Literal["active", "paused", "unsubscribed", "suppressed"]

HEADER = ("email", *OF_PERSON, "publication", "status", *OF_SUBSCRIPTION, "subscribed_at", "source")
#: What subscriptions are counted by.
GROUPS = ("publication", "status", "tier", "language", "source")


@dataclass(frozen=True)
class Chosen:
    """Which subscriptions; all of them where nothing is said. ``tier``: the edition that is read now, so a payment that
    ended counts as free. ``language`` is the subscription's own.
    """

    publication: str | None = None
    status: Status | None = None
    tier: Tier | None = None
    language: str | None = None
    source: str | None = None


def export_list(engine: Engine, out: TextIO, chosen: Chosen = Chosen()) -> int:  # reason: frozen
    """Write one row per subscription; return the number of rows.

    A suppressed address is marked so whatever its subscription's status; a pause is not told. Forgotten people are left
    out: their address is erased. Times are ISO 8601 in UTC; cells that a spreadsheet would run as formulas are quoted.
    """
    writer = csv.writer(out)
    writer.writerow(HEADER)
    count = 0
    for row in chosen_rows(engine, chosen):
        status = "active" if row["status"] == "paused" else row["status"]
        writer.writerow([_cell(value) for value in (row | {"status": status}).values()])
        count += 1
    return count


def is_export(start: str) -> bool:
    """Whether a file begins as an export does, one of an earlier version with fewer columns too."""
    header = start.partition("\n")[0].strip().split(",")
    return header[0] == "email" and {"publication", "status", "subscribed_at", "source"} <= set(header) <= set(HEADER)


def chosen_rows(engine: Engine, chosen: Chosen, *, by_address: bool = False) -> Iterator[dict[str, Any]]:
    """The columns of ``HEADER`` of each subscription, in the order in which they came here or by address."""
    columns = {
        "email": subscribers.c.email,
        **{name: subscribers.c[name] for name in OF_PERSON},
        "publication": subscriptions.c.publication,
        "status": _status(),
        **{name: subscriptions.c[name] for name in OF_SUBSCRIPTION},
        "subscribed_at": subscriptions.c.created_at,
        "source": _source(),
    }
    query = _where(select(*(column.label(name) for name, column in columns.items())), chosen)
    order = (subscribers.c.email, subscriptions.c.publication) if by_address else (subscriptions.c.id,)
    with read_only(engine).connect() as connection:
        found = connection.execution_options(yield_per=5000).execute(query.order_by(*order))
        yield from (dict(row._mapping) for row in found)


def count_by(engine: Engine, chosen: Chosen, groups: Sequence[str]) -> list[dict[str, Any]]:
    """The number of subscriptions in each group, as ``number`` beside the values that make the group; greatest first
    within a publication. ``groups`` are some of ``GROUPS``.
    """
    values: dict[str, ColumnElement[Any]] = {
        "publication": subscriptions.c.publication,
        "status": _status(),
        "tier": _tier(),
        "language": subscriptions.c.language,
        "source": _source(),
    }
    inner = _where(select(*(values[name].label(name) for name in groups)), chosen).subquery()
    number = func.count().label("number")
    order = [inner.c[name] for name in groups if name == "publication"]
    query = select(*inner.c, number).group_by(*inner.c).order_by(*order, number.desc(), *inner.c)
    with read_only(engine).connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def _where(query: Select[Any], chosen: Chosen) -> Select[Any]:
    query = query.select_from(subscriptions).join(subscribers, subscriptions.c.subscriber_id == subscribers.c.id)
    query = query.where(subscribers.c.email.is_not(None))
    for wanted, column in (
        (chosen.publication, subscriptions.c.publication),
        (chosen.tier, _tier()),
        (chosen.language, subscriptions.c.language),
        (chosen.source, _source()),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if chosen.status is not None:
        query = query.where(_status().in_(("active", "paused") if chosen.status == "active" else (chosen.status,)))
    return query


def _status() -> Label[str]:
    suppressed = exists().where(suppressions.c.address_key == subscribers.c.address_key)
    pausing = and_(subscriptions.c.status == "active", subscriptions.c.paused_until > db_now())
    return case((suppressed, "suppressed"), (pausing, "paused"), else_=subscriptions.c.status).label("status")


def _tier() -> Label[str]:
    return case((has_paid(now()), "paid"), else_="free").label("tier")


def _source() -> ColumnElement[Any]:
    """The source of the latest consent."""
    return (
        select(consents.c.source)
        .where(consents.c.subscription_id == subscriptions.c.id)
        .order_by(consents.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return safe("" if value is None else str(value))
