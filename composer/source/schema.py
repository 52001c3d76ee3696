"""JSON Schema for text editors, in either language of keys, from the field specs that also check files.

A block list item is one object with every block name as a property and ``maxProperties: 1``: with a ``oneOf``, editors
would report a misspelt block once for each alternative. A value without default does not mention null.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter

from composer.locale import Language, translate
from composer.source.field_spec import FieldSpec, Kind, RecordSpec, ScalarSpec, record_of
from composer.source.vocabulary import block_name, key_name, value_name

JsonSchema = dict[str, Any]

#: What the loader keeps as text but a text editor's YAML parser may take for a number or a boolean.
_TEXT = ["string", "number", "boolean"]


def schema_of(model: type[BaseModel], language: Language, title: str) -> JsonSchema:
    """The JSON Schema (draft 7) of a file of ``model`` with its keys in ``language``."""
    definitions: dict[str, JsonSchema] = {}
    whole = _object(record_of(model), language, definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        **whole,
        "definitions": dict(sorted(definitions.items())),
    }


def _object(record: RecordSpec, language: Language, definitions: dict[str, JsonSchema]) -> JsonSchema:
    name = record.model.__name__
    properties = {}
    for field in record.fields.values():
        schema = _any(field.shape, language, definitions)
        described = {"description": translate(field.description, language)} if field.description else {}
        properties[key_name(field.key, language, name)] = {**described, **schema}
    required = [key_name(field.key, language, name) for field in record.fields.values() if field.required]
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def _record(
    record: RecordSpec, language: Language, definitions: dict[str, JsonSchema], may_be_empty: bool
) -> JsonSchema:
    name = record.model.__name__
    if name not in definitions:
        definitions[name] = {}  # set before recursing, in case a model contains itself (none does)
        definitions[name] = _object(record, language, definitions)
    choices: list[JsonSchema] = [{"$ref": f"#/definitions/{name}"}]
    if record.main is not None and record.main in record.fields:
        choices += _parts(record.fields[record.main].shape, language, definitions)
    if may_be_empty and not any(field.required for field in record.fields.values()):
        choices.append({"type": "null"})
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _any(spec: FieldSpec, language: Language, definitions: dict[str, JsonSchema]) -> JsonSchema:
    parts = _parts(spec, language, definitions)
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


def _parts(spec: FieldSpec, language: Language, definitions: dict[str, JsonSchema]) -> list[JsonSchema]:
    parts = [_scalar(scalar, language) for scalar in spec.scalars]
    if spec.items is not None:
        parts.append({"type": "array", "items": _any(spec.items, language, definitions)})
    if spec.takes_points:
        parts.append({"type": "string"})
    if spec.entries is not None:
        names, values = spec.entries
        pattern = names.json_schema().get("pattern")
        named = {"propertyNames": {"pattern": pattern}} if pattern else {}
        parts.append({"type": "object", "additionalProperties": _any(values, language, definitions), **named})
    if spec.record is not None:
        parts.append(_record(spec.record, language, definitions, may_be_empty=False))
    if spec.blocks is not None:
        blocks = {
            block_name(name, language): _record(record, language, definitions, may_be_empty=True)
            for name, record in spec.blocks.items()
        }
        limits = {"minProperties": 1, "maxProperties": 1, "additionalProperties": False}
        parts.append({"type": "object", "properties": blocks, **limits})
    return parts


def _scalar(scalar: ScalarSpec, language: Language) -> JsonSchema:
    match scalar.kind:
        case Kind.CHOICE:
            return {"enum": [value_name(choice, language) for choice in scalar.choices]}
        case Kind.BOOL:
            return {"type": "boolean"}
        case Kind.DATE:
            return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
        case Kind.DATETIME:
            return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"}
        case Kind.WORDS | Kind.LINES:
            return {"type": _TEXT}
        case _:
            own = TypeAdapter(scalar.annotation).json_schema()
            kept: JsonSchema = {
                key: own[key] for key in ("pattern", "minimum", "maximum", "exclusiveMinimum") if key in own
            }
            return {"type": _TEXT if own.get("type") == "string" else own.get("type", _TEXT), **kept}
