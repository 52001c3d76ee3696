"""Runs a tick every 30 seconds and at the next due instant. APScheduler is only the timer.

``composer.schedule`` decides what is due, ``telling`` sends the notifications. The job store is in memory: two
schedulers may not share one, and a stored job that was renamed is deleted (both from APScheduler's documentation).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from composer import clock
from composer.daemon.telling import Telling
from composer.database import DATABASE_TROUBLE, db_now, read_only
from composer.delivery.metrics import OCCURRENCES, TICK_SECONDS
from composer.delivery.smtp.reply import scrub
from composer.errors import FiligraneError
from composer.locale import gettext as _
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import consequences, keeping
from composer.schedule.calendar import next_due
from composer.schedule.notifications import Notification, told
from composer.schedule.tick import tick
from composer.source.finding import Severity

INTERVAL = 30

#: At most so many mailings of one tick are remembered. The next tick checks that their rows are still in the database
#: (``lost_since``): a missing one means that commits were lost.
_OPENED = 100

_log = structlog.get_logger()


@dataclass
class Scheduler:
    """Ticks until it is stopped. ``newsroom`` is the last configuration that could be read."""

    newsroom: Newsroom
    engine: Engine
    secret: bytes
    telling: Telling
    reload: Callable[[], None] | None = None  #: lets the other parts of the process read the configuration again
    _planned: datetime | None = None  #: the next instant of ``filigrane send --at``, from the last tick
    _opened: deque[int] = field(default_factory=partial(deque, maxlen=_OPENED))
    _ticking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _ticks: set[asyncio.Task[None]] = field(default_factory=set)  #: under way
    _scheduler: AsyncIOScheduler = field(
        default_factory=lambda: AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
    )

    def __post_init__(self) -> None:
        self._only_to = self.newsroom.settings.only_to

    async def run(self, stop: asyncio.Event) -> None:
        """Tick at once, then at every trigger, until ``stop``; a tick that has begun is finished."""
        self._scheduler.add_job(self._tick, "interval", seconds=INTERVAL, id="interval", next_run_time=clock.now())
        self._scheduler.start()
        try:
            await stop.wait()
        finally:
            self._scheduler.pause()
            await asyncio.sleep(0)  # let a task begin that APScheduler has just made
            await asyncio.gather(*self._ticks)
            self._scheduler.shutdown(wait=False)  # only now: it cancels ticks under way, with a traceback

    async def _tick(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._ticks.add(task)
        task.add_done_callback(self._ticks.discard)
        async with self._ticking:
            try:
                with TICK_SECONDS.time():
                    await asyncio.to_thread(self.look)
            except (FiligraneError, SQLAlchemyError, OSError) as error:
                # The next tick looks again, from what the database and the folder then say: nothing is lost here.
                why = scrub(str(error)) if isinstance(error, FiligraneError) else type(error).__name__
                _log.error("tick-failed", why=why)
                _log.debug("tick-failed", exc_info=error)
        if (instant := self._next()) is not None and self._scheduler.running:
            self._scheduler.add_job(self._tick, "date", run_date=instant, id="due", replace_existing=True)

    def look(self) -> None:
        """Reload the newsroom and run one tick. Raises what keeps the tick from being completed.

        Its notifications are sent elsewhere, later: ``telling``.
        """
        try:
            mistakes = self._reread(clock.now())
            if self.reload is not None and self.newsroom.settings.only_to != self._only_to:
                # The worker beside still has the old addresses. After the reload this tick is made anew.
                self.reload()
                return
            ticked = tick(self._present(), self.newsroom, self.engine, self.secret, tuple(self._opened))
        except DATABASE_TROUBLE as error:
            self.telling.away(self.newsroom, error)
            raise
        self._planned = ticked.planned
        # Only the last tick's: what the database lost is noticed at the next one, and held from then on.
        self._opened.clear()
        self._opened.extend(event.mailing_id for event in ticked.events if event.mailing_id is not None)
        self.telling.after(ticked, self.newsroom, mistakes)
        for event in ticked.events:
            OCCURRENCES.labels(event.state).inc()
            _log.info("occurrence", **{name: str(value) for name, value in vars(event).items() if value is not None})
        self.telling.ping(self.newsroom)  # not after a tick that failed: it has raised

    def _present(self) -> datetime:
        """The time. With several hosts, the database's: a host with a fast clock must not send early."""
        if self.engine.dialect.name == "sqlite":
            return clock.now()
        with read_only(self.engine).connect() as connection:
            present: datetime = connection.execute(select(db_now())).scalar_one()
            return present

    def _reread(self, now: datetime) -> list[Notification]:
        """Reload the configuration; the notifications about its mistakes, once a day for the same ones.

        Where config/newsroom.yaml has mistakes, nothing changes; a publication with mistakes in its file goes on as it
        was.
        """
        try:
            self.newsroom = keeping(load_newsroom(self.newsroom.root), self.newsroom)
        except FiligraneError as error:
            text = _(
                "The configuration cannot be read any more. "
                "Filigrane goes on with the last one that could.\n\n{mistakes}"
            )
            return self._mistaken(now, text, str(error))
        errors = [finding for finding in self.newsroom.findings if finding.severity is Severity.ERROR]
        if not errors:
            return []
        text = _("Files of the configuration have mistakes. What needs them waits, and the rest goes on.\n\n{mistakes}")
        mistakes = [finding.brief() for finding in errors]
        return self._mistaken(now, text, "\n".join([*mistakes, *consequences(self.newsroom)]))

    def _mistaken(self, now: datetime, text: str, mistakes: str) -> list[Notification]:
        what = f"configuration:{sha256(mistakes.encode()).hexdigest()[:16]}:{now.date()}"
        if told(self.engine, [what]):
            return []
        _log.error("configuration-not-read", why=scrub(mistakes))
        subject = _("the configuration has mistakes")
        return [Notification(what, "configuration", subject, text.format(mistakes=mistakes))]

    def _next(self) -> datetime | None:
        """The next instant at which an issue is due, by a schedule or because a person asked for it."""
        zone, now = ZoneInfo(self.newsroom.settings.timezone), clock.now()
        found = [next_due(publication.schedule, zone, now) for publication in self.newsroom.publications.values()]
        instants = [due.at for due in found if due is not None]
        if self._planned is not None and self._planned > now:
            instants.append(self._planned)
        return min(instants, default=None)
