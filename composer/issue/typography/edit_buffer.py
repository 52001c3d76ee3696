"""A sentence being edited by the rules, in which every character keeps its original index."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import add

from composer.source.late_pattern import late

NBSP = "\u00a0"
NNBSP = "\u202f"

#: No-break, narrow no-break, figure and thin space.
NO_BREAK = "\u00a0\u202f\u2007\u2009"

#: Spaces in a sentence, as a class for the patterns of rules. A line break is not one of them.
SP = f"[ {NO_BREAK}]"

#: Stands for a fixed character in what rules see: not a space, a mark or a letter.
FIXED = "\ue000"

#: Start, end, and the replacement.
Change = tuple[int, int, str]

_STRAY = late(f"[{NO_BREAK}]")


class EditBuffer:
    """``text`` with ``fixed`` characters that stay as they are and that rules do not see.

    After the rules, ``letters[i]`` is the replacement of character ``i`` (perhaps empty), and ``gaps[i]`` what was
    inserted before it; ``gaps`` has one more item, for the end.
    """

    def __init__(self, text: str, fixed: Sequence[bool]) -> None:
        self.source = text
        self.fixed = fixed
        self._claimed: set[int] = set()
        self.view = text  #: the current text, as rules see it
        self._slots: Sequence[int] = range(len(text))  #: by position in the view: index, or -1 - index for a gap
        self.present = frozenset(text)  #: the set of characters in the view
        self._changed = False
        if any(fixed):
            self._look()

    @cached_property
    def letters(self) -> list[str]:
        """The replacement of each character of the text."""
        return list(self.source)

    @cached_property
    def gaps(self) -> list[str]:
        """What was inserted before each character, and at the end."""
        return [""] * (len(self.source) + 1)

    def _look(self) -> None:
        shown: list[str] = []
        slots: list[int] = []
        for index, letter in enumerate(self.letters):
            if self.gaps[index]:
                shown.append(self.gaps[index])
                slots.append(-index - 1)
            if letter:
                shown.append(FIXED if self.fixed[index] else letter)
                slots.append(index)
        self.view = "".join(shown)
        self._slots = slots
        self.present = frozenset(self.view)

    def index(self, position: int) -> int:
        """The index of the character at ``position`` in the view, or of the one that an inserted space precedes."""
        slot = self._slots[position]
        return slot if slot >= 0 else -slot - 1

    def sub(self, pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str | None]) -> None:
        """Replace the group ``x`` of each match by ``new``: one character, or an inserted space where ``x`` is empty.

        A function may return None to leave a match unchanged.
        """
        found: list[Change] = []
        for match in pattern.finditer(self.view):
            better = new(match) if callable(new) else new
            if better is not None:
                found.append((match.start("x"), match.end("x"), better))
        self.put(found)

    def put(self, changes: Iterable[Change]) -> None:
        """Make the changes, at positions in the current ``view``; those that touch a fixed character are left out."""
        if sum([self._put(*change) for change in changes]):
            self._changed = True
            self._look()

    def _put(self, start: int, end: int, better: str) -> bool:
        slots = self._slots[start:end]
        if any(slot >= 0 and self.fixed[slot] for slot in slots):
            return False
        if not slots:
            return self._insert(start, better)
        self._claimed.update(slot for slot in slots if slot >= 0)
        if self.view[start:end] == better:
            return False
        for number, slot in enumerate(slots):
            letter = better if number == 0 else ""
            if slot >= 0:
                self.letters[slot] = letter
            else:
                self.gaps[-slot - 1] = letter
        return True

    def _insert(self, position: int, better: str) -> bool:
        if not better:
            return False
        # Insert before the character at this position; wherever a rule inserts, there is one on either side.
        index = self._slots[position] if position < len(self._slots) else len(self.letters)
        if (
            index < 0
            or self.gaps[index]
            or (0 < index < len(self.fixed) and self.fixed[index - 1] and self.fixed[index])
        ):
            return False
        self.gaps[index] = better
        return True

    def strip(self) -> None:
        """Replace every no-break space that no rule set by a plain one."""
        for match in _STRAY.finditer(self.source):
            index = match.start()
            if index not in self._claimed and not self.fixed[index]:
                self.letters[index] = " "
                self._changed = True

    @property
    def result(self) -> str:
        """The text after the rules."""
        if not self._changed:
            return self.source
        return "".join(map(add, self.gaps, self.letters)) + self.gaps[-1]


@dataclass(frozen=True)
class Rule:
    """One typographic rule. It is applied to a sentence that contains one of ``needed``, and matches ``hint`` if given:

    a pattern necessary for any change, ten times faster than the rule. Most rules do not apply to most sentences.
    """

    needed: frozenset[str]
    apply: Callable[[EditBuffer], None]
    hint: re.Pattern[str] | None = None


def rule(
    needed: str,
    pattern: re.Pattern[str],
    new: str | Callable[[re.Match[str]], str | None],
    hint: re.Pattern[str] | None = None,
) -> Rule:
    """The rule that replaces the group ``x`` of each match of ``pattern`` by ``new``."""
    return Rule(frozenset(needed), lambda buffer: buffer.sub(pattern, new), hint)
