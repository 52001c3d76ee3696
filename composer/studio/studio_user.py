"""The one person at this machine, for whom ``filigrane preview`` opens the studio."""

from __future__ import annotations

from contextlib import suppress
from getpass import getuser
from pathlib import Path

from composer.studio.act import StudioUser
from composer.studio.saving.actor import Actor
from composer.studio.saving.git_tree import GitFailed, WorkTree


def user_here(root: Path) -> StudioUser:
    """The person as git signs in the work tree at ``root``; where it says none, by the name of the account."""
    signature = {"user.name": "", "user.email": ""}
    with suppress(GitFailed):
        tree = WorkTree.of(root)
        for key in signature if tree is not None else ():
            assert tree is not None
            signature[key] = tree.run("config", "--get", key).out.decode("utf-8", "replace").strip()
    name, address = signature.values()
    with suppress(OSError, KeyError):  # an account without a name
        name = name or getuser()
    return StudioUser(Actor(name, address))
