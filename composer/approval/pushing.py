"""How an approval, or its end, gets to the server that sends."""

from __future__ import annotations

from pathlib import Path

from composer.locale import gettext as _


def is_under_git(folder: Path) -> bool:
    """Whether ``folder`` stands in a work tree of git."""
    return any((parent / ".git").exists() for parent in (folder, *folder.resolve().parents))


def pushing_words(folder: Path) -> str | None:
    """What to type after an approval in ``folder``, or its end; None where git is not used."""
    if not is_under_git(folder):
        return None
    return _(
        "Under git: the server that sends reads what is pushed: git add issues config schema, then git commit and "
        "git push"
    )
