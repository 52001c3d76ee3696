"""Quoted-printable (RFC 2045, section 6.7) that DKIM's canonicalisation leaves unchanged, with slots on separate lines.

A slot is between two soft breaks: whatever fills it, no other byte of the body changes, no line exceeds 76 characters
or begins with a dot. Beyond the RFC, a second space in a row, and a dot or ``From`` at the start of a line are encoded,
so that relaxed canonicalisation (RFC 6376, section 3.4.4) changes nothing and no relay needs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from composer.message.template import MessageSlot, TemplatePiece

_LINE = 76

#: A run of words that need no encoding, separated by single spaces; or any other character.
_TOKEN = re.compile(r"(?P<words>[!-<>-~]+(?: [!-<>-~]+)*)|.", re.DOTALL)


def quoted_printable(text: str, sentinels: Mapping[str, MessageSlot]) -> list[TemplatePiece]:
    """``text`` encoded as UTF-8, its line ends CRLF; each sentinel becomes its slot. No CRLF is added at the end."""
    pieces: list[TemplatePiece] = []
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if number:
            pieces.append(b"\r\n")
        for position, segment in enumerate(_segments(line, sentinels)):
            if position:
                pieces.append(b"=\r\n")
            pieces.append(segment)
    return pieces


def _segments(line: str, sentinels: Mapping[str, MessageSlot]) -> Iterator[TemplatePiece]:
    """The parts between soft breaks: slots, and runs of at most 75 characters."""
    parts = re.split(f"({'|'.join(map(re.escape, sentinels))})", line) if sentinels else [line]
    for number, part in enumerate(parts):
        if part in sentinels:
            yield sentinels[part]
        elif part:
            yield from _runs(part, last=number == len(parts) - 1)


def _runs(text: str, *, last: bool) -> Iterator[bytes]:
    run = ""
    for found in _TOKEN.finditer(text):
        letters, position = found[0], found.start()
        if found.lastgroup == "words":
            while letters:
                if not run and (letters[0] == "." or text.startswith("From ", position)):
                    run, taken = f"={ord(letters[0]):02X}", 1
                elif taken := min(_LINE - 1 - len(run), len(letters)):
                    run += letters[:taken]
                else:
                    yield run.encode()
                    run = ""
                letters, position = letters[taken:], position + taken
            continue
        code = _code(letters)
        if len(run) + len(code) >= _LINE:
            yield run.encode()
            run = ""
        if letters == " " and (run.endswith(" ") or (last and position == len(text) - 1)):
            code = "=20"
        if len(run) + len(code) >= _LINE:
            yield run.encode()
            run = ""
        run += code
    yield run.encode()


@lru_cache(maxsize=4096)
def _code(character: str) -> str:
    """The encoding of one character, which no soft break may split."""
    if " " <= character <= "~" and character != "=":
        return character
    return "".join(f"={octet:02X}" for octet in character.encode())
