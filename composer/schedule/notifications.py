"""Send each notification once by email and once on the webhook; a row in the database claims it before it is sent.

Where sending fails the row is deleted, and the next tick tries again. A claim left by a process that died expires after
``PATIENCE``: sooner than that, two hosts could both be sending it.
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
from composer.newsroom.environment import webhook_url
from composer.newsroom.model import Newsroom
from composer.schedule.alerts import alert
from composer.schedule.tables import notices
from composer.schedule.webhook import call_out

#: Seconds after which any process may take over a claim that was neither sent nor released. Sending takes a minute at
#: most (``alerts.SECONDS``); on the webhook half a minute, and the look-up of its name.
PATIENCE = 300.0

CHANNELS = ("mail", "webhook")

#: Prefix of the key of a notification that holds while its cause lasts, and is sent again when the cause comes back.
STANDING = "now:"

_log = structlog.get_logger()


@dataclass(frozen=True)
class Notification:
    """``what`` is its unique key; ``kind`` a stable code for scripts; ``to`` are addresses beside ``alerts``."""

    what: str
    kind: str
    subject: str
    text: str
    publication: str | None = None
    date: Date | None = None
    mailing: int | None = None
    to: tuple[str, ...] = ()

    def payload(self, newsroom: Newsroom, now: datetime) -> dict[str, object]:
        """The JSON object that the webhook receives (docs/running.md)."""
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
    """Those of ``whats`` that were sent on every channel."""
    with read_only(engine).begin() as connection:
        query = select(notices.c.what, notices.c.channel)
        rows = connection.execute(query.where(notices.c.what.in_(whats), notices.c.told_at.is_not(None))).all()
    heard = {(row.what, row.channel) for row in rows}
    return {what for what in whats if all((what, channel) in heard for channel in CHANNELS)}


def ways(newsroom: Newsroom, now: datetime, notice: Notification) -> dict[str, Callable[[], None]]:
    """Channel → function that sends ``notice`` on it, and raises if it fails. An unconfigured channel does nothing."""
    webhook = webhook_url(newsroom.settings)
    return {
        "mail": lambda: alert(newsroom, now, notice.subject, notice.text, notice.to),
        "webhook": lambda: None if webhook is None else call_out(webhook, notice.payload(newsroom, now)),
    }


def tell(engine: Engine, newsroom: Newsroom, now: datetime, notice: Notification, channel: str) -> bool:
    """Send ``notice`` on ``channel`` unless it was sent or is claimed already; True where it was sent now.

    A failure is logged, and the next tick tries again. On a channel that is not configured it counts as sent.
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
    return channel == "mail" or webhook_url(newsroom.settings) is not None


def claim_notification(connection: Connection, what: str, channel: str) -> bool:
    """Claim ``what`` for this process; False where it was sent, or another process has the claim."""
    row = insert_or_ignore(connection, notices).values(what=what, channel=channel, claimed_at=db_now())
    if connection.execute(row.returning(notices.c.id)).first() is not None:
        return True
    stale = (notices.c.told_at.is_(None), notices.c.claimed_at < db_now(-PATIENCE))
    again = update(notices).where(notices.c.what == what, notices.c.channel == channel, *stale)
    return connection.execute(again.values(claimed_at=db_now())).rowcount == 1


def release_notification(connection: Connection, what: str, channel: str) -> None:
    """Give up the claim after a failure: any process may claim ``what`` at its next tick."""
    mine = (notices.c.what == what, notices.c.channel == channel, notices.c.told_at.is_(None))
    connection.execute(delete(notices).where(*mine))


def settled(connection: Connection, what: str) -> None:
    """Record that there is nothing to notify about ``what``: it is not looked at again."""
    row = insert_or_ignore(connection, notices)
    for channel in CHANNELS:
        connection.execute(row.values(what=what, channel=channel, claimed_at=db_now(), told_at=db_now()))


def ended(connection: Connection, standing: Collection[str]) -> list[str]:
    """The keys of standing notifications that do not hold any more; only those in ``standing`` do.

    One sent less than two minutes ago is left out: another host may have seen its cause begin after this one looked.
    """
    died = notices.c.told_at.is_(None) & (notices.c.claimed_at < db_now(-PATIENCE))
    old = or_(notices.c.told_at < db_now(-120), died)
    ours = notices.c.what.like(f"{STANDING}%")
    found = set(connection.execute(select(notices.c.what).where(ours, old)).scalars())
    return sorted(found - set(standing))


def rearm(connection: Connection, ended: Collection[str]) -> None:
    """Delete the rows of ``ended``: each is sent again where its cause comes back."""
    connection.execute(delete(notices).where(notices.c.what.in_(ended)))
