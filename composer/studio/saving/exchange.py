"""Exchange a file with a new one in one step, so that what another program saved meanwhile is in hand, not lost.

Comparing a file and renaming a new one over it loses what is saved between the two. ``renameat2`` with
``RENAME_EXCHANGE`` leaves the displaced file under the new one's name. A program that writes in place may still have
it open: a read lease (``F_SETLEASE``), which Linux refuses while a file is open for writing, says when it has done.

Elsewhere than on Linux, and on disks that know neither: the file is linked under a second name, renamed over, and read
again; what is renamed into its place between these two calls is lost, and a writer has done once the file stands still.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import signal
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex

from composer.clock import elapsed
from composer.errors import Refused
from composer.locale import gettext as _
from composer.source.reading import SIZE_CAP

#: Seconds for which a program that has the file open for writing, or has moved it away, is waited for.
PATIENCE = 2.0

_EXCHANGE = 2  #: RENAME_EXCHANGE of linux/fs.h
_PAUSE = 0.005
_STILL = 0.03  #: seconds for which a file that is being written does not stand still
_ENDING = ".saving"
_OPEN = os.O_NOFOLLOW | os.O_CLOEXEC
_WITHOUT_LEASES = frozenset({errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK})
_WITHOUT_EXCHANGE = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})


@dataclass(frozen=True)
class Snapshot:
    """What a file held once no program wrote it, or after ``PATIENCE``; and whether it was removed."""

    content: bytes  #: at most one byte more than a file may have
    state: os.stat_result
    attributes: tuple[tuple[str, bytes], ...] = ()  #: extended ones, and access lists
    removed: bool = False


def read_settled(folder: int, name: str, removed_if: bytes | None = None) -> Snapshot:
    """The file ``name``, which is removed where it holds ``removed_if`` and no program has it open for writing.

    Raises ``Refused`` for what is no file of text, ``FileNotFoundError`` where there is none after ``PATIENCE``, other
    ``OSError`` where the disk refuses.
    """
    deadline = elapsed() + PATIENCE
    while True:
        late = elapsed() > deadline
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | _OPEN, dir_fd=folder)
        except FileNotFoundError:
            if late:
                raise
            time.sleep(_PAUSE)
            continue
        try:
            state = os.fstat(descriptor)
            if not stat.S_ISREG(state.st_mode):
                raise Refused(_("{file} is not a file that can be written").format(file=name))
            content = _unwritten(descriptor, folder, name, removed_if)
            if content is not None or late:
                found = _read(descriptor) if content is None else content
                removed = content is not None and _is_whole(content, removed_if)
                return Snapshot(found, state, _attributes(descriptor), removed)
        finally:
            os.close(descriptor)
        time.sleep(_PAUSE)


def new_beside(folder: int, name: str, content: bytes, like: Snapshot, *, synced: bool = True) -> str:
    """Write ``content`` to a hidden file beside ``name``, with the mode, owner, attributes and access list of ``like``;
    its name. Raises ``Refused`` where this account cannot keep them, ``OSError`` where the disk refuses.
    """
    new = f".{name}.{token_hex(4)}{_ENDING}"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            own = os.fstat(descriptor)
            try:
                if (own.st_uid, own.st_gid) != (like.state.st_uid, like.state.st_gid):
                    os.fchown(descriptor, like.state.st_uid, like.state.st_gid)
                for each, value in like.attributes:
                    os.setxattr(descriptor, each, value)
            except PermissionError as error:
                message = _(
                    "{file} belongs to another account of this machine, and would change hands: give it to this "
                    "account (chown), or start the studio from that one"
                )
                raise Refused(message.format(file=name)) from error
            os.fchmod(descriptor, stat.S_IMODE(like.state.st_mode))
            file.flush()
            if synced:
                os.fsync(descriptor)
    except BaseException:  # reason: whatever ends it, no half-written file is left
        os.unlink(new, dir_fd=folder)
        raise
    return new


def exchange(folder: int, new: str, name: str) -> None:
    """Put ``new`` in the place of ``name``, and what stood there under the name of ``new``: not synced. Raises
    ``OSError``."""
    deadline = elapsed() + PATIENCE
    while True:
        try:
            _swapped(folder, new, name)
        except FileNotFoundError:  # a text editor moves a file away, then writes it anew
            if elapsed() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return


def sync(folder: int, name: str) -> None:
    """Have the disk hold the file ``name`` and the folder as they are; another program may have moved the file away
    again. Raises ``OSError``."""
    with suppress(FileNotFoundError):
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    os.fsync(folder)


def left_beside(folder: int, name: str) -> list[str]:
    """The hidden files that a save of ``name`` that was cut short left. A link that stood in its place is removed."""
    left = [each for each in os.listdir(folder) if each.startswith(f".{name}.") and each.endswith(_ENDING)]
    modes = {each: os.stat(each, dir_fd=folder, follow_symlinks=False).st_mode for each in left}
    for each, mode in modes.items():
        if stat.S_ISLNK(mode):
            os.unlink(each, dir_fd=folder)
    return sorted(each for each, mode in modes.items() if stat.S_ISREG(mode))


def _swapped(folder: int, new: str, name: str) -> None:
    rename = getattr(_libc(), "renameat2", None)
    if rename is not None:
        if rename(folder, os.fsencode(new), folder, os.fsencode(name), _EXCHANGE) == 0:
            return
        number = ctypes.get_errno()
        if number not in _WITHOUT_EXCHANGE:
            raise OSError(number, os.strerror(number), name)
    second = f"{new.removesuffix(_ENDING)}0{_ENDING}"
    try:
        os.link(name, second, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except PermissionError:  # a disk that knows no second names
        found = read_settled(folder, name)
        os.rename(new_beside(folder, name, found.content, found), second, src_dir_fd=folder, dst_dir_fd=folder)
    os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.replace(second, new, src_dir_fd=folder, dst_dir_fd=folder)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _unwritten(descriptor: int, folder: int, name: str, removed_if: bytes | None) -> bytes | None:
    """What the file holds, which is removed as said; None while a program has it open for writing."""
    try:
        # What breaks a lease sends a signal, which would end this process: this one is ignored unless asked for.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except AttributeError:
        return _standing_still(descriptor, folder, name, removed_if)
    except OSError as error:
        if error.errno in _WITHOUT_LEASES:
            return _standing_still(descriptor, folder, name, removed_if)
        if error.errno == errno.EAGAIN:
            return None
        raise
    try:
        content = _read(descriptor)
        if fcntl.fcntl(descriptor, fcntl.F_GETLEASE) != fcntl.F_RDLCK:  # one waits to open it for writing
            return None
        if _is_whole(content, removed_if):
            os.unlink(name, dir_fd=folder)
        return content
    finally:
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def _standing_still(descriptor: int, folder: int, name: str, removed_if: bytes | None) -> bytes | None:
    content = _read(descriptor)
    time.sleep(_STILL)
    if _read(descriptor) != content:
        return None
    if _is_whole(content, removed_if):
        os.unlink(name, dir_fd=folder)
    return content


def _is_whole(content: bytes, wanted: bytes | None) -> bool:
    return content == wanted and len(content) <= SIZE_CAP


def _read(descriptor: int) -> bytes:
    content = bytearray()
    while len(content) <= SIZE_CAP and (part := os.pread(descriptor, SIZE_CAP + 1 - len(content), len(content))):
        content += part
    return bytes(content)


def _attributes(descriptor: int) -> tuple[tuple[str, bytes], ...]:
    """Those that a system keeps for itself (``security.``) it gives anew."""
    try:
        names = os.listxattr(descriptor)
    except (OSError, AttributeError):  # the disk has none; the system has none
        return ()
    kept = (name for name in names if name.startswith(("user.", "system.posix_acl_")))
    return tuple((name, os.getxattr(descriptor, name)) for name in kept)
