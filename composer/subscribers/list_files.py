"""Write a file of readers that a command names: over an earlier one of the same kind, and over nothing else."""

from __future__ import annotations

import errno
import os
import shlex
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import TextIO

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason

#: Whether a file with this beginning, at most ``_BEGINNING`` bytes of it, is an earlier one of the same kind.
IsEarlier = Callable[[str], bool]
_BEGINNING = 4096


def check_replaceable(path: Path, is_earlier: IsEarlier) -> None:
    """Raise ``Refused`` where ``path`` is a link, no file, or a file with something else in it; an empty file may go.

    Raises ``OutsideWorld`` where the folder, or what is there, cannot be read.
    """
    if not path.parent.is_dir():
        raise _unwritable(path, FileNotFoundError(errno.ENOENT, ""))
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _unwritable(path, PermissionError(errno.EACCES, ""))
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            message = _("{file} is a link, and nothing is written through one; name the file itself")
            raise Refused(message.format(file=path))
        if not stat.S_ISREG(mode):
            raise Refused(_("{file} is no file that could be replaced; name another one").format(file=path))
        with path.open("rb") as file:
            start = file.read(_BEGINNING).decode("utf-8-sig", "replace")
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unwritable(path, error) from error
    if start and not is_earlier(start):
        message = _(
            "{file} is there already, and is no earlier file of this command: nothing was written over it. Name "
            "another file; or, where it may go: {command}"
        )
        raise Refused(message.format(file=path, command=shlex.join(["rm", "--", str(path)])))


@contextmanager
def replacing(path: Path, is_earlier: IsEarlier, *, encoding: str = "utf-8-sig") -> Iterator[TextIO]:
    """A text file, for this account alone (0600), that gets the name ``path`` when all of it is written.

    A failure, ^C too, leaves what was there before. Raises as ``check_replaceable``, and ``OutsideWorld`` where a disk
    fails.
    """
    check_replaceable(path, is_earlier)
    try:
        descriptor, name = mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        try:
            with os.fdopen(descriptor, "w", encoding=encoding, errors="backslashreplace", newline="") as file:
                yield file
            Path(name).replace(path)
        except BaseException:  # reason: interrupted too, no half of a file is left
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> OutsideWorld:
    return OutsideWorld(_("{file} cannot be written: {why}").format(file=path, why=os_reason(error)))
