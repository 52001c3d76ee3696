"""An interview: which words are its questions, and what it has of an article."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue.block import Audience
from composer.issue.blocks.interview import ResolvedInterview
from composer.issue.body import Crosshead, Paragraph
from composer.issue.checks import check
from composer.issue.compose import composed
from composer.issue.inline import plain
from composer.issue.load import load_issue
from composer.newsroom import load_newsroom
from composer.rendering import render
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom


def _interview(
    root: Path, text: str, *keys: str, audience: Audience = "paid"
) -> tuple[ResolvedInterview, list[str], str]:
    write_newsroom(root)
    body = "".join(f"      {line}".rstrip() + "\n" for line in text.split("\n"))
    own = "".join(f"    {key}\n" for key in ("headline: Un", *keys))
    issue = f"subject: La digue\nblocks:\n- interview:\n{own}    body: |\n{body}- masthead: auto\n"
    newsroom = load_newsroom(root)
    loaded = load_issue(write_issue(root, "vendredi", FRIDAY, issue), newsroom).require()
    edition, findings = composed(loaded, newsroom, audience)
    made = next(each for each in edition.blocks if isinstance(each, ResolvedInterview))
    return made, [each.code for each in findings], render(edition, newsroom).html


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("**Pourquoi ?** Parce que.", ["q Pourquoi ?", "a Parce que."]),
        ("**Pourquoi ?**\n\nParce que.", ["q Pourquoi ?", "a Parce que."]),
        ("## Pourquoi ?\n\nParce que.", ["q Pourquoi ?", "a Parce que."]),
        ("**On le dit.** Oui.", ["q On le dit.", "a Oui."]),
        ("**A. D.** Oui.", ["a A. D. Oui."]),
        ("**Anne Duval.** : oui.", ["a Anne Duval. : oui."]),
        ("**Le pont** tient.", ["a Le pont tient."]),
        ("Il **tient !**", ["a Il tient !"]),
        ("**Et vous ?** *Moi ?* Rien.", ["q Et vous ?", "a Moi ? Rien."]),
    ],
)
def test_a_question_is_bold_or_a_crosshead_and_its_answer_follows(text: str, found: list[str], tmp_path: Path) -> None:
    made, findings, html = _interview(tmp_path, text)
    said = {Crosshead: "q", Paragraph: "a"}
    assert [f"{said[type(each)]} {plain(each.spans)}".replace("\u00a0", " ") for each in made.body] == found  # type: ignore[union-attr] # reason: both have spans
    assert html.count('class="asked"') == sum(each.startswith("q") for each in found)
    assert findings == []


def test_an_interview_has_its_guest_its_label_and_the_paywall_of_an_article(tmp_path: Path) -> None:
    text = "**Un ?** Deux.\n\n===\n\n**Trois ?** Quatre."
    made, findings, html = _interview(tmp_path, text, "who: Odile, à la barre", audience="free")
    assert (made.label, made.who, made.locked, findings) == ("Entretien", "Odile, à la barre", True, [])
    assert "Deux." in html
    assert "Quatre" not in html
    assert "<strong>Odile, à la barre</strong>" in html


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Pourquoi ? Parce que.\n\nEt après ? Rien.", ["no-question"]),
        ("**Le pont** tient.", ["no-question"]),
        ("Un chapeau.\n\n**Pourquoi ?** Parce que.", []),
        ("*Vous partez ?* Oui.", []),
        ("## La digue\n\nElle tient.", []),
    ],
)
def test_an_interview_without_a_question_is_remarked(text: str, codes: list[str], tmp_path: Path) -> None:
    _interview(tmp_path, text)
    newsroom = load_newsroom(tmp_path)
    document = load_issue(tmp_path / "issues" / "vendredi" / f"{FRIDAY}.yaml", newsroom)
    found = [each.code for each in check(document.require(), newsroom)]
    assert [code for code in found if code == "no-question"] == codes
