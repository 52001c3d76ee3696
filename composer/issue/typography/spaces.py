"""Rules for spaces in excess: doubled, before a comma or a point, inside brackets, after an elided letter.

Only spaces between two characters of one line change: those at either end of a line may mean something to Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from composer.issue.typography.edit_buffer import FIXED, SP, Change, EditBuffer, Rule, rule
from composer.newsroom.model import Typography
from composer.source.late_pattern import late

_DOUBLED = late(rf"(?<=\S)(?P<x>{SP}{{2,}}+)(?=\S)")
#: After a comma or a point that ends a word: ``1 ,5``, `` .fr`` and `` . . .`` are left as typed.
_ENDS = r"$|[\s»”’\"'´)\]:;!?]"
_INSIDE = late(
    rf"(?P<x>(?<=[^\s(\[«“‘,./\\–—{FIXED}-]){SP}++(?=(?:,|\.(?!{SP}*\.))(?:{_ENDS}))"
    rf"|(?<={FIXED}){SP}++(?=[,.](?:$|\s(?![\s.:;!?»”])))"
    rf"|(?<=[(\[]){SP}++(?=[^\s)\]:;{FIXED}])"
    rf"|(?<=[\w»”’\"'´.…!?%€°]){SP}++(?=[)\]](?!\w)))"
)
#: A comma with its space on the wrong side; not before a digit.
_MISPLACED = late(rf"(?<=[\w»”)\]\"'´’])(?P<x>{SP}++),(?=[^\W\d_])")
_BEFORE_ELLIPSIS = late(rf"(?<=[^\W\d_]|[»”’\"'´)\]!?])(?P<x>{SP}++)(?=…(?:{_ENDS}|[,.]))")
_ELIDED = late(
    rf"(?<![\w'’‘])(?:[cçdjlmnst]|(?:jus|lors|puis|quoi|quel|pres)?qu|entr|aujourd)['’´](?P<x>{SP}++)"
    r"(?=[aeiouyhàâäéèêëîïôöùûüœæ])",
    re.IGNORECASE,
)

# Hints: patterns necessary for any match of the rules (see Rule).
_TWO = late(rf"{SP}{SP}")
_BESIDE_MARK = late(rf"[,.)\](\[](?:(?<={SP}[,.)\]])|(?<=[(\[]){SP})")
_GLUED_COMMA = late(rf",(?<={SP},)\S")
_AFTER_SPACE = late(rf"{SP}…")
_APOSTROPHE_SPACE = late(rf"['’´]{SP}")


def space_rules(profile: Typography) -> Iterator[Rule]:
    """The rules for spaces in excess; two of them for French only: English sets an ellipsis between spaces."""
    yield rule(" \u00a0\u202f\u2007\u2009", _DOUBLED, " ", _TWO)
    yield rule(",.()[]", _INSIDE, "", _BESIDE_MARK)
    yield Rule(frozenset(","), lambda buffer: buffer.put([*_moved(buffer)]), _GLUED_COMMA)
    if profile.profile == "french":
        yield rule("…", _BEFORE_ELLIPSIS, "", _AFTER_SPACE)
        yield rule("'’´", _ELIDED, "", _APOSTROPHE_SPACE)


def _moved(buffer: EditBuffer) -> Iterator[Change]:
    for match in _MISPLACED.finditer(buffer.view):
        yield match.start("x"), match.end("x"), ""
        yield match.end(), match.end(), " "
