"""What was made before and would be made again the same: files named by the digest of what they were made from.

Disposable: a folder that is not there, not ours or read-only, a full disk and a damaged entry cost time and nothing
else. What is read back was written by this account: the folder and its files belong to it, others cannot write there,
no link is followed, and an entry holds the digest of its own content and name. A name is never used for two contents,
so that two processes may write the same entry at once.
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

#: Bytes of one entry: more than any picture that a letter may hold.
MOST_BYTES = 60_000_000
#: Bytes of all entries that the daily sweep leaves, and seconds that one may be unused.
MOST_KEPT = 500_000_000
UNUSED = 30 * 86_400
_DAY = 86_400
_HOUR = 3_600

_DIGEST = 32
_SWEPT = "swept"
_OPEN = os.O_NOFOLLOW | os.O_CLOEXEC


def key(*parts: str | bytes) -> str:
    """The name of an entry made from ``parts``: 64 hexadecimal digits. No two lists of parts have the same."""
    whole = sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        whole.update(len(content).to_bytes(8) + content)
    return whole.hexdigest()


@cache
def code(*files: str) -> str:
    """A digest of our own source, for what it makes: another version of it makes other entries."""
    try:
        return key(*(Path(file).read_bytes() for file in files))
    except OSError:  # installed without its source
        return __version__


class Cache:
    """The entries in ``folder``, whose parent is made where it is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        """The content of the entry ``name``; None where there is none to be trusted."""
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
        """The folder, held open: whatever takes its name meanwhile is not looked at. Raises ``OSError``."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | _OPEN)
        try:
            if not _ours(os.fstat(folder)):
                raise PermissionError(self._folder)
            yield folder
        finally:
            os.close(folder)


def _ours(state: os.stat_result) -> bool:
    """Whether this account alone can have written there."""
    return state.st_uid == os.geteuid() and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _read(folder: int, name: str) -> bytes | None:
    # Not blocking: what has the name might be a pipe.
    with os.fdopen(os.open(name, os.O_RDONLY | os.O_NONBLOCK | _OPEN, dir_fd=folder), "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode) or not _ours(state) or state.st_size > MOST_BYTES + _DIGEST:
            return None
        digest, content = file.read(_DIGEST), file.read(MOST_BYTES)
        if sha256(name.encode() + content).digest() != digest:
            return None
        if state.st_mtime < clock.now().timestamp() - _DAY:  # the sweep leaves what is used
            with suppress(OSError):
                os.utime(file.fileno())
        return content


def _write(folder: int, name: str, content: bytes) -> None:
    """Write the file in one step for who looks at it. It is not synced: an entry cut short is none."""
    new = f".{name[:16]}.{token_hex(4)}"
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o600, dir_fd=folder)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
        os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(new, dir_fd=folder)
        raise


def _sweep(folder: int) -> None:
    """Once a day: remove what was unused for long, what a killed process left, and the least used above the size."""
    now = clock.now().timestamp()
    with suppress(FileNotFoundError):
        if now - _DAY < os.stat(_SWEPT, dir_fd=folder, follow_symlinks=False).st_mtime <= now:
            return
    _write(folder, _SWEPT, b"")
    kept = 0
    for used, size, name in sorted(_entries(folder), reverse=True):
        kept += size
        if kept > MOST_KEPT or used < now - (_HOUR if name.startswith(".") else UNUSED):
            with suppress(OSError):  # another process sweeps too
                os.unlink(name, dir_fd=folder)


def _entries(folder: int) -> Iterator[tuple[float, int, str]]:
    """When each file was last used, its size and its name."""
    for name in os.listdir(folder):
        with suppress(OSError):
            state = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISREG(state.st_mode):
                yield state.st_mtime, state.st_size, name
