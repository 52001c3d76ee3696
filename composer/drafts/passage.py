"""What a draft is read into, whatever it was written with: passages, and what is said beside them.

They cross from the process that reads (``child``) as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

PassageKind = Literal["text", "heading", "point", "numbered", "quote", "table", "rule", "unplaced"]

#: What stands in a document and not in its text. ``unread`` are words that the reader of documents dropped.
Unplaceable = Literal["hidden", "footnote", "equation", "picture", "unread", "raw"]

#: What is left out, and said.
LeftOut = Literal["deletion", "comment", "header", "footer", "insertion", "link", "markup", "encoding"]


@dataclass(frozen=True)
class DraftRun:
    """Letters under the same marks; a break of line is ``"\\n"``. ``href``: where they lead, as it was written."""

    text: str
    strong: bool = False
    em: bool = False
    href: str = ""

    def with_text(self, text: str) -> DraftRun:
        return DraftRun(text, self.strong, self.em, self.href)


Runs = tuple[DraftRun, ...]


@dataclass(frozen=True)
class DraftPassage:
    """A paragraph, a title, a point, a table. ``style``: its style's name there; ``size``: of its letters, in points,
    0 where it is not known; ``level``: of a title from 1, of a point from 1; ``rows``: of a table."""

    kind: PassageKind
    runs: Runs = ()
    style: str = ""
    level: int = 0
    size: float = 0
    why: Unplaceable | None = None
    rows: tuple[tuple[Runs, ...], ...] = ()
    heads: bool = False  #: the first row of the table names its columns, the document says

    @property
    def text(self) -> str:
        """The words, on one line; the cells of a table one after the other."""
        cells = (cell for row in self.rows for cell in row) if self.rows else (self.runs,)
        return " ".join(" ".join(plain_runs(cell).split()) for cell in cells)


@dataclass(frozen=True)
class Omission:
    """Something of the document that is not in its passages: ``words`` are its own."""

    what: LeftOut
    words: str = ""


@dataclass(frozen=True)
class ReadDraft:
    """A draft as it was read."""

    passages: tuple[DraftPassage, ...]
    omissions: tuple[Omission, ...] = ()


def plain_runs(runs: Iterable[DraftRun]) -> str:
    """The letters of ``runs``."""
    return "".join(run.text for run in runs)


def draft_json(draft: ReadDraft) -> Mapping[str, Any]:
    """``draft`` as JSON."""
    return {
        "passages": [_passage_json(each) for each in draft.passages],
        "omissions": [[each.what, each.words] for each in draft.omissions],
    }


def draft_of(said: Mapping[str, Any]) -> ReadDraft:
    """The draft of ``draft_json``. Raises ``ValueError``, ``KeyError`` or ``TypeError`` for anything else."""
    omissions = []
    for what, words in said["omissions"]:
        if what not in get_args(LeftOut):
            raise ValueError(what)
        omissions.append(Omission(what, str(words)))
    return ReadDraft(tuple(map(_passage_of, said["passages"])), tuple(omissions))


def _passage_json(passage: DraftPassage) -> list[Any]:
    rows = [[_runs_json(cell) for cell in row] for row in passage.rows]
    runs = _runs_json(passage.runs)
    return [passage.kind, runs, passage.style, passage.level, passage.size, passage.why, rows, passage.heads]


def _runs_json(runs: Runs) -> list[Any]:
    return [[run.text, int(run.strong), int(run.em), run.href] for run in runs]


def _passage_of(said: Sequence[Any]) -> DraftPassage:
    kind, runs, style, level, size, why, rows, heads = said
    if kind not in get_args(PassageKind) or (why is not None and why not in get_args(Unplaceable)):
        raise ValueError(kind)
    read = tuple(tuple(map(_runs_of, row)) for row in rows)
    return DraftPassage(kind, _runs_of(runs), str(style), int(level), float(size), why, read, bool(heads))


def _runs_of(said: Iterable[Sequence[Any]]) -> Runs:
    return tuple(DraftRun(str(text), bool(strong), bool(em), str(href)) for text, strong, em, href in said)
