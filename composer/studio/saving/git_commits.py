"""Commit one file of the newsroom, as its authors: never a merge, a rebase, a push, or anything by force.

``git commit --only`` leaves staged what others staged. Where the file itself was staged otherwise, what was staged is
kept in its history.
"""

from __future__ import annotations

import os
from collections.abc import Sequence, Set
from dataclasses import dataclass
from hashlib import sha256

from composer.locale import gettext as _
from composer.studio.saving.actor import Actor
from composer.studio.saving.exchange import read_settled
from composer.studio.saving.git_tree import GitFailed, WorkTree
from composer.studio.saving.kept_versions import keep
from composer.studio.saving.pictures_beside import kept_in
from composer.studio.saving.saved_file import SavedFile

#: What stands in git's folder while something is under way. A commit would fall into the middle of it.
_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "sequencer", "rebase-merge", "rebase-apply")


@dataclass(frozen=True)
class Committed:
    """``commit`` is its hash; None where there was nothing to commit: the person did it."""

    commit: str | None


@dataclass(frozen=True)
class Waiting:
    """Not now, and why: it is tried again."""

    why: str


@dataclass(frozen=True)
class NotInGit:
    """Git does not hold this file, and why where it could; ``var/history`` does."""

    why: str | None = None


def commit_file(
    tree: WorkTree, saved: SavedFile, authors: Sequence[Actor], found: Set[str], message: Sequence[str]
) -> Committed | Waiting | NotInGit:
    """Commit the file as it stands, with the pictures that were kept beside it for it, whatever else is staged.

    ``authors``: the first signs, the others are named. ``found``: digests of what other programs had left in the file;
    where that is not what git has, the message says that it is in this commit too. ``message``: its paragraphs.

    Raises ``OSError`` where the disk refuses.
    """
    try:
        return _held_up(tree) or _committed(tree, saved, authors, found, message)
    except GitFailed as error:
        return Waiting(error.why)


def _held_up(tree: WorkTree) -> Waiting | None:
    if any((tree.git_folder / each).exists() for each in _UNDER_WAY):
        return Waiting(_("a merge, or a rebase, is under way in git: end it first"))
    if (tree.git_folder / "index.lock").exists():
        return Waiting(_("another git command is under way, or was killed and left .git/index.lock"))
    if tree.run("symbolic-ref", "--quiet", "HEAD").code:
        return Waiting(_("git stands on no branch (detached HEAD): git switch to the one that is meant"))
    return None


def _committed(
    tree: WorkTree, saved: SavedFile, authors: Sequence[Actor], found: Set[str], message: Sequence[str]
) -> Committed | Waiting | NotInGit:
    file = saved.file
    if not os.access(saved.name, os.F_OK, dir_fd=saved.folder, follow_symlinks=False):
        return Committed(None)  # deleted since: that is the person's to commit
    if why := filtered(tree, file):
        return NotInGit(why)
    pictures = _pictures(tree, saved)
    if isinstance(pictures, NotInGit):
        return pictures
    entries = tree.checked(tree.run("ls-files", "--stage", "-z", "--", file)).split(b"\0")[:-1]
    if len(entries) > 1:
        return Waiting(_("a merge, or a rebase, is under way in git: end it first"))
    if entries:
        _keep_staged(tree, saved, entries[0].split()[1].decode())
    elif _is_ignored(tree, file):
        return NotInGit()
    else:
        tree.checked(tree.run("add", "--intent-to-add", "--", file, closed=True))
    others = "\n".join(f"Co-authored-by: {each.signed}" for each in authors[1:])
    foreign = _("With what another program had changed in the file, and was not committed.")
    said = [*message, *([foreign] if _is_foreign(tree, saved, found) else []), *([others] if others else [])]
    if pictures:
        tree.checked(tree.run("add", "--intent-to-add", "--", *pictures, closed=True))
    options = ("--only", "--quiet", "--no-verify", "--no-gpg-sign", "--cleanup=verbatim", "--file=-")
    words = "\n\n".join(said) + "\n"
    done = tree.run("commit", *options, "--", file, *pictures, said=words, signature=authors[0].signature, closed=True)
    if done.code == 1 and not done.err.strip():
        return Committed(None)
    tree.checked(done)
    return Committed(tree.checked(tree.run("rev-parse", "HEAD")).decode().strip())


def _pictures(tree: WorkTree, saved: SavedFile) -> list[str] | NotInGit:
    """The pictures that the file names and that were kept here: those that git has not, and does not ignore."""
    text = read_settled(saved.folder, saved.name).content.decode("utf-8", "replace")
    found = [f"{saved.file.rpartition('/')[0]}/{name}" for name in kept_in(saved, text)]
    committed = [each for each in found if tree.run("rev-parse", "--quiet", "--verify", f"HEAD:./{each}").code == 0]
    others = [each for each in found if each not in committed]
    new = [each for each in others if not _is_ignored(tree, each)]
    why = next(filter(None, (filtered(tree, each) for each in new)), "")
    return NotInGit(why) if why else new


def _is_ignored(tree: WorkTree, file: str) -> bool:
    """Whether ``.gitignore`` names a file that git has not. (`git check-ignore` takes no literal names.)"""
    asked = ("ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--", file)
    return bool(tree.checked(tree.run(*asked)))


def filtered(tree: WorkTree, file: str) -> str:
    """Why the studio does not commit a file to which ``.gitattributes`` gives a filter; empty for any other. Raises
    ``GitFailed``."""
    found = tree.checked(tree.run("check-attr", "-z", "filter", "--", file)).split(b"\0")[2:3]
    if found in ([b"unspecified"], [b"unset"]):
        return ""
    return _("git would run a filter on this file, and no program of the repository is started: commit it")


def _is_foreign(tree: WorkTree, saved: SavedFile, found: Set[str]) -> bool:
    """Whether git has the file, and not as other programs left it. It may hold other line ends than the work tree."""
    head = tree.run("cat-file", "blob", f"HEAD:./{saved.file}")
    if head.code:
        return False
    known = {sha256(content).hexdigest() for content in (head.out, head.out.replace(b"\n", b"\r\n"))}
    return bool(found - known)


def _keep_staged(tree: WorkTree, saved: SavedFile, staged: str) -> None:
    """Keep what the index holds of the file, where it is neither committed nor what the file says."""
    head = tree.run("rev-parse", "--quiet", "--verify", f"HEAD:./{saved.file}")
    if head.code == 0 and head.out.decode().strip() == staged:
        return
    content = tree.checked(tree.run("cat-file", "blob", staged))
    if content and content != read_settled(saved.folder, saved.name).content:
        keep(saved.history, content, "staged")
