"""The constructs of two real issues, each as a tiny issue of our own: ``constructs/<row>.yaml``.

``# prints:`` lines at the head of a file are words that its free edition holds, and that a rendering must show.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from composer.issue.edition import PastIssue

FOLDER = Path(__file__).parents[1] / "constructs"

#: The issues already sent, for constructs that list them.
PAST = (
    PastIssue(date(2026, 11, 14), "Avant la crue", "https://lettres.example.org/14"),
    PastIssue(date(2026, 11, 21), "La semaine de la crue", "https://lettres.example.org/21"),
)


@dataclass(frozen=True)
class Construct:
    """``text`` is an issue's file for the newsroom of ``tests.issue.support.sample_issue``."""

    name: str
    text: str
    prints: tuple[str, ...]


def constructs() -> tuple[Construct, ...]:
    return tuple(_construct(path) for path in sorted(FOLDER.glob("*.yaml")))


def _construct(path: Path) -> Construct:
    text = path.read_text()
    heads = [line for line in text.splitlines() if line.startswith("# prints: ")]
    return Construct(path.stem, text, tuple(line.removeprefix("# prints: ") for line in heads))
