"""docs/configuration.md has a row for every key of every file of the configuration, as the schema knows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from composer.newsroom import model, sponsor
from composer.newsroom.relay import WarmUp
from composer.newsroom.returns import ReturnsMailbox
from composer.source.vocabulary import french

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")

MODELS = list(
    dict.fromkeys(
        each
        for each in (*vars(model).values(), *vars(sponsor).values(), WarmUp, ReturnsMailbox)
        if isinstance(each, type) and issubclass(each, BaseModel) and each.model_fields
    )
)


def row(of: type[BaseModel], name: str) -> str:
    """Key, French key, default, meaning."""
    field = of.model_fields[name]
    key = field.alias or name
    meaning = (field.description or "").replace("|", r"\|").replace("<", r"\<")  # neither a cell's end nor HTML
    return f"| `{key}` | `{french(key, of.__name__)}` | {default(field)} | {meaning} |"


def default(field: FieldInfo) -> str:
    value = field.default
    if field.is_required():
        return "**required**"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`" if all(isinstance(each, str) for each in value) else ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if isinstance(value, str | int | float) else ""


@pytest.mark.parametrize("of", MODELS, ids=lambda of: of.__name__)
def test_every_key_has_its_row_with_its_french_name_its_default_and_its_meaning(of: type[BaseModel]) -> None:
    missing = [wanted for name in of.model_fields if f"{(wanted := row(of, name))}\n" not in PAGE]
    assert missing == []


def test_no_row_is_left_over() -> None:
    rows = {row(of, name) for of in MODELS for name in of.model_fields}
    assert [line for line in PAGE.splitlines() if line.startswith("| `") and line not in rows] == []
