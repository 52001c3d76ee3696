"""Send notifications after a tick, in threads of their own: no message waits for a relay, a webhook or the ping.

Four threads: one computes what is to be sent, one sends it by email, one to the webhook, and one calls the ping. A
channel that is silent blocks no other one. Each notification has a deadline (``alerts.SECONDS``, ``webhook.SECONDS``),
and there is no queue of them: after each tick the list is computed anew from the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from time import monotonic

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from composer import clock
from composer.daemon.aside import Aside
from composer.daemon.outage import Outage
from composer.database import DatabaseUnavailable
from composer.delivery.ledger.rollback import Rollback
from composer.delivery.metrics import OCCURRENCES
from composer.delivery.smtp.reply import scrub
from composer.errors import FiligraneError, OutsideWorld
from composer.newsroom.environment import ping_url
from composer.newsroom.model import Newsroom
from composer.returns.notices import return_notices
from composer.schedule.notifications import CHANNELS, Notification, settled, tell, ways
from composer.schedule.rolled_back import newest_rescued, rolled_back_notice
from composer.schedule.telling import pending
from composer.schedule.tick import Ticked
from composer.schedule.webhook import call_out

#: Seconds for which a process that ends waits for notifications under way. The next process sends what is left.
GRACE = 10.0

_log = structlog.get_logger()


class Telling:
    """Sends notifications until it is stopped. ``after``, ``away`` and ``ping`` return at once."""

    def __init__(self, engine: Engine, outage: Outage) -> None:
        self._engine = engine
        self._outage = outage
        self._list = Aside("list")
        self._channels = {channel: Aside(channel) for channel in CHANNELS}
        self._ping = Aside("ping")
        self._lost: set[str] = set()  #: channels notified of a loss that was not recorded yet

    def after(self, ticked: Ticked, newsroom: Newsroom, also: Sequence[Notification] = ()) -> None:
        """Send what is pending after this tick, and ``also``. The database answered, so an outage is over."""
        self._outage.over()
        self._list.give(partial(self._hand_out, ticked, newsroom, also))

    def away(self, newsroom: Newsroom, error: OutsideWorld) -> None:
        """Tell of a database that is away, damaged or replaced: once, see ``Outage``; no row can be written."""
        for channel, aside in self._channels.items():
            aside.give(partial(self._outage.tell, newsroom, error, channel))

    def went_back(self, newsroom: Newsroom, rollback: Rollback | None) -> None:
        """Notify that the database lost commits; None where it could not be recorded. Sent without the database where
        that is away, then once."""
        rescued = newest_rescued(newsroom.root)
        if rollback is None:
            notice = rolled_back_notice(None, rescued=rescued)
        else:
            notice = rolled_back_notice(rollback.id, rollback.paused, rollback.recorded, rollback.doubts, rescued)
        for channel, aside in self._channels.items():
            aside.give(partial(self._tell_went_back, newsroom, notice, channel, recorded=rollback is not None))

    def ping(self, newsroom: Newsroom) -> None:
        """Call the ``ping`` address, so that its monitor knows that ticks go on."""
        if (url := ping_url(newsroom.settings)) is not None:
            self._ping.give(partial(_call, url))

    def rest(self, seconds: float) -> bool:
        """Wait until everything was sent or tried, ``seconds`` at most; whether it was."""
        ends = monotonic() + seconds
        return all(aside.rest(max(0.0, ends - monotonic())) for aside in self._all())

    def stop(self) -> None:
        """Let notifications under way finish, ``GRACE`` at most; then send nothing any more."""
        if not self.rest(GRACE):
            _log.warning("telling-left", seconds=GRACE)
        for aside in self._all():
            aside.stop()

    def _all(self) -> list[Aside]:
        return [self._list, *self._channels.values(), self._ping]

    def _hand_out(self, ticked: Ticked, newsroom: Newsroom, also: Sequence[Notification]) -> None:
        notices = [*also, *pending(ticked, newsroom, self._engine, partial(return_notices, newsroom))]
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

    def _tell_went_back(self, newsroom: Newsroom, notice: Notification, channel: str, *, recorded: bool) -> None:
        if recorded:
            try:
                if channel in self._lost:
                    with self._engine.begin() as connection:
                        settled(connection, notice.what)
                    self._lost.discard(channel)
                else:
                    self._tell([notice], newsroom, clock.now(), channel)
            except (DatabaseUnavailable, SQLAlchemyError):
                pass
            else:
                return
        if channel in self._lost:
            return
        try:
            ways(newsroom, clock.now(), notice)[channel]()
            self._lost.add(channel)
        except FiligraneError as unsent:
            _log.error("alert-not-sent", kind=notice.kind, channel=channel, why=scrub(str(unsent)))


def _call(url: str) -> None:
    try:
        call_out(url)
    except FiligraneError as error:
        _log.warning("ping-failed", why=scrub(str(error)))
