"""JSON Schema: what text editors complete is what the loader accepts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from composer.issue.blocks import BLOCKS
from composer.issue.model import Front
from composer.locale import Language
from composer.newsroom.starting import KINDS
from composer.source.schema import schema_of
from composer.source.vocabulary import block_name

ALL: dict[str, type[BaseModel]] = {"issue": Front, **KINDS}


def _everywhere(schema: Any) -> list[dict[str, Any]]:
    found = [schema] if isinstance(schema, dict) else []
    for below in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        found += _everywhere(below)
    return found


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", sorted(ALL))
def test_schemas_say_nothing_of_null_and_need_no_one_of(kind: str, language: Language) -> None:
    schema = schema_of(ALL[kind], language, kind)
    assert json.loads(json.dumps(schema)) == schema
    for part in _everywhere(schema):
        assert "oneOf" not in part
        assert "default" not in part
        if "$ref" in part:
            assert part["$ref"].removeprefix("#/definitions/") in schema["definitions"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_block_is_one_object_with_every_name_and_one_property(language: Language) -> None:
    item = schema_of(Front, language, "issue")["properties"]["blocs" if language == "fr" else "blocks"]["items"]
    assert set(item["properties"]) == {block_name(name, language) for name in BLOCKS}
    assert (item["minProperties"], item["maxProperties"], item["additionalProperties"]) == (1, 1, False)


def test_keys_values_and_descriptions_are_in_the_language() -> None:
    article = schema_of(Front, "fr", "issue")["definitions"]["Article"]
    assert article["required"] == ["titre", "texte"]
    assert article["properties"]["acces"]["enum"] == ["gratuit", "payant"]
    english = schema_of(Front, "en", "issue")["definitions"]["Article"]
    assert english["properties"]["access"]["enum"] == ["free", "paid"]
    assert article["properties"]["acces"]["description"] != english["properties"]["access"]["description"]


def _descriptions(kind: str, language: Language) -> set[str]:
    parts = _everywhere(schema_of(ALL[kind], language, kind))
    return {part["description"] for part in parts if isinstance(part.get("description"), str)}


@pytest.mark.parametrize("kind", sorted(ALL))
def test_every_description_is_translated(kind: str) -> None:
    assert _descriptions(kind, "fr") & _descriptions(kind, "en") <= {"Organisation"}


def test_a_file_may_hold_the_main_text_alone_and_an_empty_block() -> None:
    blocks = schema_of(Front, "en", "issue")["properties"]["blocks"]["items"]["properties"]
    assert {"type": "null"} in blocks["masthead"]["anyOf"]
    assert {"type": ["string", "number", "boolean"]} in blocks["notice"]["anyOf"]
    assert {"type": "null"} not in blocks["article"]["anyOf"]
