"""Rules for dashes: the house's dash between spaces, and the no-break spaces beside it.

Two dashes in a sentence are an incise: the first holds to the word after it, the second to the word before it. A dash
alone holds to the word before it, so that it begins no line. Dashes that begin what someone says are all alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from composer.issue.typography.edit_buffer import NBSP, SP, Change, EditBuffer, Rule, rule
from composer.newsroom.model import Typography
from composer.source.late_pattern import late

_LETTER = r"[^\W\d_]"
_SPACED = late(rf"(?P<before>\S){SP}+(?P<x>--|[-–—])(?={SP}+(?P<after>\S))")
#: Two hyphens for a dash, glued to the word before them, or beginning what someone says; elsewhere, `` --word`` may be
#: an option of a command.
_HYPHENS = late(rf"(?:(?<={_LETTER}|[»”)])|(?P<first>^))--(?P<space>{SP}?)(?=[^\W\d_«“])")
#: A dash with a space on one side only, between letters: that space, and the place of the other one.
_HALF_SPACED = late(
    rf"(?<={_LETTER}|[,»”)]){SP}[–—](?P<right>)(?={_LETTER})|(?<={_LETTER}|[»”)])(?P<left>)[–—](?={SP}{_LETTER})"
)
_FIRST = late(rf"^[–—](?P<x>{SP}++(?=\S)|(?={_LETTER}))")
#: The dash that begins a dialogue.
_SPEECH = late(rf"[–—](?={SP}|{_LETTER})")
_ENDS_SPEECH = ".!?…»”"
#: The end of a sentence, which an initial's point is not; or a dash with its spaces.
_PARTS = late(
    rf"(?<=[^\sA-Z])[.!?…][»”’\")\]]*(?={SP})|(?<=(?P<word>\S))(?P<left>{SP}++)[–—](?:(?P<right>{SP}++)(?=\S)|(?=,))"
)

# Hints: patterns necessary for any match of the rules (see Rule).
_BETWEEN_SPACES = late(rf"{SP}(?:--|[-–—]){SP}")
_TWO_HYPHENS = late("--")
_BESIDE_SPACE = late(rf"{SP}[–—]|[–—]{SP}")
_AFTER_SPACE = late(rf"{SP}[–—]")


def dash_rules(profile: Typography) -> Iterator[Rule]:
    """The rules for dashes; those for the spaces beside them are for French only."""
    if profile.profile == "french":
        yield Rule(frozenset("–—"), lambda buffer: buffer.put([*_completed(buffer)]), _BESIDE_SPACE)
    if profile.dashes is not None and profile.dashes != "keep":
        dash = "–" if profile.dashes == "en-dash" else "—"

        def between(match: re.Match[str]) -> str | None:
            if match["before"].isdigit() and match["after"].isdigit():
                return None
            spoken = match["before"] in _ENDS_SPEECH and _SPEECH.match(match.string)
            return match.string[0] if spoken else dash

        yield Rule(frozenset("-"), lambda buffer: buffer.put([*_hyphens(buffer, dash)]), _TWO_HYPHENS)
        yield rule("-–—", _SPACED, between, _BETWEEN_SPACES)
    if profile.profile == "french":
        yield rule("–—", _FIRST, NBSP)
        yield Rule(frozenset("–—"), lambda buffer: buffer.put([*_held(buffer)]), _AFTER_SPACE)


def _hyphens(buffer: EditBuffer, dash: str) -> Iterator[Change]:
    for match in _HYPHENS.finditer(buffer.view):
        start = match.start()
        if match["first"] is None:
            yield start, start, " "
        elif not match["space"]:
            continue
        yield start, start + 2, dash
        if not match["space"]:
            yield start + 2, start + 2, " "


def _completed(buffer: EditBuffer) -> Iterator[Change]:
    for match in _HALF_SPACED.finditer(buffer.view):
        place = match.start("right" if match["right"] is not None else "left")
        yield place, place, " "


def _held(buffer: EditBuffer) -> Iterator[Change]:
    """The no-break space of each dash between spaces, sentence by sentence."""
    dialogue = _SPEECH.match(buffer.view) is not None
    dashes: list[re.Match[str]] = []
    for match in _PARTS.finditer(buffer.view):
        if match["word"] is None:
            yield from _of_sentence(dashes)
            dashes = []
        elif dialogue and match["word"] in _ENDS_SPEECH and match["right"]:
            yield match.start("right"), match.end("right"), NBSP
        elif not (match["word"].isdigit() and match.string[match.end() : match.end() + 1].isdigit()):
            dashes.append(match)
    yield from _of_sentence(dashes)


def _of_sentence(dashes: list[re.Match[str]]) -> Iterator[Change]:
    if len(dashes) == 2 and dashes[0]["right"]:
        opening = dashes.pop(0)
        yield opening.start("right"), opening.end("right"), NBSP
    for dash in dashes:
        yield dash.start("left"), dash.end("left"), NBSP
