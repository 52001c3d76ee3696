"""JSON Schema: what text editors complete is what the loader accepts."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from composer.issue.blocks import BLOCKS
from composer.issue.model import Front
from composer.issue.offers import FILE_KINDS
from composer.locale import Language
from composer.source.field_spec import models
from composer.source.schema import schema_of
from composer.source.vocabulary import BLOCK_NAMES, KEYS, VALUES, block_name, find_block, find_key, find_value, key_name

ALL = FILE_KINDS

#: Null, in words that no editor offers.
EMPTY = {"not": {"type": ["string", "number", "boolean", "object", "array"]}}

KIND = ["story", "dossier", "opinion"]


def _everywhere(schema: Any) -> list[dict[str, Any]]:
    found = [schema] if isinstance(schema, dict) else []
    for below in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        found += _everywhere(below)
    return found


def _below(schema: Any, pointer: str) -> Any:
    for step in pointer.removeprefix("#/").split("/"):
        schema = schema[step]
    return schema


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", sorted(ALL))
def test_schemas_say_nothing_of_null_and_need_no_one_of(kind: str, language: Language) -> None:
    schema = schema_of(ALL[kind], language, kind)
    assert json.loads(json.dumps(schema)) == schema
    for part in _everywhere(schema):
        assert "oneOf" not in part
        assert "default" not in part
        if "$ref" in part:
            assert _below(schema, part["$ref"]) is not None
        if isinstance(kinds := part.get("type"), str | list):
            assert "null" not in kinds
            assert "boolean" not in kinds or part == EMPTY["not"] or part["pattern"].startswith("^(true|false)"), (
                "a text offers true and false"
            )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_block_is_one_object_with_every_name_and_one_property(language: Language) -> None:
    schema = schema_of(Front, language, "issue")
    assert schema["properties"][key_name("blocks", language)]["items"] == {"$ref": "#/definitions/blocks"}
    item = schema["definitions"]["blocks"]
    assert set(item["properties"]) == {block_name(name, language) for name in BLOCKS}
    assert (item["minProperties"], item["maxProperties"], item["additionalProperties"]) == (1, 1, False)


def test_keys_values_and_descriptions_are_in_the_language() -> None:
    article = schema_of(Front, "fr", "issue")["definitions"]["Article"]
    assert article["then"]["required"] == ["titre", "texte"]
    assert article["properties"]["acces"]["examples"] == ["gratuit", "payant"]
    english = schema_of(Front, "en", "issue")["definitions"]["Article"]
    assert english["properties"]["access"]["examples"] == ["free", "paid"]
    assert article["properties"]["acces"]["description"] != english["properties"]["access"]["description"]


def _descriptions(kind: str, language: Language) -> set[str]:
    parts = _everywhere(schema_of(ALL[kind], language, kind))
    return {part["description"] for part in parts if isinstance(part.get("description"), str)}


@pytest.mark.parametrize("kind", sorted(ALL))
def test_every_description_is_translated(kind: str) -> None:
    assert _descriptions(kind, "fr") & _descriptions(kind, "en") <= {"Organisation"}


def test_a_file_may_hold_the_main_text_alone_and_an_empty_block() -> None:
    blocks = schema_of(Front, "en", "issue")["definitions"]["blocks"]["properties"]
    assert EMPTY in blocks["masthead"]["anyOf"]
    assert any(part.get("type") == ["string", "number"] for part in blocks["notice"]["anyOf"])
    assert EMPTY not in blocks["article"]["anyOf"]


#: As editors type them.
_HANDS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.capitalize,
    lambda word: word.replace("_", "-"),
    lambda word: word.replace("_", " "),
    lambda word: word.replace("e", "é").replace("c", "ç").replace("u", "û").replace("o", "ô"),
    lambda word: unicodedata.normalize("NFD", word.replace("e", "é")),
)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", sorted(ALL))
def test_a_key_that_check_reads_is_valid_and_no_other(kind: str, language: Language) -> None:
    schema = schema_of(ALL[kind], language, kind)
    words = {name.rpartition(".")[2] for name in KEYS} | set(KEYS.values())
    for name, record in models(ALL[kind]).items():
        part = schema["definitions"].get(name, schema if record.model is ALL[kind] else None)
        assert part is not None, name
        for word in (hand(word) for word in words for hand in _HANDS):
            key = find_key(word, record.fields, name)
            forms = [form for form in part["patternProperties"] if re.search(form, word)]
            found = [part["patternProperties"][form]["$ref"].rpartition("/")[2] for form in forms]
            assert found == ([] if key is None else [key_name(key, language, name)]), word


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_block_that_check_reads_is_valid_and_no_other(language: Language) -> None:
    part = schema_of(Front, language, "issue")["definitions"]["blocks"]
    for word in (hand(word) for pair in BLOCK_NAMES.items() for word in pair for hand in _HANDS):
        name = find_block(word)
        found = [
            ref["$ref"].rpartition("/")[2] for form, ref in part["patternProperties"].items() if re.search(form, word)
        ]
        assert found == ([] if name is None else [block_name(name, language)]), word


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_choice_that_check_reads_is_valid_and_no_other(language: Language) -> None:
    article = schema_of(Front, language, "issue")["definitions"]["Article"]["properties"]
    access, kind = article[key_name("access", language)], article[key_name("kind", language, "Article")]
    for word in (hand(word) for pair in VALUES.items() for word in pair for hand in _HANDS):
        assert bool(re.search(access["pattern"], word)) is (find_value(word, ["free", "paid"]) is not None), word
        assert bool(re.search(kind["pattern"], word)) is (find_value(word, KIND) is not None), word


def test_errors_are_told_in_the_language_of_the_keys() -> None:
    article = schema_of(Front, "fr", "issue")["definitions"]["Article"]
    assert article["then"]["errorMessage"] == "il faut ici\u00a0: titre, texte"
    assert article["errorMessage"].startswith("les clés possibles ici sont\u00a0: ")
    assert article["properties"]["acces"]["patternErrorMessage"] == "à choisir parmi\u00a0: gratuit, payant"
    day = schema_of(Front, "fr", "issue")["definitions"]["ASurveiller"]["properties"]["echeance"]
    assert day["patternErrorMessage"] == "une date s’écrit année-mois-jour\u00a0: 2026-12-15"


def test_a_block_is_offered_with_what_it_needs_under_its_name() -> None:
    blocks = schema_of(Front, "fr", "issue")["definitions"]["blocks"]["properties"]
    assert blocks["article"]["description"].startswith("Un article")
    assert blocks["article"]["defaultSnippets"][0]["body"] == "\n    titre: $1\n    texte: |\n      $2"
    assert blocks["breves"]["defaultSnippets"][0]["body"] == "\n    liste: |\n      - **$1** $2"
    assert "defaultSnippets" not in blocks["ours"]
    assert all(block["description"] for block in blocks.values())
