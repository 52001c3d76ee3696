"""Edition: an Issue for one audience, in one language."""

from __future__ import annotations

from dataclasses import dataclass

from composer.issue.block import Audience
from composer.issue.blocks.figure import ResolvedFigure
from composer.issue.inline import Spans
from composer.issue.key import IssueKey
from composer.issue.key import PastIssue as PastIssue
from composer.issue.model import Correction
from composer.issue.resolved import Reference, Resolved
from composer.newsroom.model import Publication, Style
from composer.newsroom.values import HeaderProse, HttpUrl, Prose


@dataclass(frozen=True)
class Edition:
    """Everything a reader of this audience and language gets, and nothing else.

    ``date_line`` is the date as printed, ``minutes`` the reading time at 300 words a minute, at least 1. ``online`` is
    the address of the free edition's web page, where it will have one; ``paid_copy`` that of the paid edition's, up to
    the reader's token; ``join`` that of the page where readers join, ``choices`` that of the one where they ask for a
    link to their choices, where these doors are open.
    """

    key: IssueKey
    publication: Publication
    audience: Audience
    language: str
    subject: HeaderProse
    preheader: HeaderProse
    also: tuple[Reference, ...]
    summary_label: Prose | None
    summary: tuple[Reference, ...]
    date_line: str
    minutes: int
    greeting: Prose | None
    epigraph: Spans
    intro: Spans
    blocks: tuple[Resolved, ...]
    corrections: tuple[Correction, ...]
    style: Style
    number: int | None = None
    online: HttpUrl | None = None
    paid_copy: HttpUrl | None = None
    join: HttpUrl | None = None
    choices: HttpUrl | None = None
    cover: ResolvedFigure | None = None
