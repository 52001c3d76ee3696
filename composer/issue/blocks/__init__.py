"""The blocks of an issue, one file each: model, resolved type, how it resolves, names in both languages.

In YAML a block is a one-key mapping, ``- article: {headline: …}``, or ``- article: …`` with its main text alone. The
loader passes it on as ``{"type": "article", "headline": …}``; ``main`` names the field that the main text sets.

``BLOCK_TYPES`` is the one list of them: the union of models, the names, the boxes and the dispatch of composing are
derived from it.

Field descriptions are shown by text editors (``filigrane schema``); they go through gettext.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Field

from composer.issue.block import Audience, Block
from composer.issue.blocks.agenda import AGENDA
from composer.issue.blocks.article import ARTICLE, Article, ResolvedArticle, free_part, locked
from composer.issue.blocks.boxes import BOX_TYPES, DIRECTIVES, body
from composer.issue.blocks.briefs import BRIEFS
from composer.issue.blocks.edito import EDITO, Edito, ResolvedEdito
from composer.issue.blocks.interview import INTERVIEW
from composer.issue.blocks.letters import LETTERS
from composer.issue.blocks.masthead import MASTHEAD
from composer.issue.blocks.notice import NOTICE
from composer.issue.blocks.reading import READING
from composer.issue.blocks.replay import REPLAY
from composer.issue.blocks.sponsor import SPONSOR
from composer.issue.blocks.teasers import TEASERS
from composer.issue.resolving import BlockType
from composer.source import vocabulary

#: Every block, in the order of the documentation.
BLOCK_TYPES: tuple[BlockType[Any], ...] = (
    EDITO,
    ARTICLE,
    INTERVIEW,
    BRIEFS,
    *BOX_TYPES,
    NOTICE,
    SPONSOR,
    TEASERS,
    AGENDA,
    READING,
    LETTERS,
    REPLAY,
    MASTHEAD,
)

#: Block name in YAML → its model.
BLOCKS: dict[str, type[Block]] = {each.name: each.model for each in BLOCK_TYPES}

#: Model → its block type.
TYPES: dict[type[Block], BlockType[Any]] = {each.model: each for each in BLOCK_TYPES}

for _each in BLOCK_TYPES:
    vocabulary.learn_block(_each.name, _each.model.french)

# mypy rejects a union that is made at run time
if TYPE_CHECKING:
    AnyBlock = Block
else:
    AnyBlock = Annotated[Union[tuple(BLOCKS.values())], Field(discriminator="type")]  # noqa: UP007

__all__ = [
    "BLOCKS",
    "BLOCK_TYPES",
    "DIRECTIVES",
    "TYPES",
    "AnyBlock",
    "Article",
    "Audience",
    "Block",
    "Edito",
    "ResolvedArticle",
    "ResolvedEdito",
    "body",
    "free_part",
    "locked",
]
