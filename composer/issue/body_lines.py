"""The lines of a body as they were meant: odd spaces after a mark read as spaces.

No line changes its length by a space, so that positions in the text stay those of the file.
"""

from __future__ import annotations

from composer.source.late_pattern import late

#: Spaces that a keyboard (Alt or Option held a moment too long) or a paste puts where Markdown wants an ordinary one.
ODD_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"

_ODD = late(f"[{ODD_SPACES}]")
_EMPTY = late(rf"[ \t{ODD_SPACES}]+$")
#: The mark of a crosshead, a point or a citation. A hyphen before a number is a minus.
_MARKED = late(rf"[ \t{ODD_SPACES}]*(?:#{{2,6}}|>|-(?![ \t{ODD_SPACES}]*\d))[ \t{ODD_SPACES}]+")


def plain_spaces(line: str) -> str:
    """``line`` with ordinary spaces around its mark; of spaces alone, whichever they are, where it has no words."""
    if not _ODD.search(line):
        return line
    match = _EMPTY.match(line) or _MARKED.match(line)
    return _ODD.sub(" ", line[: match.end()]) + line[match.end() :] if match else line
