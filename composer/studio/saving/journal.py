"""The journal of a file: every span that the studio accepted, on the disk before the file changes.

A text editor that saves what it read earlier takes the desk's words back, and nothing can prevent it. So the journal
knows which accepted spans are no longer in the file (``no_longer_there``), and how to put one back (``put_back``).

``journal.jsonl``, one JSON object a line, 0600. A span is kept as the whole lines that it changed: one letter says
nothing. ``JOURNAL_BYTES`` and ``JOURNAL_DAYS`` bound it; the oldest go first.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice, takewhile
from secrets import token_hex
from typing import Any

from composer.clock import now
from composer.errors import Refused
from composer.issue.revision.model import Revision
from composer.locale import gettext as _

#: Of one file's journal, and days for which a line of it is kept.
JOURNAL_BYTES, JOURNAL_DAYS = 2_000_000, 90

_NAME = "journal.jsonl"
_TAIL = 100_000  #: bytes in which its first or last line is looked for
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class AcceptedSpan:
    """Lines ``before`` became ``after``, each with its line ends, and either of them possibly empty.

    ``line`` is where they begin in the file (from 1), ``above`` the nearest line above that is not blank, ``blank`` how
    many blank ones come after that. ``count`` is how often the lines ``after`` stood in the file then, and where they
    are none, the lines ``before``.
    """

    id: str
    at: str  #: ISO date and time, in UTC
    name: str
    address: str
    line: int
    above: str
    blank: int
    before: str
    after: str
    count: int
    base: str  #: SHA-256 of the file's bytes before
    new: str  #: and after
    state: str = ""  #: "refused" by the file as it became meanwhile; "dismissed" by the person who was offered it


class Unplaced(Refused):
    """The span cannot be put back where it was: its lines are no longer there as they were."""

    def __init__(self, span: AcceptedSpan) -> None:
        self.span = span
        super().__init__(
            _("the file has changed there since: copy the words from here, and put them where they belong")
        )


def span_of(old: str, new: str, range_: tuple[int, int], by: tuple[str, str], digests: tuple[str, str]) -> AcceptedSpan:
    """The change of the ``range_`` of ``old`` that made it ``new``, as whole lines. ``by``: name and address;
    ``digests``: of the file's bytes before and after."""
    start, end = range_
    first, written = _line_start(old, start), end + len(new) - len(old)  # where what was written ends in the new text
    if (
        start == first and _line_start(old, end) == end and _line_start(new, written) == written
    ):  # lines come or go, and the one below is not touched
        last_old, last_new = end, written
    else:
        last_old, last_new = _line_end(old, end), _line_end(new, written)
    before, after, (base, digest) = old[first:last_old], new[first:last_new], digests
    lines_above = _lines(old[:first])
    blank = next((count for count, line in enumerate(reversed(lines_above)) if line.strip()), len(lines_above))
    return AcceptedSpan(
        id=token_hex(8),
        at=now().isoformat(timespec="milliseconds"),
        name=by[0],
        address=by[1],
        line=len(lines_above) + 1,
        above=lines_above[-1 - blank] if blank < len(lines_above) else "",
        blank=blank,
        before=before,
        after=after,
        count=_times(_lines(new), _lines(after or before)),
        base=base,
        new=digest,
    )


