"""Telling somebody something, once: by email and on the webhook, each claimed by a row before it is sent.

A row that could not be sent is taken back, and it is tried again after the next tick. One that was claimed by a process
which then died is free again after ``PATIENCE``: sooner than that, two hosts could both be sending it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine, delete, or_, select, update

from composer.database import db_now, insert_or_ignore, read_only
from composer.delivery.smtp.reply import scrub
from composer.errors import FiligraneError
from composer.newsroom.model import Newsroom
from composer.schedule.alerts import alert
from composer.schedule.tables import notices
from composer.schedule.webhook import call_out

#: Seconds after which a claim that was neither told nor taken back is anybody's. A telling under way lasts a minute at
#: most (``alerts.SECONDS``), and on the webhook half of one and the look-up of its name.
PATIENCE = 300.0

CHANNELS = ("mail", "webhook")

#: What holds as long as it is true, and is told again when it comes back, has a name that begins so.
STANDING = "now:"

_log = structlog.get_logger()


@dataclass(frozen=True)
class Notification:
    """``what`` names it once and for all; ``kind`` is a stable code for scripts; ``to`` hears it beside ``alerts``."""

    what: str
    kind: str
    subject: str
    text: str
    publication: str | None = None
    date: Date | None = None
    mailing: int | None = None
    to: tuple[str, ...] = ()

    def payload(self, newsroom: Newsroom, now: datetime) -> dict[str, object]:
        """What the webhook gets (docs/running.md)."""
        return {
            "newsroom": newsroom.settings.name,
            "kind": self.kind,
            "publication": self.publication,
            "date": None if self.date is None else self.date.isoformat(),
            "mailing": self.mailing,
            "subject": self.subject,
            "text": self.text,
            "at": now.isoformat(),
        }


def told(engine: Engine, whats: Collection[str]) -> set[str]:
    """Those of ``whats`` that every channel has taken."""
    with read_only(engine).begin() as connection:
        query = select(notices.c.what, notices.c.channel)
        rows = connection.execute(query.where(notices.c.what.in_(whats), notices.c.told_at.is_not(None))).all()
    heard = {(row.what, row.channel) for row in rows}
    return {what for what in whats if all((what, channel) in heard for channel in CHANNELS)}


def ways(newsroom: Newsroom, now: datetime, notice: Notification) -> dict[str, Callable[[], None]]:
    """What tells ``notice``, by channel. One that leads to nobody takes everything; the others raise as they may."""
    webhook = newsroom.settings.webhook
    return {
        "mail": lambda: alert(newsroom, now, notice.subject, notice.text, notice.to),
        "webhook": lambda: None if webhook is None else call_out(webhook, notice.payload(newsroom, now)),
    }


def tell(engine: Engine, newsroom: Newsroom, now: datetime, notice: Notification, channel: str) -> bool:
    """Tell it on ``channel``, unless that has taken it or is about to; whether somebody heard it now.

    What could not be told is logged, and tried again. A channel that leads to nobody takes everything.
    """
    with engine.begin() as connection:
        if not claim_notification(connection, notice.what, channel):
            return False
    try:
        ways(newsroom, now, notice)[channel]()
    except FiligraneError as error:
        _log.error("alert-not-sent", kind=notice.kind, channel=channel, why=scrub(str(error)))
        with engine.begin() as connection:
            release_notification(connection, notice.what, channel)
        return False
    with engine.begin() as connection:
        done = update(notices).where(notices.c.what == notice.what, notices.c.channel == channel)
        connection.execute(done.values(told_at=db_now()))
    return channel == "mail" or newsroom.settings.webhook is not None


def claim_notification(connection: Connection, what: str, channel: str) -> bool:
    """Take it on oneself to tell ``what``; False where somebody has, or is about to."""
    row = insert_or_ignore(connection, notices).values(what=what, channel=channel, claimed_at=db_now())
    if connection.execute(row.returning(notices.c.id)).first() is not None:
        return True
    stale = (notices.c.told_at.is_(None), notices.c.claimed_at < db_now(-PATIENCE))
    again = update(notices).where(notices.c.what == what, notices.c.channel == channel, *stale)
    return connection.execute(again.values(claimed_at=db_now())).rowcount == 1


def release_notification(connection: Connection, what: str, channel: str) -> None:
    """It was not told: whoever ticks next may."""
    mine = (notices.c.what == what, notices.c.channel == channel, notices.c.told_at.is_(None))
    connection.execute(delete(notices).where(*mine))


def settled(connection: Connection, what: str) -> None:
    """There was nothing to tell about ``what``, and nobody needs to look again."""
    row = insert_or_ignore(connection, notices)
    for channel in CHANNELS:
        connection.execute(row.values(what=what, channel=channel, claimed_at=db_now(), told_at=db_now()))


def ended(connection: Connection, standing: Collection[str]) -> list[str]:
    """The standing notices that do not hold any more: only ``standing`` do.

    What was told less than two minutes ago stays: another host may have seen it begin after we looked.
    """
    died = notices.c.told_at.is_(None) & (notices.c.claimed_at < db_now(-PATIENCE))
    old = or_(notices.c.told_at < db_now(-120), died)
    ours = notices.c.what.like(f"{STANDING}%")
    found = set(connection.execute(select(notices.c.what).where(ours, old)).scalars())
    return sorted(found - set(standing))


def rearm(connection: Connection, ended: Collection[str]) -> None:
    """They are over: told again, where they come back."""
    connection.execute(delete(notices).where(notices.c.what.in_(ended)))
