"""Forbid a process to change any file outside some folders: Linux's Landlock (landlock(7)), without privileges.

BUGS: kernels before 5.13, and system call filters that do not know it, forbid nothing. The units have
``ProtectSystem=strict`` for that.
"""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

#: System calls, of the same numbers on every architecture.
_CREATE, _ADD, _RESTRICT = 444, 445, 446

#: Bits of ``LANDLOCK_ACCESS_FS_*``: write a file, and remove or make whatever kind; truncate since version 3.
_CHANGES = sum(1 << bit for bit in (1, *range(4, 13)))
_TRUNCATE = 1 << 14

#: PR_SET_NO_NEW_PRIVS of prctl(2), which Landlock asks for.
_NO_NEW_PRIVILEGES = 38


def change_only_below(*folders: Path) -> bool:
    """From now on this thread, and what it starts, changes files below ``folders`` only. False where that is not so.

    For a process that has no other thread yet; nothing takes it back. Reading stays as it is. Raises ``OSError`` where
    a folder cannot be opened.
    """
    try:
        call = ctypes.CDLL(None, use_errno=True).syscall
    except (OSError, AttributeError):
        return False
    version = call(_CREATE, None, 0, 1)
    if version < 1:
        return False
    changes = _CHANGES | (_TRUNCATE if version >= 3 else 0)
    rules = call(_CREATE, ctypes.c_char_p(struct.pack("=Q", changes)), 8, 0)
    if rules < 0:
        return False
    try:
        for folder in folders:
            opened = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                if call(_ADD, rules, 1, ctypes.c_char_p(struct.pack("=Qi", changes, opened)), 0):
                    return False
            finally:
                os.close(opened)
        return not ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) and not call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)
