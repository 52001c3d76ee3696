"""Correct texts that look like mistakes: ``check`` says nothing of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from composer.issue.load import load_issue
from composer.newsroom.model import Newsroom
from composer.proofreading import review
from tests.issue.support.sample_issue import newsroom

TRICKY = Path(__file__).parent / "tricky"
TEXTS = {name: yaml.safe_load((TRICKY / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("fr", "en")}
HEADS = {
    "fr": "objet: Le pont\napercu: Et la halle\nblocs:\n- ours: auto\n- article:\n    titre: A\n    texte: |\n",
    "en": "subject: A bridge\npreheader: B\nblocks:\n- masthead: auto\n- article:\n    headline: A\n    body: |\n",
}
PROFILES = {"fr": "french", "en": "english"}


def test_there_are_enough_of_them() -> None:
    assert len(TEXTS["fr"]) + len(TEXTS["en"]) >= 50


def findings(house: Newsroom, text: str, language: str) -> list[str]:
    suffix = "" if house.publications["samedi"].language == language else f".{language}"
    path = house.root / "issues" / "samedi" / f"2026-11-28{suffix}.yaml"
    path.write_text(text, encoding="utf-8")
    return [str(each) for each in review(load_issue(path, house), house, lambda _newsroom, _key: ()).findings]


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in TEXTS.items() for text in texts]
)
def test_a_correct_text_is_passed_over(language: str, text: str, tmp_path: Path) -> None:
    house = newsroom(
        tmp_path, publication={"language": language, "typography": {"profile": PROFILES[language]}, "people": {}}
    )
    body = "".join(f"      {line}\n" if line else "\n" for line in text.split("\n"))
    assert findings(house, HEADS[language] + body, language) == []
