"""Versions of a file kept in ``var/history``: without git, and whatever git does not have.

Two files each, 0600: ``<time>-<digest>.yaml``, byte for byte what stood in the file, and the same name in ``.json``:
by whom, and why it was kept. ``VERSION_BYTES`` of one file, ``MOST_IN_ALL`` of a newsroom and ``VERSION_DAYS`` bound
them; the oldest go first, and ``dropped`` says until when.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal

from composer.clock import now
from composer.source.opening import PRIVATE, open_folder
from composer.studio.saving.saved_file import HISTORY

#: Of one file's versions, of all, and days for which a version is kept.
VERSION_BYTES, MOST_IN_ALL, VERSION_DAYS = 20_000_000, 200_000_000, 90

#: ``found``: as another program left it, before the studio changed it. ``saved``: after a burst of changes.
#: ``contended``: another program saved it again and again meanwhile. ``cut-short``: left by a save that was killed.
#: ``staged``: in git's index, where a commit of the file took its place. ``replaced``: by a version brought back.
WhyKept = Literal["found", "saved", "contended", "cut-short", "staged", "replaced"]

_ID = re.compile(r"[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-[0-9a-f]{16}")
_STAMP = "%Y%m%dT%H%M%S.%f"
_DROPPED = "dropped"
_OPEN = os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class KeptVersion:
    """``by``: ``Name <address>`` of each author."""

    id: str
    at: datetime
    why: str
    by: tuple[str, ...]


def keep(history: int, content: bytes, why: WhyKept, by: Sequence[str] = ()) -> str:
    """Keep ``content`` as a version, synced, unless the newest one is the same; its id. Raises ``OSError``."""
    digest, known = sha256(content).hexdigest()[:16], _ids(history)
    if known and known[-1].endswith(digest):
        return known[-1]
    at = max([now(), *(_at(id) + timedelta(microseconds=1) for id in known[-1:])])
    id = f"{at.strftime(_STAMP)}Z-{digest}"
    _write(history, f"{id}.json", json.dumps({"why": why, "by": by}, ensure_ascii=False).encode("utf-8", "replace"))
    _write(history, f"{id}.yaml", content, synced=True)
    os.fsync(history)
    _drop(history, [*known, id], VERSION_BYTES)
    return id


def adopt(history: int, folder: int, name: str, why: WhyKept) -> None:
    """Keep the file ``name`` of ``folder`` itself as a version: what a program that has it open still writes is there.

    On another disk than ``var/``, its content now. Raises ``OSError``.
    """
    descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _OPEN, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        id = keep(history, file.read(), why)
    with suppress(OSError):
        os.rename(name, f"{id}.yaml", src_dir_fd=folder, dst_dir_fd=history)
        return
    os.unlink(name, dir_fd=folder)


def versions_in(history: int) -> list[KeptVersion]:
    """The oldest first. Raises ``OSError``."""
    return [KeptVersion(id, _at(id), *_said(history, id)) for id in _ids(history)]


def is_kept(id: str) -> bool:
    """Whether ``id`` is written as that of a version kept here."""
    return _ID.fullmatch(id) is not None


def content_in(history: int, id: str) -> bytes:
    """What the version holds. Raises ``OSError``; ``FileNotFoundError`` where there is none."""
    if not is_kept(id):
        raise FileNotFoundError(id)
    return _read(history, f"{id}.yaml")


def dropped(history: int) -> datetime | None:
    """The time of the newest version that was dropped; None where all are there."""
    with suppress(OSError, ValueError):
        return datetime.fromisoformat(_read(history, _DROPPED).decode())
    return None


def drop_old(root: Path) -> None:
    """Drop what is over the bounds, in the history of every file of the newsroom. Raises ``OSError``."""
    whole = (root / PRIVATE).resolve()
    top = whole / Path(*HISTORY[1:])
    found: list[tuple[str, int, tuple[str, ...]]] = []
    for folder, below, _names in os.walk(top):  # links are not followed
        below[:] = [each for each in below if not each.startswith(".")]
        parts = (*HISTORY[1:], *Path(folder).relative_to(top).parts)
        with _opened(whole, parts) as history:
            found += [(id, size, parts) for id, size in _drop(history, _ids(history), VERSION_BYTES)]
    room = MOST_IN_ALL
    for id, size, parts in sorted(found, reverse=True):
        room -= size
        if room < 0:
            with _opened(whole, parts) as history:
                _drop(history, [each for each in _ids(history) if each <= id], 0)


@contextmanager
def _opened(whole: Path, parts: Sequence[str]) -> Iterator[int]:
    history = open_folder(whole, parts)
    try:
        yield history
    finally:
        os.close(history)


def _ids(history: int) -> list[str]:
    names = (name.removesuffix(".yaml") for name in os.listdir(history) if name.endswith(".yaml"))
    return sorted(filter(is_kept, names))


def _at(id: str) -> datetime:
    return datetime.strptime(id.partition("Z")[0], _STAMP).replace(tzinfo=UTC)


def _drop(history: int, ids: Sequence[str], most: int) -> list[tuple[str, int]]:
    """Drop the oldest that ``most`` bytes or ``VERSION_DAYS`` leave no room for; those that stay, with their sizes."""
    day = now() - timedelta(days=VERSION_DAYS)
    stay, gone = list[tuple[str, int]](), list[str]()
    for id in reversed(ids):
        size = os.stat(f"{id}.yaml", dir_fd=history, follow_symlinks=False).st_size
        most -= size
        if gone or most < 0 or _at(id) < day:
            gone.append(id)
        else:
            stay.append((id, size))
    if gone:
        _write(history, _DROPPED, _at(gone[0]).isoformat().encode())
    for id in gone:
        for ending in (".yaml", ".json"):
            with suppress(FileNotFoundError):
                os.unlink(id + ending, dir_fd=history)
    return stay


def _said(history: int, id: str) -> tuple[str, tuple[str, ...]]:
    try:
        said = json.loads(_read(history, f"{id}.json"))
        return str(said["why"]), tuple(map(str, said["by"]))
    except (OSError, ValueError, KeyError, TypeError):
        return "", ()


def _read(history: int, name: str) -> bytes:
    descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _OPEN, dir_fd=history)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileNotFoundError(name)
        return file.read()


def _write(history: int, name: str, content: bytes, *, synced: bool = False) -> None:
    """Whole or not at all, as seen by other processes."""
    new = f".{name}.new"
    with suppress(FileNotFoundError):
        os.unlink(new, dir_fd=history)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o600, dir_fd=history)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if synced:
            file.flush()
            os.fsync(descriptor)
    os.rename(new, name, src_dir_fd=history, dst_dir_fd=history)
