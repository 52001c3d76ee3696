"""Open files of the newsroom only: no symbolic link is followed out of it, or below ``var/``.

The folder is often a git repository to which more people may push than may know the secret key in ``var/``; and
findings show lines of the files read. Links between files of the newsroom keep working.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason

#: Written by the program only: keys, the database, published pictures. No editor's file is there.
PRIVATE = "var"


class OutsideNewsroom(Refused):
    """The path leads out of the newsroom, or does not name a regular file. ``better`` is the name that was meant."""

    code = "outside-newsroom"

    def __init__(self, message: str, better: str | None = None) -> None:
        super().__init__(message)
        self.better = better


class FileMissing(Refused):
    """No such file. ``better`` is the name of the one that was probably meant."""

    code = "file-missing"

    def __init__(self, message: str, better: str | None = None) -> None:
        super().__init__(message)
        self.better = better


def is_within(resolved: Path, whole: Path) -> bool:
    """True if ``resolved`` is in the newsroom ``whole``, and not below its ``var/``: two paths without links."""
    if not resolved.is_relative_to(whole):
        return False
    parts = resolved.relative_to(whole).parts
    return not parts or parts[0].casefold() != PRIVATE


def relative(path: Path, root: Path) -> str:
    """``path`` as findings name it: relative to the newsroom if inside. Links below ``root`` keep their own names.

    Values and findings are looked up by this name, ``config/publications/<name>.yaml``, wherever a link leads.
    """
    if path.is_relative_to(root) and ".." not in path.parts:
        return path.relative_to(root).as_posix()
    try:
        whole, absolute = root.resolve(), path.absolute()
        for folder in absolute.parents:
            if folder.resolve() == whole and ".." not in absolute.relative_to(folder).parts:
                return absolute.relative_to(folder).as_posix()
        resolved = path.resolve()
        if not is_within(resolved, whole):
            resolved = path.parent.resolve() / path.name
        return resolved.relative_to(whole).as_posix()
    except (ValueError, OSError, RuntimeError):  # RuntimeError: a loop of symbolic links
        return path.as_posix()


def content_of(path: Path, root: Path, most: int = -1, *, secrets: Iterable[Path] = ()) -> bytes:
    """The bytes of the regular file ``path`` of the newsroom ``root``, at most ``most`` of them unless negative.

    One of the files ``secrets``, under whatever name, is refused. The path is opened folder by folder from ``root``
    without following links, so that a component replaced by a link in the meantime is not read. A pipe or a device in
    place of a file is refused at once, not waited for.

    Raises ``FileMissing``, ``OutsideNewsroom`` where it leads elsewhere or is no regular file, and ``OutsideWorld``
    where the disk reports an error.
    """
    try:
        whole, resolved = root.resolve(), path.resolve(strict=True)
        if not is_within(resolved, whole):
            raise _elsewhere(path, root)
        with open(_descriptor(whole, resolved.relative_to(whole)), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                message = _("{file} is not a file that can be read: it is a pipe or a device; put a file in its place")
                raise OutsideNewsroom(message.format(file=relative(path, root)))
            if any(_is_same(stream.fileno(), each) for each in secrets):
                message = _("{file} is the file of a secret key, and was not read: put the file that is meant there")
                raise OutsideNewsroom(message.format(file=relative(path, root)))
            return stream.read(most)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise FileMissing(_("there is no file {file}").format(file=relative(path, root))) from error
    except RuntimeError as error:  # a loop of symbolic links
        raise _elsewhere(path, root) from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link replaced it; or a socket
            raise _elsewhere(path, root) from error
        message = _("{file} cannot be read: {why}")
        raise OutsideWorld(message.format(file=relative(path, root), why=os_reason(error))) from error


def require_readable(folder: Path, root: Path) -> None:
    """Raise ``OutsideWorld`` where ``folder`` is there and this account may not list it: it would pass for empty."""
    try:
        os.scandir(folder).close()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        message = _("{file} cannot be read: {why}")
        raise OutsideWorld(message.format(file=relative(folder, root), why=os_reason(error))) from error


def _is_same(descriptor: int, secret: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), secret.stat())
    except (OSError, RuntimeError):  # there is none, or a loop of symbolic links
        return False


def open_folder(whole: Path, names: Iterable[str]) -> int:
    """A descriptor of the folder ``names`` below the folder ``whole``; ``OSError`` where a link stands on the way."""
    folder = os.open(whole, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for name in names:
        folder = _below(folder, name, os.O_DIRECTORY)
    return folder


def _descriptor(whole: Path, way: Path) -> int:
    """Open ``way`` for reading, from the folder ``whole``; ``OSError`` where a link stands on it."""
    return _below(open_folder(whole, way.parts[:-1]), way.name or ".", os.O_NONBLOCK | os.O_NOCTTY)


def _below(folder: int, name: str, how: int) -> int:
    """Open ``name`` in ``folder``, and close ``folder``."""
    try:
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | how, dir_fd=folder)
    finally:
        os.close(folder)


def _elsewhere(path: Path, root: Path) -> OutsideNewsroom:
    message = _(
        "{file} is a link that leads out of the newsroom, or below var/, and was not read: put the file itself there"
    )
    return OutsideNewsroom(message.format(file=relative(path, root)))
