"""The key of an issue, read from its path; and what is kept of an issue that was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date

from composer.locale import Language
from composer.newsroom.values import HttpUrl, Prose


@dataclass(frozen=True)
class IssueKey:
    """The key of an issue, read from its path ``issues/<publication>/<date>[-<slug>][.<language>].yaml``."""

    publication: str
    date: Date
    slug: str = ""
    language: Language | None = None

    def __str__(self) -> str:
        name = f"{self.date.isoformat()}-{self.slug}" if self.slug else self.date.isoformat()
        return f"{self.publication}/{name}{'.' + self.language if self.language else ''}"


@dataclass(frozen=True)
class PastIssue:
    """An issue already sent, for ``latest`` and for references to what earlier blocks announced."""

    date: Date
    subject: Prose
    url: HttpUrl | None = None
