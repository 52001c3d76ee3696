"""Compare each checked quotation of a broadcast with the transcript beside it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple

from composer.errors import OutsideWorld
from composer.issue.blocks.replay import Replay, Said, seconds_of
from composer.issue.files import language_of
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.newsroom.environment import key_files
from composer.newsroom.model import Newsroom
from composer.proofreading.quotations.differences import CUT, WordChange, changes, corrected
from composer.proofreading.quotations.distance import NearestPassage, nearest_passage
from composer.proofreading.quotations.negations import turned_round
from composer.proofreading.quotations.transcript import LONGEST_TRANSCRIPT, Cue, UnreadTranscript, read_transcript
from composer.proofreading.quotations.words import Spellings, Words, folded_words, spellings
from composer.source.document import Loc
from composer.source.finding import Finding, Severity
from composer.source.opening import content_of
from composer.source.paths import FileMissing, OutsideNewsroom, inside
from composer.source.vocabulary import key_name, value_name

#: How far from its time a quotation may be said, in seconds.
NEAR = 90

#: How long a passage of a transcript is taken to last where no other follows, in seconds.
LONGEST_CUE = 300

#: Of so many words, one may differ, if it is no negation.
ONE_IN = 8

#: Words read and compared for one issue: some seconds. An ordinary issue takes a hundredth.
_STEPS = 2_000_000

#: Most different words named; longest passage quoted, in characters, and in words where nothing is near.
_SHOWN_DIFFERENCES = 5
_SHOWN_PASSAGE = 240
_SHOWN_WORDS = 30


@dataclass(frozen=True)
class _Transcript:
    """``begins[n]`` is the number of words before cue ``n``, which is said from ``times[n]``, in seconds."""

    words: Words
    times: Sequence[int]
    begins: Sequence[int]

    def around(self, at: int, length: int) -> tuple[int, int, int]:
        """The first word near ``at``, the first that is not any more, and the end of ``length`` more: what begins near
        it may end later."""
        first = max(0, bisect_right(self.times, at - NEAR) - 1)
        first += self.times[first] + LONGEST_CUE < at - NEAR
        last = bisect_right(self.times, at + NEAR)
        if first >= last:
            return 0, 0, 0
        every = len(self.words.folded)
        later = self.begins[last] if last < len(self.begins) else every
        return self.begins[first], later, min(later + length, every)

    def said_at(self, at: int) -> str:
        """Some words from the cue that is said at ``at``."""
        start = self.begins[max(0, bisect_right(self.times, at) - 1)]
        return self.words.passage(start, min(start + _SHOWN_WORDS, len(self.words.folded)))

    def time_of(self, word: int) -> int:
        return self.times[bisect_right(self.begins, word) - 1]


class _Where(NamedTuple):
    """``nearest`` is None where the comparing stopped; ``said_near`` if it is said near the time that was typed."""

    nearest: NearestPassage | None
    allowed: int
    said_near: bool = False


class _Budget:
    def __init__(self) -> None:
        self.left = _STEPS

    def nearest(self, parts: Sequence[Sequence[str]], words: Sequence[str]) -> NearestPassage | None:
        self.left -= len(words) * sum(1 + len(part) // 500 for part in parts)
        return nearest_passage(parts, words) if self.left >= 0 else None


def compare_quotations(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """An error for each checked quotation that its transcript does not hold near its time; remarks on the others."""
    budget, names = _Budget(), spellings(newsroom.lexicon.names)
    for number, block in enumerate(issue.front.blocks):
        if not isinstance(block, Replay):
            continue
        loc: Loc = ("blocks", number)
        yield from _by_ear(issue, block, loc)
        checked = [(index, said) for index, said in enumerate(block.quotes) if said.checked is True]
        if not checked:
            continue
        if block.transcript is None:
            if language_of(newsroom, issue.key) != newsroom.publications[issue.key.publication].language:
                continue  # those of the original were compared
            yield from (_uncompared(issue, newsroom, (*loc, "quotes", index)) for index, _said in checked)
            continue
        if budget.left < 0:
            yield from (_too_much(issue, (*loc, "quotes", index)) for index, _said in checked)
            continue
        try:
            transcript = _read(issue, newsroom, block.transcript, names)
            budget.left -= len(transcript.words.folded)
        except (FileMissing, OutsideNewsroom):  # said already, of the file
            continue
        except (UnreadTranscript, OutsideWorld) as refusal:
            message = _("no quotation was compared with this transcript: {why}").format(why=refusal)
            at = (*loc, "transcript")
            yield issue.source.finding("transcript-unread", message, at, severity=Severity.WARNING)
            continue
        for index, said in checked:
            yield from _compared(issue, newsroom, transcript, said, (*loc, "quotes", index), names, budget)


def _by_ear(issue: Issue, block: Replay, loc: Loc) -> Iterator[Finding]:
    for index, said in enumerate(block.quotes):
        if said.checked == "by-ear":
            message = _("{name} heard this quotation: it was compared with no transcript").format(name=said.by)
            at = (*loc, "quotes", index, "checked")
            yield issue.source.finding("quote-by-ear", message, at, severity=Severity.NOTE)


def _uncompared(issue: Issue, newsroom: Newsroom, loc: Loc) -> Finding:
    message = _("this quotation was compared with nothing: give the {transcript}, or type {by_ear}").format(
        transcript=key_name("transcript", newsroom.settings.keys), by_ear=_by_ear_keys(newsroom)
    )
    return issue.source.finding("quote-not-compared", message, (*loc, "checked"), severity=Severity.WARNING)


def _too_much(issue: Issue, loc: Loc) -> Finding:
    message = _("this quotation was not compared: there is too much to compare in this issue")
    return issue.source.finding("quote-not-compared", message, (*loc, "checked"), severity=Severity.WARNING)


def _by_ear_keys(newsroom: Newsroom) -> str:
    keys = newsroom.settings.keys
    checked, by = key_name("checked", keys, Said.__name__), key_name("by", keys, Said.__name__)
    return _("{checked}: {by_ear} and {by}: with the name of who heard it").format(
        checked=checked, by_ear=value_name("by-ear", keys), by=by
    )


def _read(issue: Issue, newsroom: Newsroom, name: str, names: Spellings) -> _Transcript:
    path = inside(newsroom.root, (newsroom.root / issue.source.file).parent, name)
    secrets = key_files(newsroom.root, newsroom.settings)
    cues: tuple[Cue, ...] = read_transcript(content_of(path, newsroom.root, LONGEST_TRANSCRIPT + 1, secrets=secrets))
    words = folded_words(" ".join(cue.text for cue in cues), names)
    letters = accumulate((len(cue.text) + 1 for cue in cues[:-1]), initial=0)
    return _Transcript(words, [cue.start for cue in cues], [bisect_left(words.starts, letter) for letter in letters])


def _compared(
    issue: Issue, newsroom: Newsroom, transcript: _Transcript, said: Said, loc: Loc, names: Spellings, budget: _Budget
) -> Iterator[Finding]:
    typed = said.text.plain
    parts = [words for part in CUT.split(typed) if (words := folded_words(part, names).folded)]
    if not parts:
        return
    where = _where(transcript, parts, seconds_of(said.at), budget)
    if where.nearest is None:
        yield _too_much(issue, loc)
    elif where.nearest.differing > where.allowed or (
        where.nearest.differing
        and turned_round(parts, transcript.words.folded[where.nearest.first : where.nearest.end])
    ):
        yield _not_said(issue, newsroom, transcript, said, loc, names, where.nearest)
    elif not where.said_near:
        time = _written(transcript.time_of(where.nearest.first), said.at)
        message = _("these words are said at {time}, not within {near} seconds of {at}").format(
            time=time, near=NEAR, at=said.at
        )
        found = issue.source.finding("quote-elsewhere", message, (*loc, "at"))
        yield _suggesting(found, said.at, time)


def _where(transcript: _Transcript, parts: Sequence[Sequence[str]], at: int, budget: _Budget) -> _Where:
    length = sum(map(len, parts))
    allowed = length // ONE_IN
    folded = transcript.words.folded
    start, later, end = transcript.around(at, length)
    near = budget.nearest(parts, folded[start:end])
    if near is None:
        return _Where(None, allowed)
    near = NearestPassage(near.differing, near.first + start, near.end + start)
    if near.differing <= allowed and near.first < later:
        return _Where(near, allowed, said_near=True)
    anywhere = budget.nearest(parts, folded)
    if anywhere is None or near.differing <= anywhere.differing:
        return _Where(near, allowed)
    return _Where(anywhere, allowed)


def _not_said(
    issue: Issue,
    newsroom: Newsroom,
    transcript: _Transcript,
    said: Said,
    loc: Loc,
    names: Spellings,
    nearest: NearestPassage,
) -> Finding:
    typed = folded_words(said.text.plain, names)
    if nearest.differing * 2 > len(typed.folded):
        message = _("nothing like these words is in the transcript. Around {at}, it says: “{passage}”").format(
            at=said.at, passage=_shown(transcript.said_at(seconds_of(said.at)))
        )
        different: list[WordChange] = []
    else:
        different = list(changes(typed, transcript.words, nearest))
        message = _("these are not the transcript's words. Nearest, at {time}: “{passage}”").format(
            time=_written(transcript.time_of(nearest.first), said.at),
            passage=_shown(transcript.words.passage(nearest.first, nearest.end)),
        )
        if different and not CUT.search(said.text.plain):
            message += _("; {differences}").format(
                differences=", ".join(str(change) for change in different[:_SHOWN_DIFFERENCES])
            )
    message += _(". If the recording says it all the same, type {by_ear}").format(by_ear=_by_ear_keys(newsroom))
    found = issue.source.finding("quote-not-said", message, (*loc, "text"))
    better = corrected(said, typed, different)
    return found if better is None else _suggesting(found, said.text.source, better)


def _suggesting(found: Finding, typed: str, better: str) -> Finding:
    """``found``, with its line corrected where ``typed`` stands in it as it is."""
    typed = typed.strip()
    if found.excerpt is None or found.excerpt.count(typed) != 1:
        return found
    return replace(found, suggestion=found.excerpt.replace(typed, better))


def _shown(passage: str) -> str:
    return passage if len(passage) <= _SHOWN_PASSAGE else passage[:_SHOWN_PASSAGE].rsplit(" ", 1)[0] + " …"


def _written(seconds: int, like: str) -> str:
    """``seconds`` in the form of the time ``like``: with hours, or minutes alone."""
    minutes, left = divmod(seconds, 60)
    if like.count(":") == 2 or minutes > 999:
        return f"{minutes // 60}:{minutes % 60:02}:{left:02}"
    return f"{minutes:02}:{left:02}"
