"""Past approved issues, for the block ``latest`` and for checks against earlier issues."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from composer.approval.model import SealRecord
from composer.issue import key_of, sealed_path
from composer.issue.edition import PastIssue
from composer.issue.files import BadName, language_of
from composer.issue.model import IssueKey
from composer.issue.welcome import is_welcome
from composer.newsroom.model import Newsroom
from composer.source import FileMissing, load

#: Most issues returned; no block lists more.
_MOST = 20


def past_issues(newsroom: Newsroom, key: IssueKey) -> tuple[PastIssue, ...]:
    """The approved issues of the same publication and language dated before ``key``, the latest twenty, by date.

    Approvals are files in git, so this works on a laptop without the database.
    """
    language = language_of(newsroom, key)
    past: list[PastIssue] = []
    for path, before in _approved(newsroom, key):
        if language_of(newsroom, before) != language or is_welcome(newsroom, before):
            continue
        try:
            record = load(sealed_path(path) / "seal.yaml", SealRecord, root=newsroom.root).value
        except FileMissing:
            continue
        if record is not None:
            past.append(PastIssue(before.date, record.subject))
        if len(past) == _MOST:
            break
    return tuple(reversed(past))


def _approved(newsroom: Newsroom, key: IssueKey) -> Iterator[tuple[Path, IssueKey]]:
    """Issue files with an approval, dated before ``key``, the latest first.

    Lazily, and selected by name before any file is opened: a folder may hold hundreds of issues, and twenty are enough.
    """
    folder = newsroom.root / "issues" / key.publication
    there = folder.iterdir() if folder.is_dir() else ()
    sealed = [path for path in there if path.suffix == ".sealed" and path.name[:10] < key.date.isoformat()]
    for path in sorted((path.with_suffix(".yaml") for path in sealed), reverse=True):
        if path.is_file():
            try:
                yield path, key_of(path, newsroom)
            except BadName:
                continue
