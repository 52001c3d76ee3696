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
#: What names the cut in other products and in drafts.
_WORDS = (
    r"(?:more|read[ _-]?more|jump|break|cut|paywall|mur payant|p[ée]age|coupure|(?:la |lire la )?suite|restrict"
    r"|membership|(?:for )?(?:members?|subscribers?|paid|premium|paying|adh[ée]rents?|membres?|abonn[ée](?:e?s)?"
    r"|payants?)(?:[ _-](?:only|content|seulement|uniquement))?|r[ée]serv[ée]e?s? aux \w{1,20})"
)
#: Between marks that no sentence has: <!--more-->, {{ paywall }}, {% paywall %}, [members level=2], <paywall/>.
_TAGGED = re.compile(
    rf"(?:<!-{{2,}}|<|\[{{1,2}}|\{{{{1,2}}[#%<]?)[\s/]*(?:[\w.-]{{1,20}}[:/] ?){{0,2}}{_WORDS}(?![\w’'])[^<>\[\]{{}}]*"
    r"(?:>|\]{1,2}|>?\}{1,2})",
    re.IGNORECASE,
)
#: Between dashes or the like, and nothing but the word: --more--, *** suite ***, :::paywall.
_DRAWN = re.compile(
    rf"(?:-{{2,}}|—+|\+{{2,}}|\*{{3,}}|:{{2,}}) ?{_WORDS} ?(?:-{{2,}}|—+|\+{{2,}}|\*{{3,}}|:*)", re.IGNORECASE
)
#: A word that means nothing else, and signs that are drawn and not read.
_BARE = re.compile(r"[*_#\[ ]*paywall[*_\] ]*|[+%/^|]{3,}|[-–—. ]*[✂✄✁✃]\ufe0f?[-–—. ]*", re.IGNORECASE)
#: Letters of a line beyond which it is text.
_SHORT = 120


def is_foreign(line: str) -> bool:
    """Whether ``line`` is the cut of another product, or a drawn one: here it would be printed, and cut nothing."""
    mark = line.strip()
    return 0 < len(mark) <= _SHORT and any(form.fullmatch(mark) for form in (_TAGGED, _DRAWN, _BARE))


def looks_like(line: str) -> bool:
    """Whether a person who wrote ``line`` meant a paywall, by our sign or by another product's.

    Indent, list marks and invisible characters aside; drawn with other signs or as entities; decorated with whatever
    is neither letter nor digit; or forgotten in the middle of a line. When in doubt it is one: a mistake that is named
    costs a minute, a paid text that leaks cannot be taken back.
    """
    if is_foreign(line):
        return True
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
