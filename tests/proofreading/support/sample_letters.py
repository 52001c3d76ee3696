"""Every letter of the example newsroom: each sample issue for each audience, as ``vendredi/2026-11-27 free``."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from composer.issue.compose import compose
from composer.issue.edition import Edition, PastIssue
from composer.issue.load import load_issue
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.rendering import Rendering, render

CHECKOUT = Path(__file__).resolve().parents[3]
LETTERS = tuple(
    f"{path.parent.name}/{path.stem} {audience}"
    for path in sorted(CHECKOUT.glob("issues/*/*.yaml"))
    for audience in ("free", "paid")
)
PAST = (PastIssue(date(2026, 11, 20), "Un numéro d’avant", "https://lettres.example.org/avant"),)


@lru_cache(maxsize=1)
def house() -> Newsroom:
    return load_newsroom(CHECKOUT)


def edition(letter: str) -> Edition:
    name, audience = letter.split(" ")
    issue = load_issue(CHECKOUT / "issues" / f"{name}.yaml", house()).require()
    return compose(issue, house(), "free" if audience == "free" else "paid", PAST)


@lru_cache(maxsize=64)
def rendered(letter: str) -> Rendering:
    return render(edition(letter), house())
