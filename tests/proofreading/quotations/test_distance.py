"""The nearest passage, against the table that it computes column by column."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from composer.proofreading.quotations.distance import nearest_passage

WORDS = st.lists(st.sampled_from("abcd"), max_size=24)
PARTS = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), min_size=1, max_size=4)


def table(parts: Sequence[Sequence[str]], text: Sequence[str]) -> list[int]:
    """For each end in ``text``, the fewest words that differ; cell by cell."""
    scores = [0] * (len(text) + 1)
    for part in parts:
        row = [min(scores[: end + 1]) for end in range(len(scores))]
        for word in part:
            below = [row[0] + 1]
            for at, said in enumerate(text):
                below.append(min(row[at] + (word != said), row[at + 1] + 1, below[at] + 1))
            row = below
        scores = row
    return scores


@given(PARTS, WORDS)
def test_it_is_the_first_with_the_fewest_words_that_differ(parts: list[list[str]], text: list[str]) -> None:
    found = nearest_passage(parts, text)
    scores = table(parts, text)
    assert found.differing == min(scores)
    assert found.end == scores.index(min(scores))
    assert table(parts, text[found.first : found.end])[-1] == found.differing


def test_parts_stand_in_their_order_and_what_is_between_costs_nothing() -> None:
    text = ["le", "pont", "a", "quatre", "arches", "et", "trois", "piles", "sous", "la", "halle"]
    assert nearest_passage([["le", "pont"], ["trois", "piles"]], text) == (0, 0, 8)
    assert nearest_passage([["trois", "piles"], ["le", "pont"]], text).differing == 2
