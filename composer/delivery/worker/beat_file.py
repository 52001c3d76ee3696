"""A worker's counter, kept on its host too: ``var/workers/ID.beat``, written after each commit.

Whoever starts to send compares what it finds there with the database (``compare``): a higher counter than the
database's means that the database is older than what was sent. A living worker holds a lock on its file.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
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

_NAME, _WRITTEN = re.compile(r"[1-9][0-9]{0,17}"), re.compile(rb"[0-9]{20}\n")
_LONGEST = 22  #: bytes read of a file: one more than a counter has


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
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for ended in _ended(folder):
                with suppress(OSError):  # another user's, or a folder: ``compare`` has said so
                    ended.unlink()
            file = cls(folder / f"{worker_id}.beat", _locked(folder / f"{worker_id}.beat"))
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
        descriptor, self._descriptor = self._descriptor, -1  # the ledger's thread may write once more: to no other file
        with suppress(OSError):
            os.close(descriptor)


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
    """Compare the counters of this host's workers with their rows: of those that live, too, for each writes its file
    after its commit. A row that retention deleted proves nothing. Files that cannot be read count as absent, and the
    log names them."""
    found = _counters(root / FOLDER)
    if not found:
        return Comparison((), same=False)
    beats: dict[int, int] = {}
    swept: set[int] = set()
    for start in range(0, len(found), 500):  # SQLite limits the parameters of a statement
        some = list(found)[start : start + 500]
        swept.update(connection.execute(select(swept_workers.c.id).where(swept_workers.c.id.in_(some))).scalars())
        rows = connection.execute(select(workers.c.id, workers.c.beat).where(workers.c.id.in_(some)))
        beats.update(map(tuple, rows))
    last = connection.execute(select(workers.c.id).order_by(workers.c.heartbeat_at.desc()).limit(1)).scalar()
    back = {
        number
        for number, beat in found.items()
        if number not in swept
        and (number not in beats or beats[number] < beat or beats[number] >> BITS != beat >> BITS)
    }
    paths = tuple(root / FOLDER / f"{number}.beat" for number in sorted(back))
    return Comparison(paths, same=not back and last in found and last in beats)


def _counters(folder: Path) -> dict[int, int]:
    """Counter by worker, of each file in ``folder``; the log names those that cannot be read."""
    found = {}
    for path in sorted(folder.glob("*.beat")):
        try:
            descriptor = _opened(path)
            try:
                name, written = _NAME.fullmatch(path.stem), _WRITTEN.fullmatch(os.read(descriptor, _LONGEST))
            finally:
                os.close(descriptor)
            if name is None or written is None:
                raise OSError(errno.EINVAL, "no counter")
        except FileNotFoundError:  # its worker has ended meanwhile
            continue
        except OSError as error:
            log.warning("beat-file-unreadable", file=path.name, why=error.strerror)
        else:
            found[int(name[0])] = int(written[0])
    return found


def _opened(path: Path) -> int:
    """Descriptor of a regular file, to read. Raises ``OSError`` for a link, a folder or a pipe, and waits for none."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no file")
    return descriptor


def _locked(path: Path) -> int:
    """Descriptor of the file, made anew and locked. What has its name is no worker's of this database: removed.

    Another process may remove it as one of an ended worker before it is locked: then again.
    """
    for _attempt in range(10):
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
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
            descriptor = _opened(path)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                ended.append(path)
            finally:
                os.close(descriptor)
    return ended
