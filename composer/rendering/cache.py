"""A cache of derived files, named by the digest of what they were made from.

Disposable: a folder that is missing, read-only or another account's, a full disk and a damaged entry cost time and
nothing else. Only what this account wrote is read back: the folder and its files must belong to it and be writable by
no other, no link is followed, and an entry holds the digest of its own content and name. A name always has the same
content, so two processes may write the same entry at once.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from composer import __version__, clock

#: Most bytes of one entry: more than any picture that a letter may hold.
MOST_BYTES = 60_000_000
#: Bytes of all entries that the daily sweep leaves, and seconds after which an unused one is removed.
MOST_KEPT = 500_000_000
UNUSED = 30 * 86_400
_DAY = 86_400
_HOUR = 3_600

_DIGEST = 32
_SWEPT = "swept"
_OPEN = os.O_NOFOLLOW | os.O_CLOEXEC


def key(*parts: str | bytes) -> str:
    """The name of an entry made from ``parts``: 64 hexadecimal digits, different for different lists of parts."""
    whole = sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        whole.update(len(content).to_bytes(8) + content)
    return whole.hexdigest()


@cache
def code(*files: str) -> str:
    """A digest of our own source files, as part of a key: a new version of them makes new entries."""
    try:
        return key(*(Path(file).read_bytes() for file in files))
    except OSError:  # installed without its source
        return __version__


class Cache:
    """The entries in ``folder``; its parent folder is made if missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        """The content of the entry ``name``; None where it is missing or not trusted."""
        with suppress(OSError), self._opened() as folder:
            return _read(folder, name)
        return None

    def put(self, name: str, content: bytes) -> None:
        """Keep ``content`` as the entry ``name``, if the disk lets it."""
        with suppress(OSError):
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                self._folder.mkdir(0o700)
            with self._opened() as folder:
                _write(folder, name, sha256(name.encode() + content).digest() + content)
                _sweep(folder)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Hold the folder open, so that a replacement under its name is not used. Raises ``OSError``."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | _OPEN)
        try:
            if not _ours(os.fstat(folder)):
                raise PermissionError(self._folder)
            yield folder
        finally:
            os.close(folder)


def _ours(state: os.stat_result) -> bool:
    """True if only this account can have written the file or folder."""
    return state.st_uid == os.geteuid() and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _read(folder: int, name: str) -> bytes | None:
    # not blocking: a pipe may have the name
    with os.fdopen(os.open(name, os.O_RDONLY | os.O_NONBLOCK | _OPEN, dir_fd=folder), "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode) or not _ours(state) or state.st_size > MOST_BYTES + _DIGEST:
            return None
        digest, content = file.read(_DIGEST), file.read(MOST_BYTES)
        if sha256(name.encode() + content).digest() != digest:
            return None
        if state.st_mtime < clock.now().timestamp() - _DAY:  # mark it as used, for the sweep
            with suppress(OSError):
                os.utime(file.fileno())
        return content


def _write(folder: int, name: str, content: bytes) -> None:
    """Write the file atomically for readers. It is not synced: a truncated entry fails its digest and is ignored."""
    new = f".{name[:16]}.{token_hex(4)}"
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o600, dir_fd=folder)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
        os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:  # reason: whatever ends it, no half-written file is left
        with suppress(OSError):
            os.unlink(new, dir_fd=folder)
        raise


def _sweep(folder: int) -> None:
    """Once a day, remove entries long unused, files left by a killed process, and the least used above the size."""
    now = clock.now().timestamp()
    with suppress(FileNotFoundError):
        if now - _DAY < os.stat(_SWEPT, dir_fd=folder, follow_symlinks=False).st_mtime <= now:
            return
    _write(folder, _SWEPT, b"")
    kept = 0
    for used, size, name in sorted(_entries(folder), reverse=True):
        kept += size
        if kept > MOST_KEPT or used < now - (_HOUR if name.startswith(".") else UNUSED):
            with suppress(OSError):  # another process is sweeping
                os.unlink(name, dir_fd=folder)


def _entries(folder: int) -> Iterator[tuple[float, int, str]]:
    """When each file was last used, its size and its name."""
    for name in os.listdir(folder):
        with suppress(OSError):
            state = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISREG(state.st_mode):
                yield state.st_mtime, state.st_size, name
