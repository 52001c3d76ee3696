"""Make a newsroom's secret key: ``filigrane secret new``."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.newsroom.environment import SECRET_FILE

_BYTES = 32


def new_key_text() -> str:
    """A new key, as it is written: 64 hexadecimal digits."""
    return token_hex(_BYTES)


def write_secret(root: Path) -> Path:
    """Write a new secret key to ``var/secret.key`` of the newsroom at ``root``, mode 0600. Returns the file.

    Raises ``Refused`` where one is there: links already sent depend on it. ``OutsideWorld`` where the disk refuses.
    """
    path = root / SECRET_FILE
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(new_key_text() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        message = _("{file} is there already, and links already sent depend on it: nothing was written")
        raise Refused(message.format(file=SECRET_FILE)) from error
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=SECRET_FILE, why=error.strerror)) from error
    return path
