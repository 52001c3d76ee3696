"""Export subscribers as a CSV file that ``import_list`` can read."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import Literal, TextIO

from sqlalchemy import Engine, case, exists, select

from composer.database import read_only
from composer.subscribers.csv_reader import safe
from composer.subscribers.record import OF_PERSON, OF_SUBSCRIPTION
from composer.subscribers.tables import consents, subscribers, subscriptions, suppressions

Status = Literal["active", "unsubscribed", "suppressed"]

HEADER = ("email", *OF_PERSON, "publication", "status", *OF_SUBSCRIPTION, "subscribed_at", "source")


def export_list(engine: Engine, out: TextIO, *, publication: str | None = None, status: Status | None = None) -> int:
    """Write one row per subscription, filtered by publication or status if given; return the number of rows.

    A suppressed address is marked so whatever its subscription's status. Forgotten people are left out: their address
    is erased. Times are ISO 8601 in UTC; cells that a spreadsheet would run as formulas are quoted.
    """
    suppressed = exists().where(suppressions.c.address_key == subscribers.c.address_key)
    standing = case((suppressed, "suppressed"), else_=subscriptions.c.status).label("status")
    source = (
        select(consents.c.source)
        .where(consents.c.subscription_id == subscriptions.c.id)
        .order_by(consents.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            subscribers.c.email,
            *(subscribers.c[name] for name in OF_PERSON),
            subscriptions.c.publication,
            standing,
            *(subscriptions.c[name] for name in OF_SUBSCRIPTION),
            subscriptions.c.created_at,
            source,
        )
        .join_from(subscriptions, subscribers, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(subscribers.c.email.is_not(None))
        .order_by(subscriptions.c.id)
    )
    if publication is not None:
        query = query.where(subscriptions.c.publication == publication)
    if status is not None:
        query = query.where(standing == status)
    writer = csv.writer(out)
    writer.writerow(HEADER)
    count = 0
    with read_only(engine).connect() as connection:
        for row in connection.execution_options(yield_per=5000).execute(query):
            writer.writerow([_cell(value) for value in row])
            count += 1
    return count


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return safe("" if value is None else str(value))
