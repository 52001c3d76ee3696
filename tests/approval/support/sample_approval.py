"""An issue with a picture, a transcript and an advertisement, and its approval."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from composer.approval.freeze import approve
from composer.approval.model import Unsealed
from composer.approval.verify import verdict
from composer.newsroom import load_newsroom
from tests.support.newsrooms import ISSUE

NOW = datetime(2026, 11, 26, 17, 4, tzinfo=UTC)

WITH_ALL = ISSUE.replace(
    "  - masthead: auto\n",
    """\
  - sponsor: haut
  - figure:
      src: digue.png
      alt: La digue au couchant
      credit: {{photo: Odile Ferrand}}
  - replay:
      show: Le grand entretien
      aired: 2026-11-25
      url: https://radio.example/entretien
      transcript: entretien.txt
  - masthead: auto
""",
)


def root(issue: Path) -> Path:
    return issue.parents[2]


def sealed_folder(issue: Path) -> Path:
    return issue.with_suffix(".sealed")


def seal_it(issue: Path) -> None:
    approve(issue, load_newsroom(root(issue)), "Odile Ferrand", now=NOW)


def reason(issue: Path) -> str | None:
    """Why it may not leave; None where it may."""
    found = verdict(issue, load_newsroom(root(issue)))
    return found.reason if isinstance(found, Unsealed) else None
