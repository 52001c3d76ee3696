"""The time of the last tick, kept in the database, to detect that no process ran for a long time.

A long gap has two causes: nothing ran, or this database is an old copy and something ran elsewhere. In the second case
an issue that fell due meanwhile may have been sent already. They look alike unless the counter of the last worker is
kept on this host and is the database's own (``compared``): then nothing ran. Otherwise a person decides.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from composer.database import insert_or_ignore
from composer.delivery.ledger.recovery import ask_before_resuming, last_heard, pause_restored
from composer.delivery.ledger.rollback import last_rollback
from composer.delivery.tables import mailings
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.schedule.tables import ticks
from composer.schedule.wording import day_and_hour


@dataclass(frozen=True)
class Tick:
    """The last tick. ``restored_at``: the database was restored from a backup, and no tick has run since.
    ``compared_at``: see ``compared``."""

    at: datetime
    restored_at: datetime | None
    compared_at: datetime | None = None

    @property
    def known(self) -> datetime:
        """Time until which nothing can have been sent that this database does not know."""
        return max(self.at, self.compared_at or self.at)


def last_tick(connection: Connection) -> Tick | None:
    """None before the first tick."""
    row = connection.execute(select(ticks.c.at, ticks.c.restored_at, ticks.c.compared_at)).one_or_none()
    return None if row is None else Tick(row.at, row.restored_at, row.compared_at)


def asks(before: Tick | None, now: datetime, long_gap: timedelta, lost: bool = False) -> str | None:
    """Why a person must decide about what is due, one of ``decision.ASKS``; None where it may leave by itself.

    ``lost``: the database lost commits since the last tick (``lost_since``).
    """
    if lost or (before is not None and before.restored_at is not None):
        return "restored"
    return "long-gap" if before is not None and now - before.known > long_gap else None


def lost_since(connection: Connection, before: Tick | None, opened: Collection[int]) -> bool:
    """Whether the database lost commits since the tick ``before``: a worker noticed it, or one of the mailings
    ``opened`` by this process is missing. It may have lost that tick too, and be as it was before any."""
    noticed = last_rollback(connection)
    if noticed is not None and (before is None or noticed > before.at):
        return True
    there = select(func.count()).select_from(mailings).where(mailings.c.id.in_(opened))
    return bool(opened) and connection.execute(there).scalar_one() < len(opened)


def compared(connection: Connection, now: datetime) -> None:
    """Record that this database is no older copy: the counter kept on this host is its own."""
    connection.execute(update(ticks).where(ticks.c.id == 1).values(compared_at=now))


def ticked(connection: Connection, now: datetime, restored_at: datetime | None = None) -> None:
    """Record the tick at ``now``, after everything that it decided is written."""
    row = {"at": now, "restored_at": restored_at}
    if connection.execute(update(ticks).where(ticks.c.id == 1).values(row)).rowcount == 0:
        connection.execute(insert_or_ignore(connection, ticks).values(id=1, **row))


def hold_stale(connection: Connection, newsroom: Newsroom, now: datetime) -> tuple[int, ...]:
    """After a long gap, pause the open mailings, because another host may have gone on with them; returns their ids.

    Called before a worker starts. A worker's heartbeat counts like a tick: with one, there was no gap.
    """
    before, heard, long_gap = last_tick(connection), last_heard(connection), newsroom.settings.long_gap
    if before is None or now - max(before.known, heard or before.at) <= long_gap:
        return ()
    why = _("nothing ran since {when}, or this database is an old copy: readers may have had it meanwhile")
    when = day_and_hour(before.at, newsroom)
    # Not one opened just now.
    paused = pause_restored(connection, why.format(when=when), older_than=long_gap.total_seconds())
    ask_before_resuming(connection, paused)
    return paused
