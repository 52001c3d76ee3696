"""Every construct of the two real issues has a row in the grammar, a file here, and composes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from pydantic import BaseModel

from composer.issue.compose import compose
from composer.issue.load import load_issue
from tests.issue.support.construct_files import PAST, Construct, constructs
from tests.issue.support.sample_issue import DAY, newsroom

GRAMMAR = Path(__file__).parents[2] / "docs" / "grammar.md"
ROWS = {"a1": 20, "a2": 26}


def words(value: object) -> Iterator[str]:
    """Every string in an edition, whatever it is in."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from words(each)
    elif isinstance(value, BaseModel):
        yield from words(tuple(getattr(value, name) for name in type(value).model_fields))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from words(tuple(getattr(value, each.name) for each in fields(value)))


def test_every_row_of_the_grammar_has_its_file_and_every_file_its_row() -> None:
    rows = re.findall(r"^\| `(a[12]-\d\d-[a-z-]+)` \|", GRAMMAR.read_text(), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert sorted(rows) == [construct.name for construct in constructs()]
    numbers = {(row[:2], int(row[3:5])) for row in rows}
    assert numbers == {(specimen, number) for specimen, last in ROWS.items() for number in range(1, last + 1)}


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_the_construct_loads_without_a_remark_and_composes(construct: Construct, tmp_path: Path) -> None:
    house = newsroom(tmp_path)
    path = tmp_path / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
    path.write_text(construct.text)
    document = load_issue(path, house)
    assert not document.findings, "\n".join(str(finding) for finding in document.findings)
    edition = compose(document.require(), house, "free", PAST)
    held = list(words(edition))
    assert construct.prints
    for expected in construct.prints:
        assert any(expected in each for each in held), expected
    compose(document.require(), house, "paid", PAST)
