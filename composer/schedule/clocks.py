"""This host's clock against the database's, which all hosts share.

Heartbeats, due dates and retries go by the database's clock; a message's signature, and its log, by the host's.
"""

from __future__ import annotations

import socket
from datetime import datetime

import structlog
from sqlalchemy import Engine, select

from composer import clock
from composer.database import db_now, read_only
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.schedule.notifications import CHANNELS, Notification, tell, told
from composer.schedule.tables import notices

#: Seconds of difference that are told; a host with a clock that NTP keeps right differs by a few hundredths.
SKEW = 5.0

#: Seconds for which ``skewed_hosts`` names a host after it was told.
_LATELY = 86400.0

_KEY = "clock:"

_log = structlog.get_logger()


def skew(engine: Engine) -> float:
    """Seconds by which this host's clock is ahead of the database's; 0 on SQLite, which has no clock of its own."""
    if engine.dialect.name == "sqlite":
        return 0.0
    with read_only(engine).connect() as connection:
        connection.execute(select(1))  # connecting takes its time, too
        before = clock.now()
        theirs: datetime = connection.execute(select(db_now())).scalar_one()
        after = clock.now()
    return (before + (after - before) / 2 - theirs).total_seconds()


def tell_skew(engine: Engine, newsroom: Newsroom) -> None:
    """Alert where this host's clock is wrong, once a day. Not to be called from a running event loop."""
    ahead = skew(engine)
    if abs(ahead) < SKEW:
        return
    host, now = socket.gethostname(), clock.now()
    what = f"{_KEY}{now.date()}:{host}"
    if told(engine, [what]):
        return
    _log.warning("clock-differs", host=host, seconds=round(ahead, 1))
    text = _(
        "The clock of {host} differs from the database’s by {seconds} s. Letters leave at the hour all the same: that "
        "goes by the database’s clock; but signatures and logs have the wrong time.\n\n"
        "On that host: timedatectl set-ntp true. To look: filigrane doctor"
    )
    subject = _("the clock of {host} is wrong")
    notice = Notification(what, "clock", subject.format(host=host), text.format(host=host, seconds=f"{ahead:+.0f}"))
    for channel in CHANNELS:
        tell(engine, newsroom, now, notice, channel)


def skewed_hosts(engine: Engine) -> list[str]:
    """Hosts with a clock that was told to be wrong within a day."""
    recent = notices.c.what.like(f"{_KEY}%"), notices.c.told_at > db_now(-_LATELY)
    with read_only(engine).connect() as connection:
        whats = connection.execute(select(notices.c.what).where(*recent)).scalars()
        return sorted({what.split(":", 2)[2] for what in whats})
