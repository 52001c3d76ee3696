"""Modes of files. The command line makes every file private; what editors share and the web shows is opened again.

Exports, reports, logs and the database hold readers' addresses: with the usual umask 022 any account could read them.
"""

from __future__ import annotations

import os
from pathlib import Path

_PRIVATE = 0o077

#: The umask that the process was started with; None until ``keep_private``.
_account_umask: int | None = None


def keep_private() -> None:
    """From now on, files that this process and its children make are for its account only. Called once, at the start.

    The umask belongs to the process: call it before there are threads.
    """
    global _account_umask  # reason: the umask itself is one for the process
    previous = os.umask(_PRIVATE)
    if _account_umask is None:
        _account_umask = previous


def share(path: Path) -> None:
    """Give a new file or folder the mode that the account's own umask gives: for issues, configuration, approvals."""
    if _account_umask is not None:
        path.chmod((0o777 if path.is_dir() else 0o666) & ~_account_umask)


def make_shared(folder: Path) -> None:
    """Make ``folder`` and the folders above it where they are missing, with modes as by ``share``."""
    if not folder.is_dir():
        make_shared(folder.parent)
        folder.mkdir(exist_ok=True)
        share(folder)


def make_public(path: Path) -> None:
    """Let every account read a picture that is on the web anyway, or its folder: a web server may be one of them."""
    path.chmod(0o755 if path.is_dir() else 0o644)
