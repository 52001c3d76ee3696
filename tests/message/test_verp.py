from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.message import verp

KEY = b"k" * 32
ids = st.tuples(st.integers(0, 2**40 - 1), st.integers(0, 2**24 - 1))


@given(ids, st.sampled_from([str.lower, str.upper, str.title]))
def test_what_is_made_is_read_in_any_case(pair: tuple[int, int], case: object) -> None:
    local = verp.make(*pair, KEY)
    assert len(local) == 28
    assert verp.read(case(local), KEY) == pair  # type: ignore[operator] # reason: a str method


@given(ids, st.integers(0, 25), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_forgery_is_nobody(pair: tuple[int, int], place: int, letter: str) -> None:
    local = verp.make(*pair, KEY)
    forged = local[: 2 + place] + letter + local[3 + place :]
    assert verp.read(forged, KEY) == (pair if forged == local else None)
    assert verp.read(local, b"another key") is None


@given(st.text(max_size=40))
def test_anything_else_is_nobody(local: str) -> None:
    assert verp.read(local, KEY) is None
    assert verp.read("b-" + local, KEY) is None


def test_no_number_is_cut_to_fit() -> None:
    with pytest.raises(OverflowError):
        verp.make(2**40, 1, KEY)
