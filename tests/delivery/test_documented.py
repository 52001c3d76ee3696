"""docs/delivery.md says what is: every state, every row's test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from composer.delivery.state import MailingState, State

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8")


def test_every_state_is_documented() -> None:
    table = PAGE.split("## States")[1].split("## Why once")[0]
    for state in (*State, *MailingState):
        assert f"`{state}`" in table


def test_every_row_of_the_crash_table_names_its_test_and_every_test_is_a_row() -> None:
    tree = ast.parse((ROOT / "tests" / "delivery" / "test_crash.py").read_text(encoding="utf-8"))
    tests = {
        node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_")
    }
    assert set(re.findall(r"`(test_killed_\w+)`", PAGE)) == tests
