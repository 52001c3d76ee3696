"""Save a change of one file: the file as it stands when it is written, and what another program saved meanwhile.

One loop. The change is made on what the file holds, and the result exchanged with it. If what was displaced is not
what the change was made on, another program saved in between, and its words are in hand: the change is made on those,
and exchanged again. Nothing is swapped back and believed: each exchange is looked at like the first. A change that
those words refuse (the same sentence was changed) leaves them in the file, and the span in the journal.

Killed at any instant, the file is whole: either of before or of after. What a killed save had in hand lies beside the
file under a hidden name, and the next save takes it into the history.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Self

from composer.clock import elapsed, now
from composer.errors import OutsideWorld, Refused
from composer.issue.revision.model import Revision
from composer.locale import gettext as _
from composer.source.characters import passed_over
from composer.source.quoting import split_lines
from composer.source.reading import SIZE_CAP, clean
from composer.studio.saving.actor import Actor
from composer.studio.saving.bursts import IDLE, Bursts
from composer.studio.saving.exchange import Snapshot, exchange, left_beside, new_beside, read_settled, sync
from composer.studio.saving.journal import AcceptedSpan, Journal, no_longer_there, put_back, span_of, stands, undone
from composer.studio.saving.kept_versions import WhyKept, adopt, keep
from composer.studio.saving.saved_file import HISTORY, PATIENCE, SavedFile, held_alone, opened_file, parts_of

#: Exchanges of one save, while another program saves the same file again and again.
TRIES = 200

_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Saved:
    """When, in UTC, and the text of the file then, without its byte order mark; ``span``: the id of the accepted span,
    empty where the file said it already."""

    at: datetime
    text: str
    span: str = ""


class Contended(OutsideWorld):
    """Another program saved the file again and again. What it saved last and the file as it was saved here are both
    in the file's history."""


class Keeper:
    """Saves files of the newsroom at ``root``, from any number of threads. Opened (``with``), it ends bursts by
    itself: see ``bursts``."""

    def __init__(self, root: Path, idle: float = IDLE) -> None:
        self._root = root.resolve()
        self._bursts = Bursts(self._root, idle)

    def __enter__(self) -> Self:
        self._bursts.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bursts.close()

    @property
    def root(self) -> Path:
        return self._root

    def save(
        self, path: Path, change: Callable[[str], Revision], actor: Actor, *, keeping: WhyKept | None = None
    ) -> Saved:
        """Make ``change`` in the file at ``path``.

        ``change`` gets the text as typed, without its byte order mark; it is to read that, not the file, and is called
        again where the file changed meanwhile. What it returns may be of that text as ``source`` reads it: what is
        not read stays in the file. What it raises is raised, with the file as the other programs left it.
        ``keeping``: keep what stood there as a version, and why.

        Raises ``OutsideNewsroom``, ``FileMissing``, ``BeingSaved``, ``Contended``, ``Refused`` for a text that cannot
        be written, and ``OutsideWorld`` where the disk refuses. Nothing is saved then.
        """
        with opened_file(self._root, path) as saved, held_alone(saved):
            _take_in_left(saved)
            save = _Save(saved, change, actor, keeping)
            done = save.run()
        if save.wrote:
            self._bursts.noted(parts_of(self._root, path), actor, save.found)
        return done

    def missing(self, path: Path) -> list[AcceptedSpan]:
        """The accepted spans that the file lacks, the oldest first: a text editor saved what it had read before them.

        Raises as ``save`` does.
        """
        if not self._root.joinpath(*HISTORY, *parts_of(self._root, path)).is_dir():
            return []
        with opened_file(self._root, path) as saved, held_alone(saved):
            _take_in_left(saved)
            text = _decoded(read_settled(saved.folder, saved.name).content, saved)
            return no_longer_there(Journal(saved.history).spans(), text)

    def put_back(self, path: Path, id: str, actor: Actor) -> Saved:
        """Put the missing span ``id`` back where it was. Raises as ``save`` does, and ``Unplaced``."""
        span = self._missing(path, id)
        return self.save(path, lambda text: put_back(span, text), actor)

    def undo(self, path: Path, id: str, actor: Actor) -> Saved:
        """Put the lines of the accepted span ``id`` back as they were before it. Raises as ``save`` does, and
        ``Unplaced``."""
        span = next((each for each in self.spans(path) if each.id == id and each.state != "refused"), None)
        if span is None:
            raise Refused(_("the studio has no such change of this file to take back"))
        return self.save(path, lambda text: undone(span, text), actor)

    def spans(self, path: Path) -> list[AcceptedSpan]:
        """The accepted spans of the file, the oldest first. Raises as ``save`` does."""
        if not self._root.joinpath(*HISTORY, *parts_of(self._root, path)).is_dir():
            return []
        with opened_file(self._root, path) as saved, held_alone(saved):
            return Journal(saved.history).spans()

    def dismiss(self, path: Path, id: str) -> None:
        """Offer the missing span ``id`` no more. It stays in the journal. Raises as ``save`` does."""
        span = self._missing(path, id)
        with opened_file(self._root, path) as saved, held_alone(saved):
            Journal(saved.history).note({"id": span.id, "state": "dismissed", "at": now().isoformat()})

    def waits_for(self, path: Path) -> str:
        """Why the last burst is not committed yet though it is over, or never will be, for people; empty where nothing
        is in its way."""
        return self._bursts.waits_for(parts_of(self._root, path))

    def _missing(self, path: Path, id: str) -> AcceptedSpan:
        found = next((span for span in self.missing(path) if span.id == id), None)
        if found is None:
            raise Refused(_("there is nothing to put back: the words are in the file"))
        return found


