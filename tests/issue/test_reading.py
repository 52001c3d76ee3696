"""Pages to read elsewhere: what a card says of its source."""

from __future__ import annotations

from pathlib import Path

from composer.issue.blocks.reading import ResolvedReading
from composer.issue.compose import compose
from composer.issue.load import load_issue
from composer.newsroom import load_newsroom
from composer.rendering import render
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

ISSUE = """\
subject: La digue
blocks:
- reading:
  - title: Un
    url: https://www.ailleurs.example:8443/un
  - title: Deux
    url: https://ailleurs.example/deux
    source: "Le Phare : lettre"
- masthead: auto
"""


def test_a_card_without_a_source_names_the_site_of_its_address(tmp_path: Path) -> None:
    write_newsroom(tmp_path)
    newsroom = load_newsroom(tmp_path)
    issue = load_issue(write_issue(tmp_path, "vendredi", FRIDAY, ISSUE), newsroom).require()
    edition = compose(issue, newsroom, "free")
    cards = next(each for each in edition.blocks if isinstance(each, ResolvedReading)).items
    assert [each.source for each in cards] == ["ailleurs.example", "Le Phare\u00a0: lettre"]
    letter = render(edition, newsroom)
    assert "ailleurs.example : Un [1]" in letter.text.replace("\u00a0", " ")
    assert letter.html.count('href="https://ailleurs.example/deux"') == 1
