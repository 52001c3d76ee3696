"""``docs/grammar.md`` names every block, field, option and value, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel

from bench.grammar import page
from composer.issue.blocks import BLOCKS
from composer.issue.model import Front
from composer.newsroom.model import Style
from composer.source.vocabulary import block_name, french

TEXT = (Path(__file__).parents[2] / "docs" / "grammar.md").read_text()


def test_every_block_is_there_in_both_languages() -> None:
    for name in BLOCKS:
        assert f"**`{name}`**" in TEXT
        assert f"`{block_name(name, 'fr')}`" in TEXT


def test_every_field_is_there_in_both_languages() -> None:
    missing = []
    models: tuple[type[BaseModel], ...] = (*BLOCKS.values(), Front, Style)
    for model in models:
        for field in model.model_fields:
            if field != "type":
                words = (field, french(field, model.__name__))
                missing += [(model.__name__, word) for word in words if f"`{word}`" not in TEXT]
    assert not missing


def test_the_tables_are_those_of_the_models() -> None:
    """``make grammar`` writes them."""
    assert [name for name in BLOCKS if f"<!-- table: {name} -->" not in TEXT] == []
    assert page(TEXT) == TEXT


def test_a_block_that_was_added_gets_its_table() -> None:
    without = re.sub(r"<!-- table: number -->.*?<!-- end -->\n\n", "", TEXT, flags=re.DOTALL)
    assert without != TEXT
    assert page(without) == TEXT
