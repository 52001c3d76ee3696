"""The passage nearest to a quotation, by the number of words that differ.

G. Myers, « A fast bit-vector algorithm for approximate string matching based on dynamic programming », Journal of the
ACM 46(3), 1999, with words for letters; his blocks' horizontal differences carry the parts of a quotation that was cut.
A column of the table is one integer, so the time is linear in the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple


class NearestPassage(NamedTuple):
    """``text[first:end]`` differs from the quotation by ``differing`` words: other ones, more, or fewer."""

    differing: int
    first: int
    end: int


def nearest_passage(parts: Sequence[Sequence[str]], text: Sequence[str]) -> NearestPassage:
    """The first passage of ``text`` that holds ``parts`` in their order with the fewest differences.

    Whatever stands between two parts costs nothing.
    """
    scores = _scores(parts, text)
    differing = min(scores)
    end = scores.index(differing)
    back = _scores([part[::-1] for part in reversed(parts)], text[:end][::-1])
    return NearestPassage(differing, end - back.index(min(back)), end)


def _scores(parts: Sequence[Sequence[str]], text: Sequence[str]) -> list[int]:
    """For each length of the beginning of ``text``: the fewest differences of all parts, the last one ending there."""
    scores = [0] * (len(text) + 1)
    for part in parts:
        scores = _ending(part, text, list(accumulate(scores, min)))
    return scores


def _ending(part: Sequence[str], text: Sequence[str], before: Sequence[int]) -> list[int]:
    """The same for one part, which begins where it costs least; ``before[n]`` is what the parts before it cost.

    ``before`` never rises, and falls by at most one from one word to the next, as scores differ by at most one.
    """
    last = 1 << (len(part) - 1)
    all_bits = (last << 1) - 1
    places: dict[str, int] = {}
    for index, word in enumerate(part):
        places[word] = places.get(word, 0) | 1 << index
    rises, falls, score = all_bits, 0, before[0] + len(part)
    scores = [score]
    for index, word in enumerate(text):
        cheaper = before[index] - before[index + 1]
        equal = places.get(word, 0)
        vertical = equal | falls
        equal |= cheaper
        horizontal = ((((equal & rises) + rises) ^ rises) | equal) & all_bits
        up = falls | (all_bits & ~(horizontal | rises))
        down = rises & horizontal
        score += bool(up & last) - bool(down & last)
        up = (up << 1) & all_bits
        down = ((down << 1) | cheaper) & all_bits
        rises = down | (all_bits & ~(vertical | up))
        falls = up & vertical
        scores.append(score)
    return scores
