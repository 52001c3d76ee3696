"""Restore a backup into a new folder, so that no reader gets a second copy of what left after it was made.

The database does not know what was sent since: every mailing that was open is paused, and the next tick holds what fell
due since (``composer.schedule.downtime``). Ids continue far above those given out since the backup: an unsubscribe link
mailed to one reader must not become another's, nor a Message-ID be used twice.

A backup of an earlier version is upgraded to this one's tables. Retention deletes nothing from it for thirty days.
"""

from __future__ import annotations

import hmac
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Literal
from zipfile import ZipFile

from sqlalchemy import Engine, inspect

from composer.backup.archive import DATABASE, MAC, MANIFEST, Manifest, discard, manifest_mac, opened, take
from composer.backup.copying import load_dump, require_empty, write_revision
from composer.backup.making import fingerprints_here
from composer.database import connect, skip_ids
from composer.database.migrate import upgrade
from composer.database.schema_revision import revisions
from composer.delivery.ledger.place import forget_place
from composer.delivery.ledger.recovery import ask_before_resuming, pause_restored
from composer.delivery.ledger.retention import NOTICE_PERIOD, begin
from composer.delivery.tables import mailings, sweeps
from composer.errors import OutsideWorld, Refused
from composer.file_modes import make_shared, share
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom import load_newsroom
from composer.newsroom.environment import ADDRESS_KEY_FILE, database_url, keys_in_environment
from composer.newsroom.making_keys import address_key_or_new
from composer.newsroom.model import Newsroom
from composer.newsroom.starting import write_surroundings
from composer.outbox.tables import outbox
from composer.schedule.downtime import ticked
from composer.schedule.wording import day_and_hour
from composer.subscribers.tables import subscribers, subscriptions
from composer.subscribers.tokens import fingerprint

#: Ids to skip: more than were given out between a backup and the loss of the database.
_SKIPPED_IDS = 1_000_000


#: It is; or that is not known, without its key (none, or another one, is given), or because it carries no MAC.
BackupProof = Literal["proved", "no-key", "other-key", "no-mac"]


@dataclass(frozen=True)
class Restored:
    """``paused`` are the mailings that were open; ``missing`` the keys, secret, dkim or addresses, that are not the
    backup's.

    ``new_address_key``: the backup was made before there was one, and one is made in the folder. ``proof``: whether it
    is the backup as it was made. ``left_out``: tables and columns in it that are none of ours.
    """

    taken_at: datetime
    paused: tuple[int, ...]
    missing: tuple[str, ...]
    proof: BackupProof
    new_address_key: bool
    left_out: tuple[str, ...]


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
            content = archive.read(MANIFEST)
            manifest = Manifest.loads(content)
            proof = _proof(archive, content, manifest)
            if manifest.revision not in revisions():
                message = _(
                    "this backup is of Filigrane {version}, whose tables are others: restore it with that version"
                )
                raise Refused(message.format(version=manifest.filigrane))
            staged.mkdir(parents=True)
            for name, expected in manifest.files.items():
                make_shared((staged / name).parent)
                take(archive, name, staged / name, expected)
                if name != DATABASE:
                    share(staged / name)
        newsroom = load_newsroom(staged)
        write_surroundings(staged, newsroom.settings.language)
        paused, left_out = _database(newsroom, manifest, now)
        known, new_key = fingerprints_here(newsroom), (staged / ADDRESS_KEY_FILE).exists()
        os.sync()
        staged.rename(folder)  # onto an empty folder, or none
    except OSError as error:
        message = _("{folder} cannot be written: {why}")
        raise OutsideWorld(message.format(folder=folder.name, why=os_reason(error))) from error
    finally:
        discard(staged)
    missing = tuple(name for name, mark in manifest.keys.items() if mark is not None and known.get(name) != mark)
    return Restored(manifest.taken_at, paused, missing, proof, new_key, left_out)


def _proof(archive: ZipFile, content: bytes, manifest: Manifest) -> BackupProof:
    """Raises ``Refused`` where the key of the backup is given, and another wrote ``content``."""
    keys = keys_in_environment()
    if not keys:
        return "no-key"
    if MAC not in archive.namelist():
        return "no-mac"
    mac = archive.read(MAC)
    if any(hmac.compare_digest(mac, manifest_mac(content, key).encode()) for key in keys):
        return "proved"
    if manifest.keys.get("secret") in [fingerprint(key) for key in keys]:
        raise Refused(_("the backup was changed since it was made: nothing is restored from it"))
    return "other-key"


def _database(newsroom: Newsroom, manifest: Manifest, now: datetime) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Put the database where the configuration says, marked as restored before any process can use it; the mailings
    that were open, and what is left out of it."""
    staged, url = newsroom.root / DATABASE, database_url(newsroom)
    key = partial(address_key_or_new, newsroom.root)  # for a backup of before there was one
    engine = connect(url, newsroom.root)
    try:
        if engine.dialect.name != manifest.engine:
            message = _("this backup is of a {kind} database: name one in FILIGRANE_DATABASE_URL")
            raise Refused(message.format(kind=manifest.engine))
        if manifest.engine == "postgresql":
            require_empty(engine)
            left_out = load_dump(engine, staged, manifest.revision)
            paused = _mark(engine, newsroom, manifest, now)
            write_revision(engine, manifest.revision)
            upgrade(engine, key)  # until then every process refuses the older one
            _ask(engine, paused)
            staged.unlink()
            return paused, left_out
        _refuse_code(staged)
        place = Path(engine.url.database or "").resolve()
        if not place.is_relative_to(newsroom.root):
            message = _("the database {file} is outside of the folder: name one inside in FILIGRANE_DATABASE_URL")
            raise Refused(message.format(file=place))
        place.parent.mkdir(parents=True, exist_ok=True)
        staged.rename(place)
        place.chmod(0o600)
        upgrade(engine, key)
        paused = _mark(engine, newsroom, manifest, now)
        _ask(engine, paused)
        return paused, ()
    finally:
        engine.dispose()


def _refuse_code(file: Path) -> None:
    """Raises ``Refused`` where an SQLite file holds statements that would run with ours, which we never write."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchone()
    except sqlite3.Error:
        found = (1,)
    if found:
        raise Refused(_("the backup is damaged: {file}").format(file=DATABASE))


def _ask(engine: Engine, paused: tuple[int, ...]) -> None:
    """Not with ``_mark``: the tables of an earlier version, which are upgraded after it, lack the column."""
    with engine.begin() as connection:
        ask_before_resuming(connection, paused)
        forget_place(connection)


def _mark(engine: Engine, newsroom: Newsroom, manifest: Manifest, now: datetime) -> tuple[int, ...]:
    with engine.begin() as connection:
        has_outbox = inspect(connection).has_table(outbox.name)  # otherwise it is empty, and comes with the upgrade
        for table in (mailings, subscribers, subscriptions, *([outbox] if has_outbox else [])):
            skip_ids(connection, table, _SKIPPED_IDS)
        ticked(connection, manifest.taken_at, restored_at=now)
        if inspect(connection).has_table(sweeps.name):  # otherwise the upgrade, which comes next, does it
            begin(connection, NOTICE_PERIOD)
        why = _("restored from the backup of {when}: readers may have had it since")
        return pause_restored(connection, why.format(when=day_and_hour(manifest.taken_at, newsroom)))
