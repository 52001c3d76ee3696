"""Lines that were meant to stay apart and run into one paragraph: verse, an address, a form; a word cut by a page.

Markdown joins the lines of a paragraph. To break them at a width, or after a sentence, loses nothing; to type
short lines one below the other loses them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from composer.issue.pasted import Paste
from composer.issue.paywall import title_in
from composer.locale import gettext as _
from composer.source.late_pattern import late

#: A line is short below this many characters: one that was broken at a width is longer.
_SHORT = 50
_WIDE = 60
_VERSE = 80
#: A line that ends so goes on with a name.
_GOES_ON = late(
    r"(?:\b(?:de|du|des|le|la|les|au|aux|à|en|et|ou|par|pour|sur|dans|avec|un|une|the|of|to|in|and|or|a|by|for|with|at)"
    r"|[’'(«“,–—-])[ \u00a0]?$",
    re.IGNORECASE,
)
#: So many short lines, where no colon or link says more: two may be a title and its beginning.
_LINES = 3

_MARKS = "*_\\[(«“\"' \u00a0\u202f"
#: A line that ends a sentence may be followed by another for the editor's ease.
_ENDS_A_SENTENCE = late(r"[.?!…][*_)\]»”\"' \u00a0\u202f]*$")
_BROKEN = late(r"(?:\\|  )$")
#: The words that open a letter; and a name of its writer, alone on the last line.
_GREETING = late(
    r"(?:Ch(?:er|ère)s?|Bonjour|Bonsoir|Salut|Madame|Monsieur|Mesdames|Dear|Hello|Hi)\b[^,.!?:;\n]{0,50}[,!][ \u00a0]?$"
)
_SIGNATURE = late(r"[A-ZÀ-Þ][\w’'-]{1,30}(?: (?:(?:de|du|et|and) )?[A-ZÀ-Þ][\w’'-]{0,30}){0,3}$")
#: The address of a link by reference, or a comment of Google Docs.
_DEFINED = late(r"\[[^\[\]\n]{1,100}\](?::|[A-ZÀ-Þ])")
#: A line drawn under a title, too short for a rule.
_UNDERLINE = late(r"(?:[=_~-]|__|~~)[ \t]*$")
#: A label or a speaker, and a colon.
_LABELLED = late(
    r"[*_]{0,2}[^\W\d_][^\n:.?!]{0,30}[*_]{0,2}[ \u00a0\u202f]?:[*_]{0,2}(?=[ \u00a0\u202f]\S)"
    r"|[A-ZÀ-Þ][A-ZÀ-Þ '’-]{1,30}[.,]?[ \u00a0\u202f]?[–—-][ \u00a0\u202f]"
)
#: A question or a lead in bold.
_LED = late(r"\*\*[^\s*][^*\n]{0,200}[?:.!]\*\* ")
#: What someone says, between its own marks.
_QUOTED = late(r"[«“\"][^«»“”\"]{1,300}[»”\"][.!?]?$")
#: Who said it, on the line below.
_NAME = late(r"[^\W\d_a-zà-ÿ][^\n«»“”\".:;!?]{1,79}$")
_A_LINK = late(
    r"(?:[^\w\[<]{0,3} )?(?:\[[^\[\]]{1,300}\]\([^()\s]{1,500}\)|<https?://[^<>\s]{1,500}>|https?://\S{1,500})$"
)
#: A hyphen at the end of a line, after a syllable; and what may rightly follow it: micro- et macro-.
_CUT = late(r"(?<=[^\W\d_]{2})[-\u2010\u00ad\u00ac]$")
#: Words that a hyphen joins to others: dit-il, celui-là, porte-parole.
_AFTER_HYPHEN = late(
    r"(?:ils?|elles?|on|je|tu|nous|vous|ce|ci|là|mêmes?|t|y|en|moi|toi|le|la|les|lui|leur)\b", re.IGNORECASE
)
_BEFORE_HYPHEN = late(
    r"\b(?:porte|chef|vice|sous|demi|semi|mi|peut|après|avant|contre|entre|ex|non|quasi|rendez|grand|petit|haut|bas|arc|c['’]est|vis"
    r"|self|well|co|so|up|on|in|by)$",
    re.IGNORECASE,
)
_SUSPENDED = late(r"(?:et|ou|à|and|or|to|und|oder)\b", re.IGNORECASE)


def broken(lines: Sequence[str]) -> Iterator[Paste]:
    """What is said of a paragraph's ``lines``, which would be printed as one."""
    for number, (line, following) in enumerate(pairwise(lines)):
        if _CUT.search(line) and following[:1].isalpha() and not _SUSPENDED.match(following):
            yield _cut(line, following, number)
    if len(lines) < 2 or any(_BROKEN.search(line) for line in lines[:-1]):
        return
    if all(_DEFINED.match(line) for line in lines):  # each is told to be taken out
        return
    if all(_A_LINK.match(line.strip()) for line in lines):
        message = _("these links would be printed one after the other: points begin with a hyphen")
        yield Paste("bullet", 0, message, "\n".join(f"- {line.strip()}" for line in lines))
        return
    if len(lines) == 2 and _QUOTED.match(lines[0]) and _NAME.match(lines[1]):
        message = _("who says it would be printed in the same line: a name stands after a dash")
        yield Paste("run-on-lines", 0, message, f"{lines[0]}\n— {lines[1]}")
        return
    if len(lines) == 2 and _UNDERLINE.match(lines[1]) and (title := title_in(lines[0], ())):
        message = _("a title is not underlined here: write ## {title}, and take the line below out")
        yield Paste("run-on-lines", 0, message.format(title=title), f"## {title}\n")
        return
    if _UNDERLINE.match(lines[-1]):
        message = _("nothing follows this bullet, and it would be printed: take it out")
        yield Paste("bullet", len(lines) - 1, message, "")
    letter = (_GREETING.match(lines[0]) and _begins(lines[1])) or (
        len(lines) >= _LINES
        and _SIGNATURE.match(lines[-1])
        and lines[-2].rstrip().endswith(",")
        and len(lines[-2]) < _SHORT
        and _begins(lines[-2])
    )
    labelled = (
        letter
        or _is_verse(lines)
        or all(_LABELLED.match(line) or _LED.match(line) for line in lines)
        or all(_QUOTED.match(line) for line in lines)
    )
    whole = len(lines) >= _LINES or not _ENDS_A_SENTENCE.search(lines[-1])
    if labelled or (whole and _are_short(lines)):
        message = _("these lines would be printed as one: a \\ at the end of each but the last keeps them apart")
        yield Paste("run-on-lines", 0, message, "\n".join([*(f"{line.rstrip()}\\" for line in lines[:-1]), lines[-1]]))


