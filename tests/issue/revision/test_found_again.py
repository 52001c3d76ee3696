"""A sentence found again in a file in which lines have come and gone: by its words and its field, never by a guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue.inline import Text, plain
from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.issue.revision.found_again import NotFoundAgain, found_again
from composer.issue.revision.model import Stale, digest_of
from composer.issue.typed_places import typed_sentences
from composer.source.document import Document
from tests.issue.support.sample_issue import DAY
from tests.issue.support.sample_issue import newsroom as small_newsroom

TEXT = """\
objet: Un marché
blocs:
- article:
    titre: Le port
    texte: |
      Les étals reviennent sous la halle.

      Le loyer baisse de moitié.

      Oui.
- ours:
"""
AT = "blocks/0/body#2"
WORDS = "Le loyer baisse de moitié."


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("      Le loyer", "      Avant.\n\n      Le loyer"), "blocks/0/body#4"),  # lines came above it
        (("- article:\n", "- citation: Oui\n- article:\n"), "blocks/1/body#2"),  # a block did
        (("baisse", "monte"), "changed: blocks/0/body#2"),
        (("      Le loyer baisse", "      Avant.\n\n      Le loyer monte"), "changed: blocks/0/body#4"),
        (("      Le loyer baisse de moitié.\n\n", ""), "unknown"),  # it is gone: what stands there is another
        (("Les étals reviennent sous la halle", "Le loyer baisse de plus"), AT),  # it still stands where it was
        (("reviennent sous la halle.\n", "partent.\n\n      Le loyer baisse d'un tiers.\n"), "blocks/0/body#4"),
        (
            ("      Le loyer baisse", "      Le loyer baisse d'un tiers.\n\n      Le loyer monte"),
            "unknown",
        ),  # two like it
        (
            ("      Les étals", f"      {WORDS}\n\n      Avant.\n\n      {WORDS}\n\n      Les étals"),
            "unknown",
        ),  # as it was, thrice
    ],
)
def test_a_sentence_is_found_again_where_that_is_certain(change: tuple[str, str], found: str, tmp_path: Path) -> None:
    newsroom = small_newsroom(tmp_path)
    path = newsroom.root / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"

    def read(text: str) -> Document[Issue]:
        path.write_text(text, encoding="utf-8")
        return load_issue(path, newsroom)

    before = {str(place): spans for place, spans in typed_sentences(read(TEXT).require())}
    assert plain(before[AT]) == WORDS
    now = read(TEXT.replace(*change, 1))
    try:
        outcome = found_again(now, AT, digest_of(WORDS), (Text(WORDS),))
    except NotFoundAgain:
        outcome = "unknown"
    except Stale as stale:
        outcome = f"changed: {stale.at or AT}"
    assert outcome == found
