"""A ledger restored from a backup: its open mailings may have gone on since, so they wait for the operator."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, inspect, select, update

from composer.database import db_now
from composer.delivery.state import LIVE, MailingState
from composer.delivery.tables import PERHAPS_OLD, mailings, workers
from composer.outbox.tables import outbox
from composer.outbox.transitions import doubt_messages


def pause_restored(connection: Connection, why: str, older_than: float | None = None) -> tuple[int, ...]:
    """Pause every open mailing, add ``why`` to the reason of paused ones, and return their ids. Declares all workers
    dead, and puts every single message that waits in doubt.

    With ``older_than`` (seconds), pauses only mailings opened longer ago.
    """
    connection.execute(update(workers).where(workers.c.stopped_at.is_(None)).values(stopped_at=db_now()))
    if inspect(connection).has_table(outbox.name):  # a backup of before there was one is upgraded after this
        doubt_messages(connection, why, older_than or 0.0)
    before = select(mailings.c.id, mailings.c.state, mailings.c.reason).order_by(mailings.c.id)
    if older_than is not None:
        before = before.where(mailings.c.opened_at < db_now(-older_than))
    open_ = connection.execute(before.where(mailings.c.state.in_((*LIVE, MailingState.PAUSED)))).all()
    for mailing in open_:
        reason = f"{why} ({mailing.reason})" if mailing.reason else why
        paused = update(mailings).where(mailings.c.id == mailing.id)
        connection.execute(paused.values(state=MailingState.PAUSED, reason=reason))
    return tuple(mailing.id for mailing in open_)


def ask_before_resuming(connection: Connection, paused: Collection[int]) -> None:
    """Have ``mailings resume`` say, before these go on, what is known of their readers: the database may be old."""
    unknown = mailings.c.id.in_(paused), mailings.c.rollback_id.is_(None)
    connection.execute(update(mailings).where(*unknown).values(rollback_id=PERHAPS_OLD))


def last_heard(connection: Connection) -> datetime | None:
    """Time of the last heartbeat of any worker; None if there was none."""
    heard: datetime | None = connection.execute(select(func.max(workers.c.heartbeat_at))).scalar_one()
    return heard
