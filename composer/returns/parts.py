"""Take a message apart without trusting it: its header, what was written for people, its reports, what it returns.

Everything is bounded: bytes, characters of each text, parts, depth.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from itertools import islice

#: Maximum number of characters of a text, of a field and of fields of a report, of parts, and of parts in parts.
MOST_TEXT, MOST_FIELD, MOST_FIELDS, MOST_PARTS, MOST_DEEP = 65_536, 4_000, 1_000, 200, 20

_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^<>]*>", re.IGNORECASE)
_UNSHOWN = re.compile(r"<(style|script|head)\b[^<>]*>", re.IGNORECASE)
_FIELD = re.compile(r"([!-9;-~]{1,76})[ \t]*:[ \t]*(.*)")
#: Encodings that text is written in. Python knows others, which take time that grows with the square of a text.
_CHARSET = re.compile(
    r"(?:us-?ascii|utf-?(?:8|16|32)(?:-?[bl]e)?|(?:iso|windows|cp|koi8|mac|gb|big5|euc|shift)[\w-]{0,20}|latin-?\d+)",
    re.IGNORECASE,
)

#: A report's fields, names in small letters; of two of one name, the first.
Fields = dict[str, str]


class TooDeep(Exception):
    """More parts in parts than any mail program makes."""


@dataclass
class Opened:
    """A message taken apart.

    ``head`` holds the top fields, names in small letters, each with all its values. ``text`` is what was written for
    people. ``statuses`` are the groups of delivery reports (RFC 3464), ``feedback`` those of complaints (RFC 5965).
    ``returned`` is the head of the message that is returned, as text. ``content_type`` is the top one.
    """

    head: dict[str, list[str]]
    content_type: str
    text: str = ""
    statuses: list[Fields] = field(default_factory=list)
    feedback: list[Fields] = field(default_factory=list)
    receipt: bool = False
    returned: str = ""

    def first(self, name: str) -> str:
        """The first value of a top field; empty where there is none."""
        return next(iter(self.head.get(name, ())), "")


def open_message(content: bytes) -> Opened:
    """Take ``content`` apart. Raises ``TooDeep``; ``RecursionError`` where the parser itself cannot follow."""
    message = message_from_bytes(content, policy=compat32)
    opened = Opened(_head(message), message.get_content_type())
    texts: list[str] = []
    for part, inside in _parts(message):
        kind = part.get_content_type()
        if inside:
            continue
        if kind in ("message/delivery-status", "message/global-delivery-status"):
            opened.statuses += _groups(part)
        elif kind == "message/feedback-report":
            opened.feedback += _groups(part)
        elif kind in ("message/disposition-notification", "message/global-disposition-notification"):
            opened.receipt = True
        elif kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            opened.returned += _text(part)[:MOST_TEXT] + "\n"
        elif kind in ("message/rfc822", "message/global", "message/partial"):
            for inner in _payloads(part)[:1]:
                opened.returned += _head_text(inner) + "\n"
        elif kind.startswith(("text/", "multipart/")) and not part.is_multipart():  # without its boundary, a text
            shown = _text(part)
            texts.append(_plain(shown) if kind == "text/html" else shown)
    opened.text = "\n".join(texts)[:MOST_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    return opened


def groups_in(text: str) -> list[Fields]:
    """The groups of fields in ``text``, with empty lines between them."""
    groups: list[Fields] = [{}]
    last = ""
    for line in text.replace("\r\n", "\n").split("\n")[:MOST_FIELDS]:
        if not line.strip():
            groups.append({})
            last = ""
        elif line[0] in " \t" and last:
            groups[-1][last] = (groups[-1][last] + " " + line.strip())[:MOST_FIELD]
        elif match := _FIELD.match(line):
            last = match[1].lower()
            if last in groups[-1]:
                last = ""
            else:
                groups[-1][last] = match[2].strip()[:MOST_FIELD]
    return [group for group in groups if group]


def _parts(message: Message) -> Iterator[tuple[Message, bool]]:
    """Each part, in its order, and whether it is inside a message that is returned. Raises ``TooDeep``."""
    waiting, count = [(message, 0, False)], 0
    while waiting:
        part, depth, inside = waiting.pop()
        if depth > MOST_DEEP:
            raise TooDeep
        count += 1
        if count > MOST_PARTS:
            return
        within = inside or part.get_content_maintype() == "message"
        yield part, inside
        waiting += [(each, depth + 1, within) for each in reversed(_payloads(part)[:MOST_PARTS])]


def _payloads(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _groups(part: Message) -> list[Fields]:
    """The groups of a report. The parser has cut it into messages already, or left it as an encoded text."""
    inner = _payloads(part)
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() in ("base64", "quoted-printable"):
        encoded = "\n\n".join(_head_text(each) + "\n" + str(each.get_payload()) for each in inner) if inner else ""
        carrier = Message()
        carrier["Content-Transfer-Encoding"] = str(part["Content-Transfer-Encoding"])
        carrier.set_payload(encoded.strip() if inner else str(part.get_payload()))
        decoded = groups_in(_text(carrier))
        if decoded:
            return decoded
    if not inner:
        return groups_in(_text(part))
    found = []
    for each in inner:
        found += groups_in(_head_text(each))
        rest = each.get_payload()
        if isinstance(rest, str) and rest.strip():
            found += groups_in(rest)
    return found


def _head(message: Message) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in _fields(message):
        found.setdefault(name.lower(), []).append(_decoded(value))
    return found


def _head_text(message: Message) -> str:
    return "\n".join(f"{name}: {value}" for name, value in _fields(message))[:MOST_TEXT]


def _fields(message: Message) -> Iterator[tuple[str, str]]:
    """The fields as they were written; what is not ASCII is UTF-8 (RFC 6532), or lost."""
    for name, value in islice(message.raw_items(), MOST_FIELDS):
        yield name, str(value)[:MOST_FIELD].encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _decoded(value: str) -> str:
    """A field's value with its encoded words (RFC 2047) read, on one line."""
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return " ".join(value.split())
    said = "".join(_in_charset(text, name or "ascii") if isinstance(text, bytes) else text for text, name in pieces)
    return " ".join(said.split())[:MOST_FIELD]


def _text(part: Message) -> str:
    charset = str(part.get_param("charset", "utf-8"))
    del part["Content-Type"]  # with it, the standard library decodes by whatever encoding is named there
    content = part.get_payload(decode=True)
    return _in_charset(content[:MOST_TEXT], charset) if isinstance(content, bytes) else ""


def _in_charset(content: bytes, name: str) -> str:
    """``content`` in the encoding called ``name``, or as Latin 1 where there is none of that name."""
    try:
        return content.decode(name if _CHARSET.fullmatch(name) else "latin-1", "replace")
    except (LookupError, UnicodeError, ValueError):
        return content.decode("latin-1")


def _plain(shown: str) -> str:
    """The text of an HTML page."""
    kept, position = [], 0
    while match := _UNSHOWN.search(shown, position):
        kept.append(shown[position : match.start()])
        end = shown.lower().find(f"</{match[1].lower()}", match.end())
        if end < 0 or len(kept) > MOST_PARTS:
            position = len(shown)
            break
        position = end
    kept.append(shown[position:])
    return html.unescape(_TAG.sub(" ", _BREAK.sub("\n", "".join(kept))))
