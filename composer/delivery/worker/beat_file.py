"""A worker's counter, kept on its host too: ``var/workers/ID.beat``, written after each commit.

A living worker holds a lock on its file. What is left of the others is compared with the database at the next start
(``compare``): a higher counter than the database's means that the database is older than what was sent.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Connection, select

from composer.delivery.tables import swept_workers, workers

log = structlog.get_logger("delivery")

#: Below the newsroom.
FOLDER = Path("var", "workers")
#: A counter's lower bits; those above are drawn at registration, since a database that went back gives ids again.
BITS = 36


class BeatFile:
    """The file of a registered worker."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def create(cls, root: Path, worker_id: int, beat: int) -> BeatFile | None:
        """Make and lock it, and remove those of workers that have ended. None, with a warning, if it cannot be made:
        the worker goes on, and only what living workers remember is compared."""
        folder = root / FOLDER
        path = folder / f"{worker_id}.beat"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path_left in _ended(folder):
                path_left.unlink(missing_ok=True)
            file = cls(path, _locked(path))
        except OSError as error:
            log.warning("beat-file-unwritable", why=error.strerror)
            return None
        file.write(beat)
        return file

    def write(self, beat: int) -> None:
        """Write the counter. Not durable before ``sync``: after a power cut it may be lower, which proves nothing."""
        try:
            os.pwrite(self._descriptor, b"%020d\n" % beat, 0)
        except OSError as error:  # a full disk: the database will say so
            log.debug("beat-file-unwritable", why=error.strerror)

    def sync(self) -> None:
        with suppress(OSError):  # closed meanwhile, or the disk fails: the next heartbeat tries again
            os.fsync(self._descriptor)

    def close(self, *, keep: bool) -> None:
        if keep:
            self.sync()
        else:
            with suppress(OSError):
                self._path.unlink()
        with suppress(OSError):
            os.close(self._descriptor)


@dataclass(frozen=True)
class Comparison:
    """``back``: files with a higher counter than the database's. ``same``: one is of the worker heard last, and not
    higher: the database is no older copy."""

    back: tuple[Path, ...]
    same: bool

    def forget(self) -> None:
        """Remove the files that were higher, once the loss is recorded."""
        for path in self.back:
            with suppress(OSError):
                path.unlink()


def compare(connection: Connection, root: Path) -> Comparison:
    """Compare the files of workers of this host that have ended with their rows. A row that retention deleted proves
    nothing. Files that cannot be read count as absent."""
    found: dict[int, tuple[Path, int]] = {}
    for path in _ended(root / FOLDER):
        with suppress(OSError, ValueError):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                found[int(path.stem)] = path, int(os.read(descriptor, 64))
            finally:
                os.close(descriptor)
    if not found:
        return Comparison((), same=False)
    swept = set(connection.execute(select(swept_workers.c.id).where(swept_workers.c.id.in_(found))).scalars())
    rows = connection.execute(select(workers.c.id, workers.c.beat).where(workers.c.id.in_(found)))
    beats: dict[int, int] = dict(map(tuple, rows))
    last = connection.execute(select(workers.c.id).order_by(workers.c.heartbeat_at.desc()).limit(1)).scalar()
    back = {
        number
        for number, (_path, beat) in found.items()
        if number not in swept
        and (number not in beats or beats[number] < beat or beats[number] >> BITS != beat >> BITS)
    }
    paths = tuple(found[number][0] for number in sorted(back))
    return Comparison(paths, same=not back and last in found and last in beats)


def _locked(path: Path) -> int:
    """Descriptor of the file, made and locked. Another process may remove it as one of an ended worker in between."""
    for _attempt in range(10):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with suppress(FileNotFoundError):
            if path.lstat().st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        os.close(descriptor)
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def _ended(folder: Path) -> list[Path]:
    """The files in ``folder`` on which no living worker holds its lock."""
    ended = []
    for path in sorted(folder.glob("*.beat")):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                ended.append(path)
            finally:
                os.close(descriptor)
    return ended
