"""``length``: how long an issue of a publication is to be."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from composer.newsroom.length import Length, LengthRange


@pytest.mark.parametrize(
    ("written", "bounds"),
    [
        ("9000", LengthRange(0, 9000)),
        ("9 000", LengthRange(0, 9000)),
        ("6000-9000", LengthRange(6000, 9000)),
        ("6\u202f000 – 9\u00a0000", LengthRange(6000, 9000)),
        ("6.000-9.000", LengthRange(6000, 9000)),
    ],
)
def test_a_range_is_the_most_or_the_least_and_the_most(written: str, bounds: LengthRange) -> None:
    assert Length.model_validate({"signs": written}).signs == bounds


@pytest.mark.parametrize("written", ["", "beaucoup", "-9000", "9000-6000", "6000-", "1-2-3", "9e3"])
def test_anything_else_says_how_it_is_written(written: str) -> None:
    with pytest.raises(ValidationError, match="6000-9000"):
        Length.model_validate({"signs": written})


def test_one_of_the_two_is_expected_and_bounds_are_included() -> None:
    with pytest.raises(ValidationError, match="one of the two"):
        Length()
    assert [number in LengthRange(2, 4) for number in (1, 2, 4, 5)] == [False, True, True, False]
