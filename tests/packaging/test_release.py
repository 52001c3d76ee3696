"""A release says what the changelog says of that version, or is none."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bench.release import notes

CHECKOUT = Path(__file__).parents[2]
CHANGELOG = """# Changelog

## Unreleased

- Later.

## 0.2.0 (2026-12-01)

- Blue.

## 0.1.0 (2026-11-29)

- Red.
"""


def test_the_notes_are_the_entry_of_that_version() -> None:
    assert notes("v0.2.0", "0.2.0", CHANGELOG) == "- Blue.\n"
    assert notes("v0.1.0", "0.1.0", CHANGELOG) == "- Red.\n"


@pytest.mark.parametrize(("tag", "version"), [("v0.3.0", "0.2.0"), ("v0.3.0", "0.3.0"), ("0.2.0", "0.2.0")])
def test_another_tag_or_no_dated_entry_is_refused(tag: str, version: str) -> None:
    with pytest.raises(ValueError, match=r"pyproject|entry"):
        notes(tag, version, CHANGELOG)


def test_this_version_has_its_dated_entry() -> None:
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert notes(f"v{version}", version, (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8"))
