"""Alerts about the database itself, which no row can claim: a file in ``var/`` of this host remembers what was sent.

All processes of the host share it, so that each trouble is told once: also where several processes notice it, and
where systemd starts one again and again. It is told again after a day.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy import Engine

from composer import clock
from composer.database import DatabaseDamaged, DatabaseReplaced, file_number, undamaged
from composer.delivery.smtp.reply import scrub
from composer.errors import FiligraneError, OutsideWorld
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.schedule.notifications import CHANNELS, Notification, ways

#: Seconds after which the same trouble is told again.
AGAIN = 86400.0

#: Seconds for which a file that was damaged is looked through when a process starts.
_LOOKS = 60.0

_AWAY, _REFUSES = "away", "refuses"

_log = structlog.get_logger()

#: Trouble and channel, such as ``away mail``: when it was told, in seconds since the epoch.
_Told = MutableMapping[str, float]


class DatabaseRefuses(OutsideWorld):
    """The database refused a statement for a reason that no room expects: what was added to its tables."""


class Outage:
    """For one newsroom, on this host. What could not be written to the file (a full disk) is kept in memory."""

    def __init__(self, root: Path) -> None:
        self._file = root / "var" / "outage.json"
        self._memory: _Told = {}
        self._kept = True

    def keep(self) -> bool:
        """Try again to write down what was told. False where it cannot be: the next process would tell it again."""
        if not self._kept:
            with self._record():
                pass
        return self._kept

    def tell(self, newsroom: Newsroom, error: OutsideWorld, channel: str) -> None:
        """Send the alert about ``error`` on ``channel`` unless it was sent. A failure is logged.

        Other processes of this host wait meanwhile, and then find that it was sent. Not to be called from a running
        event loop.
        """
        notice = _notice(error)
        with self._record() as told:
            if _heard(told, notice.what, channel):
                return
            try:
                ways(newsroom, clock.now(), notice)[channel]()
            except FiligraneError as unsent:
                _log.error("alert-not-sent", kind=notice.kind, channel=channel, why=scrub(str(unsent)))
                return
            told[f"{notice.what} {channel}"] = clock.now().timestamp()
        if channel == "mail" or newsroom.settings.webhook is not None:
            _log.info("alert-sent", kind=notice.kind, channel=channel, publication=None, mailing=None)

    def tell_all(self, newsroom: Newsroom, error: OutsideWorld) -> None:
        """Send it on every channel, one after another: a minute and a half at most, where all are silent."""
        for channel in CHANNELS:
            self.tell(newsroom, error, channel)

    def over(self) -> None:
        """Note that the database answers: the next time that it is away is told again."""
        self._memory = {what: at for what, at in self._memory.items() if not what.startswith(_AWAY)}
        with suppress(OSError):
            if self._file.stat().st_size <= len("{}"):
                return
        if self._file.exists():
            with self._record() as told:
                for what in [what for what in told if what.startswith(_AWAY)]:
                    del told[what]

    def refuse_damaged(self, engine: Engine) -> None:
        """Raise ``DatabaseDamaged`` where damage of this very file was told, and it is damaged still.

        What is damaged may be read and written for a while: an older file that was copied over an open one holds pages
        of both, and shows readers with the letter as waiting.
        """
        damaged = f"damaged:{file_number(engine.url.database or '')} "
        with self._record() as told:
            known = [what for what in told if what.startswith(damaged)]
        if not known or engine.dialect.name != "sqlite":
            return
        undamaged(engine, _LOOKS, indexes=True)
        with self._record() as told:
            for what in known:
                told.pop(what, None)

    @contextmanager
    def _record(self) -> Iterator[_Told]:
        """What was told, locked against other processes; what the caller changes is kept."""
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            number = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            yield self._memory
            self._kept = not self._memory
            return
        with os.fdopen(number, "r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            told = _read(file.read()) | dict(self._memory)
            yield told
            self._memory = told
            self._kept = False
            with suppress(OSError):
                file.seek(0)
                file.truncate()
                json.dump(told, file)
                file.flush()
                self._kept = True


def _read(text: str) -> dict[str, float]:
    try:
        found = json.loads(text or "{}")
    except ValueError:  # cut short by a full disk
        return {}
    return {str(what): float(at) for what, at in found.items()} if isinstance(found, dict) else {}


def _heard(told: _Told, what: str, channel: str) -> bool:
    """Whether ``what`` was told within a day. A database that is away after it was damaged or deleted is no news."""
    now = clock.now().timestamp()
    recent = {key for key, at in told.items() if 0 <= now - at < AGAIN and key.endswith(f" {channel}")}
    lasting = any(not key.startswith(_REFUSES) for key in recent)
    return lasting if what == _AWAY else f"{what} {channel}" in recent


def _notice(error: OutsideWorld) -> Notification:
    text = _("Nothing is sent, and no reply is recorded, until the database is there again.\n\n{why}")
    subject, what = _("the database is not available"), _AWAY
    if isinstance(error, DatabaseDamaged):
        subject, what = _("the database is damaged"), f"damaged:{error.file}"
        text = _(
            "Nothing is sent any more: what sends has ended, and ends again whenever it is started.\n\n{why}\n\n"
            "Stop every process of Filigrane, then: filigrane restore"
        )
    if isinstance(error, DatabaseReplaced):
        subject, what = _("the database was taken away"), f"replaced:{error.file}"
        text = _(
            "Nothing is sent any more.\n\n{why}\n\n"
            "Do not make a new database: it would know none of those who have the letter. Each process that sends "
            "writes what it still has open to var/rescued-….db, and ends. Once all have ended, put the newest of these "
            "in the place of the database (docs/running.md says how), then start again"
        )
    if isinstance(error, DatabaseRefuses):
        subject, what = _("the database refuses what is written to it"), _REFUSES
        text = _(
            "What sends has ended, and ends again as soon as it writes the same: look at what was added to the tables "
            "of the database, a constraint or a function.\n\n{why}"
        )
    return Notification(what, "database", subject, text.format(why=error))
