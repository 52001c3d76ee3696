"""The message template of one edition: bytes with slots, filled for each reader by joining."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Literal, TypeAlias, get_args

from composer.errors import Refused
from composer.locale import gettext as _

#: ``to``: the address in the To header; ``message_id``: the part of Message-ID before @; ``unsubscribe`` and
#: ``paid_copy``: the tokens of two links; ``leave``: the local part of the address for leaving by mail; ``date``: the
#: Date header, where it is each reader's own.
MessageSlot = Literal["to", "message_id", "unsubscribe", "paid_copy", "leave", "date"]
TemplatePiece: TypeAlias = "bytes | MessageSlot"

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
#: Values allowed in each slot: no line end, no bracket, no white space but single spaces in a date, and in the body no
#: dot and no ``=``.
_ALPHABETS: dict[MessageSlot, re.Pattern[str]] = {
    "to": re.compile(rf"(?=.{{3,254}}\Z){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*"),
    "message_id": re.compile(r"[A-Za-z0-9_-]{1,64}"),
    "unsubscribe": re.compile(r"[A-Za-z0-9_-]{1,75}"),
    "paid_copy": re.compile(r"[A-Za-z0-9_-]{1,75}"),
    "leave": re.compile(r"[A-Za-z0-9_-]{1,64}"),
    "date": re.compile(r"(?=.{1,40}\Z)[A-Za-z0-9,:+-]+(?: [A-Za-z0-9,:+-]+)*"),
}
_MAGIC = "filigrane message 1"


@dataclass(frozen=True)
class SlotValues:
    """The slots' values for one reader. ``to`` is an ASCII address (``ascii_address``).

    ``paid_copy`` opens nothing, ``leave`` is of no reader and ``date`` none, where not given: few templates have these.
    """

    to: str
    message_id: str
    unsubscribe: str
    paid_copy: str = "none"
    leave: str = "u-none"
    date: str = "none"


@dataclass(frozen=True)
class Template:
    """``chunks``: the bytes around the slots, one more than ``slots``; every line ends with CRLF."""

    chunks: tuple[bytes, ...]
    slots: tuple[MessageSlot, ...]

    @classmethod
    def of(cls, pieces: Iterable[TemplatePiece]) -> Template:
        """Make a template from bytes and slots in their order."""
        chunks: list[bytearray] = [bytearray()]
        slots: list[MessageSlot] = []
        for piece in pieces:
            if isinstance(piece, bytes):
                chunks[-1] += piece
            else:
                slots.append(piece)
                chunks.append(bytearray())
        return cls(tuple(map(bytes, chunks)), tuple(slots))

    def fill(self, values: SlotValues) -> bytes:
        """The message of one reader: a pure function of the template and ``values``.

        Raises ``Refused`` where a value has a character not allowed in its slot: no value can end a line.
        """
        return b"".join(self.pieces(encoded(values)))

    def pieces(self, filled: Mapping[MessageSlot, bytes]) -> list[bytes]:
        """The parts of a message, to be joined; ``filled`` comes from ``encoded``."""
        whole = [self.chunks[0]]
        for slot, chunk in zip(self.slots, self.chunks[1:], strict=True):
            whole += (filled[slot], chunk)
        return whole

    @cached_property
    def dotless(self) -> bool:
        """Whether no line begins with a dot, whatever fills the slots: no value may begin with one."""
        sample = b"".join(self.pieces(dict.fromkeys(get_args(MessageSlot), b"x")))
        return not sample.startswith(b".") and b"\r\n." not in sample

    @staticmethod
    def split(content: bytes, marks: SlotValues) -> Template:
        """The template of ``content``, in which each value of ``marks`` is replaced by its slot."""
        found = {mark: slot for slot, mark in encoded(marks).items()}
        parts = re.split(b"(" + b"|".join(map(re.escape, found)) + b")", content)
        return Template(tuple(parts[::2]), tuple(found[mark] for mark in parts[1::2]))

    def dumps(self) -> bytes:
        """Serialise for the ledger: a line of JSON that describes the chunks, then the chunks."""
        body = b"".join(self.chunks)
        described = {
            "format": _MAGIC,
            "sha256": sha256(body).hexdigest(),
            "chunks": [len(chunk) for chunk in self.chunks],
            "slots": self.slots,
        }
        return json.dumps(described).encode() + b"\n" + body

    @classmethod
    def loads(cls, blob: bytes) -> Template:
        """The inverse of ``dumps``. Raises ``Refused`` where ``blob`` is damaged, by its SHA-256."""
        head, _newline, body = blob.partition(b"\n")
        try:
            described = json.loads(head)
            lengths, slots = described["chunks"], tuple(described["slots"])
            sound = described["format"] == _MAGIC and described["sha256"] == sha256(body).hexdigest()
            ends = [sum(lengths[: position + 1]) for position in range(len(lengths))]
        except (ValueError, KeyError, TypeError):
            sound, ends, slots = False, [], ()
        if (
            not sound
            or ends[-1:] != [len(body)]
            or len(ends) != len(slots) + 1
            or not {*slots} <= {*get_args(MessageSlot)}
        ):
            raise Refused(_("the frozen message in the ledger is damaged: nothing is sent from it"))
        return cls(tuple(body[start:end] for start, end in zip([0, *ends], ends, strict=False)), slots)


def encoded(values: SlotValues) -> dict[MessageSlot, bytes]:
    """The bytes for each slot. Raises ``Refused`` where a value has a character not allowed in its slot."""
    return {slot: _checked(slot, getattr(values, slot)) for slot in _ALPHABETS}


def _checked(slot: MessageSlot, value: str) -> bytes:
    if not _ALPHABETS[slot].fullmatch(value):
        raise Refused(_("the value of {slot} holds a character that no message may carry there").format(slot=slot))
    return value.encode("ascii")
