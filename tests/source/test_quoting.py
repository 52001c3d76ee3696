"""A value as it is suggested: unquoted where YAML reads it back, else between quotes."""

from __future__ import annotations

import pytest

from composer.source.quoting import spelled


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("Le pont", "Le pont"),
        ("Le prix : 3 €", '"Le prix : 3 €"'),
        ("oui # non", '"oui # non"'),
        ("\ud800 reste", '"\ud800 reste"'),  # half of a pair of UTF-16: an escape of JSON's brings it
    ],
)
def test_what_yaml_does_not_read_back_is_quoted(text: str, better: str) -> None:
    assert spelled(text) == better
