"""The last tick, in the database: how long nobody looked at the clock.

A long silence has two causes that look alike from here: nothing ran, or this database is a copy from before something
ran elsewhere. In the second case a letter that fell due meanwhile may be out already, so both ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from composer.database import insert_or_ignore
from composer.delivery.ledger.recovery import last_heard, pause_restored
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.schedule.tables import ticks


@dataclass(frozen=True)
class Tick:
    """The last one. ``restored_at``: this database came back from a backup, and no tick has seen it since."""

    at: datetime
    restored_at: datetime | None


def last_tick(connection: Connection) -> Tick | None:
    """None where the clock has never been looked at."""
    row = connection.execute(select(ticks.c.at, ticks.c.restored_at)).one_or_none()
    return None if row is None else Tick(row.at, row.restored_at)


def asks(before: Tick | None, now: datetime, long_gap: timedelta) -> str | None:
    """Why what is due may not leave by itself, one of ``decision.ASKS``; None where the clock was looked at."""
    if before is None:
        return None
    if before.restored_at is not None:
        return "restored"
    return "long-gap" if now - before.at > long_gap else None


def ticked(connection: Connection, now: datetime, restored_at: datetime | None = None) -> None:
    """Write it, once everything that it held is written."""
    row = {"at": now, "restored_at": restored_at}
    if connection.execute(update(ticks).where(ticks.c.id == 1).values(row)).rowcount == 0:
        connection.execute(insert_or_ignore(connection, ticks).values(id=1, **row))


def hold_stale(connection: Connection, newsroom: Newsroom, now: datetime) -> tuple[int, ...]:
    """Where nothing ran for a long time, pause what was being sent: it may have gone on elsewhere; the mailings' ids.

    A process that sends asks this before its worker begins. A worker that lived meanwhile says that nothing did.
    """
    before, heard, long_gap = last_tick(connection), last_heard(connection), newsroom.settings.long_gap
    if before is None or now - max(before.at, heard or before.at) <= long_gap:
        return ()
    why = _("nothing ran since {when}, or this database is an old copy: readers may have had it meanwhile")
    when = before.at.isoformat(" ", "minutes")
    return pause_restored(
        connection, why.format(when=when), older_than=long_gap.total_seconds()
    )  # not what was just opened
