"""The alarm clock. APScheduler rings; what is due is decided by ``composer.schedule``, and told by ``telling``.

Two rings: every 30 seconds, and at the next due instant. Its job store is the memory: two schedulers may not share one,
and a stored job that was renamed is deleted (facts that its own documentation gives).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from composer import clock
from composer.daemon.telling import Telling
from composer.database import DatabaseUnavailable, db_now, read_only
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

SECONDS = 30

_log = structlog.get_logger()


@dataclass
class Scheduler:
    """Rings until it is stopped. ``newsroom`` is the last configuration that could be read."""

    newsroom: Newsroom
    engine: Engine
    secret: bytes
    telling: Telling
    _planned: datetime | None = None  #: what the last tick said of ``filigrane send --at``
    _ringing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _rings: set[asyncio.Task[None]] = field(default_factory=set)  #: begun and not over
    _scheduler: AsyncIOScheduler = field(
        default_factory=lambda: AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
    )

    async def run(self, stop: asyncio.Event) -> None:
        """Tick at once, then at every ring, until ``stop``; a tick that has begun is finished."""
        self._scheduler.add_job(self._ring, "interval", seconds=SECONDS, id="interval", next_run_time=clock.now())
        self._scheduler.start()
        try:
            await stop.wait()
        finally:
            self._scheduler.pause()
            await asyncio.sleep(0)  # a ring that APScheduler has just made is a task that has not begun
            await asyncio.gather(*self._rings)
            self._scheduler.shutdown(wait=False)  # it would cancel them, and say so with a traceback

    async def _ring(self) -> None:
        ring = asyncio.current_task()
        assert ring is not None
        self._rings.add(ring)
        ring.add_done_callback(self._rings.discard)
        async with self._ringing:
            try:
                with TICK_SECONDS.time():
                    await asyncio.to_thread(self.look)
            except (FiligraneError, SQLAlchemyError, OSError) as error:
                # The next tick looks again, from what the database and the folder then say: nothing is lost here.
                why = scrub(str(error)) if isinstance(error, FiligraneError) else type(error).__name__
                _log.error("tick-failed", why=why)
                _log.debug("tick-failed", exc_info=error)
        if (instant := self._next()) is not None and self._scheduler.running:
            self._scheduler.add_job(self._ring, "date", run_date=instant, id="due", replace_existing=True)

    def look(self) -> None:
        """Read the newsroom again, and tick once. Raises what keeps the tick from being one.

        What is to be told of it is told elsewhere, later: ``telling``.
        """
        try:
            mistakes = self._reread(clock.now())
            ticked = tick(self._present(), self.newsroom, self.engine, self.secret)
        except DatabaseUnavailable as error:
            self.telling.away(self.newsroom, str(error))
            raise
        self._planned = ticked.planned
        self.telling.after(ticked, self.newsroom, mistakes)
        for event in ticked.events:
            OCCURRENCES.labels(event.state).inc()
            _log.info("occurrence", **{name: str(value) for name, value in vars(event).items() if value is not None})
        self.telling.ping(self.newsroom)  # a tick that failed has raised: the watchman hears nothing of it

    def _present(self) -> datetime:
        """The hour of the database, where several hosts share one: none of them is early because its clock is fast."""
        if self.engine.dialect.name == "sqlite":
            return clock.now()
        with read_only(self.engine).connect() as connection:
            present: datetime = connection.execute(select(db_now())).scalar_one()
            return present

    def _reread(self, now: datetime) -> list[Notification]:
        """Take the configuration as it stands; what is to be told of its mistakes, once a day for the same ones.

        Where config/newsroom.yaml has any, nothing changes; a publication whose file has goes on as it was.
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
        """The next instant at which a letter is due, by a schedule or because a person asked for it."""
        zone, now = ZoneInfo(self.newsroom.settings.timezone), clock.now()
        found = [next_due(publication.schedule, zone, now) for publication in self.newsroom.publications.values()]
        instants = [due.at for due in found if due is not None]
        if self._planned is not None and self._planned > now:
            instants.append(self._planned)
        return min(instants, default=None)
