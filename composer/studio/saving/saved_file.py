"""A file of the newsroom that is being saved, held open with the folder of its history: no link is followed."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from composer.clock import elapsed
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.source.opening import PRIVATE, FileMissing, OutsideNewsroom, open_folder

#: Below the newsroom: the history of a file, in a folder of the file's own path.
HISTORY = (PRIVATE, "history")
#: Seconds for which a save waits for another one of the same file.
PATIENCE = 10.0

_LOCK = "lock"
_PAUSE = 0.005


@dataclass(frozen=True)
class SavedFile:
    """``file`` is its name as findings give it; ``folder`` and ``history`` are descriptors of its folder and of that
    of its history, 0700."""

    file: str
    name: str
    folder: int
    history: int


class BeingSaved(OutsideWorld):
    """Another save of the same file did not end in time. Nothing was changed."""


@contextmanager
def opened_file(root: Path, path: Path) -> Iterator[SavedFile]:
    """The file at ``path``, a YAML file of the newsroom ``root``, whether or not it is there.

    Raises ``OutsideNewsroom`` for a path that leads elsewhere, or over a link, ``FileMissing`` where its folder is
    not there, and ``OutsideWorld`` where the disk refuses.
    """
    parts = parts_of(root, path)
    file = "/".join(parts)
    descriptors: list[int] = []
    try:
        descriptors.append(open_folder(root.resolve(), parts[:-1]))
        descriptors.append(_made(root, (*HISTORY[1:], *parts)))
        yield SavedFile(file, parts[-1], *descriptors)
    except (FileNotFoundError, NotADirectoryError) as error:
        if _has_link(root.resolve(), parts[:-1]) or _has_link((root / PRIVATE).resolve(), (*HISTORY[1:], *parts)):
            raise _over_a_link(file) from error
        raise FileMissing(_("there is no file {file}").format(file=file)) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _over_a_link(file) from error
        message = _("{file} cannot be written: {why}")
        raise OutsideWorld(message.format(file=file, why=os_reason(error))) from error
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def parts_of(root: Path, path: Path) -> tuple[str, ...]:
    """The folders and the name of ``path`` below ``root``. Raises ``OutsideNewsroom`` for what is not saved here."""
    try:
        parts = path.relative_to(root).parts
    except ValueError:
        parts = path.relative_to(root.resolve()).parts if path.is_relative_to(root.resolve()) else ()
    hidden = any(part.startswith(".") or "\0" in part for part in parts)  # .. among them
    if len(parts) < 2 or hidden or parts[0].casefold() == PRIVATE or path.suffix != ".yaml":
        raise OutsideNewsroom(_("{file} is no file that is written here").format(file=path.name))
    return parts


def history_folder(root: Path, parts: Sequence[str]) -> int | None:
    """A descriptor of the history of the file ``parts``; None where it has none. Raises ``OSError``."""
    with suppress(FileNotFoundError):
        return open_folder((root / PRIVATE).resolve(), (*HISTORY[1:], *parts))
    return None


@contextmanager
def held_alone(saved: SavedFile) -> Iterator[None]:
    """Keep every other process and thread from saving the file. Raises ``BeingSaved`` after ``PATIENCE``.

    The lock ends with its process, however that ends.
    """
    descriptor = os.open(_LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=saved.history)
    try:
        deadline = elapsed() + PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if elapsed() > deadline:
                    message = _("{file} is being saved by another window, and it does not end: try again")
                    raise BeingSaved(message.format(file=saved.file)) from error
                time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _made(root: Path, names: Sequence[str]) -> int:
    """Open the folder ``names`` of var/, made where it is missing. ``var`` itself may be a link of the operator's."""
    with suppress(FileExistsError):
        (root / PRIVATE).mkdir(0o700)
    folder = open_folder((root / PRIVATE).resolve(), ())
    for name in names:
        try:
            with suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=folder)
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        finally:
            os.close(folder)
        folder = below
    return folder


def _has_link(folder: Path, names: Sequence[str]) -> bool:
    return any((folder / Path(*names[: count + 1])).is_symlink() for count in range(len(names)))


def _over_a_link(file: str) -> OutsideNewsroom:
    return OutsideNewsroom(_("{file} is a link, or stands behind one: open the file itself").format(file=file))
