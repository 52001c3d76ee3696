"""The paywall: a line ``===``, recognised before Markdown is.

Under a paragraph, Markdown would read that line as the underline of a heading: the cut would be gone and the paid text
printed for everybody. So bodies are split here first, and whatever looks like a paywall without being exactly one is a
mistake rather than text.
"""

from __future__ import annotations

import html
import re
import unicodedata

from composer.locale import gettext as _
from composer.source.finding import Problem

PAYWALL = "==="

#: Signs drawn as an equal sign is.
_DRAWN_ALIKE = str.maketrans("═꞊᐀゠⩵⩶≡≣", "========")
#: These, and those that are one after normalisation; nearly no line holds any.
_SIGN = re.compile("[=᐀⁼₌≡≣═⩴⩵⩶゠꞊﹦＝]")
_LOOKS = re.compile(r"(?:[-+*>•–—]|\d{1,9}[.)])*(?:={2,}$|={3})")
#: In the middle of a line: nobody writes it in prose, and who writes of programs puts it between backquotes.
_IN_PROSE = re.compile(r"(?<!\S)={3,}(?!\S)")


def looks_like(line: str) -> bool:
    """Whether a person who wrote ``line`` meant a paywall.

    Indent, list marks and invisible characters aside; drawn with other signs or as entities; decorated with whatever
    is neither letter nor digit; or forgotten in the middle of a line. When in doubt it is one: a mistake that is named
    costs a minute, a paid text that leaks cannot be taken back.
    """
    known = html.unescape(line) if "&" in line else line
    if not _SIGN.search(known):
        return False
    drawn = unicodedata.normalize("NFKC", known.translate(_DRAWN_ALIKE))
    seen = "".join(letter for letter in drawn if unicodedata.category(letter)[0] not in "ZC")
    if "==" not in seen:
        return False
    if "===" in seen and not any(letter.isalnum() for letter in seen):
        return True
    return bool(_LOOKS.match(seen) or _IN_PROSE.search(re.sub(r"`[^`]*`", "", drawn)))


def is_paywall(line: str) -> bool:
    """Whether ``line`` is exactly the paywall: ``===`` at its beginning, and nothing else but spaces after it."""
    return line.rstrip(" \t") == PAYWALL


def misplaced(line: int, text: str, where: str) -> Problem:
    """A paywall, or almost one, where none may stand: ``where`` says why."""
    column = len(text) - len(text.lstrip())
    return Problem("paywall", where, line, column)


def malformed(line: int, text: str) -> Problem:
    return Problem(
        "paywall",
        _("the paywall is a line of exactly three equal signs, ===, at the beginning of the line and alone on it"),
        line,
        len(text) - len(text.lstrip()),
        suggestion=PAYWALL,
    )
