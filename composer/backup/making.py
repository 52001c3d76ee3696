"""Make a backup: first the database, then the files, whole or not at all, readable by its owner only."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Engine

from composer import __version__
from composer.backup.archive import DATABASE, MAC, MANIFEST, Manifest, kept, manifest_mac, put
from composer.backup.copying import copy_out
from composer.database import read_only, require_current, revision
from composer.delivery.ledger.messages import signer
from composer.errors import FiligraneError, OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.environment import address_key, dkim_key, key_files, secret_key
from composer.newsroom.model import Newsroom
from composer.subscribers.address_key import stored_fingerprint
from composer.subscribers.tokens import fingerprint


def back_up(newsroom: Newsroom, engine: Engine, file: Path, now: datetime) -> Manifest:
    """Write the backup ``file`` of a newsroom that may be sending meanwhile.

    Raises ``Refused`` where the file exists already, ``OutsideWorld`` where database or disk fail; no partial file is
    left.
    """
    try:
        there = file.exists()
    except OSError as error:  # a name that is too long
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=file, why=os_reason(error))) from error
    if there:
        raise Refused(_("{file} is there already: a backup overwrites nothing").format(file=file))
    require_current(engine)
    new = file.with_name(f".{file.name}.{token_hex(4)}")
    try:
        # The copy is made where there must be room for the backup anyway, not in a /tmp that may be memory.
        with TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
            copy = Path(folder) / DATABASE
            copy_out(engine, copy)
            manifest = _write(newsroom, engine, new, copy, now)
        os.link(new, file)
    except FileExistsError as error:
        raise Refused(_("{file} is there already: a backup overwrites nothing").format(file=file)) from error
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=file, why=os_reason(error))) from error
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)
    return manifest


def _write(newsroom: Newsroom, engine: Engine, new: Path, copy: Path, now: datetime) -> Manifest:
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # it holds every reader's address
    with os.fdopen(descriptor, "wb") as target:
        with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=3) as archive:
            files = {DATABASE: put(archive, DATABASE, copy)}
            files |= {name: put(archive, name, newsroom.root / name) for name in kept(newsroom.root, _keys(newsroom))}
            manifest = Manifest(
                filigrane=__version__,
                taken_at=now,
                engine=engine.dialect.name,
                revision=revision(engine) or "",
                keys=fingerprints_here(newsroom) | {"addresses": _of_addresses(engine)},
                files=files,
            )
            content = manifest.dumps().encode()
            archive.writestr(MANIFEST, content)
            with suppress(FiligraneError):  # without the key it carries no proof, and the command says so
                archive.writestr(MAC, manifest_mac(content, secret_key(newsroom.root)))
        target.flush()
        os.fsync(target.fileno())
    return manifest


def _keys(newsroom: Newsroom) -> set[Path]:
    return {path.resolve() for path in key_files(newsroom.root, newsroom.settings)}


def _of_addresses(engine: Engine) -> str | None:
    """The fingerprint of the database's address key, whether or not that key is here."""
    with read_only(engine).connect() as connection:
        return stored_fingerprint(connection)


def fingerprints_here(newsroom: Newsroom) -> dict[str, str | None]:
    """The fingerprints of the newsroom's keys, never the keys; None for one that is missing or unusable."""
    dkim = newsroom.settings.dkim
    found: dict[str, str | None] = {"secret": None, "dkim": None, "addresses": None}
    with suppress(FiligraneError):  # a newsroom without its keys is backed up all the same
        found["secret"] = fingerprint(secret_key(newsroom.root))
    with suppress(FiligraneError):
        signs = signer(dkim.domain, dkim.selector, dkim_key(newsroom)) if dkim else None
        found["dkim"] = signs.fingerprint if signs else None
    with suppress(FiligraneError):
        key = address_key(newsroom.root)
        found["addresses"] = fingerprint(key) if key else None
    return found
