"""The types of an issue's fields: editors write strings, these types parse them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, GetPydanticSchema, WithJsonSchema
from pydantic_core import core_schema

from composer.issue.body import Body
from composer.issue.inline import Inline
from composer.issue.markdown import body, inline


def _inline(value: Any) -> Any:
    return inline(value) if isinstance(value, str) else value


def _small_body(value: Any) -> Any:
    return body(value) if isinstance(value, str) else value


def is_a(kind: type) -> GetPydanticSchema:
    """The pydantic schema of a class that is not a model: any instance of it is valid."""
    return GetPydanticSchema(lambda _source, _handler: core_schema.is_instance_schema(kind))


a_string = WithJsonSchema({"type": "string"})

#: One sentence or paragraph of inline Markdown.
InlineText = Annotated[Inline, is_a(Inline), BeforeValidator(_inline), a_string]

#: Markdown with paragraphs and points: the text inside a box.
SmallText = Annotated[Body, is_a(Body), BeforeValidator(_small_body), a_string]
