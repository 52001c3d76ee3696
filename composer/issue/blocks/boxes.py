"""The blocks that may also stand in a body, as boxes; and the type of a body, which holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, ValidationInfo

from composer.issue import markdown
from composer.issue.block import Block
from composer.issue.blocks.a_surveiller import A_SURVEILLER
from composer.issue.blocks.en_filigrane import EN_FILIGRANE
from composer.issue.blocks.figure import FIGURE
from composer.issue.blocks.insight import INSIGHT
from composer.issue.blocks.links import LINKS
from composer.issue.blocks.number import NUMBER
from composer.issue.blocks.quote import QUOTE
from composer.issue.body import Body, Element
from composer.issue.context import Context
from composer.issue.field_types import a_string, is_a, keys_of
from composer.issue.resolve_body import resolved_elements
from composer.issue.resolved import Resolved, ResolvedBody
from composer.issue.resolving import BlockPosition, BlockType
from composer.locale import Language
from composer.newsroom.model import Style
from composer.source.document import Loc

#: In the order of the documentation.
BOX_TYPES: tuple[BlockType[Any], ...] = (EN_FILIGRANE, A_SURVEILLER, INSIGHT, FIGURE, QUOTE, LINKS, NUMBER)

#: Name of a box → its block.
DIRECTIVES: Mapping[str, type[Block]] = {each.name: each.model for each in BOX_TYPES}

_TYPES: Mapping[type[Block], BlockType[Any]] = {each.model: each for each in BOX_TYPES}


def body(text: str, keys: Language | None = None) -> Body:
    """Parse a text of several paragraphs with its boxes and its paywall. Messages name them in ``keys``."""
    return markdown.body(text, DIRECTIVES, keys)


def _body(value: Any, info: ValidationInfo) -> Any:
    return body(value, keys_of(info)) if isinstance(value, str) else value


#: Markdown with paragraphs, crossheads, points, boxes (``:::``) and the paywall (``===``).
BodyText = Annotated[Body, is_a(Body), BeforeValidator(_body), a_string]


def resolved_body(context: Context, elements: Iterable[tuple[int, Element]], loc: Loc, style: Style) -> ResolvedBody:
    """Resolve ``elements``, each with its line in the body at ``loc``. ``style`` is that of the surrounding block."""

    def box(block: Block, line: int) -> Resolved | None:
        return _TYPES[type(block)].resolve(context, block, BlockPosition(loc, line, boxed=True, under=style))

    return resolved_elements(context, elements, box)


def holds_boxes(annotation: Any) -> bool:
    """True for the type of a body, in which boxes and the paywall may stand."""
    return any(isinstance(each, BeforeValidator) and each.func is _body for each in get_args(annotation))
