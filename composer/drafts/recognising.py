"""What each passage of a draft is: by its style, by its first words, and by what stands around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from composer.drafts.habits import (
    Habits,
    byline_of,
    has_first_words,
    is_caption,
    is_credits,
    is_dated,
    is_sold,
    is_strong,
    is_summary,
    is_title,
    label_of,
    label_role,
    point_lead,
    row_of_names,
    run_in_crosshead,
    titled,
    unbulleted,
)
from composer.drafts.passage import DraftPassage, DraftRun, Runs, plain_runs
from composer.drafts.piece import DraftPiece, PieceRole, cut_runs, trimmed_runs
from composer.newsroom.model import Publication

_BOXES = ("a_surveiller", "en_filigrane", "insight")
#: What ends an article's text, so that a title below it is a headline.
_ENDING = frozenset({*_BOXES, "point", "brief", "link", "names", "picture", "unplaced", "signature", "table", "notice"})
_LINK_MARKS = "-–—>→•» \u00a0"
#: How much larger than the text the letters of a title are; words of a standfirst, four times as many above points.
_LARGER, _STANDFIRST = 1.15, 32


def recognised(passages: Sequence[DraftPassage], publication: Publication) -> list[DraftPiece]:
    """The pieces of an issue that ``passages`` are, in their order: one a passage at least."""
    return _Recogniser([*map(unbulleted, passages)], Habits(publication)).pieces()


class _Recogniser:
    def __init__(self, passages: Sequence[DraftPassage], habits: Habits) -> None:
        self._all, self._habits = passages, habits
        self._known: list[PieceRole | None] = [self._by_style(each) for each in passages]
        self._levels = self._title_levels()
        labels = [label_of(each.text) for each in passages]
        self._whole = (
            any(labels) or self._known.count("headline") > 1 or any(row_of_names(each.text) for each in passages)
        )
        self._trusted = habits.runs_in and sum(run_in_crosshead(each.runs, True) is not None for each in passages) > 1
        self._leads = self._led_lists()
        self._dressed = any(is_dressed(each) and len(each.text.split()) > 9 for each in passages)
        self._found: list[DraftPiece] = []
        self._section: PieceRole | None = None  # what a label has begun
        self._sold = False
        self._named = False  # a line of names has begun it: it ends with the points
        self._headed = False  # a headline was met
        self._signed = False  # a signature was met since
        self._closing = False  # what a letter prints below its last text has begun
        self._body = 0  # paragraphs since

    def pieces(self) -> list[DraftPiece]:
        for number, passage in enumerate(self._all):
            for piece in self._of(number, passage):
                self._found.append(replace(piece, source=number))
        return self._found

    def _by_style(self, passage: DraftPassage) -> PieceRole | None:
        return self._habits.style_role(passage.style) if passage.kind not in ("table", "rule", "unplaced") else None

    def _title_levels(self) -> dict[int, int]:
        """The level of each passage that is a title, from 1: as its document says, or by the size of its letters."""
        levels = {
            n: each.level for n, each in enumerate(self._all) if each.kind == "heading" and self._known[n] is None
        }
        if levels:
            return levels
        sizes: Counter[float] = Counter()
        for each in self._all:
            sizes[each.size] += len(each.text)
        body = sizes.most_common(1)[0][0] if sizes else 0
        texts = {n: each for n, each in enumerate(self._all) if each.kind == "text" and self._known[n] is None}
        large = {n: each.size for n, each in texts.items() if body and each.size > body * _LARGER and is_title(each)}
        bold = {n: 0.0 for n, each in texts.items() if n not in large and is_strong(each.runs) and is_title(each)}
        bold = {
            n: size
            for n, size in bold.items()
            if label_of(self._all[n].text) is None and self._habits.led(self._all[n].runs) is None
        }
        ranks = sorted({*large.values(), *bold.values()}, reverse=True)
        return {n: ranks.index(size) + 1 for n, size in {**large, **bold}.items()}

    def _of(self, number: int, passage: DraftPassage) -> list[DraftPiece]:
        runs, text = passage.runs, passage.text
        if self._named and passage.kind != "point":
            self._section, self._named = None, False
        if passage.kind == "table":
            return [DraftPiece("table", rows=passage.rows)]
        if passage.kind == "rule":
            return [DraftPiece("rule")]
        if passage.kind == "unplaced":
            return [DraftPiece("unplaced", runs, why=passage.why)]
        if (label := label_of(text)) is not None:
            return self._label(label)
        if text.strip() == "===":
            return [DraftPiece("paywall")]
        if self._sold and self._known[number] != "section-label":
            return [DraftPiece("unplaced", runs, why="advertisement")]
        if passage.kind != "heading" and (led := self._habits.led(runs)) is not None:
            return self._led(passage, *led)
        role = self._known[number]
        if role is None and number in self._levels:
            role = self._title(number, self._levels[number])
        elif role == "title":
            role = "subject" if self._is_subject(number) else "headline"
        return self._as(role, number, passage) if role is not None else self._by_habit(number, passage)

    def _label(self, label: str) -> list[DraftPiece]:
        self._section, self._sold, self._body = label_role(label), is_sold(label), 0
        if self._sold:
            return [DraftPiece("unplaced", (DraftRun(label),), why="advertisement")]
        return [DraftPiece("section-label", (DraftRun(label),))]

    def _led(self, passage: DraftPassage, role: PieceRole, at: int, named: str) -> list[DraftPiece]:
        rest = cut_runs(passage.runs, at)[1]
        if role not in _BOXES:
            return (
                [DraftPiece(role, trimmed_runs(rest), named=named)] if rest else [DraftPiece("paragraph", passage.runs)]
            )
        title, text = titled(trimmed_runs(rest))
        self._section = None
        return [DraftPiece(role, text, title, named=named)]

    def _as(self, role: PieceRole, number: int, passage: DraftPassage) -> list[DraftPiece]:
        """The passage in a ``role`` that its style, or its level, gives."""
        runs = passage.runs
        if role == "headline" and self._section == "brief":
            role = "brief"
        if role in ("headline", "brief"):
            self._headed, self._signed, self._body = True, False, 0
            self._section = "brief" if role == "brief" else None
        elif role == "section-label":
            return self._label(passage.text)
        elif role == "point":
            return [self._point(number, passage)]
        elif role in _BOXES:
            title, text = titled(runs)
            return [DraftPiece(role, text, title)]
        elif role == "paragraph":
            self._body += 1
        elif role == "signature" and (word := byline_of(passage.text)) is not None:
            return [DraftPiece("signature", trimmed_runs(cut_runs(runs, len(word))[1]), named=word)]
        return [DraftPiece(role, _light(runs) if role in ("headline", "crosshead", "standfirst", "brief") else runs)]

    def _is_subject(self, number: int) -> bool:
        """Whether the title of a document is that of a whole issue."""
        below = next((n for n in range(number + 1, len(self._all)) if self._all[n].text), None)
        heads = below is not None and (
            below in self._levels or self._known[below] in ("headline", "section-label", "subject")
        )
        return (self._whole or heads) and number < 3

    def _title(self, number: int, level: int) -> PieceRole:
        """Whether a title is a headline or a crosshead."""
        levels = [*self._levels.values()]
        titled_above = "title" in self._known[:number] and not self._is_subject(self._known.index("title"))
        if titled_above or self._known.count("headline"):
            return "crosshead"
        if self._section == "brief":
            return "brief"
        top = min(levels)
        below = self._next(number)
        heads = below is not None and (
            self._levels.get(below, 9) <= level or label_of(self._all[below].text) is not None
        )
        if level == top and not self._found and (heads or (self._whole and self._all[number].kind == "text")):
            return "subject"
        if "crosshead" in self._known:
            return "headline" if level == top else "crosshead"
        if len({*levels}) > 1 or len(levels) == 1:
            return "headline" if level == top or not self._headed else "crosshead"
        return self._by_context(number)

    def _by_context(self, number: int) -> PieceRole:
        """A title of which nothing says the rank: a headline where a text has ended, or none has begun."""
        before = self._found[-1].role if self._found else None
        if self._section == "brief":
            return "brief"
        if not self._headed or self._signed or before in (None, "section-label", "subject") or before in _ENDING:
            return "headline"
        below = self._next(number)
        return "headline" if below is not None and self._known[below] in ("standfirst", "signature") else "crosshead"

    def _next(self, number: int) -> int | None:
        return number + 1 if number + 1 < len(self._all) else None

    def _by_habit(self, number: int, passage: DraftPassage) -> list[DraftPiece]:
        runs, text = passage.runs, passage.text
        if passage.kind == "quote":
            return [DraftPiece("citation", runs)]
        listed = self._section in ("links", "teasers") and text[:1] in ("–", "—", "-", "→")
        if passage.kind in ("point", "numbered") or text[:2] == ">>" or listed:
            return [self._point(number, passage)]
        if (
            (names := row_of_names(text))
            and (below := self._next(number)) is not None
            and self._all[below].kind == "point"
        ):
            self._section, self._named = "brief", True
            return [DraftPiece("names", (DraftRun(", ".join(names)),))]
        if (role := label_role(text.rstrip(" :"))) is not None and len(text.split()) < 8:
            self._section = role
            return [DraftPiece("section-label", (DraftRun(text.rstrip(" \u00a0:")),))]
        if (also := self._also(runs, text)) is not None:
            return [also]
        self._closing |= is_credits(text) or (self._headed and self._habits.is_own_name(text))
        if self._closing:
            return [DraftPiece("unplaced", runs, why="closing")]
        if not self._headed and self._whole and self._found and is_summary(text):
            return [DraftPiece("summary", runs)]
        if not self._headed and self._whole and self._found and self._habits.is_furniture(text):
            return [DraftPiece("unplaced", runs, why="opening")]
        if text in ("...", "…"):
            return [DraftPiece("unplaced", runs, why="cut")]
        if is_caption(text):
            return [DraftPiece("picture", runs)]
        if (word := byline_of(text)) is not None and self._headed:
            return [DraftPiece("signature", trimmed_runs(cut_runs(runs, len(word))[1]), named=word)]
        if self._body > 1 and self._habits.is_person(text) and self._ends(number, text):
            self._signed = True
            return [DraftPiece("signature", _light(runs))]
        if (parted := run_in_crosshead(runs, self._trusted)) is not None and self._headed:
            self._body += 1
            return [DraftPiece("crosshead", parted[0]), DraftPiece("paragraph", parted[1])]
        if is_title(passage):
            return self._habit_title(number, passage)
        return self._text(number, passage)

    def _ends(self, number: int, text: str) -> bool:
        """Whether a name stands below a text: one of the team, or what follows does not go on as a text."""
        below = self._next(number)
        following = self._all[below].text if below is not None else ""
        return (
            self._habits.is_known(text)
            or len(following.split()) < 15
            or following[0] in "…."
            or is_title(self._all[number + 1])
        )

    def _also(self, runs: Runs, text: str) -> DraftPiece | None:
        head, colon, rest = text.partition(":")
        if not colon or label_role(head) != "links" or self._headed or len(rest) < 8:
            return None
        return DraftPiece("also", trimmed_runs(cut_runs(runs, plain_runs(runs).index(":") + 1)[1]), named=head.strip())

    def _habit_title(self, number: int, passage: DraftPassage) -> list[DraftPiece]:
        if not self._found and self._whole:
            return [DraftPiece("subject", _light(passage.runs))]
        below = self._next(number)
        if not self._headed and self._whole and below is not None and is_dated(self._all[below].text):
            return [DraftPiece("unplaced", passage.runs, why="opening")]
        role = self._by_context(number)
        if role == "headline" and self._headed and self._next(number) is None:
            role = "paragraph"
        if role == "crosshead" and (self._body == 0 or self._next(number) is None):
            role = "paragraph"
        return self._as(role, number, passage)

    def _text(self, number: int, passage: DraftPassage) -> list[DraftPiece]:
        """A paragraph; right below a headline it may be the standfirst."""
        before = self._found[-1].role if self._found else None
        if before == "headline" and self._is_standfirst(number, passage):
            return [DraftPiece("standfirst", _light(passage.runs))]
        if not self._headed and self._whole and "title" not in self._known:
            return [DraftPiece("unplaced", passage.runs, why="opening")]
        self._body += 1
        return [DraftPiece("paragraph", passage.runs)]

    def _is_standfirst(self, number: int, passage: DraftPassage) -> bool:
        below = self._next(number)
        if below is None or "standfirst" in self._known:
            return False
        words, following = len(passage.text.split()), self._all[below]
        if is_dressed(passage) and not is_dressed(following):
            return True
        if self._dressed:
            return False
        if following.kind == "point":
            return words <= 4 * _STANDFIRST
        return 10 <= words <= _STANDFIRST and following.kind == "text" and len(following.text.split()) > 1.6 * words

    def _point(self, number: int, passage: DraftPassage) -> DraftPiece:
        numbered = passage.kind == "numbered"
        runs = trimmed_runs(passage.runs, _LINK_MARKS) if passage.text[:1] in ">–—→" else passage.runs
        if self._section in ("links", "teasers"):
            return DraftPiece("link", runs)
        parted = point_lead(runs, loosely=number in self._leads)
        if self._section == "brief" and parted is not None:
            return DraftPiece("brief", parted[1], parted[0])
        if passage.text[:2] == ">>":
            return DraftPiece("link", runs)
        if parted is not None and not numbered:
            return DraftPiece("point", parted[1], parted[0])
        return DraftPiece("numbered" if numbered else "point", runs)

    def _led_lists(self) -> frozenset[int]:
        """The numbers of the points in lists of which most points begin with few words and a sign."""
        found: list[int] = []
        numbers = enumerate(self._all)
        for is_point, group in groupby(numbers, lambda each: each[1].kind == "point"):
            points = [(n, each) for n, each in group if is_point and self._habits.led(each.runs) is None]
            leads = sum(has_first_words(each.runs) or point_lead(each.runs, False) is not None for _n, each in points)
            if len(points) > 1 and leads * 2 > len(points):
                found += (n for n, _each in points)
        return frozenset(found)


def is_dressed(passage: DraftPassage) -> bool:
    """Whether it is in bold, or in italics, from end to end."""
    slanted = all(run.em or not run.text.strip() for run in passage.runs)
    return passage.kind == "text" and (is_strong(passage.runs) or slanted)


def _light(runs: Runs) -> Runs:
    """Without bold all over, which a title has of itself; a standfirst's italics too."""
    strong, slanted = is_strong(runs), all(run.em or not run.text.strip() for run in runs)
    return tuple(DraftRun(run.text, run.strong and not strong, run.em and not slanted, run.href) for run in runs)
