"""Readers' letters: what is printed of each, and in which order."""

from __future__ import annotations

import re
from pathlib import Path

from composer.issue.compose import compose
from composer.issue.load import load_issue
from composer.newsroom import load_newsroom
from composer.rendering import render
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

ISSUE = """\
subject: La digue
blocks:
- letters:
  - author: Odile, Brest
    text: |
      Premier mot.

      Second mot.
    answer: "Troisième : **mot**."
  - author: Sans réponse
    text: Dernier.
- masthead: auto
"""


def test_a_letter_is_followed_by_who_wrote_it_and_by_its_answer(tmp_path: Path) -> None:
    write_newsroom(tmp_path)
    newsroom = load_newsroom(tmp_path)
    issue = load_issue(write_issue(tmp_path, "vendredi", FRIDAY, ISSUE), newsroom).require()
    letter = render(compose(issue, newsroom, "free"), newsroom)
    said = "Courrier des lecteurs|Premier|Second|Odile, Brest|Notre réponse|Troisième|Dernier|Sans réponse"
    for part in (
        re.sub(r"<[^>]+>", "", letter.html),
        letter.text.replace("COURRIER DES LECTEURS", "Courrier des lecteurs"),
    ):
        assert re.findall(said, part) == said.split("|")
    assert letter.html.count('class="answer"') == 1
    assert "Notre réponse\u00a0: Troisième\u00a0: mot." in letter.text
