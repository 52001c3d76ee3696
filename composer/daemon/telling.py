"""Telling people what a tick found, beside the ticks: no letter waits for a relay, a webhook or a watchman.

Four threads: one works out what is to be told, one sends it by email, one to the webhook, and one calls the watchman.
A channel that is silent stops no other one. Each alert is bounded (``alerts.SECONDS``, ``callout.SECONDS``), and there
is no queue of them: after each tick the list is made anew from the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from time import monotonic

import structlog
from sqlalchemy import Engine

from composer import clock
from composer.daemon.aside import Aside
from composer.delivery.metrics import OCCURRENCES
from composer.delivery.smtp.reply import scrub
from composer.errors import FiligraneError
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.schedule.notifications import CHANNELS, Notification, tell, ways
from composer.schedule.telling import pending
from composer.schedule.tick import Ticked
from composer.schedule.webhook import call_out

#: Seconds for which a process that ends waits for what is being told. What is not told then, the next process tells.
PATIENCE = 10.0

_log = structlog.get_logger()


class Telling:
    """Tells, until it is stopped. ``after``, ``away`` and ``ping`` return at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._list = Aside("list")
        self._channels = {channel: Aside(channel) for channel in CHANNELS}
        self._watchman = Aside("ping")
        self._outage: set[str] = set()  #: channels that were told of the present outage of the database

    def after(self, ticked: Ticked, newsroom: Newsroom, also: Sequence[Notification] = ()) -> None:
        """Tell what is to be told after this tick, and ``also``. The database answers: an outage is over."""
        self._outage = set()
        self._list.give(partial(self._hand_out, ticked, newsroom, also))

    def away(self, newsroom: Newsroom, why: str) -> None:
        """The database is away: tell it once until a tick succeeds. From memory: no row can be written."""
        text = _("Nothing is sent, and no reply is recorded, until the database is there again.\n\n{why}")
        notice = Notification("database", "database", _("the database is not available"), text.format(why=why))
        for channel, aside in self._channels.items():
            aside.give(partial(self._tell_away, newsroom, notice, channel, self._outage))

    def ping(self, newsroom: Newsroom) -> None:
        """Let the watchman hear that the clock turns."""
        if (url := newsroom.settings.ping) is not None:
            self._watchman.give(partial(_call, url))

    def rest(self, seconds: float) -> bool:
        """Wait until everything was told or tried, ``seconds`` at most; whether it was."""
        ends = monotonic() + seconds
        return all(aside.rest(max(0.0, ends - monotonic())) for aside in self._all())

    def stop(self) -> None:
        """Let what is being told come to its end, ``PATIENCE`` at most; then tell nothing any more."""
        if not self.rest(PATIENCE):
            _log.warning("telling-left", seconds=PATIENCE)
        for aside in self._all():
            aside.stop()

    def _all(self) -> list[Aside]:
        return [self._list, *self._channels.values(), self._watchman]

    def _hand_out(self, ticked: Ticked, newsroom: Newsroom, also: Sequence[Notification]) -> None:
        notices = [*also, *pending(ticked, newsroom, self._engine)]
        if notices:
            for channel, aside in self._channels.items():
                aside.give(partial(self._tell, notices, newsroom, ticked.at, channel))

    def _tell(self, notices: Sequence[Notification], newsroom: Newsroom, now: datetime, channel: str) -> None:
        for notice in notices:
            if tell(self._engine, newsroom, now, notice, channel):
                OCCURRENCES.labels("alerted").inc()
                _log.info(
                    "alert-sent",
                    kind=notice.kind,
                    channel=channel,
                    publication=notice.publication,
                    mailing=notice.mailing,
                )

    def _tell_away(self, newsroom: Newsroom, notice: Notification, channel: str, outage: set[str]) -> None:
        if channel in outage:
            return
        try:
            ways(newsroom, clock.now(), notice)[channel]()
            outage.add(channel)
        except FiligraneError as unsent:
            _log.error("alert-not-sent", kind=notice.kind, channel=channel, why=scrub(str(unsent)))


def _call(url: str) -> None:
    try:
        call_out(url)
    except FiligraneError as error:
        _log.warning("ping-failed", why=scrub(str(error)))
