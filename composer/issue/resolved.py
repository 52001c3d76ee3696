"""What an Edition is made of: blocks resolved for one audience. Each has its own type beside its block (``blocks``).

Everything is resolved here: people, references, sponsors, computed lists, style. Nothing a reader of this edition may
not read is anywhere in it. Templates only lay it out.

Words without Markdown are of the type ``Prose``: house typography sets them, and they take time to read. A field is
never a bare ``str``: what is no prose says what it is (``Verbatim``, ``Identifier``, ``HttpUrl``, a ``Literal``…).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from composer.issue.body import Citation, Crosshead, Paragraph, Points
from composer.issue.inline import Spans
from composer.newsroom.values import Address, Prose, Target


@dataclass(frozen=True)
class Resolved:
    """A block as one audience gets it. ``template`` lays it out: ``blocks/<template>.mjml.j2`` and ``.txt.j2``.

    ``editorial``: what the newsroom has to say; a letter without any of it is not sent. ``advertisement``: the words of
    an advertiser, which house typography leaves as they were typed and reading time does not count.
    """

    template: ClassVar[str]
    editorial: ClassVar[bool] = True
    advertisement: ClassVar[bool] = False


@dataclass(frozen=True)
class Signature:
    name: Prose
    role: Prose | None = None
    short: Prose | None = None
    bio: Spans = ()
    email: Address | None = None


@dataclass(frozen=True)
class Reference:
    """A link to a block or a page. Without ``url`` the words stand alone."""

    spans: Spans
    url: Target | None = None


ResolvedElement = Paragraph | Crosshead | Points | Citation | Resolved
ResolvedBody = tuple[ResolvedElement, ...]
