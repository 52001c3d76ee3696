"""Whether the link to a paid copy opens: asked of the database at each request, as it is then.

The pages ask with what a signed token says, and read nothing else of a reader: neither tier nor address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, Integer, String, and_, bindparam, exists, select, text
from sqlalchemy import Date as DateType
from sqlalchemy.types import TypeEngine

from composer.database import db_now, unrestricted
from composer.delivery.tables import mailing_editions, mailings
from composer.issue.key import IssueKey
from composer.subscribers.recipients import has_paid
from composer.subscribers.tables import subscribers, subscriptions, suppressions
from composer.subscribers.tokens import CopyClaim

#: How long a link opens: from the Date header of the letter, which is the same for all and stays the same in a resend.
COPY_LASTS = timedelta(days=7)


@dataclass(frozen=True)
class AskedCopy:
    """The letter that a link leads to. ``late``: it left longer ago than ``COPY_LASTS``.

    ``pays``: the subscription is active and paid for, and its reader neither forgotten nor suppressed (a bounce, a
    complaint). Pausing ends no payment.
    """

    mailing_id: int
    key: IssueKey
    language: str
    late: bool
    pays: bool


_ROW: dict[str, TypeEngine[Any]] = {
    "mailing_id": Integer(),
    "publication": String(),
    "date": DateType(),
    "slug": String(),
    "language": String(),
    "late": Boolean(),
    "pays": Boolean(),
}


def asked_copy(connection: Connection, claim: CopyClaim) -> AskedCopy | None:
    """What the link with ``claim`` leads to; None where that is no paid edition of the subscription's publication.

    A rehearsal's has none. On PostgreSQL it is a function of the database (migration 0011), which the pages' role may
    call without a right to its tables.
    """
    if connection.dialect.name == "postgresql":
        asked = text(f"SELECT {', '.join(_ROW)} FROM paid_copy(:subscription_id, :edition_id)")  # noqa: S608 # reason: fixed names
        bound = [bindparam(name, value, BigInteger()) for name, value in claim._asdict().items()]
        row = connection.execute(asked.bindparams(*bound).columns(**_ROW)).one_or_none()
    else:
        suppressed = exists().where(suppressions.c.address_key == subscribers.c.address_key)
        reached = select(subscribers.c.id).where(
            subscribers.c.id == subscriptions.c.subscriber_id,
            subscribers.c.email.is_not(None),
            subscribers.c.forgotten_at.is_(None),
            ~suppressed,
        )
        query = (
            select(
                *(mailings.c.id.label("mailing_id"), mailings.c.publication, mailings.c.date, mailings.c.slug),
                mailing_editions.c.language,
                (mailings.c.dated <= db_now(-COPY_LASTS.total_seconds())).label("late"),
                and_(subscriptions.c.status == "active", has_paid(db_now()), reached.exists()).label("pays"),
            )
            .select_from(mailing_editions)
            .join(mailings, mailings.c.id == mailing_editions.c.mailing_id)
            .join(subscriptions, subscriptions.c.publication == mailings.c.publication)
            .where(
                mailing_editions.c.id == claim.edition_id,
                mailing_editions.c.audience == "paid",
                mailings.c.rehearsal == 0,
                subscriptions.c.id == claim.subscription_id,
            )
        )
        with unrestricted(connection):
            row = connection.execute(query).one_or_none()
    if row is None:
        return None
    day: Date = row.date
    return AskedCopy(row.mailing_id, IssueKey(row.publication, day, row.slug), row.language, row.late, row.pays)
