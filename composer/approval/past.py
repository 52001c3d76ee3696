"""The issues before this one, for ``latest`` and for what earlier ones announced."""

from __future__ import annotations

from composer.approval.model import Record
from composer.issue import find_issues, sealed_path
from composer.issue.edition import PastIssue
from composer.issue.files import language_of
from composer.issue.model import IssueKey
from composer.newsroom.model import Newsroom
from composer.source import FileMissing, load

#: No block lists more.
_MOST = 20


def past_issues(newsroom: Newsroom, key: IssueKey) -> tuple[PastIssue, ...]:
    """The approved issues of the same publication and language dated before ``key``, the latest twenty, by date.

    Git carries approvals, so a laptop without the database knows them too.
    """
    language = language_of(newsroom, key)
    before = [file for file in find_issues(newsroom, key.publication) if file.key.date < key.date]
    same = sorted(
        (file for file in before if language_of(newsroom, file.key) == language), key=lambda file: file.key.date
    )
    past: list[PastIssue] = []
    for file in reversed(same):
        try:
            record = load(sealed_path(file.path) / "seal.yaml", Record, root=newsroom.root).value
        except FileMissing:
            continue
        if record is not None:
            past.append(PastIssue(file.key.date, record.subject))
        if len(past) == _MOST:
            break
    return tuple(reversed(past))
