"""A sentence as the letter prints it, letter by letter, each with the letters as typed that it stands for.

House typography turns ``...`` into one ellipsis, a space before a colon into one that does not break, and inserts
others: an edit is made of what is shown, and written among what was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from composer.issue.block import Audience
from composer.issue.context import Context
from composer.issue.inline import Spans
from composer.issue.model import Issue
from composer.issue.revision.alignment import matched_letters
from composer.issue.revision.letters import InlineMark, MarkedLetter, lettered
from composer.issue.revision.model import Stale, Unwritable
from composer.issue.typography import ruleset
from composer.issue.typography.edit_buffer import NO_BREAK
from composer.issue.typography.ruleset import Ruleset
from composer.issue.typography.spans import leaves, letters_of, set_leaves
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom


class PrintedLetter(NamedTuple):
    """``typed``: the first letter that it stands for, and the one after the last; an inserted space stands for none,
    and belongs to ``owner``."""

    letter: MarkedLetter
    typed: tuple[int, int] | None
    owner: int


class WantedLetter(NamedTuple):
    """A letter of the sentence to write; ``typed`` is its number in the one that stands there, None for a new one."""

    letter: MarkedLetter
    typed: int | None


def rules_of(issue: Issue, newsroom: Newsroom, header: bool = False) -> Ruleset:
    """The typography of the texts of ``issue``."""
    publication = newsroom.publications[issue.key.publication]
    rules = ruleset(publication, issue.key.language or publication.language, tuple(newsroom.lexicon.names))
    return rules.for_headers if header else rules


def resolved_spans(issue: Issue, newsroom: Newsroom, audience: Audience, spans: Spans) -> Spans:
    """``spans`` without the links to what the edition for ``audience`` does not hold."""
    front = issue.front
    return Context(issue.key, issue.source, front.blocks, front.style, newsroom, audience).resolved(spans)


def printed_letters(typed: Sequence[MarkedLetter], spans: Spans, rules: Ruleset) -> list[PrintedLetter]:
    """The letters of ``spans``, which are ``typed`` with references resolved, as the letter prints them."""
    marks = [letter.marks for letter in lettered(spans)]
    found = [*leaves(spans)]
    buffer = set_leaves(found, rules)
    set_ = [*letters_of(buffer, found)] if buffer is not None else [letter.text for letter in typed]
    printed: list[PrintedLetter] = []
    for index, (letter, text) in enumerate(zip(typed, set_, strict=True)):
        shown = letter._replace(marks=marks[index])
        if letter.kind != "text":
            printed.append(PrintedLetter(shown, (index, index + 1), index))
        elif text:
            own = text.index(letter.text) if letter.text in text else 0
            for at, sign in enumerate(text):
                typed_at = (index, index + 1) if at == own else None
                printed.append(PrintedLetter(shown._replace(text=sign), typed_at, index))
        elif printed and (above := printed[-1]).typed and above.typed[1] == index and _is_changed(above, typed):
            printed[-1] = above._replace(typed=(above.typed[0], index + 1))
    return printed


def _is_changed(printed: PrintedLetter, typed: Sequence[MarkedLetter]) -> bool:
    """True if it is not the letter that was typed: those after it went into it."""
    return printed.typed is not None and printed.letter.text != typed[printed.typed[0]].text


def wanted_letters(
    typed: Sequence[MarkedLetter],
    printed: Sequence[PrintedLetter],
    shown: Sequence[MarkedLetter],
    wanted: Sequence[MarkedLetter],
    is_set: bool,
) -> list[WantedLetter]:
    """``typed`` with the edit that made ``wanted`` of ``shown``, the sentence as an editor had it, made in it.

    ``is_set``: house typography decides which spaces break, so that one kind in place of another is no change.
    Raises ``Stale`` where ``shown`` is not this sentence, and ``Unwritable`` where a sign was taken out that the
    letter prints of itself.
    """
    return _Edit(typed, printed, shown, wanted, is_set).made()


class _Edit:
    def __init__(
        self,
        typed: Sequence[MarkedLetter],
        printed: Sequence[PrintedLetter],
        shown: Sequence[MarkedLetter],
        wanted: Sequence[MarkedLetter],
        is_set: bool,
    ) -> None:
        self.typed, self.shown, self.wanted = typed, shown, wanted
        rows = [_keys(row, is_set) for row in ([each.letter for each in printed], shown, wanted)]
        known = matched_letters(rows[0], rows[1])
        #: For each letter shown, the one printed that it is; None for one that is no part of the sentence.
        self.printed = [None if at is None else printed[at] for at in known]
        self.kept = matched_letters(rows[1], rows[2])
        self.hidden: dict[int, frozenset[InlineMark]] = {}
        for each in printed:
            for index in range(*each.typed) if each.typed else ():
                self.hidden[index] = typed[index].marks - each.letter.marks
        strange = sum(each is None and not letter.is_blank for each, letter in zip(self.printed, shown, strict=True))
        missing = len(printed) - sum(at is not None for at in known)
        if strange * 2 > len(shown) or missing * 2 > len(printed):
            raise Stale("".join(letter.text for letter in typed))

    def made(self) -> list[WantedLetter]:
        deleted = self._deleted()
        marks, inserted = self._placed(deleted)
        made: list[WantedLetter] = []
        for index, letter in enumerate(self.typed):
            made += inserted.get(index, ())
            if index not in deleted:
                made.append(WantedLetter(letter._replace(marks=marks.get(index, letter.marks)), index))
        return [*made, *inserted.get(len(self.typed), ())]

    def _deleted(self) -> set[int]:
        """The typed letters that are to go, with those between two of them that are not printed."""
        kept = set(self.kept)
        standing: set[int] = set()
        deleted: set[int] = set()
        for index, (letter, printed) in enumerate(zip(self.shown, self.printed, strict=True)):
            if printed is not None and printed.typed is not None:
                (standing if index in kept else deleted).update(range(*printed.typed))
            elif printed is None and index not in kept and not letter.is_blank:
                message = _("“{sign}” is printed by the letter itself, and is not in the file: it stays")
                raise Unwritable(message.format(sign=letter.text))
        between: list[int] = []
        after_deleted = False
        for index in range(len(self.typed)):
            if index in deleted:
                deleted.update(between if after_deleted else ())
            if index in deleted or index in standing:
                between, after_deleted = [], index in deleted
            else:
                between.append(index)
        return deleted

    def _placed(self, deleted: set[int]) -> tuple[dict[int, frozenset[InlineMark]], dict[int, list[WantedLetter]]]:
        """The marks of the letters that stay, where they change; and before which letter new ones stand."""
        marks: dict[int, frozenset[InlineMark]] = {}
        inserted: dict[int, list[WantedLetter]] = {}
        gap = next((each.typed[0] for each in self.printed if each is not None and each.typed), len(self.typed))
        seen = 0
        for number, letter in enumerate(self.wanted):
            at = self.kept[number]
            if at is None:
                inserted.setdefault(gap, []).append(self._new(letter, gap))
                continue
            for printed in self.printed[seen : at + 1]:
                gap = printed.typed[1] if printed is not None and printed.typed else gap
            seen = at + 1
            here = self.printed[at]
            if here is None:
                continue
            if here.typed is None:
                if here.owner not in deleted and not self._is_beside_its_owner(number, at):
                    inserted.setdefault(gap, []).append(self._new(letter, gap))
                continue
            was = self.shown[at].marks
            for index in range(*here.typed) if was != letter.marks else ():
                new = letter.marks - was
                old = self.typed[index].marks - (was - letter.marks)
                if any(mark.kind == "link" for mark in new):
                    old = frozenset(mark for mark in old if mark.kind != "link")
                marks[index] = old | new
        return marks, inserted

    def _new(self, letter: MarkedLetter, gap: int) -> WantedLetter:
        """``letter``, under the link that the edition left out where it stands within its words."""
        hidden = self.hidden.get(gap - 1, frozenset()) & self.hidden.get(gap, frozenset())
        if any(mark.kind == "link" for mark in letter.marks):
            hidden = frozenset()
        return WantedLetter(letter._replace(marks=letter.marks | hidden), None)

    def _is_beside_its_owner(self, number: int, at: int) -> bool:
        """True if the space at ``at`` of what was shown still touches the letter that it was inserted for."""
        here = self.printed[at]
        for step in (1, -1):
            beside = self.printed[at + step] if 0 <= at + step < len(self.printed) else None
            if beside is not None and here is not None and beside.owner == here.owner:
                after = self.kept[number + step] if 0 <= number + step < len(self.kept) else None
                if after == at + step:
                    return True
        return False


def _keys(letters: Sequence[MarkedLetter], is_set: bool) -> list[str]:
    """What tells the letters apart; a code is told from a letter by its quotes."""
    spaces = NO_BREAK if is_set else ""
    return [
        f"`{letter.text}`" if letter.kind == "code" else " " if letter.text in spaces else letter.text
        for letter in letters
    ]
