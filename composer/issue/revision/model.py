"""A change of a file's text, and the two reasons for which none is made."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from composer.errors import Refused
from composer.locale import gettext as _

#: Letters of a sentence that a message shows.
_SHOWN = 200

#: Letters of the digest of a sentence.
_DIGEST = 16


@dataclass(frozen=True)
class Revision:
    """``text`` is the whole new text of the file: the old one with ``new`` in place of its ``start`` to ``end``.

    Offsets in characters of the old text as it was typed, without its byte order mark; line ends are as they were.
    """

    text: str
    start: int
    end: int
    new: str


def between(old: str, new: str) -> Revision:
    """The revision that makes ``old`` the text ``new``, with no letter in it that both have around it."""
    start, most = 0, min(len(old), len(new))
    while start < most and old[start] == new[start]:
        start += 1
    end = 0
    while end < most - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return Revision(new, start, len(old) - end, new[start : len(new) - end])


class Stale(Refused):
    """The sentence is not the one that was edited. ``now`` is what the file says there, in plain words; empty where
    nothing stands there any more. ``at``: where, if that is another place than was asked for."""

    def __init__(self, now: str, at: str = "") -> None:
        self.now, self.at = now, at
        message = _("this sentence is no longer in the file: nothing was changed")
        if now:
            message = _("this sentence has changed in the file meanwhile: “{words}”; nothing was changed")
        super().__init__(message.format(words=shortened_words(now)))


class Unwritable(Refused):
    """What was asked cannot be written there; the message says why, and what to do in its place."""


def digest_of(words: str) -> str:
    """The digest of a sentence by its plain words as typed: an edit that was made of another one is noticed."""
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]


def shortened_words(words: str) -> str:
    """The beginning of ``words``, for a message."""
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
