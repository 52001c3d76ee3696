"""Are keys and database for the account of the processes only? A check of ``filigrane doctor``."""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path
from shlex import quote

from composer.database import parse_url
from composer.errors import Refused
from composer.locale import gettext as _
from composer.newsroom.environment import database_url, key_files
from composer.newsroom.model import Newsroom


def look_at_modes(newsroom: Newsroom) -> str:
    """The sentence that all is well. Raises ``Refused``, with a command for each file that other accounts can read."""
    keys = [path for path in key_files(newsroom.root, newsroom.settings) if path.is_file()]
    database = [path for path in _database(newsroom) if path.is_file()]
    troubles = [said for path in (*keys, *database) if (said := _trouble(path, newsroom.root))]
    if troubles:
        raise Refused("\n".join(troubles))
    if not keys and not database:
        return _("there is no file of a key or of the database here")
    if not keys:
        return _("the database is for this account only; there is no file of a key here")
    if not database:
        return _("keys are for this account only; there is no file of the database here")
    return _("keys and database are for this account only")


def _database(newsroom: Newsroom) -> list[Path]:
    """SQLite's file and those beside it, whether they are there or not."""
    url = parse_url(database_url(newsroom))
    if url.get_backend_name() != "sqlite" or not url.database:
        return []
    return [newsroom.root / f"{url.database}{end}" for end in ("", "-wal", "-shm")]


def _trouble(path: Path, root: Path) -> str | None:
    state = path.stat()
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    if state.st_uid not in (os.geteuid(), 0) and os.geteuid() != 0:
        message = _("{file} belongs to the account {owner}, which can read and change it: {command}")
        command = f"chown {_account(os.geteuid())} {quote(shown)}"
        return message.format(file=shown, owner=_account(state.st_uid), command=command)
    # root:filigrane 0640 is how a secret is given to one account
    allowed = stat.S_IRGRP if state.st_uid == 0 and state.st_gid != 0 else 0
    if state.st_mode & 0o077 & ~allowed:
        message = _("{file} can be read or changed by other accounts: {command}")
        return message.format(file=shown, command=f"chmod {'640' if allowed else '600'} {quote(shown)}")
    return None


def _account(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