class _Save:
    """One save. ``wrote``: the file is another. ``found``: the digest of what another program had left in it."""

    def __init__(
        self, saved: SavedFile, change: Callable[[str], Revision], actor: Actor, keeping: WhyKept | None
    ) -> None:
        self._saved, self._change, self._actor, self._keeping = saved, change, actor, keeping
        self._journal = Journal(saved.history)
        self._span: AcceptedSpan | None = None
        self._noted: AcceptedSpan | None = None  # as the journal has it
        self._first, self._last = b"", ""  # what the file held at first, and the digest of what was last saved here
        self._displaced: list[str] = []  # names of files that other programs saved meanwhile
        self.wrote, self.found = False, ""

    def run(self) -> Saved:
        folder, name = self._saved.folder, self._saved.name
        self._last = self._journal.last_digest()
        base = read_settled(folder, name)  # what the change is made on
        wanted = self._wanted(base)
        if wanted == base.content:
            return self._said(wanted)
        if self._keeping is not None:
            keep(self._saved.history, base.content, self._keeping)
        self._first = base.content
        there, held = base.content, ""  # what the file should hold; a displaced file, to be put back
        refusal: Exception | None = None
        returned = False  # what the file should hold is what another program saved, put back
        deadline, turn = elapsed() + PATIENCE, 0
        while turn < TRIES and elapsed() < deadline:
            turn += 1
            if refusal is None:
                # Made again, it is synced only once it stays: meanwhile another program would save once more.
                new = new_beside(folder, name, wanted, base, synced=turn == 1)
            else:  # the displaced file itself, as it was
                new, held = held, ""
            try:
                exchange(folder, new, name)
            except OSError:
                if refusal is None:
                    os.unlink(new, dir_fd=folder)
                raise
            self.wrote = True
            displaced = read_settled(folder, new)
            if displaced.content == there:
                sync(folder, name)
                if returned:
                    self._displaced.append(new)
                else:
                    displaced = self._let_go(new, there)
            self._displaced += [held] if held else []
            if displaced.content == there:
                return self._ended(wanted, refusal)
            there, held, base, returned = wanted, new, displaced, refusal is not None
            self.found = _digest(base.content)
            wanted, refusal = self._wanted_again(base)
        self._displaced.append(held)
        self._keep_displaced()
        keep(self._saved.history, there, "contended", [self._actor.signed])
        self._keep_found()
        message = _(
            "{file} is being saved again and again by another program: close it there, and try again. Both versions "
            "are in the file's history"
        )
        raise Contended(message.format(file=self._saved.file))

    def _wanted_again(self, base: Snapshot) -> tuple[bytes, Exception | None]:
        """The bytes that the file is to hold; where the change is refused, those of ``base``, and why."""
        try:
            return self._wanted(base), None
        except Exception as error:  # noqa: BLE001 # reason: whatever it is, first the file gets its words again
            return base.content, error

    def _wanted(self, base: Snapshot) -> bytes:
        """The bytes of ``base`` with the change; the journal has its span first."""
        old = _decoded(base.content, self._saved)
        if self._span is not None and stands(self._span, old):
            return base.content  # another program read it from the file, and saved it
        change = self._change(old)
        start, end, new = _placed(old, change, self._saved)
        if new == old:
            return base.content
        wanted = _encoded(new, base.content, self._saved)
        span = span_of(
            old, new, (start, end), (self._actor.name, self._actor.address), (_digest(base.content), _digest(wanted))
        )
        # Of a save that is made again, the first base: what was displaced is known to be nowhere else until it ends.
        known, self._span = self._span, span
        if known is not None:
            self._span = replace(span, id=known.id, base=known.base)
        if known is None or known.after != span.after:
            self._note()
        return wanted

    def _note(self) -> None:
        if self._span is not None and self._span != self._noted:
            self._journal.add(self._span)
            self._noted = self._span

    def _let_go(self, held: str, content: bytes) -> Snapshot:
        """What the displaced file ``held`` holds. Where it is ``content``, which is in the file now, it is removed;
        into the history, where a program has it open still."""
        last = read_settled(self._saved.folder, held, removed_if=content)
        if last.content == content and not last.removed:
            adopt(self._saved.history, self._saved.folder, held, "found")
        return last

    def _ended(self, content: bytes, refusal: Exception | None) -> Saved:
        self._keep_displaced()
        if refusal is not None:
            self.wrote = False
            if self._span is not None:
                self._journal.note({"id": self._span.id, "state": "refused", "at": now().isoformat()})
            raise refusal
        self._note()
        self._keep_found()
        return self._said(content)

    def _keep_displaced(self) -> None:
        """Keep what other programs saved meanwhile. One that had read the file in between may take its words back."""
        for name in self._displaced:
            adopt(self._saved.history, self._saved.folder, name, "found")

    def _said(self, content: bytes) -> Saved:
        return Saved(now(), _decoded(content, self._saved), self._span.id if self._span is not None else "")

    def _keep_found(self) -> None:
        """Keep what another program had left in the file as a version, where it was changed here for the first time."""
        if self._last != _digest(self._first):
            self.found = self.found or _digest(self._first)
            keep(self._saved.history, self._first, "found")


