"""What an import says of itself: what each paragraph became, words in and out, what has no place, what was left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from composer.drafts.building import BuiltDraft
from composer.drafts.counted_words import tallied
from composer.drafts.passage import Omission, ReadDraft, plain_runs
from composer.drafts.piece import DraftPiece
from composer.issue.unplaced import UNPLACED
from composer.locale import Language, ngettext
from composer.locale import gettext as _
from composer.source.vocabulary import block_name

_LINKED = re.compile(r"\]\([^()\s]{0,2000}\)|[\[*\\]")
_MARKS = re.compile(r"[*\\]")
_SHOWN = 70


@dataclass(frozen=True)
class AccountRow:
    """A passage: what it became, in which block, its first words."""

    became: str
    block: str
    words: str


@dataclass(frozen=True)
class DraftAccount:
    """``read`` and ``written``: words, those that became names of blocks among the latter; ``to_place``: the line of
    each mark in the new text of the file, and the words that stand behind it."""

    rows: tuple[AccountRow, ...]
    read: int
    written: int
    to_place: tuple[tuple[int, str], ...]
    omissions: tuple[str, ...]

    def as_json(self) -> Mapping[str, Any]:
        return {
            "paragraphs": [{"became": row.became, "block": row.block, "words": row.words} for row in self.rows],
            "words": {"read": self.read, "written": self.written},
            "to_place": [{"line": line, "words": words} for line, words in self.to_place],
            "left_out": [*self.omissions],
        }


def lost_words(draft: ReadDraft, built: BuiltDraft) -> Counter[str]:
    """The words of ``draft`` that ``built`` lacks."""
    return words_read(draft) - words_written(built)


def words_read(draft: ReadDraft) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in draft.passages:
        found += tallied(each.text)
    return found


def words_written(built: BuiltDraft) -> Counter[str]:
    """The words of the blocks' fields, and those that became names."""
    found: Counter[str] = Counter()
    for text in (*built.front.values(), *(text for block in built.blocks for text in block.fields.values())):
        placed = UNPLACED.sub("", text)
        found += tallied(_LINKED.sub("", placed)) | tallied(_MARKS.sub("", placed))  # an address, or words like one
    for named in built.named:
        found += tallied(named)
    return found


def account_of(draft: ReadDraft, built: BuiltDraft, keys: Language, before: str, after: str) -> DraftAccount:
    """The account of an import that made ``before``, the text of the file, ``after``."""
    where = {source: block_name(block.name, keys) for block in built.blocks for source in block.sources}
    rows = tuple(AccountRow(role_name(piece), where.get(piece.source, ""), _beginning(piece)) for piece in built.pieces)
    old = Counter(before.splitlines())
    marks = []
    for number, line in enumerate(after.splitlines(), 1):
        if (mark := UNPLACED.search(line)) is not None and not old[line]:
            words = line[mark.end() :].strip(" \"'*_")
            what = mark["what"].strip()
            marks.append((number, _("{what}: {words}").format(what=what, words=_cut(words)) if words else what))
        old[line] -= 1
    omissions = tuple(_omitted(draft.omissions))
    read = words_read(draft)
    return DraftAccount(rows, read.total(), (read & words_written(built)).total(), tuple(marks), omissions)


def role_name(piece: DraftPiece) -> str:
    """What a passage became, for people."""
    return {
        "subject": _("subject"),
        "preheader": _("preheader"),
        "section-label": _("section label"),
        "headline": _("headline"),
        "standfirst": _("standfirst"),
        "signature": _("signature"),
        "crosshead": _("crosshead"),
        "paragraph": _("paragraph"),
        "point": _("point"),
        "numbered": _("point"),
        "citation": _("citation"),
        "picture": _("picture to add"),
        "brief": _("brief"),
        "names": _("line of names"),
        "links": _("links"),
        "link": _("link"),
        "teasers": _("teaser"),
        "also": _("also in this issue"),
        "summary": _("summary"),
        "paywall": _("paywall"),
        "table": _("table"),
        "rule": _("ornament"),
        "unplaced": _("to place"),
        "title": _("headline"),
    }.get(piece.role) or _("box")


def _omitted(omissions: tuple[Omission, ...]) -> Iterator[str]:
    """One line for each kind of what was left out, with its first words."""
    for what in dict.fromkeys(each.what for each in omissions):
        words = [each.words for each in omissions if each.what == what]
        count = len(words)
        said = {
            "deletion": ngettext("{n} tracked deletion left out", "{n} tracked deletions left out", count),
            "insertion": ngettext("{n} tracked insertion taken in", "{n} tracked insertions taken in", count),
            "comment": ngettext("{n} comment left out", "{n} comments left out", count),
            "header": ngettext("{n} page header left out", "{n} page headers left out", count),
            "footer": ngettext("{n} page footer left out", "{n} page footers left out", count),
            "link": ngettext("{n} link left out, its words kept", "{n} links left out, their words kept", count),
            "encoding": _("the file is not in UTF-8: it was read as Windows-1252, check its accents"),
            "markup": ngettext("{n} thing left out", "{n} things left out", count),
        }[what].format(n=count)
        shown = ", ".join(_("“{words}”").format(words=_cut(each)) for each in words[:3] if each)
        yield _("{what}: {words}").format(what=said, words=shown) if shown else said


def _beginning(piece: DraftPiece) -> str:
    runs = (*piece.lead, *piece.runs)
    words = plain_runs(piece.lead) + (" · " if piece.lead and piece.runs else "") + plain_runs(piece.runs)
    if not runs:
        words = " | ".join(plain_runs(cell) for row in piece.rows[:1] for cell in row)
    return _cut(" ".join(words.split()))


def _cut(words: str) -> str:
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1].rstrip() + "…"
