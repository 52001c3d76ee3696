"""Each mistake of ``mistakes/``, one a file, is shown live as ``check`` tells it: words, place, severity."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.approval.history import past_issues
from composer.issue import load_issue
from composer.newsroom import load_newsroom
from composer.proofreading import review
from composer.source.finding import Severity
from tests.support.lsp_client import Editor

MISTAKES = sorted((Path(__file__).parent / "mistakes").glob("*.yaml"))
SEVERITIES = {1: Severity.ERROR, 2: Severity.WARNING, 3: Severity.NOTE}


def test_there_are_fifty() -> None:
    assert len(MISTAKES) >= 50


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda path: path.stem)
def test_what_check_tells_is_shown_live(mistake: Path, root: Path, typing: Editor) -> None:
    text = mistake.read_text(encoding="utf-8")
    path = root / "issues" / "vendredi" / "2026-12-04-essai.yaml"
    shown = typing.open(path, text, times=2)
    typing.close(path)
    newsroom = load_newsroom(root)
    told = review(load_issue(path, newsroom, text.encode()), newsroom, past_issues).findings
    assert told, "a file of mistakes/ has its mistake"
    assert sorted(
        (each["range"]["start"]["line"] + 1, each["range"]["start"]["character"] + 1, each["code"], each["message"],
         SEVERITIES[each["severity"]])
        for each in shown
    ) == sorted(
        (each.place.line, each.place.typed_column, each.code, each.message, each.severity)
        for each in told
        if each.place.file == "issues/vendredi/2026-12-04-essai.yaml"
    )  # fmt: skip
