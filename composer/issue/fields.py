"""The types of an issue's fields: editors write strings, these parse them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, GetPydanticSchema, WithJsonSchema
from pydantic_core import core_schema

from composer.issue.body import Body
from composer.issue.inline import Inline


# A text holds boxes and a box holds text: the parser knows the blocks, so the blocks reach it only when they are used.
def _inline(value: Any) -> Any:
    from composer.issue.markdown import inline

    return inline(value) if isinstance(value, str) else value


def _body(value: Any) -> Any:
    from composer.issue.markdown import body

    return body(value) if isinstance(value, str) else value


def _small_body(value: Any) -> Any:
    from composer.issue.markdown import body

    return body(value, directives=False) if isinstance(value, str) else value


def _is(kind: type) -> GetPydanticSchema:
    return GetPydanticSchema(lambda _source, _handler: core_schema.is_instance_schema(kind))


_string = WithJsonSchema({"type": "string"})

#: One sentence or paragraph of inline Markdown.
InlineText = Annotated[Inline, _is(Inline), BeforeValidator(_inline), _string]

#: Markdown with paragraphs, crossheads, points, boxes (``:::``) and the paywall (``===``).
BodyText = Annotated[Body, _is(Body), BeforeValidator(_body), _string]

#: Markdown with paragraphs and points: the text inside a box.
SmallText = Annotated[Body, _is(Body), BeforeValidator(_small_body), _string]
