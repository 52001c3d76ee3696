"""Read a transcript: WebVTT, SubRip, or text that gives times, as Whisper, YouTube and Descript write it, or by hand.

Linear in the size of the file: every expression reads a line once, and its repetitions are bounded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from unicodedata import normalize

from composer.errors import Refused
from composer.locale import gettext as _

#: Bounds of what is read: a broadcast of a whole night is a tenth of it.
LONGEST_TRANSCRIPT = 4_000_000
MOST_CUES = 20_000

#: ``02:59``, ``1:02:03``, ``00:02:59,400``, ``00:02:59:12`` (frames).
_TIME = r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)(?:[.,:;]\d{1,3})?"

#: ``00:02.000 --> 00:04.000``, with what WebVTT says of its position; between brackets, what is said follows it.
_ARROW = re.compile(rf"[ \t]{{0,9}}(\[)?{_TIME}[ \t]{{0,9}}-->[ \t]{{0,9}}[\d:.,]{{4,15}}(?(1)\])(.*)")

#: ``02:59 What is said``, ``[02:59] …``, ``(02:59) …``, ``02:59 - …``; or the time alone.
_LEADING = re.compile(rf"[ \t]{{0,9}}[\[(]?{_TIME}(?:[\])]|(?=[\s:–—|-])|$)[ \t]{{0,9}}[-–—:|]?(.*)")

#: ``Odile Maravaud (02:59)`` or ``Speaker 1  00:02:59``, at the head of a paragraph.
_TRAILING = re.compile(rf"\S[^\t]{{0,60}}[ \t]{{1,9}}[\[(]?{_TIME}[\])]?[ \t]{{0,4}}:?[ \t]{{0,9}}$")

#: Whisper's table: start and end in milliseconds, text.
_TABLE = re.compile(r"(\d{1,9})\t\d{1,9}\t(.*)")

_TAG = re.compile(r"<[^<>]{0,200}>")
_SET = re.compile(r"\{\\[^{}]{0,40}\}")
#: ``[Applause]``: heard, not said.
_NOISE = re.compile(r"\[[^\[\]]{0,80}\]")
#: The name of a speaker, before what is said.
_LABEL = re.compile(r"(?:[-–—>] ?|>> ?)?([^\W\d_][^:.!?,;]{0,40}?) ?: ")
#: Paragraphs of WebVTT that say nothing.
_ASIDES = ("NOTE", "STYLE", "REGION")


class UnreadTranscript(Refused):
    """The file is no transcript, or too long a one; the message addresses the editor."""


@dataclass(frozen=True)
class Cue:
    """What is said from ``start``, in seconds."""

    start: int
    text: str


@dataclass
class _Open:
    """A cue that is being read. ``timed``: its time stands on a line of its own, as in subtitles."""

    start: int
    lines: list[str]
    timed: bool


def read_transcript(content: bytes) -> tuple[Cue, ...]:
    """What is said, in order of time. Raises ``UnreadTranscript`` where there is no time in it, or too much of it."""
    if len(content) > LONGEST_TRANSCRIPT:
        message = _("this transcript is too long: at most {most} MB are read")
        raise UnreadTranscript(message.format(most=LONGEST_TRANSCRIPT // 1_000_000))
    text = _decoded(content)
    cues: list[_Open] = []
    for cue in _open_cues(text):
        cues.append(cue)
        if len(cues) > MOST_CUES:
            message = _("this transcript is too long: at most {most} passages with a time are read")
            raise UnreadTranscript(message.format(most=MOST_CUES))
    if not cues:
        message = _("no time is in this transcript: WebVTT (.vtt), SubRip (.srt) or lines such as {line} are read")
        raise UnreadTranscript(message.format(line="02:59 …"))
    said = [Cue(cue.start, _said(lines)) for cue, lines in zip(cues, _once(cues), strict=True)]
    return tuple(sorted(_without_labels(said), key=lambda cue: cue.start))


def _decoded(content: bytes) -> str:
    if b"\0" in content and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise UnreadTranscript(_("this file is no text: export the transcript as WebVTT, SubRip or text"))
    try:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _open_cues(text: str) -> Iterator[_Open]:
    cue: _Open | None = None
    blank, aside, webvtt = True, False, text.startswith("WEBVTT")
    for line in text.splitlines():
        if not line.strip():
            blank, aside = True, False
            continue
        aside = aside or (webvtt and blank and line.startswith(_ASIDES))
        opened = None if aside else _opened(line, blank)
        if opened is not None:
            if cue is not None:
                yield cue
            cue = opened
        elif cue is not None and not aside:
            cue.lines += ["", line] if blank else [line]
        blank = False
    if cue is not None:
        yield cue


def _opened(line: str, blank: bool) -> _Open | None:
    """The cue that ``line`` opens, if it does; ``blank``: it begins a paragraph."""
    if match := _ARROW.match(line):
        return _Open(_seconds(match[2], match[3], match[4]), [match[5]] if match[1] else [], not match[1])
    if match := _TABLE.match(line):
        return _Open(int(match[1]) // 1000, [match[2]], False)
    if match := _LEADING.match(line):
        return _Open(_seconds(match[1], match[2], match[3]), [match[4]], False)
    if blank and len(line) < 120 and (match := _TRAILING.match(line)):
        return _Open(_seconds(match[1], match[2], match[3]), [], False)
    return None


def _seconds(hours: str | None, minutes: str, seconds: str) -> int:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)


def _once(cues: list[_Open]) -> Iterator[list[str]]:
    """The lines of each cue. Captions that roll show each line twice, at the bottom, then above the next."""
    shown = [_lines(cue, following) for cue, following in zip(cues, [*cues[1:], None], strict=True)]
    rolling = sum(len(lines) > 1 and lines[0] == before[-1] for before, lines in pairwise(filter(None, shown))) > 2
    last = ""
    for lines in shown:
        kept = lines[1:] if rolling and lines[:1] == [last] else lines
        last = kept[-1] if kept else last
        yield kept


def _lines(cue: _Open, following: _Open | None) -> list[str]:
    """What is said, without the number or the name that stands before the times of the ``following`` cue."""
    lines = cue.lines
    if following is not None and following.timed and len(lines) > 1 and not lines[-2]:
        lines = lines[:-2]
    return [clean for line in lines if (clean := _clean(line))]


def _clean(line: str) -> str:
    return " ".join(unescape(_SET.sub("", _TAG.sub("", line))).split())


def _said(lines: list[str]) -> str:
    return normalize("NFC", " ".join(_NOISE.sub(" ", " ".join(lines)).split()))


def _without_labels(cues: list[Cue]) -> Iterator[Cue]:
    """Without the names of speakers: what stands before a colon more than once."""
    labels = [_LABEL.match(cue.text) for cue in cues]
    often = Counter(match[1] for match in labels if match)
    for cue, match in zip(cues, labels, strict=True):
        yield Cue(cue.start, cue.text[match.end() :]) if match and often[match[1]] > 1 else cue
