"""What an Edition contains: blocks resolved for one audience. Each type is defined beside its block (``blocks``).

Everything is resolved: people, references, sponsors, computed lists, style. Nothing that readers of this edition may
not read is anywhere in it. Templates only lay it out.

Words without Markdown have the type ``Prose``: house typography applies to them, and they count as reading time. A
field is never a bare ``str``: other text has a type that says what it is (``Verbatim``, ``Identifier``, ``HttpUrl``…).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from composer.issue.body import Asterism, Citation, Crosshead, Paragraph, Points
from composer.issue.inline import Spans
from composer.newsroom.values import EmailAddress, Prose, Target, Unprinted


@dataclass(frozen=True)
class Resolved:
    """A block as one audience gets it. ``template`` lays it out: ``blocks/<template>.mjml.j2`` and ``.txt.j2``.

    ``editorial``: written by the newsroom; a letter without any such block is not sent. ``advertisement``: the
    advertiser's words, which house typography leaves as typed and reading time does not count.
    """

    template: ClassVar[str]
    editorial: ClassVar[bool] = True
    advertisement: ClassVar[bool] = False


class LeadBlock(Resolved):
    """A block that may lead a letter: the first one is set larger, and is the preheader where the editor wrote none.

    Its fields are declared by each block.
    """

    headline: Spans
    standfirst: Spans


@dataclass(frozen=True)
class Signature:
    """``said`` is what stands after the name: the role, or its short form in a tight line and from the second time."""

    name: Prose
    role: Prose | None = None
    short: Prose | None = None
    bio: Spans = ()
    email: EmailAddress | None = None
    said: Annotated[Prose | None, Unprinted()] = None


@dataclass(frozen=True)
class Reference:
    """A link to a block or a page. Without ``url``, its words only."""

    spans: Spans
    url: Target | None = None


ResolvedElement = Paragraph | Crosshead | Points | Citation | Asterism | Resolved
ResolvedBody = tuple[ResolvedElement, ...]
