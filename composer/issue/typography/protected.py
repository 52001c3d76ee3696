"""What typography leaves alone: addresses, times, ratios, smileys, file names, placeholders, names of the lexicon."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from composer.source.late_pattern import late

_EXTENSIONS = "png|jpe?g|gif|svg|webp|pdf|ya?ml|txt|csv|docx?|xlsx?|zip|html?|json|mp[34]"
_REST = r"[^\s«»“”]"
#: Last character of an address; marks after it belong to the sentence.
_END = r"[^\s«“.,;:!?…»”’\"')\]}]"

#: What stands inside a placeholder; a limit, as otherwise each opening mark would be looked for to the text's end.
_INSIDE = r".{0,200}?"

#: Characters after the eyes of a smiley.
_FACE = r"[-'^o]?[)(\]\[DPpOo/\\|*]"

#: (necessary text, necessary pattern, pattern): the first two are fast tests before the last.
_PATTERNS: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (letter, late(part), late(pattern))
    for letter, part, pattern in (
        ("{", r"\{", rf"\{{\{{{_INSIDE}\}}\}}|\{{%{_INSIDE}%\}}|\{{\w{{1,200}}\}}"),  # placeholders
        ("%", "%%", rf"%%{_INSIDE}%%"),
        ("*", r"\*\|", rf"\*\|{_INSIDE}\|\*"),
        (":", rf"[psole]:{_REST}", rf"(?:https?|ftp|mailto|tel|sms|file):{_REST}*{_END}"),  # addresses
        ("www.", r"www\.", rf"(?<![\w@.])www\.{_REST}*{_END}"),
        ("@", "@", r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"),
        ("/", "/", rf"(?<![\w@.-])(?:[\w-]+\.)+[a-z]{{2,}}(?::\d+)?/{_REST}*{_END}"),
        (":", r"\d:\d", r"(?<!\d)\d+(?::\d+)+(?:[.,]\d+)?"),  # times, ratios, timecodes
        ("\\", r"\\", r"(?<!\w)(?:[A-Za-z]:)?(?:\\[\w.-]+)+"),  # paths of Windows
        ("&", "&", r"&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z]\w*);"),  # HTML, which is text here and prints as typed
        (":", rf":{_FACE}", rf"(?:(?<=[\s«])|^):{_FACE}+(?!\w)"),  # smileys
        (";", rf";{_FACE}", rf"(?:(?<=[\s«])|^);{_FACE}+(?!\w)"),
        (":", r"[)(]-?:", r"(?:(?<=[\s«])|^)[)(]-?:(?!\w)"),
        (":", "::", r"::+"),
        # Factorials: n!, 5! = 120, (n-k)!
        (
            "!",
            r"[a-z\d)]!",
            r"(?<![\w’'.,-])(?:[b-xz]|\d{1,3}(?=! ?[=×/*]))!|\([a-z\d] ?[-+−] ?[a-z\d]\)!",
        ),
        ("+", r"\+\+", r"(?<!\w)\w+\+\+"),  # C++
        (".", rf"\.(?:{_EXTENSIONS})", rf"(?<![\w./-])[\w./-]*\w\.(?:{_EXTENSIONS})\b"),  # files
        ("h", r"\dh", r"(?<!\w)\d{1,2}h(?:\d{2})?(?!\w)"),
    )
)

_MARKS = late(r"[:;!?%'\"…«»“”€$.,()]|\d")


@lru_cache(maxsize=16)
def _of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    marked = sorted((name for name in names if _MARKS.search(name)), key=len, reverse=True)
    if not marked:
        return None
    return late("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in marked))


def fixed(text: str, solid: Iterable[int] = (), names: Sequence[str] = ()) -> list[bool]:
    """For each character of ``text``, True if nothing may change it.

    ``solid`` are indexes of characters that stand for something else than text; ``names`` keep their spelling.
    """
    mask = [False] * len(text)
    patterns = [pattern for letter, part, pattern in _PATTERNS if letter in text and part.search(text)]
    if (own := _of(tuple(names))) is not None:
        patterns.append(own)
    for pattern in patterns:
        for match in pattern.finditer(text):
            mask[match.start() : match.end()] = [True] * len(match[0])
    for index in solid:
        mask[index] = True
    return mask
