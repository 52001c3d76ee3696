"""The paywall: a line ``===``, recognised before Markdown is parsed.

Under a paragraph, Markdown would read that line as the underline of a heading: the cut would be lost and the paid text
sent to all readers. So bodies are split here first, and a line that looks like a paywall without being exactly one is
a mistake rather than text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

from composer import locale
from composer.issue.reserved_words import announcement
from composer.locale import gettext as _
from composer.source.finding import Problem
from composer.source.late_pattern import late
from composer.source.vocabulary import block_name

PAYWALL = "==="

#: Characters that look like an equal sign.
_DRAWN_ALIKE = str.maketrans("═꞊᐀゠⩵⩶≡≣", "========")
#: These, and characters that become one by normalisation; hardly any line contains one.
_SIGN = late("[=᐀⁼₌≡≣═⩴⩵⩶゠꞊﹦＝]")
_LOOKS = late(r"(?:[-+*>•–—]|\d{1,9}[.)])*(?:={2,}$|={3})")
#: In the middle of a line: not used in prose, and code is written between backquotes.
_IN_PROSE = late(r"(?<!\S)={3,}(?!\S)")
#: Names of the cut in other products and in drafts.
_WORDS = (
    r"(?:more|read[ _-]?more|jump|break|cut|paywall|mur payant|p[ée]age|coupure|(?:la |lire la )?suite|restrict"
    r"|membership|(?:for )?(?:members?|subscribers?|paid|premium|paying|adh[ée]rents?|membres?|abonn[ée](?:e?s)?"
    r"|payants?)(?:[ _-](?:only|content|seulement|uniquement))?|r[ée]serv[ée]e?s? aux \w{1,20})"
)
#: Between marks that no sentence contains: <!--more-->, {{ paywall }}, {% paywall %}, [members level=2], <paywall/>.
_TAGGED = late(
    rf"(?:<!-{{2,}}|<|\[{{1,2}}|\{{{{1,2}}[#%<]?)[\s/]*(?:[\w.-]{{1,20}}[:/] ?){{0,2}}{_WORDS}(?![\w’'])[^<>\[\]{{}}]*"
    r"(?:>|\]{1,2}|>?\}{1,2})",
    re.IGNORECASE,
)
#: The word alone, between dashes or similar: --more--, *** suite ***, :::paywall.
_DRAWN = late(
    rf"(?:-{{2,}}|[—–%§=]+|[+/]{{2,}}|\*{{3,}}|:{{2,}}) ?{_WORDS} ?(?:-{{2,}}|[—–%§=]+|[+/]{{2,}}|\*{{3,}}|:*)",
    re.IGNORECASE,
)
#: Words with no other meaning, and drawn symbols.
_BARE = late(
    r"[\W_]*paywall[\W_]*|[+%/^|]{3,}|[-–—. ]*[✂✄✁✃]\ufe0f?[-–—. ]*|[-–—. ]*(?:8<|>8|%<)[-–—. ]*", re.IGNORECASE
)
#: A line of three or more of these and spaces is drawn across the text: ––––, §§§, =-=-=, ─────.
_RULED = late(r"(?:[-=~_+*%/^§¶–—―‒−⎯▬▁▔\u2500-\u257f]\s*){3,}")
#: What Markdown reads as a rule or as code, reported as such.
_MARKDOWN_RULE = late(r"(?P<mark>[-_*~])(?:\s*(?P=mark))*")
#: A longer line, in characters, is text.
_SHORT = 120


def is_foreign(line: str) -> bool:
    """True if ``line`` is another product's cut, or a drawn one: it would be printed here, and cut nothing."""
    mark = line.strip()
    if not 0 < len(mark) <= _SHORT:
        return False
    if _RULED.fullmatch(mark) and not _MARKDOWN_RULE.fullmatch(mark):
        return True
    return any(form.fullmatch(mark) for form in (_TAGGED, _DRAWN, _BARE))


def looks_like(line: str) -> bool:
    """True if ``line`` was probably meant as a paywall, with our sign or another product's.

    Indent, list marks and invisible characters are ignored; the sign may be drawn with other characters or entities,
    decorated with anything but letters and digits, or in the middle of a line. In doubt the answer is True: a reported
    mistake costs a minute, a paid text that leaks cannot be taken back.
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
    """True if ``line`` is exactly the paywall: ``===`` at its beginning, then only spaces."""
    return line.rstrip(" \t") == PAYWALL


def misplaced(line: int, text: str, where: str) -> Problem:
    """The problem of a paywall, or nearly one, where none is allowed; ``where`` says why."""
    column = len(text) - len(text.lstrip())
    return Problem("paywall", where, line, column)


#: The line drawn between the rows of a table, and a title between equal signs, of other products.
_TABLE_RULE = late(r"\+(?:[-=:]{2,}\+)+")
_WIKI_TITLE = late(r"={3,6} *(?P<words>[^=\n]{1,200}?) *={3,6}")
_ENDS_A_SENTENCE = late(r"[.!?…:;,][*_)\]»”\"' \u00a0]*$")
#: Most characters of a title.
_TITLE = 90


def title_in(line: str, above: Sequence[str]) -> str:
    """The words of ``line`` if a line drawn under it makes it a title elsewhere: alone there, and no sentence."""
    words = line.strip()
    alone = not "".join(above).strip()
    if not alone or not 0 < len(words) <= _TITLE or _ENDS_A_SENTENCE.search(words) or not words[0].isalnum():
        return ""
    return words


def malformed(line: int, text: str, before: Sequence[str] = ()) -> Problem:
    """The problem of a line that is nearly a paywall; ``before`` are the lines above it."""
    message = _("the paywall is a line of exactly three equal signs, ===, at the beginning of the line and alone on it")
    mark = text.strip()[:_SHORT]
    suggestion: str | None = PAYWALL
    title = title_in(before[-1], before[-2:-1]) if before else ""
    if _TABLE_RULE.fullmatch(mark):
        message = _("this line is drawn between the rows of a table: take it out, and see :::{table}")
        message, suggestion = message.format(table=block_name("table", locale.language())), None
    elif (wiki := _WIKI_TITLE.fullmatch(mark)) and any(map(str.isalnum, wiki["words"])) and not is_foreign(text):
        message = _("a crosshead is written ## {title}; the paywall is a line ===, alone").format(title=wiki["words"])
        suggestion = None if announcement(wiki["words"]) else f"## {wiki['words']}"
    elif title and set(mark) == {"="}:
        message = _("a title is not underlined here: write ## {title}, and take the line below out; the paywall is ===")
        above = before[-1]
        indent = len(above) - len(above.lstrip())
        return Problem("paywall", message.format(title=title), line - 1, indent, suggestion=f"## {title}\n")
    elif _RULED.fullmatch(mark) and "=" not in text:
        message = _(
            "a line drawn across the text is a paywall elsewhere, and nothing here: for the paywall type ===; to part "
            "two passages, write a ## crosshead, or take the line out"
        )
    return Problem("paywall", message, line, len(text) - len(text.lstrip()), suggestion=suggestion)
