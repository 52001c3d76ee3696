"""The lines of a body as they were meant: odd spaces after a mark read as spaces, two colons read as three.

No line changes its length by a space, so that positions in the text stay those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from composer.locale import gettext as _
from composer.source import vocabulary
from composer.source.finding import Problem, Severity

#: Spaces that a keyboard (Alt or Option held a moment too long) or a paste puts where Markdown wants an ordinary one.
ODD_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"

_ODD = re.compile(f"[{ODD_SPACES}]")
_EMPTY = re.compile(rf"[ \t{ODD_SPACES}]+$")
#: The mark of a crosshead, a point or a citation. A hyphen before a number is a minus.
_MARKED = re.compile(rf"[ \t{ODD_SPACES}]*(?:#{{2,6}}|>|-(?![ \t{ODD_SPACES}]*\d))[ \t{ODD_SPACES}]+")
#: Most lines of a body that are looked at as a box with two colons: each is compared with every name.
_MOST = 200

_TWO_COLONS = re.compile(r"::(?!:)[ \t]*(?P<name>[^\W\d][\w-]*)?")


def plain_spaces(line: str) -> str:
    """``line`` with ordinary spaces around its mark; of spaces alone, whichever they are, where it has no words."""
    if not _ODD.search(line):
        return line
    match = _EMPTY.match(line) or _MARKED.match(line)
    return _ODD.sub(" ", line[: match.end()]) + line[match.end() :] if match else line


def three_colons(lines: list[str], boxes: Iterable[str]) -> list[Problem]:
    """Add the colon that is missing from lines ``::name`` and ``::``, in place; and say so of each."""
    names = {vocabulary.fold_key(each) for name in boxes for each in (name, vocabulary.block_name(name, "fr"))}
    problems: list[Problem] = []
    candidates = (number for number, line in enumerate(lines) if _TWO_COLONS.match(line))
    for number in islice(candidates, _MOST):
        line = lines[number]
        match = _TWO_COLONS.match(line)
        if match is None or not (_is_box(match["name"], names) if match["name"] else line.rstrip() == "::"):
            continue
        lines[number] = f":{line}"
        message = _("a box begins and ends with three colons: one is missing here")
        severity = Severity.WARNING
        problems.append(Problem("box-colons", message, number, 0, severity, suggestion=lines[number]))
    return problems


def _is_box(written: str, names: set[str]) -> bool:
    return vocabulary.fold_key(written) in names or vocabulary.nearest_word(written, names) is not None
