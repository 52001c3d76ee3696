"""Atomic writes of folders and files: complete or absent, whatever happens during the write."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex

from composer.errors import OutsideWorld
from composer.file_modes import make_shared, share
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason


def put_whole(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replace the content of ``folder`` by ``files`` (relative name → content).

    Everything is written and synced in a hidden folder beside it, then renamed. POSIX cannot exchange two folders in
    one step: a process killed between the two renames leaves no approval, so that the issue is held, and the old one
    in a hidden folder. Raises ``OutsideWorld`` where the disk refuses; the former content then remains.
    """
    new, old = _beside(folder), _beside(folder)
    try:
        new.mkdir()
        for name, content in files.items():
            make_shared((new / name).parent)
            _write(new / name, content)
            share(new / name)
        share(new)
        for inner in {(new / name).parent for name in files}:
            _sync(inner)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        _sync(folder.parent)
    except OSError as error:
        if old.exists() and not folder.exists():
            old.rename(folder)
        message = _("{folder} cannot be written: {why}")
        raise OutsideWorld(message.format(folder=folder.name, why=os_reason(error))) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def discard(folder: Path) -> None:
    """Remove ``folder`` atomically, as seen by other processes. Raises ``OutsideWorld`` where the disk refuses."""
    hidden = _beside(folder)
    try:
        folder.rename(hidden)
        _sync(folder.parent)
    except OSError as error:
        message = _("{folder} cannot be removed: {why}")
        raise OutsideWorld(message.format(folder=folder.name, why=os_reason(error))) from error
    shutil.rmtree(hidden, ignore_errors=True)


def put_file(path: Path, content: bytes) -> None:
    """Write ``path`` atomically, as seen by other processes. Raises ``OSError`` where the disk refuses."""
    new = _beside(path)
    try:
        _write(new, content)
        new.replace(path)
        _sync(path.parent)
    finally:
        new.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{token_hex(4)}")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