def _take_in_left(saved: SavedFile) -> None:
    """What a save that was killed left beside the file: words of another program go into the history."""
    left = left_beside(saved.folder, saved.name)
    if not left:
        return
    known = {digest for span in Journal(saved.history).spans() for digest in (span.base, span.new)}
    known.add(_digest(read_settled(saved.folder, saved.name).content))
    for name in left:
        content = read_settled(saved.folder, name).content
        if _digest(content) in known or not content:
            os.unlink(name, dir_fd=saved.folder)
        else:
            adopt(saved.history, saved.folder, name, "cut-short")


def _placed(old: str, change: Revision, saved: SavedFile) -> tuple[int, int, str]:
    """The range of ``old`` that changes, and the whole new text. Raises ``Refused`` where they do not agree."""
    start, end, read = change.start, change.end, clean(old, saved.name, [])[0]
    if old[:start] + change.new + old[end:] == change.text:
        return start, end, change.text
    if read != old:  # characters that are not read: they stay where they are
        start, end = _typed(old, read, start), _typed(old, read, end)
    new = old[:start] + change.new + old[end:]
    if new != change.text and clean(new, saved.name, [])[0] != clean(change.text, saved.name, [])[0]:
        raise Refused(_("{file} holds characters that are not read there: take them out first").format(file=saved.file))
    return start, end, new


def _typed(old: str, read: str, at: int) -> int:
    """Where in the text as typed the letter ``at`` of the text as read stands."""
    line_start = max(read.rfind("\n", 0, at), read.rfind("\r", 0, at)) + 1
    number = len(split_lines(read[:line_start])) - 1
    lines = split_lines(old)
    start = sum(map(len, lines[:number])) + _ends(old, number)
    return start + at - line_start + passed_over(lines[number], at - line_start)


def _ends(text: str, count: int) -> int:
    """How many letters the first ``count`` line ends have."""
    position = found = 0
    for line in split_lines(text)[:count]:
        position += len(line)
        size = 2 if text.startswith("\r\n", position) else 1
        position, found = position + size, found + size
    return found


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _decoded(content: bytes, saved: SavedFile) -> str:
    if len(content) > SIZE_CAP:
        raise Refused(_("{file} is too large: {cap} bytes at most").format(file=saved.file, cap=SIZE_CAP))
    try:
        return content.removeprefix(_MARK).decode()
    except UnicodeDecodeError as error:
        message = _("{file} is not in UTF-8: save it so in a text editor first")
        raise Refused(message.format(file=saved.file)) from error


def _encoded(text: str, old: bytes, saved: SavedFile) -> bytes:
    try:
        content = _MARK * old.startswith(_MARK) + text.encode()
    except UnicodeEncodeError as error:
        raise Refused(_("there is half of a character in these words: type it again")) from error
    _decoded(content, saved)
    return content
