"""Bursts: the saves of one file, one soon after another, become one commit, or one version where git has no say.

A burst is over after ``IDLE`` seconds without a save, or when the studio is closed. What cannot be committed yet (a
merge under way) stays in the journal and in ``var/history``, is said, and is tried again. A studio that was killed
finds its open bursts in the journals.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from composer import locale
from composer.clock import now
from composer.errors import FiligraneError
from composer.locale import Language, ngettext
from composer.locale import gettext as _
from composer.source.opening import PRIVATE
from composer.studio.saving.actor import Actor
from composer.studio.saving.exchange import read_settled
from composer.studio.saving.git_commits import Committed, NotInGit, Waiting, commit_file, filtered
from composer.studio.saving.git_tree import GitFailed, WorkTree
from composer.studio.saving.journal import JOURNAL_DAYS, Journal
from composer.studio.saving.kept_versions import drop_old, keep
from composer.studio.saving.saved_file import HISTORY, SavedFile, held_alone, opened_file

#: Seconds without a save after which a burst is over, and after which what waits is tried again.
IDLE, RETRY_AFTER = 60.0, 60.0
#: Seconds that closing may take for all open bursts; the others are found when the studio is opened again.
CLOSING = 60.0


@dataclass
class Burst:
    """``found``: digests of what other programs had left in the file when it was changed here."""

    authors: list[Actor] = field(default_factory=list)
    saves: int = 0
    found: set[str] = field(default_factory=set)
    due: float = 0.0  #: by the process's own clock
    why: str = ""  #: what it waits for


class Bursts:
    """The open bursts of the newsroom at ``root``, by the names of each file's folders and its own."""

    def __init__(self, root: Path, idle: float = IDLE) -> None:
        self._root, self._idle = root, idle
        self._open: dict[tuple[str, ...], Burst] = {}
        self._filters: dict[tuple[str, ...], tuple[float, str]] = {}  # until when it is known, and why
        self._changed = threading.Condition()
        self._language: Language = locale.language()
        self._thread: threading.Thread | None = None
        self._closing = False

    def start(self) -> None:
        """Find the bursts that a studio left, drop old history, and end bursts from now on, in a thread."""
        with suppress(OSError):
            self._find_left()  # before anything is saved: what is under way is no open burst of an earlier studio
        self._thread = threading.Thread(target=self._run, name="bursts", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End all bursts now, within ``CLOSING`` seconds."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(CLOSING)

    def noted(self, parts: tuple[str, ...], actor: Actor, found: str) -> None:
        """A save of the file ``parts`` by ``actor``, who found there what another program left, unless empty."""
        with self._changed:
            self._language = locale.language()
            burst = self._open.setdefault(parts, Burst())
            if actor not in burst.authors:
                burst.authors.append(actor)
            burst.saves += 1
            burst.found |= {found} - {""}
            burst.due = monotonic() + self._idle
            self._changed.notify_all()

    def waits_for(self, parts: tuple[str, ...]) -> str:
        """Why the file's last burst is not committed though it is over, or will not be: a filter is given to the file.
        Empty where nothing is in its way."""
        with self._changed:
            burst = self._open.get(parts)
            why = burst.why if burst else ""
        return why or self._filtered(parts)

    def _filtered(self, parts: tuple[str, ...]) -> str:
        """Looked at again after ``RETRY_AFTER``: a page is drawn at each change of a file."""
        until, why = self._filters.get(parts, (0.0, ""))
        if monotonic() >= until:
            try:
                tree = WorkTree.of(self._root)
                why = filtered(tree, "/".join(parts)) if tree else ""
            except GitFailed:
                why = ""  # said where a commit is tried
            self._filters[parts] = (monotonic() + RETRY_AFTER, why)
        return why

    def _run(self) -> None:
        with suppress(OSError):
            drop_old(self._root)
        while True:
            with self._changed:
                while not self._closing and not self._due():
                    times = [burst.due for burst in self._open.values()]
                    self._changed.wait(max(0.0, min(times) - monotonic()) if times else None)
                closing, due = self._closing, self._due()
                if closing:
                    due = [*self._open.items()]
                for parts, _burst in due:
                    del self._open[parts]
            locale.use(self._language)
            for parts, burst in due:
                self._end(parts, burst)
            if closing:
                return

    def _due(self) -> list[tuple[tuple[str, ...], Burst]]:
        return [(parts, burst) for parts, burst in self._open.items() if burst.due <= monotonic()]

    def _end(self, parts: tuple[str, ...], burst: Burst) -> None:
        """Commit or keep what the file says. What waits is an open burst again."""
        try:
            with opened_file(self._root, self._root.joinpath(*parts)) as saved:
                burst.why = self._committed(saved, burst)
        except FiligraneError as error:
            burst.why = str(error)
        if burst.why:
            burst.due = monotonic() + RETRY_AFTER
            with self._changed:
                later = self._open.setdefault(parts, burst)
                if later is not burst:  # saved again meanwhile
                    later.authors[:0] = [each for each in burst.authors if each not in later.authors]
                    later.saves += burst.saves
                    later.found |= burst.found

    def _committed(self, saved: SavedFile, burst: Burst) -> str:
        """What it waits for."""
        try:
            tree = WorkTree.of(self._root)
            done = commit_file(tree, saved, burst.authors, burst.found, _message(saved, burst)) if tree else NotInGit()
        except GitFailed as error:
            done = Waiting(error.why)
        with held_alone(saved):
            if isinstance(done, Committed):
                Journal(saved.history).note({"committed": done.commit, "at": now().isoformat()})
                return ""
            with suppress(FileNotFoundError):  # deleted since
                content = read_settled(saved.folder, saved.name).content
                keep(saved.history, content, "saved", [each.signed for each in burst.authors])
            if isinstance(done, NotInGit):
                Journal(saved.history).note({"kept": True, "at": now().isoformat()})
                return ""
        return done.why

    def _find_left(self) -> None:
        """Take up again what journals hold saves of without a commit: the studio ended before the burst did."""
        top = (self._root / PRIVATE).resolve() / Path(*HISTORY[1:])
        since = now() - timedelta(days=JOURNAL_DAYS)
        for folder, _below, names in os.walk(top):
            if "journal.jsonl" not in names:
                continue
            parts = Path(folder).relative_to(top).parts
            with suppress(FiligraneError), opened_file(self._root, self._root.joinpath(*parts)) as saved:
                burst = _left(Journal(saved.history).entries(), since)
                if burst.saves:
                    with self._changed:
                        burst.due = monotonic()
                        self._open.setdefault(parts, burst)


def _left(entries: Sequence[dict[str, object]], since: datetime) -> Burst:
    burst, last = Burst(), ""
    for entry in entries:
        if "committed" in entry or "kept" in entry:
            burst = Burst()
        elif "after" in entry:
            if str(entry.get("at", "")) >= since.isoformat():
                actor = Actor(str(entry.get("name", "")), str(entry.get("address", "")))
                if actor not in burst.authors:
                    burst.authors.append(actor)
                burst.saves += 1
                burst.found |= {str(entry.get("base", ""))} - {last}
            last = str(entry.get("new", ""))
    return burst


def _message(saved: SavedFile, burst: Burst) -> tuple[str, str]:
    """Its subject, and how many changes it is."""
    name = "".join(letter if letter.isprintable() else "?" for letter in saved.file.removesuffix(".yaml"))
    subject = _("{issue}: written in the studio").format(issue=name.removeprefix("issues/"))
    return subject, ngettext("{count} change.", "{count} changes.", burst.saves).format(count=burst.saves)
