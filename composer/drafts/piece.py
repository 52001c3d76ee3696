"""What the passages of a draft are in an issue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from composer.drafts.passage import DraftRun, Runs, Unplaceable, plain_runs
from composer.newsroom.draft_roles import DraftRole

PieceRole = (
    DraftRole
    | Literal[
        "numbered",
        "names",
        "links",
        "link",
        "teasers",
        "also",
        "summary",
        "paywall",
        "table",
        "rule",
        "unplaced",
        "title",
    ]
)

#: Why words have no place: what the document had there, or what an issue has no line for.
NoPlace = (
    Unplaceable
    | Literal["opening", "advertisement", "closing", "cut", "headline", "text", "table", "subject", "footing"]
)


@dataclass(frozen=True)
class DraftPiece:
    """A passage with its ``role``. ``lead`` is the lead of a point, the title of a box; ``named`` are words of it that
    become a name of the grammar: « À surveiller »; ``source``: the number of its passage."""

    role: PieceRole
    runs: Runs = ()
    lead: Runs = ()
    why: NoPlace | None = None
    rows: tuple[tuple[Runs, ...], ...] = ()
    named: str = ""
    source: int = 0

    def unplaced(self, why: NoPlace) -> DraftPiece:
        """It, as words without a place; the words that named it stand before them."""
        named = (DraftRun(f"{self.named} "),) if self.named else ()
        gap = (DraftRun(" "),) if self.lead else ()
        return replace(self, role="unplaced", runs=(*named, *self.lead, *gap, *self.runs), lead=(), named="", why=why)


def cut_runs(runs: Runs, at: int) -> tuple[Runs, Runs]:
    """``runs`` before and from the letter ``at``."""
    before: list[DraftRun] = []
    after: list[DraftRun] = []
    for run in runs:
        size = len(run.text)
        if at >= size:
            before.append(run)
        elif at <= 0:
            after.append(run)
        else:
            before.append(run.with_text(run.text[:at]))
            after.append(run.with_text(run.text[at:]))
        at -= size
    return tuple(before), tuple(after)


def trimmed_runs(runs: Runs, start: str = " \n", end: str = " \n") -> Runs:
    """``runs`` without the letters ``start`` at their beginning and ``end`` at their end."""
    text = plain_runs(runs)
    first = len(text) - len(text.lstrip(start))
    last = len(text.rstrip(end))
    return cut_runs(cut_runs(runs, last)[0], first)[1] if first < last else ()
