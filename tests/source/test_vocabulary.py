"""The table of keys: whole, unambiguous, and the same in both directions."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from composer.issue.blocks import BLOCKS
from composer.issue.model import Front
from composer.newsroom.model import Lexicon, Publication, Settings, Sponsor
from composer.source import vocabulary
from composer.source.field_spec import FieldSpec, RecordSpec, models

FILES: tuple[type[BaseModel], ...] = (Front, Settings, Publication, Sponsor, Lexicon)
RECORDS = {name: record for model in FILES for name, record in models(model).items()}


def _no_french(what: str, word: str, kind: str) -> str:
    """What to add, and where; ``kind`` is ``keys`` or ``values``."""
    return (
        f"{what} has no French name: add `{word}` to `french_{kind}` of the model, where it is a block's "
        f"(composer/issue/blocks/), else to {kind.upper()} in composer/source/vocabulary.py"
    )


def _choices(shape: FieldSpec) -> set[str]:
    found = {choice for scalar in shape.scalars for choice in scalar.choices}
    for below in (shape.items, shape.entries[1] if shape.entries else None):
        found |= _choices(below) if below is not None else set()
    return found


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_every_field_of_a_model_has_a_name_in_both_languages_and_no_two_the_same(name: str) -> None:
    record: RecordSpec = RECORDS[name]
    taken: dict[str, str] = {}
    for key in record.fields:
        known = key in vocabulary.KEYS or f"{name}.{key}" in vocabulary.KEYS
        assert known, _no_french(f"{name}.{key}", key, "keys")
        for word in {vocabulary.fold_key(key), vocabulary.fold_key(vocabulary.french(key, name))}:
            assert taken.setdefault(word, key) == key, f"in {name}, “{word}” is both {taken[word]} and {key}"
        for language in ("fr", "en"):
            assert vocabulary.find_key(vocabulary.key_name(key, language, name), record.fields, name) == key


def test_no_key_of_the_table_is_of_no_use() -> None:
    used = {key for record in RECORDS.values() for key in record.fields}
    used |= {f"{name}.{key}" for name, record in RECORDS.items() for key in record.fields}
    unused = sorted(set(vocabulary.KEYS) - used)
    assert unused == [], f"no model has these keys any more, take their French names out: {', '.join(unused)}"


def test_block_names() -> None:
    assert set(vocabulary.BLOCK_NAMES) == set(BLOCKS)
    assert len(set(vocabulary.BLOCK_NAMES.values())) == len(vocabulary.BLOCK_NAMES)
    for name in BLOCKS:
        assert vocabulary.find_block(vocabulary.block_name(name, "fr")) == vocabulary.find_block(name) == name


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_enumerated_values(name: str) -> None:
    for key, field in RECORDS[name].fields.items():
        choices = _choices(field.shape)
        for choice in sorted(choices - set(vocabulary.VALUES)):
            pytest.fail(_no_french(f"the value {choice} of {name}.{key}", choice, "values"))
        assert len({vocabulary.value_name(choice, "fr") for choice in choices}) == len(choices)
        for choice in choices:
            assert vocabulary.find_value(vocabulary.value_name(choice, "fr"), sorted(choices)) == choice


@pytest.mark.parametrize(
    ("typed", "key"),
    [("échéance", "due"), ("Échéance", "due"), ("suite de", "follows"), ("TITRE", "title"), ("titre\u00a0", "title")],
)
def test_accents_case_and_spaces_do_not_count(typed: str, key: str) -> None:
    assert vocabulary.find_key(typed, RECORDS["ASurveiller"].fields, "ASurveiller") == key


def test_one_french_word_for_several_english_ones() -> None:
    assert vocabulary.find_key("titre", RECORDS["Article"].fields, "Article") == "headline"
    assert vocabulary.find_key("titre", RECORDS["ASurveiller"].fields, "ASurveiller") == "title"
    assert vocabulary.find_key("texte", RECORDS["Article"].fields, "Article") == "body"
    assert vocabulary.find_key("lien", RECORDS["Figure"].fields, "Figure") == "link"
    assert vocabulary.find_block("À surveiller") == "a_surveiller"
