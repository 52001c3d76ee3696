"""docs/delivery.md says what is: every state, every row's test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from composer.delivery.providers import shipped
from composer.delivery.state import MailingState, State
from composer.newsroom.relay import Provider, Relay, WarmUp

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8")


def test_every_state_is_documented() -> None:
    table = PAGE.split("## States")[1].split("## Why once")[0]
    for state in (*State, *MailingState):
        assert f"`{state}`" in table


def test_every_row_of_the_crash_table_names_its_test_and_every_test_is_a_row() -> None:
    tree = ast.parse((ROOT / "tests" / "delivery" / "worker" / "test_crash.py").read_text(encoding="utf-8"))
    tests = {
        node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_")
    }
    assert set(re.findall(r"`(test_killed_\w+)`", PAGE)) == tests


def test_every_key_of_a_relay_and_every_provider_of_the_table_is_in_the_page_about_sending() -> None:
    page = (ROOT / "docs" / "sending.md").read_text(encoding="utf-8")
    for model in (Relay, WarmUp, Provider):
        for key in model.model_fields:
            assert re.search(rf"`{key}`|\b{key}:", page), key
    for name, group in shipped().items():
        assert f"| `{name}` | {group.connections} |" in page
        assert len(group.source) > 20


def test_no_domain_is_two_providers_and_each_is_written_as_it_is_compared() -> None:
    domains = [domain for group in shipped().values() for domain in group.domains]
    assert len(domains) == len(set(domains))
    assert all(domain == domain.lower() and "@" not in domain for domain in domains)
