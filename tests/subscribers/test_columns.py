"""The names by which a list's columns are known: each leads to one field, and can be met."""

from __future__ import annotations

from collections import defaultdict

from composer.subscribers.csv_columns import COLUMN_NAMES, FIELDS, locate
from composer.subscribers.record import DETAILS
from composer.subscribers.values import fold


def test_no_column_name_is_claimed_by_two_fields() -> None:
    """The later field would take the column, and the earlier one would not be read, without a word."""
    claims: dict[str, list[str]] = defaultdict(list)
    for field, names in COLUMN_NAMES.items():
        for name in names:
            claims[name].append(field)
    twice = {name: fields for name, fields in claims.items() if len(fields) > 1}
    assert twice == {}, "take the name out of one field: `headers` in record.py, or `_OTHER_FIELDS` in csv_columns.py"


def test_every_column_name_is_folded_as_the_names_of_a_list_are() -> None:
    unfolded = {name: fold(name) for names in COLUMN_NAMES.values() for name in names if fold(name) != name}
    assert unfolded == {}, "never met: write them folded, without accents, capitals, spaces or hyphens"


def test_every_field_is_found_under_each_of_its_names() -> None:
    assert set(DETAILS) <= set(FIELDS)
    assert len(set(FIELDS)) == len(FIELDS)
    for field, names in COLUMN_NAMES.items():
        for name in names:
            header = [name] if field == "email" else ["email", name]
            assert (field, name) in locate(header, {}).understood
