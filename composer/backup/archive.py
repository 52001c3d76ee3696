"""The archive: a zip with a manifest that names every file and its digest.

::

    manifest.json     what this is, when it was taken, of which database, under which keys (their fingerprints)
    manifest.mac      a MAC of these bytes under the secret key, where it was known
    database          SQLite's file, or pg_dump's plain SQL, of which only the rows are used
    config/ issues/   with the approvals; templates/ and var/media/ where they are
"""

from __future__ import annotations

import hmac
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason

FORMAT = "filigrane-backup-1"
MANIFEST, MAC, DATABASE = "manifest.json", "manifest.mac", "database"

#: What of a newsroom's folder is kept. var/ holds keys: of it only the published pictures.
FOLDERS = ("config", "issues", "templates", "var/media")

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """``engine`` is sqlite or postgresql; ``keys`` maps ``secret``, ``dkim`` and ``addresses`` to
    fingerprints, never to keys."""

    filigrane: str
    taken_at: datetime
    engine: str
    revision: str
    keys: Mapping[str, str | None]
    files: Mapping[str, str]

    def dumps(self) -> str:
        values = asdict(self) | {"format": FORMAT, "taken_at": self.taken_at.isoformat()}
        return json.dumps(values, ensure_ascii=False, indent=1)

    @classmethod
    def loads(cls, text: bytes) -> Manifest:
        """Raises ``Refused`` for anything that ``dumps`` did not write."""
        try:
            values = json.loads(text)
            if values.pop("format") != FORMAT:
                raise ValueError
            taken_at = datetime.fromisoformat(values.pop("taken_at"))
            manifest = cls(taken_at=taken_at, **values)
            if taken_at.tzinfo is None or not all(map(_safe, manifest.files)):
                raise ValueError
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Refused(_("this is no backup that this version of Filigrane can read")) from error
        return manifest


def manifest_mac(manifest: bytes, key: bytes) -> str:
    """The content of ``manifest.mac``: proof that the manifest, and so each file, was written with ``key``."""
    return hmac.digest(key, b"filigrane backup manifest\0" + manifest, sha256).hex()


def _safe(name: str) -> bool:
    """Whether a file of that name stays in a folder that a backup holds."""
    path = PurePosixPath(name)
    inside = name == DATABASE or any(name.startswith(f"{folder}/") for folder in FOLDERS)
    return inside and str(path) == name and ".." not in path.parts and "\0" not in name


def kept(root: Path, keys: set[Path]) -> Iterator[str]:
    """The files of the newsroom at ``root`` that a backup holds, by name, in order.

    Not what is hidden, nor a link (it may lead out), nor a key: neither one of ``keys`` nor what reads like one.
    """
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if any(part.startswith(".") and part != ".gitattributes" for part in parts):
                continue
            if any((root / Path(*parts[:depth])).is_symlink() for depth in range(1, len(parts) + 1)):
                continue
            if path.is_file() and path.resolve() not in keys and not _private(path):
                yield path.relative_to(root).as_posix()


def _private(path: Path) -> bool:
    with path.open("rb") as file:
        return b"PRIVATE KEY-----" in file.read(_CHUNK)


def put(archive: ZipFile, name: str, path: Path) -> str:
    """Add the file ``path`` as ``name``; returns the digest of the bytes that were added."""
    digest = sha256()
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


def take(archive: ZipFile, name: str, path: Path, expected: str) -> None:
    """Write ``name`` of the archive to ``path``. Raises ``Refused`` where it is not what the manifest says."""
    digest = sha256()
    try:
        with archive.open(name) as source, path.open("xb") as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                target.write(chunk)
    except (BadZipFile, KeyError, EOFError) as error:
        raise Refused(_("the backup is damaged: {file}").format(file=name)) from error
    if digest.hexdigest() != expected:
        raise Refused(_("the backup is damaged: {file}").format(file=name))


def opened(path: Path) -> ZipFile:
    """The archive at ``path``. Raises ``Refused`` where it is none, ``OutsideWorld`` where it cannot be read."""
    try:
        return ZipFile(path, compression=ZIP_DEFLATED)
    except BadZipFile as error:
        raise Refused(_("this is no backup that this version of Filigrane can read")) from error
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be read: {why}").format(file=path.name, why=os_reason(error))) from error


def discard(folder: Path) -> None:
    """Delete ``folder``, where files were staged."""
    shutil.rmtree(folder, ignore_errors=True)
