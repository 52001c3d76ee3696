"""Restore a backup into a new folder, so that no reader gets a second copy of what left after it was made.

The database does not know what was sent since: every mailing that was open is paused, and the next tick holds what fell
due since (``composer.schedule.downtime``). Ids continue far above those given out since the backup: an unsubscribe link
mailed to one reader must not become another's, nor a Message-ID be used twice.

A backup of an earlier version is upgraded to this one's tables. Retention deletes nothing from it for thirty days.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy import Engine, inspect

from composer.backup.archive import DATABASE, MANIFEST, Manifest, discard, opened, take
from composer.backup.copying import load_dump, require_empty, write_revision
from composer.backup.making import fingerprints
from composer.database import connect, skip_ids, upgrade
from composer.database.migrate import revisions
from composer.delivery.ledger.recovery import pause_restored
from composer.delivery.ledger.retention import NOTICE_PERIOD, begin
from composer.delivery.tables import mailings, sweeps
from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url
from composer.newsroom.model import Newsroom
from composer.newsroom.starting import ignore_var
from composer.schedule.downtime import ticked
from composer.subscribers.tables import subscribers, subscriptions

#: Ids to skip: more than were given out between a backup and the loss of the database.
_SKIPPED_IDS = 1_000_000


@dataclass(frozen=True)
class Restored:
    """``paused`` are the mailings that were open; ``missing`` the keys, secret or dkim, that are not the backup's."""

    taken_at: datetime
    paused: tuple[int, ...]
    missing: tuple[str, ...]


def restore(file: Path, folder: Path, now: datetime) -> Restored:
    """Restore the backup ``file``, newsroom and database, into ``folder``, which is new or empty.

    All of it or nothing; nothing is overwritten. Raises ``Refused`` or ``OutsideWorld``, saying what to do instead.
    """
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(_("{folder} is not empty: a backup is restored into a new folder").format(folder=folder))
    staged = folder.with_name(f".{folder.name}.{token_hex(4)}")
    try:
        with opened(file) as archive:
            if MANIFEST not in archive.namelist():
                raise Refused(_("this is no backup that this version of Filigrane can read"))
            manifest = Manifest.loads(archive.read(MANIFEST))
            if manifest.revision not in revisions():
                message = _(
                    "this backup is of Filigrane {version}, whose tables are others: restore it with that version"
                )
                raise Refused(message.format(version=manifest.filigrane))
            staged.mkdir(parents=True)
            for name, expected in manifest.files.items():
                (staged / name).parent.mkdir(parents=True, exist_ok=True)
                take(archive, name, staged / name, expected)
        ignore_var(staged)
        newsroom = load_newsroom(staged)
        paused = _database(newsroom, manifest, now)
        known = fingerprints(newsroom)
        os.sync()
        staged.rename(folder)  # onto an empty folder, or none
    except OSError as error:
        message = _("{folder} cannot be written: {why}")
        raise OutsideWorld(message.format(folder=folder.name, why=error.strerror)) from error
    finally:
        discard(staged)
    missing = tuple(name for name, mark in manifest.keys.items() if mark is not None and known.get(name) != mark)
    return Restored(manifest.taken_at, paused, missing)


def _database(newsroom: Newsroom, manifest: Manifest, now: datetime) -> tuple[int, ...]:
    """Put the database where the configuration says, marked as restored before any process can use it."""
    staged, url = newsroom.root / DATABASE, database_url(newsroom)
    engine = connect(url, newsroom.root)
    try:
        if engine.dialect.name != manifest.engine:
            message = _("this backup is of a {kind} database: name one in FILIGRANE_DATABASE_URL")
            raise Refused(message.format(kind=manifest.engine))
        if manifest.engine == "postgresql":
            require_empty(engine)
            load_dump(engine, staged)
            paused = _mark(engine, manifest, now)
            write_revision(engine, manifest.revision)
            upgrade(engine)  # until then every process refuses the older one
            staged.unlink()
            return paused
        place = Path(engine.url.database or "").resolve()
        if not place.is_relative_to(newsroom.root):
            message = _("the database {file} is outside of the folder: name one inside in FILIGRANE_DATABASE_URL")
            raise Refused(message.format(file=place))
        place.parent.mkdir(parents=True, exist_ok=True)
        staged.rename(place)
        place.chmod(0o600)
        upgrade(engine)
        return _mark(engine, manifest, now)
    finally:
        engine.dispose()


def _mark(engine: Engine, manifest: Manifest, now: datetime) -> tuple[int, ...]:
    with engine.begin() as connection:
        for table in (mailings, subscribers, subscriptions):
            skip_ids(connection, table, _SKIPPED_IDS)
        ticked(connection, manifest.taken_at, restored_at=now)
        if inspect(connection).has_table(sweeps.name):  # otherwise the upgrade, which comes next, does it
            begin(connection, NOTICE_PERIOD)
        why = _("restored from the backup of {when}: readers may have had it since")
        return pause_restored(connection, why.format(when=manifest.taken_at.isoformat(" ", "minutes")))
