from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.message import verp

KEY = b"k" * 32
ids = st.tuples(st.integers(0, 2**40 - 1), st.integers(0, 2**24 - 1))


@given(ids, st.sampled_from([str.lower, str.upper, str.title]))
def test_what_is_made_is_read_in_any_case(pair: tuple[int, int], case: object) -> None:
    local = verp.return_path(*pair, KEY)
    assert len(local) == 28
    assert verp.read_return_path(case(local), KEY) == pair  # type: ignore[operator] # reason: a str method


@given(ids, st.integers(0, 25), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_forgery_is_nobody(pair: tuple[int, int], place: int, letter: str) -> None:
    local = verp.return_path(*pair, KEY)
    forged = local[: 2 + place] + letter + local[3 + place :]
    assert verp.read_return_path(forged, KEY) == (pair if forged == local else None)
    assert verp.read_return_path(local, b"another key") is None


@given(st.text(max_size=40))
def test_anything_else_is_nobody(local: str) -> None:
    assert verp.read_return_path(local, KEY) is None
    assert verp.read_return_path("b-" + local, KEY) is None


def test_no_number_is_cut_to_fit() -> None:
    with pytest.raises(OverflowError):
        verp.return_path(2**40, 1, KEY)


def test_a_bounce_of_the_former_version_is_understood() -> None:
    """Written down once: another value means that the bounces of messages already sent count for no reader."""
    assert verp.return_path(12345, 678, KEY) == "b-aaaaambzaabkmbh7l2piawqswm"
    assert verp.read_return_path("b-aaaaambzaabkmbh7l2piawqswm", KEY) == (12345, 678)


def test_a_letter_that_only_becomes_one_in_lower_case_is_not_one() -> None:
    kelvin = "b-aaaaambzaab\N{KELVIN SIGN}mbh7l2piawqswm"
    assert kelvin.lower() == verp.return_path(12345, 678, KEY)
    assert verp.read_return_path(kelvin, KEY) is None


def test_a_bounce_of_a_former_key_is_understood_and_without_keys_none_is() -> None:
    local = verp.return_path(7, 3, KEY)
    assert verp.read_return_path(local, b"n" * 32, KEY) == (7, 3)
    assert verp.read_return_path(local, b"n" * 32) is None
    assert verp.read_return_path(local) is None
