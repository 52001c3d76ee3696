"""Offer git to a new newsroom: the server that sends reads what is pushed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from composer.approval.pushing import is_under_git
from composer.cli.say import ask, say
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason

#: Seconds that ``git init`` may take.
_PATIENCE = 30


def offer_git(folder: Path, wanted: bool | None) -> None:
    """Run ``git init`` in ``folder`` where ``wanted``, or where the answer at a terminal is yes; then say what is
    committed and what never. Nothing is committed. A failure of git is said, and the newsroom is whole all the same.
    """
    if is_under_git(folder):
        _say_what_is_committed()
        return
    if wanted is False:
        return
    program = shutil.which("git")
    if program is None:
        say(_("git is not installed on this machine: without it, nothing of this newsroom gets to a server"), err=True)
        return
    if wanted is None and not (_terminal() and ask(_("Put this newsroom under git (git init)?"))):
        say(_("It is not under git yet; when you want it: git init, in its folder"), err=True)
        return
    try:
        done = subprocess.run(  # noqa: S603 # reason: always git, with our own arguments
            [program, "init", "--quiet"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
        why = done.stderr.decode("utf-8", "replace").strip() if done.returncode else None
    except (OSError, subprocess.TimeoutExpired) as error:
        why = os_reason(error) if isinstance(error, OSError) else str(error)
    if why is not None:
        say(_("git init did not succeed: {why}").format(why=why), err=True)
        return
    _say_what_is_committed()


def _terminal() -> bool:
    return sys.stdin.isatty()


def _say_what_is_committed() -> None:
    told = _(
        "Under git: commit everything but var/ (.gitignore keeps it away: it holds the readers and the keys). Once the "
        'models are replaced: git add -A, then git commit -m "A new newsroom"'
    )
    say(told, err=True)
