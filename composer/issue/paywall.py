"""The paywall: a line ``===``, recognised before Markdown is.

Under a paragraph, Markdown would read that line as the underline of a heading: the cut would be gone and the paid text
printed for everybody. So bodies are split here first, and whatever looks like a paywall without being exactly one is a
mistake rather than text.
"""

from __future__ import annotations

import re
import unicodedata

from composer.locale import gettext as _
from composer.source.finding import Problem

PAYWALL = "==="

_LOOKS = re.compile(r"(?:[-+*>]|\d{1,9}[.)])*(?:={2,}$|={3})")


def looks_like(line: str) -> bool:
    """Whether a person who wrote ``line`` meant a paywall: invisible characters, indent and list marks aside."""
    if "==" not in line.replace(" ", ""):
        return False
    seen = "".join(letter for letter in line if unicodedata.category(letter)[0] not in "ZC")
    return bool(_LOOKS.match(seen))


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
