"""Encode and fold header fields, in lines of at most 76 characters.

Own code, because the standard library loses spaces between encoded words when it folds (about 5 French subjects in
100 on CPython 3.11, cpython#144156), and mailbox providers refuse some of its output.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator

from composer.errors import Refused
from composer.locale import gettext as _

LINE = 76  #: maximum length of a line with an encoded word, in characters (RFC 2047, section 2)
_WORD = 75  #: maximum length of an encoded word, in characters
_FRAME = len("=?utf-8?q??=")
_LONGEST_PLAIN_WORD = 56  #: characters; a longer word might not fit after a field name, and is encoded to be split
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
#: Characters left unencoded in a Q word, valid also in a display name (RFC 2047, section 5).
_Q_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def field(name: str, value: str) -> str:
    """An unstructured field (RFC 5322), with its CRLF. Raises ``Refused`` on a control character."""
    _refuse_control(name, value)
    if _is_plain(value):
        return _fold(name, value.split(" "))
    return _fold(name, encoded_words(value, LINE - len(name) - 2))


def token(name: str, value: str) -> str:
    """A field that programs read: its value in ASCII, not folded, with its CRLF. Raises ``Refused`` for any other."""
    _refuse_control(name, value)
    if not value.isascii():
        raise Refused(_("{value}: only ASCII letters, digits, dots and hyphens here").format(value=value))
    return f"{name}: {value}\r\n"


def mailbox(name: str, display: str, address: str) -> str:
    """``name: display <address>`` with its CRLF; ``address`` is ASCII. Also the form of List-Id (RFC 2919)."""
    _refuse_control(name, display + address)
    if not display:
        words = []
    elif _is_plain(display) and _ATOMS.fullmatch(display):
        words = display.split(" ")
    elif _is_plain(display) and len(display) <= _LONGEST_PLAIN_WORD:
        words = ['"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"']
    else:
        words = encoded_words(display, LINE - len(name) - 2)
    return _fold(name, [*words, f"<{address}>"])


def encoded_words(value: str, first: int) -> list[str]:
    """``value`` as encoded words (RFC 2047), the first of at most ``first`` characters, the others of 75.

    No word splits a character (RFC 2047, section 5); Q or B encoding, whichever is shorter. Spaces are encoded inside
    the words, because decoders drop white space between two of them.
    """
    if sum(len(_q(character)) for character in value) <= 4 * -(-len(value.encode()) // 3):
        return [f"=?utf-8?q?{''.join(map(_q, part))}?=" for part in _cut(value, first, lambda text: len(_q(text)))]
    parts = _cut(value, first, lambda text: 4 * -(-len(text.encode()) // 3))
    return [f"=?utf-8?b?{b64encode(part.encode()).decode()}?=" for part in parts]


def _q(text: str) -> str:
    return "".join(
        character if character in _Q_SAFE else "_" if character == " " else _hexadecimal(character)
        for character in text
    )


def _hexadecimal(character: str) -> str:
    return "".join(f"={octet:02X}" for octet in character.encode())


def _cut(value: str, first: int, length: Callable[[str], int]) -> Iterator[str]:
    room, part = first - _FRAME, ""
    for character in value:
        if length(part + character) > room:
            yield part
            room, part = _WORD - _FRAME, ""
        part += character
    yield part


def _is_plain(value: str) -> bool:
    """Whether ``value`` needs no encoding: ASCII, single spaces, no ``=?``, no word too long to fold."""
    words = value.split(" ")
    return value.isascii() and "=?" not in value and all(0 < len(word) <= _LONGEST_PLAIN_WORD for word in words)


def _fold(name: str, words: list[str]) -> str:
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += " " + word
    return "\r\n".join(lines) + "\r\n"


def _refuse_control(name: str, value: str) -> None:
    if _CONTROL.search(value):
        raise Refused(_("{name}: a header is one line, without control characters").format(name=name))
