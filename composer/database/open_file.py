"""The SQLite files that a connection has open, compared with what their paths name now.

A file that is deleted or replaced while it is open (``git clean -fdx``, a copy put in its place) can still be written:
what is written there is gone once the last process closes it. Without its -wal and -shm files another process reads
an old state, or writes past the locks of this one.

Only ``stat`` is used: opening and closing the file here would release the locks that SQLite holds on it
(https://sqlite.org/howtocorrupt.html, 2.2).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC
from pathlib import Path
from time import sleep
from typing import Any

from sqlalchemy import Connection, Engine, event

from composer.clock import now
from composer.database.errors import DatabaseReplaced, DatabaseUnavailable, file_number
from composer.errors import OutsideWorld
from composer.locale import gettext as _

#: Suffixes of the files that SQLite keeps beside the database while it is open.
_BESIDE = ("-wal", "-shm")
_KEY = "filigrane-files"

#: A file that was taken away is looked for so many times more, with so many seconds between them.
_LOOKS, _BETWEEN = 5, 0.2


def watch(engine: Engine, path: Path) -> None:
    """Keep, with each connection of ``engine``, which files it has open.

    All connections of an engine have the same file open: connecting raises ``DatabaseReplaced`` once the path names
    another one, and ``DatabaseUnavailable`` where a process still has one open that was there before. Both are looked
    at before SQLite opens the file: with the -wal and -shm of another file beside it, it would take the log that they
    share for its own, and empty it.
    """
    first: list[str] = []

    def look(*_arguments: Any) -> None:
        found = file_number(path)
        if found and first and found != first[0]:
            raise _error(path, first[0])
        if not first and beside(path)[1].exists():
            _refuse_strays(path)
        if not first:
            _refuse_other_name(path)

    def remember(driver: Any, record: Any) -> None:
        found = file_number(path)
        if found and first and found != first[0]:
            driver.close()
            raise _error(path, first[0])
        if found and not first:
            first.append(found)
        record.info[_KEY] = {path: found, **dict.fromkeys(beside(path), "")}

    event.listen(engine, "do_connect", look)
    event.listen(engine, "connect", remember)


def beside(path: Path) -> tuple[Path, Path]:
    """The -wal and -shm of the database at ``path``: where that is a link, beside what it leads to."""
    real = path.resolve()
    wal, shm = (real.with_name(real.name + suffix) for suffix in _BESIDE)
    return wal, shm


def replaced(connection: Connection) -> DatabaseReplaced | None:
    """The error to raise where a file that ``connection`` has open was deleted or replaced; always None on PostgreSQL.

    The -wal and -shm files, which SQLite makes with the first transaction, count from the first call that finds them.
    """
    files: dict[Path, str] = connection.info.get(_KEY, {})
    for path, known in files.items():
        found = file_number(path)
        if not known:
            files[path] = found
        elif found != known:
            return _error(path, next(iter(files.values())))
    return None


def strays(path: Path) -> dict[int, str]:
    """Processes of this machine that have open what is not at ``path``, or beside it, any more: PID → file.

    Only processes that this user may look into are seen, and none in another container.
    """
    names = {f"{path.resolve()}{suffix}" for suffix in ("", *_BESIDE)}
    found: dict[int, str] = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile, or is another user's
            for link in (process / "fd").iterdir():
                name = str(link.readlink()).removesuffix(" (deleted)")
                if name in names and file_number(link) != file_number(name):
                    found[int(process.name)] = min(name, found.get(int(process.name), name))  # the database first
    return found


def refuse_strays(engine: Engine) -> None:
    """Raise ``DatabaseUnavailable`` where a process of this machine still writes to a SQLite file that was taken away.

    Two processes that have different files open under one name know nothing of each other's locks.
    """
    if engine.dialect.name == "sqlite" and engine.url.database:
        _refuse_strays(Path(engine.url.database))


def _refuse_strays(path: Path) -> None:
    """The last to close the file removes its log, and has it open for an instant: only what stays so is refused."""
    found = strays(path)
    for _look in range(_LOOKS):
        if not found:
            return
        sleep(_BETWEEN)
        found = {pid: file for pid, file in strays(path).items() if pid in found}
    for pid, file in found.items():
        message = _(
            "process {pid} still has {file} open, which was deleted or replaced since: it writes what it has to "
            "var/rescued-….db and ends; otherwise end it (kill {pid})"
        )
        raise DatabaseUnavailable(message.format(pid=pid, file=file))


def _refuse_other_name(path: Path) -> None:
    """Raise ``DatabaseUnavailable`` where a process of this machine has the file open by another name, a hard link:
    each name has a -wal of its own, and what is in one is not in the other (https://sqlite.org/howtocorrupt.html, 2.5).
    """
    try:
        if path.stat().st_nlink < 2:
            return
    except OSError:
        return
    own, log, real = file_number(path), file_number(beside(path)[0]), str(path.resolve())
    for process in Path("/proc").glob("[0-9]*"):
        names: dict[str, str] = {}
        with suppress(OSError):  # it has ended meanwhile, or is another user's
            for link in (process / "fd").iterdir():
                with suppress(OSError):  # closed meanwhile
                    names[str(link.readlink())] = file_number(link)
        for name, number in names.items():
            if number == own and name != real and names.get(f"{name}{_BESIDE[0]}", log) != log:
                message = _(
                    "process {pid} has the same file open as {file}, by a hard link: SQLite would damage it. Stop "
                    "that process, or put a copy of the file (filigrane backup makes one) in the place of {path}"
                )
                raise DatabaseUnavailable(message.format(pid=process.name, file=name, path=path))


def rescue(
    connection: Connection, folder: Path, settle: Callable[[sqlite3.Connection, Path], None] = lambda _copy, _file: None
) -> Path:
    """Copy what ``connection`` still has open to ``folder/rescued-<time>.db``, readable by its owner only.

    It has that name once it is whole: what is copied meanwhile is ``rescuing-<time>-<PID>.part``, and does not stay.
    ``settle`` is handed the copy and its file before that.
    Of the copies of several processes the newest knows most: what another one commits meanwhile is copied too. Then
    the -wal and -shm that are left are removed (``remove_left_log``).
    Raises ``OutsideWorld`` where it cannot be read or written, or is damaged.
    """
    driver: Any = connection.connection.driver_connection
    stem = f"{now().astimezone(UTC):%Y%m%dT%H%M%SZ}"
    part = folder / f"rescuing-{stem}-{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _new_file(part)
            with closing(sqlite3.connect(part)) as copy:
                before = None
                while before != (before := _commits_of_others(driver)):
                    driver.backup(copy)
                settle(copy, part)
                copy.commit()
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
                (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
                if found != "ok":
                    raise sqlite3.DatabaseError(found)
            path = _named(part, folder / f"rescued-{stem}.db")
            remove_left_log(connection, rescued=True)
            return path
        finally:
            for suffix in ("", "-journal", *_BESIDE):
                part.with_name(part.name + suffix).unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        message = _("what was still open could not be written to {folder}: {why}")
        raise OutsideWorld(message.format(folder=folder, why=error)) from error


def remove_left_log(connection: Connection, *, rescued: bool) -> None:
    """Remove the -wal and -shm that ``connection`` has open from beside another database's file.

    SQLite would write what they hold into that file, and damage it (https://sqlite.org/howtocorrupt.html, 1.4). Where
    no file is in place they stay, unless what they hold was ``rescued``: it may be moved back.
    """
    files: dict[Path, str] = connection.info.get(_KEY, {})
    for path, known in list(files.items())[:1]:
        found = file_number(path)
        if not known or found == known or not (found or rescued):
            return
    for log, number in list(files.items())[1:]:
        if number and file_number(log) == number:
            with suppress(OSError):
                log.unlink()


def _commits_of_others(driver: Any) -> int:
    """Grows with what other connections committed (https://sqlite.org/pragma.html#pragma_data_version)."""
    (version,) = driver.execute("PRAGMA data_version").fetchone()
    return int(version)


def _named(part: Path, path: Path) -> Path:
    """Give ``part`` the name ``path``, or one with the PID: several processes may rescue in the same second."""
    for name in (path, path.with_stem(f"{path.stem}-{os.getpid()}")):
        with suppress(FileExistsError):
            _new_file(name)
            return part.replace(name)
    raise FileExistsError(path)


def _new_file(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _error(path: Path, opened: str) -> DatabaseReplaced:
    told = _("another file is in the place of {path}") if path.exists() else _("{path} was deleted")
    what = _("{what} while it was open: nothing is written to the database any more")
    error = DatabaseReplaced(what.format(what=told.format(path=path)))
    error.file = opened
    return error