def run_in(lines: Sequence[str], typed: Sequence[str]) -> Iterator[Paste]:
    """The line that begins a text of its own after a point or a citation, and would be printed as its end.

    ``lines`` are those of the point; ``typed`` the same ones as they stand, with their indent.
    """
    for number in range(1, len(lines)):
        above, line = lines[number - 1], lines[number]
        meant = typed[number][:1] in (">", " ", "\t") or not line.lstrip(_MARKS)[:1].isupper()
        if meant or _BROKEN.search(above) or _GOES_ON.search(above) or len(above) >= _WIDE:
            continue
        message = _("this line runs into the one above, and would be printed as its end: an empty line parts them")
        yield Paste("run-on-lines", number, message, f"\n{line}")


def _cut(line: str, following: str, number: int) -> Paste:
    word, _space, rest = following.partition(" ")
    begins = _CUT.sub("", line)
    whole = (
        word[:1].isupper()
        or "-" in begins.rpartition(" ")[2]
        or _AFTER_HYPHEN.match(word)
        or _BEFORE_HYPHEN.search(begins)
    )
    message = _("a word is cut at the end of this line, and would be printed with a hyphen and a space in it")
    joined = f"{begins}{'-' if whole else ''}{word}"
    return Paste("run-on-lines", number, message, joined + (f"\n{rest}" if rest else ""))


def _are_short(lines: Sequence[str]) -> bool:
    """True if no line is as long as one broken at a width, or ends a sentence, and each begins as a line of its own."""
    return (
        all(len(line) < _SHORT for line in lines)
        and not all(line.rstrip().endswith((",", ";")) for line in lines[:-1])
        and not any(_ENDS_A_SENTENCE.search(line) for line in lines[:-1])
        and all(_begins(line) for line in lines[1:])
    )


def _is_verse(lines: Sequence[str]) -> bool:
    """True for lines that each begin with a capital, though sentences do not end with them; some may stand further in.

    Prose that is broken after each sentence ends one with every line.
    """
    if len(lines) < _LINES or not all(_begins(line) and len(line) < _VERSE for line in lines):
        return False
    inner = any(line.startswith("  ") for line in lines)
    open_ends = sum(not _ENDS_A_SENTENCE.search(line) for line in lines[:-1])
    return open_ends > 0 and (inner or len(lines) > _LINES)


def _begins(line: str) -> bool:
    first = line.lstrip(_MARKS)[:1]
    return first.isupper() or first.isdigit()