class Journal:
    """The journal in the folder ``history``, a descriptor. All methods raise ``OSError``."""

    def __init__(self, history: int) -> None:
        self._history = history

    def spans(self) -> list[AcceptedSpan]:
        """In the order in which they were first accepted, each as it was last written."""
        found: dict[str, AcceptedSpan] = {}
        for entry in self.entries():
            if set(entry) >= {"id", "after"}:
                with suppress(TypeError):  # of another version of this program
                    span = AcceptedSpan(**{key: entry[key] for key in _FIELDS if key in entry})
                    found[span.id] = span
            elif entry.get("id") in found:
                found[entry["id"]] = replace(found[entry["id"]], state=str(entry.get("state", "")))
        return list(found.values())

    def add(self, span: AcceptedSpan) -> None:
        """Write the span, synced; in place of the one of the same ``id``."""
        self.note(asdict(span))

    def note(self, entry: Mapping[str, Any]) -> None:
        """Write one line, synced. ``{"id": …, "state": …}`` changes a span's state."""
        descriptor = os.open(
            _NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=self._history
        )
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            line = b"\n" * torn + _written(entry) + b"\n"
            while line:
                line = line[os.write(descriptor, line) :]
            os.fsync(descriptor)
            if size == 0:
                os.fsync(self._history)
            first = os.pread(descriptor, _TAIL, 0).partition(b"\n")[0]
        finally:
            os.close(descriptor)
        if size > JOURNAL_BYTES or _is_older(first, now() - timedelta(days=JOURNAL_DAYS + 1)):
            self._trim()

    def entries(self) -> list[dict[str, Any]]:
        """Its lines; one that was cut short is left out."""
        found = []
        for line in self._content().split(b"\n"):
            with suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict):
                    found.append(entry)
        return found

    def last_digest(self) -> str:
        """The digest of the file after the newest span; empty where there is none."""
        content = self._content()
        for line in reversed(content[-_TAIL:].split(b"\n")):
            with suppress(ValueError, TypeError, KeyError):
                return str(json.loads(line)["new"])
        spans = self.spans() if len(content) > _TAIL else []
        return spans[-1].new if spans else ""

    def _content(self) -> bytes:
        try:
            descriptor = os.open(_NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._history)
        except FileNotFoundError:
            return b""
        with os.fdopen(descriptor, "rb") as file:
            return file.read()

    def _trim(self) -> None:
        """Leave out what is too old, then the oldest above half of ``JOURNAL_BYTES``."""
        day = now() - timedelta(days=JOURNAL_DAYS)
        lines = [line for line in self._content().split(b"\n") if line and not _is_older(line, day)]
        size = sum(len(line) + 1 for line in lines)
        while lines and size > JOURNAL_BYTES // 2:
            size -= len(lines.pop(0)) + 1
        new = f".{_NAME}.{token_hex(4)}"
        descriptor = os.open(
            new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=self._history
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(b"".join(line + b"\n" for line in lines))
            file.flush()
            os.fsync(descriptor)
        os.replace(new, _NAME, src_dir_fd=self._history, dst_dir_fd=self._history)
        os.fsync(self._history)


def stands(span: AcceptedSpan, text: str) -> bool:
    """True if what ``span`` did is in ``text``: its lines as often as after it was accepted, or those it took out."""
    if span.after:
        return _times(_lines(text), _lines(span.after)) >= span.count
    return _times(_lines(text), _lines(span.before)) <= span.count


def no_longer_there(spans: Sequence[AcceptedSpan], text: str) -> list[AcceptedSpan]:
    """The accepted spans that another program took out: ``text`` lacks them, and the studio did not change them since.

    Where several changed the same lines one after another, the last of them, from the lines of before the first.
    """
    lines = _lines(text)
    there, words = Counter(lines), [Counter(_words(line)) for line in lines]
    found: list[AcceptedSpan] = []
    changed: Counter[str] = Counter()  # lines that a later span changed
    written: Counter[str] = Counter()  # lines that a later span wrote
    for number, span in reversed([*enumerate(spans)]):
        if span.state == "refused":
            continue
        before, after = _lines(span.before), _lines(span.after)
        if not span.state and (
            any(not _is_there(line, before, there, words, changed) for line in after if line not in before)
            or (not after and not stands(span, text) and not all(line in written for line in before))
        ):
            found.append(_from_the_first(span, spans[:number], lines))
        changed.update(before)
        written.update(after)
    return found[::-1]


def put_back(span: AcceptedSpan, text: str) -> Revision:
    """``text`` with the lines of ``span`` where they were. Raises ``Unplaced`` where that is not known."""
    return Revision(text, 0, 0, "") if stands(span, text) else _replaced(span, text)


def undone(span: AcceptedSpan, text: str) -> Revision:
    """``text`` with the lines of ``span`` as they were before it. Where nothing was saved since, that is byte for byte;
    raises ``Unplaced`` where something was, and where they stand now is not known."""
    back = replace(span, before=span.after, after=span.before)
    if span.new not in (sha256(mark + text.encode()).hexdigest() for mark in (b"", b"\xef\xbb\xbf")):
        return _replaced(back, text)
    start = sum(len(match[0]) for match in islice(_LINE.finditer(text), span.line - 1))
    end = start + len(span.after)
    return Revision(text[:start] + span.before + text[end:], start, end, span.before)


def taken_out(span: AcceptedSpan) -> str:
    """The lines that ``span`` took out, parted by ``\\n`` and without blank ones around; empty where it wrote any."""
    before, after = _lines(span.before), _lines(span.after)
    kept = len(after)
    if span.state == "refused" or after not in (before[:kept], before[len(before) - kept :]):
        return ""
    return "\n".join(before[kept:] if after == before[:kept] else before[: len(before) - kept]).strip("\n")


def _replaced(span: AcceptedSpan, text: str) -> Revision:
    """``text`` with the lines after ``span`` for those before it, which stand in one place."""
    wanted, lines = _lines(span.before), [match for match in _LINE.finditer(text) if match[0]]
    bare = [_bare(match[0]) for match in lines]
    if wanted:
        places = [at for at in range(len(bare)) if bare[at : at + len(wanted)] == wanted]
        if len(places) != 1:
            raise Unplaced(span)
        start, end = lines[places[0]].start(), lines[places[0] + len(wanted) - 1].end()
    else:
        places = [at for at, line in enumerate(bare) if line == span.above] if span.above else []
        if len(places) != 1:
            raise Unplaced(span)
        blank = len([*takewhile(lambda line: not line.strip(), bare[places[0] + 1 :][: span.blank])])
        start = end = lines[places[0] + blank].end()
    line_end = "\r\n" if "\r\n" in text else "\n"
    new = "".join(line + line_end for line in _lines(span.after))
    if end == len(text) and not text.endswith(("\r", "\n")):
        new = line_end * (start == end) + new.removesuffix(line_end)
    return Revision(text[:start] + new + text[end:], start, end, new)


_FIELDS = tuple(field.name for field in fields(AcceptedSpan))


def _is_there(
    line: str, before: Iterable[str], there: Counter[str], words: Iterable[Counter[str]], changed: Counter[str]
) -> bool:
    """Whether ``line`` is in the text, or what was new in it, or a later span changed it."""
    if not line.strip() or there[line] or changed[line]:
        return True
    new = Counter(_words(line))
    nearest = max(words, key=lambda each: (each & new).total(), default=Counter[str]())
    if (was := max(before, key=lambda each: (Counter(_words(each)) & new).total(), default=None)) is not None:
        if there[was]:  # taken back
            return False
        new = new - Counter(_words(was))
    return not new - nearest


def _from_the_first(span: AcceptedSpan, earlier: Sequence[AcceptedSpan], lines: Sequence[str]) -> AcceptedSpan:
    for each in reversed(earlier):
        if (
            span.before
            and each.after == span.before
            and each.state != "refused"
            and not _times(lines, _lines(span.before))
        ):
            span = replace(span, before=each.before, above=each.above, blank=each.blank, line=each.line)
    return span


def _written(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _words(line: str) -> list[str]:
    return _WORD.findall(line)


def _bare(line: str) -> str:
    return line.rstrip("\r\n")


def _lines(text: str) -> list[str]:
    """Its lines, without their ends; nothing after the last end."""
    return [_bare(match[0]) for match in _LINE.finditer(text) if match[0]]


def _times(lines: Sequence[str], some: Sequence[str]) -> int:
    """How often ``some`` stand in ``lines``, one after another."""
    if not some:
        return 0
    return sum(lines[at : at + len(some)] == some for at in range(len(lines) - len(some) + 1))


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _line_end(text: str, at: int) -> int:
    """Behind the line that ``at`` stands in."""
    match = _LINE.match(text, at)
    return match.end() if match else len(text)


def _is_older(line: bytes, day: datetime) -> bool:
    try:
        at = datetime.fromisoformat(str(json.loads(line)["at"]))
        return at < day
    except (ValueError, KeyError, TypeError):
        return False
