"""The occurrences in the database: one row per publication and due date, whoever writes it first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from composer.database import insert_once, moment
from composer.delivery.tables import mailings
from composer.issue.model import IssueKey
from composer.schedule.calendar import Due
from composer.schedule.tables import occurrences


@dataclass(frozen=True)
class Occurrence:
    """``state`` is mailed, held, missed or skipped."""

    id: int
    publication: str
    due_date: Date
    due_at: datetime
    state: str
    reason: str | None
    mailing_id: int | None

    @property
    def news(self) -> str | None:
        """What somebody is to be told of it, by its name among the notices; None where there is nothing to tell."""
        return f"occurrence:{self.id}:{self.state}:{self.reason}" if self.state in ("held", "missed") else None


def _occurrence(row: Row[tuple[object, ...]]) -> Occurrence:
    values = dict(row._mapping)
    values.pop("changed_at")
    return Occurrence(**values)


def occurrences_of(connection: Connection, publication: str) -> list[Occurrence]:
    """Those of ``publication``, in the order of their dates."""
    query = select(occurrences).where(occurrences.c.publication == publication).order_by(occurrences.c.due_date)
    return [_occurrence(row) for row in connection.execute(query)]


def settle(
    connection: Connection, publication: str, due: Due, state: str, reason: str | None, held: Occurrence | None
) -> int | None:
    """Write the occurrence, or move it on from ``held``; its id, or None where another process was there first."""
    if held is not None:
        moved = connection.execute(
            update(occurrences)
            .where(occurrences.c.id == held.id, occurrences.c.state == "held")
            .values(state=state, reason=reason, changed_at=moment())
        )
        return held.id if moved.rowcount else None
    row = {"publication": publication, "due_date": due.date, "due_at": due.at, "state": state, "reason": reason}
    insert = insert_once(connection, occurrences).values(row).returning(occurrences.c.id)
    return connection.execute(insert).scalar_one_or_none()  # none: the other process's row stands


def mailed(connection: Connection, occurrence_id: int, mailing_id: int | None) -> None:
    """The occurrence became this mailing."""
    values = {"state": "mailed", "reason": None, "mailing_id": mailing_id, "changed_at": moment()}
    connection.execute(update(occurrences).where(occurrences.c.id == occurrence_id).values(values))


def skipped(connection: Connection, occurrence_id: int) -> None:
    """Somebody said that nothing is owed on that date any more."""
    values = {"state": "skipped", "reason": "by-hand", "changed_at": moment()}
    connection.execute(update(occurrences).where(occurrences.c.id == occurrence_id).values(values))


def mailing_of(connection: Connection, key: IssueKey) -> int | None:
    """The mailing of an issue, whoever opened it; None where there is none."""
    same = (mailings.c.publication == key.publication, mailings.c.date == key.date, mailings.c.slug == key.slug)
    return connection.execute(select(mailings.c.id).where(*same)).scalar_one_or_none()
