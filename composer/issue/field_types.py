"""The types of an issue's fields: editors write strings, these types parse them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, GetPydanticSchema, ValidationInfo, WithJsonSchema
from pydantic_core import core_schema

from composer.issue.body import Body
from composer.issue.inline import Inline
from composer.issue.markdown import body, inline
from composer.issue.marked import Anchor, Beside, Embargo, Refers
from composer.issue.rows import table_rows
from composer.locale import Language
from composer.newsroom.values import Identifier, Prose


def _inline(value: Any) -> Any:
    return inline(value) if isinstance(value, str) else value


def keys_of(info: ValidationInfo) -> Language | None:
    """The language of the keys of the file being read (``binding``); None for a text that is in no file."""
    return (info.context or {}).get("keys")


def _small_body(value: Any) -> Any:
    return body(value) if isinstance(value, str) else value


def _rows(value: Any) -> Any:
    return table_rows(value) if isinstance(value, str) else value


def is_a(kind: type) -> GetPydanticSchema:
    """The pydantic schema of a class that is not a model: any instance of it is valid."""
    return GetPydanticSchema(lambda _source, _handler: core_schema.is_instance_schema(kind))


a_string = WithJsonSchema({"type": "string"})

#: One sentence or paragraph of inline Markdown.
InlineText = Annotated[Inline, is_a(Inline), BeforeValidator(_inline), a_string]

#: Markdown with paragraphs and points: the text inside a box.
SmallText = Annotated[Body, is_a(Body), BeforeValidator(_small_body), a_string]

#: The label of a section; ``none`` (``aucune``) takes away the one that would stand there.
LabelText = Literal["none"] | Prose

#: The lines of a table, cells parted by bars: each is a ``Row``.
TableText = Annotated[Body, is_a(Body), BeforeValidator(_rows), a_string]

#: The id of a block, or of an item of one, that links may lead to. The first ``InlineText`` of its model names it.
AnchorId = Annotated[Identifier, Anchor()]

#: The id of a block of the same issue.
BlockId = Annotated[Identifier, Refers()]

#: The id of a block of the same issue, the date of an earlier issue, or a Markdown link (``references``).
ReferenceText = Annotated[InlineText, Refers()]

#: A file beside the issue that is not printed.
BesideFile = Annotated[str, Beside()]

#: A picture beside the issue, which ``blocks.figure.picture`` finds when the issue is composed.
PictureFile = Annotated[str, Beside(printed=True)]

#: An instant before which the issue may not be sent.
EmbargoTime = Annotated[datetime, Embargo()]
