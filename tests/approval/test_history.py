"""What “the latest issues” are: those approved for an earlier date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from composer.approval.freeze import approve, unapprove
from composer.approval.history import past_issues
from composer.issue.edition import PastIssue
from composer.issue.model import IssueKey
from composer.newsroom import load_newsroom
from tests.support.newsrooms import FRIDAY, SATURDAY, write_issue, write_newsroom

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_only_approved_issues_of_the_publication_before_the_date(tmp_path: Path) -> None:
    newsroom = load_newsroom(write_newsroom(tmp_path))
    earlier, before = FRIDAY - timedelta(days=14), FRIDAY - timedelta(days=7)
    paths = {
        date: write_issue(tmp_path, name, date, subject=f"Du {date}")
        for name, date in (("vendredi", earlier), ("vendredi", before), ("vendredi", FRIDAY), ("samedi", SATURDAY))
    }
    for path in paths.values():
        approve(path, newsroom, "Odile", now=NOW)
    key = IssueKey("vendredi", FRIDAY)
    assert past_issues(newsroom, key) == (PastIssue(earlier, f"Du {earlier}"), PastIssue(before, f"Du {before}"))
    unapprove(paths[earlier])
    assert past_issues(newsroom, key) == (PastIssue(before, f"Du {before}"),)
