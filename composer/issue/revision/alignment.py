"""Which letters of a sentence are still there after an edit: the shortest edit by words, then by letters within them.

Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), with a limit on D: two sentences that have little in
common are taken for one replaced by the other, in linear time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

#: Most words that differ before the rest is taken for replaced.
_MOST = 300

#: From one position of the old row to another, and of the new one: letters that are the same.
Match = tuple[int, int, int]


def matched_letters(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """For each letter of ``new``, the number of the letter of ``old`` that it is; None for one that was typed."""
    found: list[int | None] = [None] * len(new)
    head, tail = _ends(old, new)
    while head and any(_is_word(row[head - 1 : head + 1]) for row in (old, new)):
        head -= 1
    while tail and any(_is_word(row[len(row) - tail - 1 : len(row) - tail + 1]) for row in (old, new)):
        tail -= 1
    first, second = old[head : len(old) - tail], new[head : len(new) - tail]
    matches = [(0, 0, head), (len(old) - tail, len(new) - tail, tail)]
    matches += ((head + start, head + other, count) for start, other, count in _matches(first, second))
    for start, other, count in matches:
        found[other : other + count] = range(start, start + count)
    return found


def _is_word(letters: Sequence[str]) -> bool:
    """True for two letters of one word."""
    return len(letters) == 2 and all(len(letter) == 1 and letter.isalnum() for letter in letters)


def _ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many letters are the same at the beginning, and at the end of what follows."""
    most = min(len(old), len(new))
    head = next((index for index in range(most) if old[index] != new[index]), most)
    most -= head
    tail = next((index for index in range(most) if old[-1 - index] != new[-1 - index]), most)
    return head, tail


def _matches(old: Sequence[str], new: Sequence[str]) -> Iterator[Match]:
    first, second = [*_words(old)], [*_words(new)]
    kept = _kept_words([word for word, _start in first], [word for word, _start in second])
    ends = len(first), len(second)
    before = 0, 0
    for one, other in [*kept, ends]:
        starts = [_start(words, at, row) for words, at, row in ((first, before[0], old), (second, before[1], new))]
        stops = [_start(words, at, row) for words, at, row in ((first, one, old), (second, other, new))]
        head, tail = _ends(old[starts[0] : stops[0]], new[starts[1] : stops[1]])
        yield starts[0], starts[1], head
        yield stops[0] - tail, stops[1] - tail, tail
        if (one, other) != ends:
            yield stops[0], stops[1], len(first[one][0])
        before = one + 1, other + 1


def _words(row: Sequence[str]) -> Iterator[tuple[tuple[str, ...], int]]:
    """The words and other signs of ``row``, each with the number of its first letter."""
    start = 0
    for is_word, letters in groupby(row, lambda letter: len(letter) == 1 and letter.isalnum()):
        word = tuple(letters)
        if is_word:
            yield word, start
        else:
            yield from (((letter,), start + index) for index, letter in enumerate(word))
        start += len(word)


def _start(words: Sequence[tuple[tuple[str, ...], int]], at: int, row: Sequence[str]) -> int:
    return words[at][1] if at < len(words) else len(row)


def _kept_words(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> list[tuple[int, int]]:
    """The words that both have, as pairs of their numbers, in order; none where too much differs."""
    furthest = {1: 0}
    trail: list[dict[int, int]] = []
    for steps in range(min(len(old) + len(new), _MOST) + 1):
        trail.append(furthest.copy())
        for diagonal in range(-steps, steps + 1, 2):
            before = _before(furthest, diagonal, steps)
            one = furthest[before] + (before < diagonal)
            while one < len(old) and one - diagonal < len(new) and old[one] == new[one - diagonal]:
                one += 1
            furthest[diagonal] = one
            if one >= len(old) and one - diagonal >= len(new):
                return _walked_back(trail, len(old), len(new))
    return []


def _before(furthest: Mapping[int, int], diagonal: int, steps: int) -> int:
    """The diagonal from which ``diagonal`` is reached at the next step: one word more, or one fewer."""
    if diagonal == -steps or (diagonal != steps and furthest[diagonal - 1] < furthest[diagonal + 1]):
        return diagonal + 1
    return diagonal - 1


def _walked_back(trail: Sequence[Mapping[int, int]], one: int, other: int) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for steps in range(len(trail) - 1, -1, -1):
        before = _before(trail[steps], one - other, steps)
        start = trail[steps][before]
        while one > max(start, 0) and other > max(start - before, 0):
            one, other = one - 1, other - 1
            kept.append((one, other))
        one, other = start, start - before
    return kept[::-1]
