"""Accents that stand beside their letters: ``g´en´eral``, as words copied from a PDF of LaTeX have them.

An acute accent alone is also typed as an apostrophe, ``l´eau``: a line has loose accents where one can be nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_COMBINING = {"´": "\u0301", "`": "\u0300", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303"}
#: An accent before its letter, and a cedilla after it.
_LOOSE = re.compile(
    r"´(?P<acute>[eE])|`(?P<grave>[aeuAEU])|[ˆ](?P<round>[aeiouıAEIOU])|¨(?P<two>[eiuıEIU])|˜(?P<wave>[nN])|[cC]¸"
)
#: One that is no apostrophe.
_SURE = re.compile(
    r"[ˆ¨˜](?=[a-zA-Zı])|[cC]¸|(?<=[^\W\d_]{2})´(?<!qu´)(?<![Ee]ntr´)(?<!hui´)(?=e)|(?<=[’'])´(?=[eE])"
    r"|(?<![^\s«(])´(?=[eE][^\W\d_])"
)
#: A sentence without any of these has none.
HINT = re.compile(r"[´ˆ¨˜][a-zA-Zı]|[cC]¸")


def loose_in(content: str) -> Iterator[tuple[int, str, str]]:
    """Position, letters as typed and letters as meant, of each line of ``content`` that has such accents."""
    start = 0
    for line in content.split("\n") if HINT.search(content) else ():
        if _SURE.search(line) and (better := _LOOSE.sub(_joined, line)) != line:
            yield start, line, better
        start += len(line) + 1


def _joined(match: re.Match[str]) -> str:
    if match[0][1] == "¸":
        return "ç" if match[0][0] == "c" else "Ç"
    letter = match[0][1].replace("ı", "i")
    return unicodedata.normalize("NFC", letter + _COMBINING[match[0][0]])
