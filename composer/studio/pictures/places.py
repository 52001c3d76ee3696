"""Where a picture may be put in an issue, in the order in which it is read, each place with a name of its own.

``blocks/1/body#4``: below the element of that text that begins on that line; ``blocks/1/body``: at its beginning;
``blocks/1/figure``: under the headline of that block; ``blocks#2``: as a block of its own, the one of that number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from composer.issue.block import Block
from composer.issue.blocks.boxes import holds_boxes
from composer.issue.body import Body
from composer.issue.model import Issue
from composer.issue.revision.block_list import keys_language, list_digest, listed_blocks, with_lines_of_block
from composer.issue.revision.elements import listed_elements, with_element
from composer.issue.revision.figure_edits import with_article_figure
from composer.issue.revision.figures import FigureWords, box_of, figure_block
from composer.issue.revision.model import Revision, Stale, Unwritable
from composer.issue.revision.placed_element import ElementPlace
from composer.locale import gettext as _
from composer.source.document import Document
from composer.source.field_spec import record_of

_UNDER_HEADLINE = re.compile(r"blocks/(\d{1,6})/figure")
_IN_LIST = re.compile(r"blocks#(\d{1,6})")


@dataclass(frozen=True)
class PicturePlaces:
    """Places ``within`` a block, or between two, by the words of the block above."""

    group: str
    within: tuple[PicturePlaced, ...]


@dataclass(frozen=True)
class PicturePlaced:
    """``digest`` is of what stands there: it is sent back with the picture."""

    key: str
    words: str
    digest: str


def picture_places(document: Document[Issue], titles: Mapping[str, str]) -> list[PicturePlaces]:
    """The places, group by group; ``titles``: how the blocks are called. In a file with mistakes, between blocks alone.

    Raises ``Unwritable`` where the file has no list of blocks.
    """
    digest, listed = list_digest(document), listed_blocks(document)
    found = [PicturePlaces("", (PicturePlaced("blocks#0", _("At the beginning of the letter"), digest),))]
    blocks = document.value.front.blocks if document.value is not None else ()
    for number, block in enumerate(listed):
        title = titles.get(block.name, block.name)
        group = f"{title} · {block.words}" if block.words else title
        own = [*_within(document, number, blocks[number], digest)] if number < len(blocks) else []
        below = PicturePlaced(f"blocks#{number + 1}", _("Below the block: {title}").format(title=title), digest)
        found.append(PicturePlaces(group, (*own, below)))
    return found


def _within(document: Document[Issue], number: int, block: Block, digest: str) -> Iterator[PicturePlaced]:
    fields = record_of(type(block)).fields
    if "figure" in type(block).model_fields and "headline" in fields and getattr(block, "figure", None) is None:
        yield PicturePlaced(f"blocks/{number}/figure", _("Under the headline"), digest)
    for key, field in fields.items():
        if not isinstance(getattr(block, key, None), Body):
            continue
        if not any(holds_boxes(each.annotation) for each in field.shape.scalars):
            continue
        at = f"blocks/{number}/{key}"
        try:
            elements = listed_elements(document, at)
        except (Stale, Unwritable):  # written in a way of its own: the places between the blocks stay
            continue
        yield PicturePlaced(at, _("At the beginning of the text"), elements[0].digest if elements else "")
        for each in elements:
            words = {"paywall": _("the paywall"), "asterism": _("the ornament")}.get(each.kind, each.words)
            yield PicturePlaced(each.at, _("Below: {words}").format(words=words), each.digest)


def placing(key: str, digest: str) -> Callable[[Document[Issue], FigureWords], Revision]:
    """Puts a picture at the place ``key``, shown with ``digest``. Raises ``Unwritable`` for what is no place."""
    if match := _UNDER_HEADLINE.fullmatch(key):
        index = int(match[1])
        return lambda document, words: with_article_figure(document, index, digest, words)
    if match := _IN_LIST.fullmatch(key):
        index = int(match[1])
        return lambda document, words: with_lines_of_block(
            document, figure_block(words, keys_language(document)), index, digest
        )
    if ElementPlace.of(key).loc[:1] != ("blocks",):
        raise Unwritable(_("a picture is put into the text of a block, under a headline, or between two blocks"))
    return lambda document, words: with_element(document, key, digest, box_of(words))


def place_below(document: Document[Issue], key: str) -> str:
    """The place below the picture that was put at ``key``: where the next one goes."""
    if match := _UNDER_HEADLINE.fullmatch(key):
        return f"blocks/{match[1]}/body"
    if match := _IN_LIST.fullmatch(key):
        return f"blocks#{int(match[1]) + 1}"
    place = ElementPlace.of(key)
    try:
        elements = listed_elements(document, "/".join(map(str, place.loc)))
    except (Stale, Unwritable):
        return ""
    lines = [ElementPlace.of(each.at).line for each in elements]
    number = lines.index(place.line) + 1 if place.line in lines else 0
    return elements[number].at if number < len(elements) else ""
