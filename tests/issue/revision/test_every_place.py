"""Every sentence that a letter marks can be written where it stands, in every construct that the grammar has."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue.block import AUDIENCES, Audience
from composer.issue.compose import traced
from composer.issue.inline import Text, plain
from composer.issue.load import load_issue
from composer.issue.revision.sentence import shown_sentence, with_sentence
from tests.issue.support import sample_issue
from tests.issue.support.construct_files import PAST, Construct, constructs


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("construct", constructs(), ids=lambda each: each.name)
def test_a_word_can_be_added_at_every_place(tmp_path: Path, construct: Construct, audience: Audience) -> None:
    newsroom = sample_issue.newsroom(tmp_path, publication={"typography": {"profile": "french"}})
    path = newsroom.root / f"issues/samedi/{sample_issue.DAY}.yaml"
    document = load_issue(path, newsroom, construct.text.encode())
    _edition, origins, _findings = traced(document.require(), newsroom, audience, PAST)
    for at in {str(place) for place in origins().values()} | {"subject"}:
        shown = shown_sentence(document, newsroom, audience, at)
        wanted = (*shown.spans, Text(" ajout"))
        revision = with_sentence(document, newsroom, audience, at, shown.digest, shown.spans, wanted)
        again = load_issue(path, newsroom, revision.text.encode())
        assert plain(shown_sentence(again, newsroom, audience, at).spans) == f"{plain(shown.spans)} ajout"
        assert revision.text != construct.text
