"""Where a letter is read online: its address is in the sealed bytes, of open archives only."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path
from typing import Any

import pytest

from composer.issue.blocks import Audience
from composer.issue.compose import compose
from composer.issue.key import IssueKey
from composer.issue.load import load_issue
from composer.issue.online import online_address, online_path
from composer.rendering import Rendering, render
from tests.issue.support.sample_issue import DAY, issue, newsroom

ADDRESS = f"https://lettres.example.org/a/samedi/{DAY}/"


def letter(root: Path, audience: Audience = "free", *, since: Date | None = DAY, **front: Any) -> Rendering:
    house = newsroom(root, publication={"archive": {"since": since}} if since else {})
    return render(compose(issue([{"type": "masthead"}], **front), house, audience), house)


@pytest.mark.parametrize(
    ("audience", "words"),
    [("free", "Lire cette lettre en ligne"), ("paid", "L’édition gratuite de cette lettre, en ligne")],
)
def test_a_letter_of_an_open_archive_says_where_it_is_read(tmp_path: Path, audience: Audience, words: str) -> None:
    made = letter(tmp_path, audience)
    assert f'<a href="{ADDRESS}"' in made.html
    assert f">{words}</a>" in made.html
    assert words in made.text
    assert f"\n{ADDRESS}\n" in made.text
    assert f"body=Le%20canal%20rouvre%0A{ADDRESS.replace(':', '%3A')}" in made.html, "who forwards it sends the page"


@pytest.mark.parametrize(
    "closed",
    [{"since": None}, {"since": Date(DAY.year + 1, 1, 1)}, {"online": False}],
    ids=["no archive", "later", "not this one"],
)
def test_any_other_letter_says_nothing_of_it(tmp_path: Path, closed: dict[str, Any]) -> None:
    made = letter(tmp_path, **closed)
    assert "/a/samedi/" not in made.html + made.text
    assert "en ligne" not in made.html + made.text


def test_a_letter_of_a_closed_archive_is_byte_for_byte_what_it_was(tmp_path: Path) -> None:
    """The token's place too: it is a digest of the letter's words, and the archive adds none."""
    assert letter(tmp_path, since=None) == letter(tmp_path, online=False)
    assert letter(tmp_path, since=None) == letter(tmp_path, since=None, online=False)


@pytest.mark.parametrize(
    ("name", "language", "path"),
    [
        ("", None, "a/samedi/"),
        ("2026", None, "a/samedi/2026/"),
        ("2026-11-28", None, "a/samedi/2026-11-28/"),
        ("2026-11-28-rivieres", "en", "a/samedi/2026-11-28-rivieres/en/"),
        ("", "en", "a/samedi/en/"),
    ],
)
def test_the_address_follows_from_publication_name_and_language(name: str, language: str | None, path: str) -> None:
    assert online_path("samedi", name, language) == path


def test_an_edition_in_the_publication_s_own_language_has_no_language_in_its_address(tmp_path: Path) -> None:
    house = newsroom(tmp_path)
    assert online_address(house, IssueKey("samedi", DAY, "", "fr")) == ADDRESS
    assert online_address(house, IssueKey("samedi", DAY, "", "en")) == f"{ADDRESS}en/"


def test_an_issue_says_it_in_either_language(tmp_path: Path) -> None:
    house = newsroom(tmp_path)
    path = tmp_path / "issues" / "samedi" / f"{DAY}.yaml"
    for line in ("en_ligne: false", "online: false"):
        keys = ("objet", "blocs", "ours") if "ligne" in line else ("subject", "blocks", "masthead")
        path.write_text(f"{keys[0]}: Le canal rouvre\n{line}\n{keys[1]}:\n  - {keys[2]}: auto\n", encoding="utf-8")
        assert not load_issue(path, house).require().front.online
    path.write_text("subject: Le canal rouvre\nonline: no\nblocks:\n  - masthead: auto\n", encoding="utf-8")
    (finding,) = load_issue(path, house).findings
    assert finding.code == "not-a-boolean"
    assert finding.suggestion == "online: false"
