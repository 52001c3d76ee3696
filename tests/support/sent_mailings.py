"""Mailings as rows alone: what a link is asked about, without an issue, an approval or a letter."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta

from sqlalchemy import Connection, insert

from composer.database import db_now
from composer.delivery.tables import mailing_editions, mailings
from tests.support.newsrooms import FRIDAY


def insert_mailing(
    connection: Connection,
    publication: str = "vendredi",
    *,
    date: Date = FRIDAY,
    ago: timedelta = timedelta(hours=1),
    audience: str = "paid",
    rehearsal: int = 0,
) -> tuple[int, int]:
    """A mailing that left so long ago, by the clock of the database, and its one edition: their ids."""
    values = {"publication": publication, "date": date, "slug": "", "subject": "x", "seal": "0", "state": "done"}
    values |= {"secret_fingerprint": "0", "return_domain": "example.org", "rehearsal": rehearsal}
    new = insert(mailings).values(**values, dated=db_now(-ago.total_seconds()))
    mailing: int = connection.execute(new.returning(mailings.c.id)).scalar_one()
    written = insert(mailing_editions).values(mailing_id=mailing, audience=audience, language="fr", template=b"")
    edition: int = connection.execute(written.returning(mailing_editions.c.id)).scalar_one()
    return mailing, edition
