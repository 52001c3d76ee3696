"""Ways to write a sentence in its text, from the one that changes least; each is read again, alone and in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from composer.issue.checks import unresolved
from composer.issue.model import Front, Issue
from composer.issue.revision.letters import MarkedLetter, lettered, tightened
from composer.issue.revision.model import Revision, Unwritable
from composer.issue.revision.printed_letters import WantedLetter
from composer.issue.revision.same_issue import same_but_for
from composer.issue.revision.scalar_edits import file_edits, require_editable
from composer.issue.revision.sentence_markdown import code_markdown, fitted, least_escapes, why_not
from composer.issue.revision.source_letters import SourceLetter, WrittenSentence, sentence_in, sentences_in
from composer.issue.revision.typed_sentence import TypedSentence
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.editing import Edit, WrittenText, edited, typed_offset, typed_text, written_text
from composer.source.finding import Finding, Severity
from composer.source.load import read
from composer.source.reading import SIZE_CAP

#: Most places of a text that are tried, where the same words stand in several.
_MOST_PLACES = 8

#: What is said of a value that YAML reads as more or less than its words: it is put between quotes.
_UNQUOTED = ("yaml-word", "truncated-text", "missing-space")


@dataclass(frozen=True)
class _Place:
    """The letters of the sentence in its text; ``start`` and ``end`` with the marks around them, and without."""

    letters: Sequence[SourceLetter]
    ranges: Sequence[tuple[int, int]]
    prefix: str


@dataclass
class SentenceWriting:
    """The sentence ``found``, of the letters ``typed``, is to become ``wanted``."""

    issue: Issue
    newsroom: Newsroom
    findings: Sequence[Finding]  #: on the file as it stands
    found: TypedSentence
    typed: Sequence[MarkedLetter]
    wanted: Sequence[WantedLetter]
    reasons: list[str] = field(default_factory=list)

    def revision(self) -> Revision:
        """The file with the sentence written. Raises ``Unwritable`` where that cannot be."""
        self.wanted = _stripped(self.wanted)
        self.letters = tightened(each.letter for each in self.wanted)
        if not self.letters:
            message = _("nothing would be left of this sentence: take its paragraph out, or its line in the file")
            raise Unwritable(message)
        if self.found.is_words and any(each.kind != "text" or each.marks for each in self.letters):
            raise Unwritable(_("this line is words alone: no bold, no italics, no link, no code, no break of line"))
        if self.found.is_words:
            words = self.found.single_spaced("".join(letter.text for letter in self.letters))
            self.letters = [MarkedLetter(letter) for letter in words]
        source = self.issue.source
        written = written_text(source, self.found.loc)
        if written is None:
            raise Unwritable(_("these words stand nowhere in the file by themselves: change what they come from"))
        require_editable(source, written)
        breaks = any(each.letter.kind == "break" and each.typed is None for each in self.wanted)
        if breaks and written.style != "|":
            message = _(
                "this text stands on one line of the file: no break of line can be in it, unless | stands after its key"
            )
            raise Unwritable(message)
        for edits in self._ways(written):
            *plain, last = file_edits(source, written, edits)
            for changes, line in (*((each, written.begins[0]) for each in plain), (last, None)):
                if (revision := self._checked(changes, line)) is not None:
                    return revision
        if breaks:
            self.reasons.append(_("no break of line can stand here: leave the words on one line"))
        raise Unwritable(self.reasons[0] if self.reasons else why_not(self.letters))

    def _checked(self, changes: Sequence[Edit], line: int | None) -> Revision | None:
        """The revision, if the file then says the same but for the sentence, and nothing more is to be said of the
        value without quotes on ``line``."""
        source = self.issue.source
        before = typed_text(source)
        moved = [
            Edit(typed_offset(source, each.start), typed_offset(source, each.end), each.new)
            for each in changes
            if each.start < each.end or each.new
        ]
        after = edited(before, moved)
        if len(after.encode()) > SIZE_CAP:
            raise Unwritable(_("the file would be too large: {cap} bytes at most").format(cap=SIZE_CAP))
        document = read(after, Front, file=source.file, keys=self.newsroom.settings.keys)
        if document.value is None:
            self.reasons += [each.message for each in document.findings if each.severity is Severity.ERROR][:1]
            return None
        if _said_of(document.findings, line) > _said_of(self.findings, line):
            return None
        if not same_but_for(self.issue.front, document.value, self.found, self.letters):
            return None
        known = {each.message for each in unresolved(self.issue)}
        new = unresolved(Issue(self.issue.key, document.value, document.source))
        if lost := [each.message for each in new if each.severity is Severity.ERROR and each.message not in known]:
            self.reasons += lost[:1]
            return None
        start = min((each.start for each in moved), default=0)
        end = max((each.end for each in moved), default=0)
        return Revision(after, start, end, after[start : len(after) - len(before) + end])

    def _ways(self, written: WrittenText) -> Iterator[list[Edit]]:
        for place in self._places(written.text):
            if (edits := self._spliced(written.text, place)) is not None:
                yield edits
            for start, end in () if self.found.is_words else place.ranges:
                if (edits := self._rewritten(written.text, place, start, end)) is not None:
                    yield edits

    def _places(self, text: str) -> Iterator[_Place]:
        """Where the letters of the sentence may stand in ``text``, the likeliest first."""
        if self.found.body is None:
            sentences = [sentence_in(text, 0, len(text))]
        else:
            sentences = [*sentences_in(text, *self.found.range_in(text))]
        whole: list[_Place] = []
        within: list[_Place] = []
        sought = _row(letter.text if letter.kind != "code" else None for letter in self.typed)
        for sentence in sentences:
            letters = sentence.words() if self.found.is_words else sentence.letters()
            row = _row(None if letter.is_code else letter.text for letter in letters)
            at = row.find(sought)
            while at >= 0 and len(whole) + len(within) < _MOST_PLACES:
                place = _place(sentence, letters, at, len(self.typed))
                (whole if len(row) == len(sought) else within).append(place)
                at = row.find(sought, at + 1)
        yield from whole
        yield from within

    def _holds(self, text: str, edits: Sequence[Edit]) -> bool:
        """True if the element of the sentence, with ``edits`` made in its text, reads as wanted."""
        start, end = self.found.range_in(text)
        after = edited(text, edits)
        spans = self.found.read(after[start : len(after) - len(text) + end])
        return spans is not None and tightened(lettered(spans)) == self.letters

    def _spliced(self, text: str, place: _Place) -> list[Edit] | None:
        """The letters that differ, each in its place; None where marks change, or where none is in its place."""
        hunks = _hunks(self.typed, self.wanted)
        if hunks is None:
            return None
        typed = [] if self.found.is_words else [letter for _start, _end, new in hunks for letter in new]
        signs = {number: letter.text for number, letter in enumerate(typed) if letter.kind == "text"}
        points = [_insertion(self.typed, place.letters, *hunk) for hunk in hunks]
        deleted = [letter for start, end, _new in hunks for letter in place.letters[start:end]]
        if None in points or any(letter.start < 0 for letter in deleted):
            return None

        def edits(escapes: frozenset[int]) -> list[Edit]:
            found: list[Edit] = []
            number = 0
            for (start, end, new), point in zip(hunks, points, strict=True):
                words = ""
                for letter in new:
                    words += _written(letter, place.prefix, number in escapes)
                    number += 1
                found += _replaced(place.letters[start:end], point or 0, words)
            return found

        escapes = least_escapes(signs, lambda each: self._holds(text, edits(each)))
        return None if escapes is None else edits(escapes)

    def _rewritten(self, text: str, place: _Place, start: int, end: int) -> list[Edit] | None:
        """The letters that differ with those around them, up to letters without marks, written again."""
        typed, wanted = self.typed, self.wanted
        most = min(len(typed), len(wanted))
        same = [WantedLetter(letter, index) for index, letter in enumerate(typed)]
        head = next((at for at in range(most) if wanted[at] != same[at]), most)
        most -= head
        tail = next((at for at in range(most) if wanted[-1 - at] != same[-1 - at]), most)
        while head and (_holds_on(typed[head - 1], place.letters[head - 1]) or _is_blank(wanted[head:][:1])):
            head -= 1
        while tail and (_holds_on(typed[-tail], place.letters[-tail]) or _is_blank(wanted[: len(wanted) - tail][-1:])):
            tail -= 1
        start = place.letters[head - 1].end if head else start
        end = place.letters[-tail].start if tail else end

        def edits(written: str) -> list[Edit]:
            return [Edit(start, end, written.replace("\\\n", "\\\n" + place.prefix))]

        middle = tightened(each.letter for each in wanted[head : len(wanted) - tail])
        written = fitted(middle, lambda written: self._holds(text, edits(written)))
        return None if written is None else edits(written)


def _holds_on(letter: MarkedLetter, source: SourceLetter) -> bool:
    """True for a letter under a mark, or without a place: nothing can be cut beside it."""
    return bool(letter.marks) or source.start < 0


def _is_blank(letters: Sequence[WantedLetter]) -> bool:
    return any(each.letter.is_blank for each in letters)


def _said_of(findings: Sequence[Finding], line: int | None) -> int:
    return sum(each.code in _UNQUOTED and each.place.line == line for each in findings)


def _stripped(wanted: Sequence[WantedLetter]) -> Sequence[WantedLetter]:
    """``wanted`` without the spaces that no sentence can hold at its ends."""
    first, last = 0, len(wanted)
    while first < last and wanted[first].letter.is_blank:
        first += 1
    while last > first and wanted[last - 1].letter.is_blank:
        last -= 1
    return wanted[first:last]


def _row(letters: Iterator[str | None]) -> str:
    """One character a letter: a code is one."""
    return "".join("\ue000" if letter is None else letter for letter in letters)


def _place(sentence: WrittenSentence, letters: Sequence[SourceLetter], at: int, count: int) -> _Place:
    own = letters[at : at + count]
    outer = (
        letters[at - 1].end if at else sentence.places[0],
        letters[at + count].start if at + count < len(letters) else sentence.places[-1],
    )
    inner = own[0].start, own[-1].end
    ranges = [each for each in dict.fromkeys((outer, inner)) if min(each) >= 0]
    return _Place(own, ranges, sentence.prefix)


#: From one letter as typed to another, and what stands there then.
_Hunk = tuple[int, int, list[MarkedLetter]]


def _hunks(typed: Sequence[MarkedLetter], wanted: Sequence[WantedLetter]) -> list[_Hunk] | None:
    """Where ``wanted`` differs from ``typed``; None where a letter that stays changes its marks."""
    hunks: list[_Hunk] = []
    next_ = 0
    new: list[MarkedLetter] = []
    for each in [*wanted, None]:
        if each is not None and each.typed is None:
            new.append(each.letter)
            continue
        at = each.typed if each is not None and each.typed is not None else len(typed)
        if each is not None and each.letter != typed[at]:
            return None
        if new or at > next_:
            hunks.append((next_, at, new))
        next_, new = at + 1, []
    return hunks


def _insertion(
    typed: Sequence[MarkedLetter], letters: Sequence[SourceLetter], start: int, end: int, new: Sequence[MarkedLetter]
) -> int | None:
    """Where ``new`` goes in place of the letters from ``start`` to ``end``, under its marks; None where nowhere."""
    if not new:
        return letters[start].start
    marks = new[0].marks
    if any(letter.marks != marks for letter in new):
        return None
    for at in range(start, end):
        if typed[at].marks == marks:
            return letters[at].start
    if start and typed[start - 1].marks == marks and letters[start - 1].start >= 0:
        return letters[start - 1].end
    if end < len(typed) and typed[end].marks == marks and letters[end].start >= 0:
        return letters[end].start
    return None


def _replaced(letters: Sequence[SourceLetter], point: int, words: str) -> Iterator[Edit]:
    """The edits that delete ``letters`` and write ``words`` at ``point``: where one of them begins, or beside them."""
    runs: list[tuple[int, int]] = []
    for letter in letters:
        if runs and runs[-1][1] == letter.start and letter.start != point:
            runs[-1] = runs[-1][0], letter.end
        else:
            runs.append((letter.start, letter.end))
    if not any(start == point for start, _end in runs):
        yield Edit(point, point, words)
    for start, end in runs:
        yield Edit(start, end, words if start == point else "")


def _written(letter: MarkedLetter, prefix: str, escaped: bool) -> str:
    if letter.kind == "code":
        return code_markdown(letter.text)
    if letter.kind == "break":
        return "\\\n" + prefix
    return f"\\{letter.text}" if escaped else letter.text
