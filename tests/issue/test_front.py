"""What stands above the first text: the issue's number, its cover."""

from __future__ import annotations

from pathlib import Path

from composer.issue.compose import compose
from tests.issue.support.sample_issue import issue, newsroom


def test_an_issue_has_its_number_and_its_cover(tmp_path: Path) -> None:
    cover = {"src": "carte.png", "alt": "Une carte", "credit": {"by": "Zoé Lac"}, "dark": "sombre.png"}
    edition = compose(
        issue([{"type": "article", "headline": "Le pont", "body": "Une phrase."}], number=214, cover=cover),
        newsroom(tmp_path),
        "free",
    )
    assert edition.number == 214
    assert edition.cover is not None
    assert (edition.cover.mention, edition.cover.dark is not None) == ("Dessin\u00a0: Zoé Lac", True)
