"""The versions of a file, of git and of ``var/history``: listed, shown, compared in prose, brought back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from composer.errors import Refused
from composer.issue.revision.model import Revision
from composer.locale import gettext as _
from composer.source.reading import SIZE_CAP
from composer.studio.saving.actor import Actor
from composer.studio.saving.exchange import read_settled
from composer.studio.saving.git_tree import WorkTree
from composer.studio.saving.keeper import Keeper, Saved
from composer.studio.saving.kept_versions import content_in, dropped, is_kept, versions_in
from composer.studio.saving.prose_difference import ProsePassage, differing_passages
from composer.studio.saving.saved_file import opened_file, parts_of

#: Commits of a file that are listed.
MOST_COMMITS = 200

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_FORMAT = "--format=%H%x1f%ct%x1f%an <%ae>%x1f%s"


@dataclass(frozen=True)
class Version:
    """``id`` is the hash of a commit, or the name of a version kept in ``var/history``. ``why``: the first line of the
    commit's message, or one of ``kept_versions.WhyKept``; ``commit`` says which."""

    id: str
    at: datetime
    by: tuple[str, ...]
    why: str
    commit: bool


@dataclass(frozen=True)
class Versions:
    """The newest first. ``dropped``: the time of the newest one that is no longer kept; None where all are.
    ``more``: git has more commits than are listed."""

    found: tuple[Version, ...]
    dropped: datetime | None
    more: bool


@dataclass(frozen=True)
class VersionComparison:
    """``passages`` of the file that are otherwise in the version, as they would become. ``seen`` is what the file said:
    ``bring_back`` takes it."""

    passages: Sequence[ProsePassage]
    seen: str


class FileChanged(Refused):
    """The file is no longer what was compared. Nothing was changed."""


class History:
    """The versions of the files that ``keeper`` saves. Raises as ``Keeper.save`` does, and ``GitFailed``."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def versions(self, path: Path) -> Versions:
        """All versions of the file at ``path``."""
        with opened_file(self._keeper.root, path) as saved:
            kept, until = versions_in(saved.history), dropped(saved.history)
        commits = self._commits("/".join(parts_of(self._keeper.root, path)))
        own = [Version(each.id, each.at, each.by, each.why, False) for each in reversed(kept)]
        found = sorted((*own, *commits[:MOST_COMMITS]), key=lambda each: each.at, reverse=True)
        return Versions(tuple(found), until, len(commits) > MOST_COMMITS)

    def text(self, path: Path, id: str) -> str:
        """The text of the version ``id``. Raises ``Refused`` where there is none."""
        return _text(self._content(path, id))

    def compare(self, path: Path, id: str) -> VersionComparison:
        """The file as it stands, with what bringing the version ``id`` back would change in it."""
        old = self.text(path, id)
        with opened_file(self._keeper.root, path) as saved:
            now = _text(read_settled(saved.folder, saved.name).content)
        return VersionComparison(differing_passages(now, old), _digest(now))

    def bring_back(self, path: Path, id: str, seen: str, actor: Actor) -> Saved:
        """Make the file what the version ``id`` says, with the file's own line ends. What it says now is kept.

        ``seen`` is that of the comparison that was looked at. Raises ``FileChanged`` where the file was changed since.
        """
        old = self.text(path, id)

        def brought(text: str) -> Revision:
            if _digest(text) != seen:
                raise FileChanged(_("the file was changed meanwhile: look at the difference again"))
            return _replacement(text, _with_ends_of(old, text))

        return self._keeper.save(path, brought, actor, keeping="replaced")

    def _commits(self, file: str) -> list[Version]:
        tree = WorkTree.of(self._keeper.root)
        if tree is None or tree.run("rev-parse", "--quiet", "--verify", "HEAD").code:  # nothing is committed yet
            return []
        options = ("-z", _FORMAT, f"--max-count={MOST_COMMITS + 1}", "--no-show-signature", "--no-mailmap")
        out = tree.checked(tree.run("log", *options, "--", file)).decode("utf-8", "replace")
        found = []
        for line in out.split("\0"):
            if len(parts := line.split("\x1f", 3)) == 4:
                hash_, at, by, subject = parts
                found.append(Version(hash_, datetime.fromtimestamp(int(at), UTC), (by,), subject, True))
        return found

    def _content(self, path: Path, id: str) -> bytes:
        missing = Refused(_("there is no such version"))
        if is_kept(id):
            with opened_file(self._keeper.root, path) as saved:
                try:
                    return content_in(saved.history, id)
                except FileNotFoundError:
                    raise missing from None
        tree = WorkTree.of(self._keeper.root) if _COMMIT.fullmatch(id) else None
        if tree is None:
            raise missing
        name = f"{id}:./{'/'.join(parts_of(self._keeper.root, path))}"
        size = tree.run("cat-file", "-s", name)
        if size.code or int(size.out) > SIZE_CAP:
            raise missing
        return tree.checked(tree.run("cat-file", "blob", name))


def _text(content: bytes) -> str:
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        raise Refused(_("this version is not in UTF-8, and cannot be shown")) from error


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _with_ends_of(text: str, like: str) -> str:
    """``text``, with the line ends of ``like`` where it has but one kind of them: git may hold others."""
    if "\r\n" in like and "\r" not in text:
        return text.replace("\n", "\r\n")
    return text.replace("\r\n", "\n") if "\r" not in like else text


def _replacement(old: str, new: str) -> Revision:
    """The lines of ``old`` that differ, in one range."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    most = min(len(before), len(after))
    first = next((at for at in range(most) if before[at] != after[at]), most)
    most -= first
    last = next((at for at in range(most) if before[-1 - at] != after[-1 - at]), most)
    start, end = len("".join(before[:first])), len(old) - len("".join(before[len(before) - last :]))
    return Revision(new, start, end, new[start : len(new) - (len(old) - end)])
