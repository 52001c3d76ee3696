"""The samples handed in as writers hand them in: every word kept, every paragraph known for what it is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from composer.drafts.draft_process import DraftKind, read_draft
from composer.drafts.passage import plain_runs
from composer.drafts.recognising import recognised
from composer.issue.load import load_issue
from composer.newsroom import load_newsroom
from tests.drafts.support.issue_words import imported_words, small_words
from tests.drafts.support.written_drafts import FORMS, boxed, led, rightly_typed, typed_issue
from tests.support.lengths import WHOLE

#: The checkout is a newsroom too.
ROOT = Path(__file__).parents[2]

SAMPLES = (
    "samedi/2026-11-28",
    "vendredi/2026-11-27",
    "samedi/2026-12-05",
    "vendredi/2026-12-04",
    "samedi/2026-11-28.en",
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SAMPLES if WHOLE else SAMPLES[:2])
def test_a_sample_comes_back_from_its_draft(name: str, form: str) -> None:
    newsroom = load_newsroom(ROOT)
    draft = [*typed_issue(load_issue(ROOT / "issues" / f"{name}.yaml", newsroom).require())]
    content = FORMS[form](draft)
    kind: DraftKind = "docx" if isinstance(content, bytes) else "html"
    read = read_draft(content if isinstance(content, bytes) else content.encode(), kind, name)
    publication = newsroom.publications[name.partition("/")[0]]
    pieces = recognised(read.passages, publication)
    least = 0.8 if form == "habits" else 0.95
    assert rightly_typed(draft, pieces) >= least * len(draft)
    wanted: Counter[str] = Counter()
    for each in draft:
        wanted += small_words(
            plain_runs(boxed(each) if each.role in ("a_surveiller", "en_filigrane", "insight") else led(each, ""))
        )
    assert wanted - imported_words(read, newsroom, f"{name.partition('/')[0]}/2027-01-09.yaml") == Counter()
