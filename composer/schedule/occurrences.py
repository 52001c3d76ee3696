"""The occurrences in the database: one row per publication, due date and slug; the first process to write it wins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select, update

from composer.database import db_now, insert_or_ignore
from composer.delivery.tables import mailings
from composer.issue.model import IssueKey
from composer.newsroom.model import Schedule
from composer.schedule.calendar import Due, due_now
from composer.schedule.tables import occurrences

#: How much later than now the tick that decided must have been for its clock to count as wrong. Hosts that tick at once
#: may be some seconds apart.
_WRONG = timedelta(minutes=5)


@dataclass(frozen=True)
class Event:
    """What a tick changed: ``state`` is mailed, rehearsed, held, missed or skipped; welcomed, for a step of a welcome
    path; or alerted, for a notification."""

    publication: str | None
    due_date: Date | None
    state: str
    reason: str | None = None
    mailing_id: int | None = None


@dataclass(frozen=True)
class Occurrence:
    """``state`` is mailed, rehearsed, held, missed or skipped, or planned: a person asked for that instant, at
    ``asked_at``."""

    id: int
    publication: str
    due_date: Date
    slug: str
    due_at: datetime
    asked_at: datetime | None
    state: str
    reason: str | None
    mailing_id: int | None
    decided_at: datetime | None = None

    @property
    def asked(self) -> bool:
        """Whether a person asked for it, rather than the schedule."""
        return self.asked_at is not None

    def due(self, schedule: Schedule, zone: ZoneInfo) -> Due:
        """Its due date and instant, by the schedule as it is now; what a person asked for stays at its instant.

        Where the schedule has no day for it any more, its instant is the former one.
        """
        found = None if self.asked else due_now(schedule, zone, self.due_date)
        return found or Due(self.due_at, self.due_date, False, self.slug, self.asked)

    def by_a_wrong_clock(self, now: datetime) -> bool:
        """Whether it was held or missed by a clock that is ahead of ``now``: it is decided anew."""
        return self.state in ("held", "missed") and self.decided_at is not None and self.decided_at - now > _WRONG

    @property
    def news(self) -> str | None:
        """The key of the notification about it; None where there is nothing to notify."""
        return f"occurrence:{self.id}:{self.state}:{self.reason}" if self.state in ("held", "missed") else None


def _occurrence(row: Row[tuple[object, ...]]) -> Occurrence:
    values = dict(row._mapping)
    values.pop("changed_at")
    return Occurrence(**values)


def occurrences_of(connection: Connection, publication: str) -> list[Occurrence]:
    """Those of ``publication``, in the order of their dates."""
    query = select(occurrences).where(occurrences.c.publication == publication).order_by(occurrences.c.due_date)
    return [_occurrence(row) for row in connection.execute(query)]


def settle_occurrence(
    connection: Connection,
    publication: str,
    due: Due,
    state: str,
    reason: str | None,
    held: Occurrence | None,
    now: datetime,
) -> int | None:
    """Insert the occurrence, or move ``held`` to ``state``; its id, or None where another process changed it first."""
    if held is not None:
        moved = connection.execute(
            update(occurrences)
            .where(occurrences.c.id == held.id, occurrences.c.state == held.state)
            .values(state=state, reason=reason, due_at=due.at, decided_at=now, changed_at=db_now())
        )
        return held.id if moved.rowcount else None
    row = {"publication": publication, "due_date": due.date, "due_at": due.at, "state": state, "reason": reason}
    insert = insert_or_ignore(connection, occurrences).values(**row, decided_at=now).returning(occurrences.c.id)
    return connection.execute(insert).scalar_one_or_none()  # none: the other process's row stands


def plan(connection: Connection, key: IssueKey, at: datetime) -> bool:
    """Plan issue ``key`` for ``at``, whatever its state was before; False where it has a mailing."""
    wanted = {"state": "planned", "reason": None, "due_at": at, "asked_at": db_now(), "changed_at": db_now()}
    row = {"publication": key.publication, "due_date": key.date, "slug": key.slug}
    added = connection.execute(
        insert_or_ignore(connection, occurrences).values(row | wanted).returning(occurrences.c.id)
    )
    if added.first() is not None:
        return True
    same = [occurrences.c[name] == value for name, value in row.items()]
    moved = update(occurrences).where(*same, occurrences.c.state != "mailed").values(wanted)
    return connection.execute(moved).rowcount == 1


def mailed(connection: Connection, occurrence_id: int, mailing_id: int | None, state: str = "mailed") -> None:
    """Record that the occurrence became this mailing; ``state`` is rehearsed for a rehearsal."""
    values = {"state": state, "reason": None, "mailing_id": mailing_id, "changed_at": db_now()}
    connection.execute(update(occurrences).where(occurrences.c.id == occurrence_id).values(values))


def skipped(connection: Connection, occurrence_id: int) -> None:
    """Record that a person skipped the occurrence."""
    values = {"state": "skipped", "reason": "by-hand", "changed_at": db_now()}
    connection.execute(update(occurrences).where(occurrences.c.id == occurrence_id).values(values))


def mailing_of(connection: Connection, key: IssueKey) -> int | None:
    """The id of the mailing of an issue, by the scheduler or by hand; None where there is none, or only rehearsals."""
    same = (mailings.c.publication == key.publication, mailings.c.date == key.date, mailings.c.slug == key.slug)
    return connection.execute(select(mailings.c.id).where(*same, mailings.c.rehearsal == 0)).scalar_one_or_none()


def ledger_stamp(connection: Connection) -> str:
    """A digest that changes whenever an occurrence or a mailing is another one, or in another state."""
    whole = sha256()
    for query in (
        select(occurrences.c.id, occurrences.c.state, occurrences.c.reason, occurrences.c.due_at),
        select(mailings.c.id, mailings.c.state, mailings.c.reason, mailings.c.version),
    ):
        for row in connection.execute(query.order_by("id")):
            whole.update(repr(tuple(row)).encode())
    return whole.hexdigest()


def mailings_of(connection: Connection, publication: str) -> dict[tuple[Date, str], tuple[int, str]]:
    """The mailings of ``publication``, scheduled or by hand, without rehearsals: (date, slug) of the issue → id and
    state."""
    query = select(mailings.c.date, mailings.c.slug, mailings.c.id, mailings.c.state).where(mailings.c.rehearsal == 0)
    rows = connection.execute(query.where(mailings.c.publication == publication))
    return {(row.date, row.slug): (row.id, row.state) for row in rows}
