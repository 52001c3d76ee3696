"""What a file may hold is listed in the language of the file: of its keys, its boxes, their options, their values."""

from __future__ import annotations

import pytest

from composer.issue.blocks import BLOCKS, DIRECTIVES
from composer.issue.model import Front
from composer.locale import Language
from composer.newsroom.model import Publication, Settings
from composer.source import read
from composer.source.field_spec import RecordSpec, models
from composer.source.scalars import Misfit, convert
from composer.source.vocabulary import block_name, key_name, words

BOX = "|\n      Un.\n\n      :::{box}\n      Deux.\n      :::\n"
FRENCH = f"objet: x\napercu: y\nblocs:\n- article:\n    titre: T\n    texte: {BOX}"
ENGLISH = f"subject: x\npreheader: y\nblocks:\n- article:\n    headline: T\n    body: {BOX}"
FILES: dict[Language, str] = {"fr": FRENCH, "en": ENGLISH}


def lists(text: str) -> list[str]:
    return [
        each.message.rpartition(": ")[2].removeprefix("there are ")
        for each in read(text, Front, file="x.yaml").findings
    ]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_boxes_are_listed_in_the_language_of_the_file(language: Language) -> None:
    (found,) = lists(FILES[language].format(box="zzz Anne"))
    assert found.split(", ") == [block_name(each, language) for each in DIRECTIVES]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("named", ["fr", "en"])
@pytest.mark.parametrize("box", DIRECTIVES)
def test_the_options_of_a_box_are_listed_so_whatever_the_language_of_its_name(
    box: str, named: Language, language: Language
) -> None:
    found, *_others = lists(FILES[language].format(box=f"{block_name(box, named)} a\n      :zzz: b"))
    shape = DIRECTIVES[box].boxed
    assert shape is not None
    assert found.split(", ") == [key_name(each, language) for each in shape.options]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("block", BLOCKS)
def test_keys_and_blocks_are_listed_so(block: str, language: Language) -> None:
    other = words()["en" if language == "fr" else "fr"]
    text = FILES[language].format(box="zzz") + f"- {block_name(block, language)}: {{zzz: 1}}\n- zzz: 2\nzzz: 3\n"
    listed = [word for each in lists(text) for word in each.split(", ")]
    assert len(listed) > len(DIRECTIVES) + len(BLOCKS)
    assert [word for word in listed if word in other] == []


@pytest.mark.parametrize("model", [Front, Settings, Publication])
def test_the_values_of_every_choice_are_listed_in_french(model: type[Front | Settings | Publication]) -> None:
    records: dict[str, RecordSpec] = dict(models(model))
    assert records
    other = words()["en"]
    for record in records.values():
        for field in record.fields.values():
            for scalar in field.shape.scalars:
                found = convert("zzz zzz", (scalar,), "fr") if scalar.choices else None
                if isinstance(found, Misfit):
                    assert other.isdisjoint(found.message.rpartition(": ")[2].split(", ")), field.key


@pytest.mark.parametrize(
    ("typed", "better"), [("à surveiller Le pont", ":::a_surveiller Le pont"), ("en filigrane", ":::en_filigrane")]
)
def test_a_box_whose_name_is_typed_as_words_is_suggested_and_read(typed: str, better: str) -> None:
    found = read(FRENCH.format(box=typed), Front, file="x.yaml").findings
    assert found[0].suggestion == f"      {better}"
    assert [each.code for each in found if each.code == "unknown-key"] == ["unknown-key"]
