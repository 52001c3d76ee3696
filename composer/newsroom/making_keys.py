"""Make a newsroom's keys: the secret key, by ``filigrane secret new``, and the address key, with the database."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.environment import ADDRESS_KEY_FILE, SECRET_FILE, address_key

_BYTES = 32


def new_key_text() -> str:
    """A new key, as it is written: 64 hexadecimal digits."""
    return token_hex(_BYTES)


def write_secret(root: Path) -> Path:
    """Write a new secret key to ``var/secret.key`` of the newsroom at ``root``, mode 0600. Returns the file.

    Raises ``Refused`` where one is there: links already sent depend on it. ``OutsideWorld`` where the disk refuses.
    """
    try:
        return _write(root, SECRET_FILE)
    except FileExistsError as error:
        message = _("{file} is there already, and links already sent depend on it: nothing was written")
        raise Refused(message.format(file=SECRET_FILE)) from error


def address_key_or_new(root: Path) -> bytes:
    """The newsroom's address key; where there is none, a new one, written to ``var/address.key``, mode 0600.

    For what makes a database, or the keys of all its addresses. The file is on the disk when this returns: what is
    committed then needs it. Raises as ``environment.address_key``, and ``OutsideWorld`` where the disk refuses.
    """
    key = address_key(root)
    if key is None:
        with suppress(FileExistsError):  # another process made it meanwhile
            _write(root, ADDRESS_KEY_FILE)
        key = address_key(root)
    assert key is not None
    return key


def _write(root: Path, name: str) -> Path:
    """A new key in the file ``name``: whole or not there, and never another account's to read."""
    path = root / name
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(new_key_text() + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        finally:
            draft.unlink()
        for folder in (path.parent, root):  # a name is on the disk once its folder is
            descriptor = os.open(folder, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
    except FileExistsError:
        raise
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=name, why=os_reason(error))) from error
    return path
