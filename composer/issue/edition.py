"""Edition: an Issue for one audience, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date

from composer.issue.blocks import Audience
from composer.issue.model import Correction, IssueKey
from composer.issue.resolved import Reference, Resolved, Spans
from composer.newsroom.model import Publication, Style


@dataclass(frozen=True)
class PastIssue:
    """An issue already sent, handed in as context: for ``latest`` and for what earlier blocks announced."""

    date: Date
    subject: str
    url: str | None = None


@dataclass(frozen=True)
class Edition:
    """Everything one reader of this audience and language gets, and nothing else.

    ``date_line`` is the date as printed, ``minutes`` the reading time at 300 words a minute, at least 1.
    """

    key: IssueKey
    publication: Publication
    audience: Audience
    language: str
    subject: str
    preheader: str
    also: tuple[Reference, ...]
    summary_label: str | None
    summary: tuple[Reference, ...]
    date_line: str
    minutes: int
    greeting: str | None
    epigraph: Spans
    intro: Spans
    blocks: tuple[Resolved, ...]
    corrections: tuple[Correction, ...]
    style: Style
