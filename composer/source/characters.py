"""Invisible characters that a paste brings along: which they are, and what is read in their place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from composer.locale import gettext as _
from composer.source.late_pattern import late

# What YAML refuses, and line breaks that text editors do not count.
UNWANTED = late("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")

#: Line breaks of word processors among them: they part two words.
_BREAKS = late("[\x0b\x0c\x85\u2028\u2029]+")

#: Zero-width characters, soft hyphens and marks of direction. Joiners (U+200C, U+200D) are left, but between two Latin
#: letters: emoji and Persian are written with them.
_INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
INVISIBLE = late(f"[{_INVISIBLE}]|(?<=[A-Za-zÀ-ɏ])[\u200c\u200d](?=[A-Za-zÀ-ɏ])")

#: What is left of them in a line with Hebrew or Arabic, where marks of direction belong; and in the flag of Scotland.
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069"
_FLAG = late("\U0001f3f4[\U000e0020-\U000e007f]{1,12}")

#: A letter and the accents that follow it; a syllable of Korean in its letters.
_PARTED = late("[^\\W\\d_][\u0300-\u036f]{1,8}|[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")

#: In place of a character that some program could not read.
LOST = "\ufffd"

#: UTF-8 that a program took for Windows-1252: Ã©, â€™, Â«. Each sign was two or three bytes.
_BYTE = "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122"
#: And that it took for a Macintosh's: √©, ‚Äô, ¬´.
_MAC_BYTE = "".join(bytes([byte]).decode("mac_roman") for byte in range(0x80, 0xC0))
_MAC = f"(?:√(?![πΩ∞∂∑∏∫±])[{_MAC_BYTE}]|(?<=[a-zA-Z])√[{_MAC_BYTE}]|¬[{_MAC_BYTE}]|‚[ÄÇ][{_MAC_BYTE}])+"
MISREAD = late(f"(?:[ÂÃÅ][{_BYTE}]|â[{_BYTE}]{{2}})+|Ã(?= )|{_MAC}")

#: One of these is in whatever is matched above: a look in a fraction of the time, since few characters begin it.
SUSPECT = late(f"[{UNWANTED.pattern[1:-1]}{_INVISIBLE}\u200c\u200d{LOST}ÂÃÅ√¬‚â](?:(?<!â)|[{_BYTE}])")


def read_again(line: str) -> str:
    """``line`` with what was misread as it was written."""
    return MISREAD.sub(_written, line)


def _written(misread: re.Match[str]) -> str:
    if misread[0] == "Ã":  # its second byte was a no-break space, which a program made an ordinary one
        return "à"
    try:
        if misread[0][0] in "√¬‚":
            return misread[0].encode("mac_roman").decode("utf-8")
        return b"".join(_bytes_of(letter) for letter in misread[0]).decode("utf-8")
    except UnicodeError:
        return misread[0]


def _bytes_of(letter: str) -> bytes:
    return letter.encode("latin-1") if letter < "\u0100" else letter.encode("cp1252")


def unwanted(character: str) -> str:
    """The message about a character that does not belong in a line of text."""
    return _("an invisible character (U+{code}) was pasted here: delete it").format(code=f"{ord(character):04X}")


def without_unwanted(line: str) -> str:
    """``line`` without what YAML refuses; a space is left for a line break, which parted two words."""
    first, *others = _BREAKS.split(line)
    parts = [first.rstrip(" \t"), *(part.strip(" \t") for part in others)] if others else [first]
    return UNWANTED.sub("", " ".join(parts))


def invisible_in(line: str) -> Iterator[re.Match[str]]:
    """The invisible characters of ``line`` that print nothing and mean nothing there."""
    if not INVISIBLE.search(line):
        return
    flags = [(flag.start(), flag.end()) for flag in _FLAG.finditer(line)]
    rightward = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in line if letter not in _DIRECTIONS)
    for match in INVISIBLE.finditer(line):
        if rightward and re.match(f"[{_DIRECTIONS}]", match[0]):
            continue
        if not any(start < match.start() < end for start, end in flags):
            yield match


def without_invisible(line: str) -> str:
    """``line`` without them."""
    places = {match.start() for match in invisible_in(line)}
    return "".join(letter for index, letter in enumerate(line) if index not in places) if places else line


def recomposed(text: str) -> str:
    """``text`` with each accent in its letter. A Mac's file names, and what is copied from a PDF, part them.

    Characters that Unicode merely holds for the same (those of some Japanese names) stay as typed.
    """
    return text if unicodedata.is_normalized("NFC", text) else _PARTED.sub(_in_one, text)


def passed_over(typed: str, column: int) -> int:
    """How many characters of a line as ``typed`` stand before ``column`` (from 0) of it as read, and are not read.

    Invisible ones are left out, and an accent goes into its letter.
    """
    if not INVISIBLE.search(typed) and unicodedata.is_normalized("NFC", typed):
        return 0
    left_out = {match.start() for match in invisible_in(typed)}
    kept = [index for index in range(len(typed)) if index not in left_out]
    visible = "".join(typed[index] for index in kept)
    joined = 0
    for parted in _PARTED.finditer(visible):
        if parted.start() - joined >= column:
            break
        joined += len(parted[0]) - len(_in_one(parted))
    at = column + joined
    return (kept[at] if at < len(kept) else len(typed)) - column if kept else 0


def _in_one(parted: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", parted[0])
