"""What is still there after an edit, whatever the edit was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from composer.issue.revision.alignment import matched_letters

TEXTS = st.text(st.sampled_from("ab c."), max_size=30)


@given(TEXTS, TEXTS)
def test_a_letter_that_stays_is_the_same_one_and_none_overtakes_another(old: str, new: str) -> None:
    kept = [(before, after) for after, before in enumerate(matched_letters(old, new)) if before is not None]
    assert all(old[before] == new[after] for before, after in kept)
    assert [before for before, _after in kept] == sorted({before for before, _after in kept})


@given(TEXTS, TEXTS, TEXTS)
def test_what_stands_around_an_edit_stays(before: str, new: str, after: str) -> None:
    found = matched_letters(f"{before} {after}", f"{before} {new} {after}")
    assert sum(each is not None for each in found) >= len(f"{before} {after}")


def test_two_edits_far_apart_leave_what_is_between_alone() -> None:
    old = "Le pont a fermé hier soir, et le bac a repris."
    new = "Ce pont a fermé hier soir, et le bac a rouvert."
    kept = {before for before in matched_letters(old, new) if before is not None}
    assert set(range(2, old.index("repris") + 1)) <= kept


def test_two_texts_that_have_nothing_in_common_are_one_replaced_by_the_other() -> None:
    assert matched_letters("x " * 5_000, "y;" * 5_000) == [None] * 10_000
