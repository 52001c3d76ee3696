"""Neither server underlines anything in what ``check`` accepts: every file of the example, keys in both languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from composer.issue.offers import FILE_KINDS, stock_of
from composer.newsroom import load_newsroom
from composer.newsroom.schema_files import write_schemas
from tests.conftest import NODE_MODULES
from tests.lsp.conftest import CHECKOUT
from tests.support.key_languages import in_english
from tests.support.lsp_client import Editor, editor

SAMPLES = [
    path.relative_to(CHECKOUT) for name in ("config", "issues") for path in sorted((CHECKOUT / name).rglob("*.yaml"))
]

YAML_SERVER = NODE_MODULES / "yaml-language-server" / "bin" / "yaml-language-server"


def model_of(sample: Path) -> type[BaseModel]:
    kinds = {"issues": "issue", "publications": "publication", "sponsors": "sponsor"}
    return FILE_KINDS[next((kind for folder, kind in kinds.items() if folder in sample.parts), sample.stem)]


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_nothing_is_said_of_a_sample(sample: Path, root: Path, typing: Editor) -> None:
    text = (CHECKOUT / sample).read_text(encoding="utf-8")
    path = root / sample
    assert typing.open(path, text, times=2) == []
    told = typing.change(path, in_english(text, model_of(sample)), times=2)
    assert {each["code"] for each in told} <= {"mixed-languages"}, "keys between braces stay French there"
    typing.close(path)


@pytest.fixture(scope="module")
def yaml_server(root: Path) -> Iterator[Editor]:
    for language in ("fr", "en"):
        write_schemas(root / "schema", FILE_KINDS, language, stock_of(load_newsroom(root)).offered)
    settings = {"yaml": {"validate": True, "completion": True, "schemaStore": {"enable": False}}}
    with editor(["node", str(YAML_SERVER), "--stdio"], root, settings) as made:
        yield made


def hands(text: str, sample: Path) -> Iterator[str]:
    """The file as other editors would type it."""
    english = in_english(text, model_of(sample))
    for each in (text, english):
        yield each
        yield each.replace(".fr.json", ".en.json", 1)
    if "issues" in sample.parts:  # elsewhere, names of persons and creatives stand where keys do
        yield "\n".join(line if line.startswith("#") else _shouted(line) for line in text.split("\n"))


def _shouted(line: str) -> str:
    key, colon, rest = line.partition(":")
    return f"{key.upper()}{colon}{rest}" if colon and key.strip(" -").replace("_", "").isalpha() else line


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_the_yaml_server_says_nothing_of_a_sample(sample: Path, root: Path, yaml_server: Editor) -> None:
    path = root / sample
    yaml_server.tell("workspace/didChangeConfiguration", {"settings": {}})
    first, *others = hands((CHECKOUT / sample).read_text(encoding="utf-8"), sample)
    assert yaml_server.open(path, first) == []
    for text in others:
        assert yaml_server.change(path, text) == []


ODD = """\
# yaml-language-server: $schema=../../schema/issue.fr.json
OBJET: 2026
aperçu: "true"
Et-Aussi:
- un
blocs:
- brèves:
    Liste:
    - Titre: x
      text: |
        a
- Article:
    TITRE: a
    Texte: |
      x
    acces: Paid
    genre: Article
- article:
    headline: a
    body: b
    kind: story
- annonce: Une ligne
- À surveiller:
    titre: a
    texte: b
    échéance: 2026-12-15
- liens: {derniers: "3"}
- ours:
"""


@pytest.mark.node
@pytest.mark.slow
def test_the_yaml_server_takes_accents_capitals_and_the_other_language(root: Path, yaml_server: Editor) -> None:
    path = root / "issues/vendredi/2027-02-05.yaml"
    assert yaml_server.open(path, ODD) == []
    assert yaml_server.change(path, unicodedata.normalize("NFD", ODD)) == []


@pytest.mark.node
@pytest.mark.slow
def test_the_yaml_server_tells_what_check_refuses_in_french_and_offers_no_word_of_yaml(
    root: Path, yaml_server: Editor
) -> None:
    path = root / "issues/vendredi/2027-02-12.yaml"
    text = ODD.replace(
        "- ours:\n", "- ours: \n- article:\n    titre: null\n    zut: a\n    acces: libre\n- sommet: x\n"
    )
    told = {(each["range"]["start"]["line"], each["message"]) for each in yaml_server.open(path, text)}
    line = text.split("\n").index("    titre: null")
    assert {place for place, _words in told} == {line, line + 1, line + 2, line + 3}
    assert (line + 2, "à choisir parmi\u00a0: gratuit, payant") in told
    assert not any("Property" in words or "Incorrect" in words for _place, words in told)
    ours = text.split("\n").index("- ours: ")
    labels = {each["label"] for each in yaml_server.at("completion", path, ours, len("- ours: "))["items"]}
    assert labels == {"auto"}


@pytest.mark.node
@pytest.mark.slow
def test_the_yaml_server_offers_blocks_with_what_they_need_and_what_the_newsroom_has(
    root: Path, yaml_server: Editor
) -> None:
    path = root / "issues/vendredi/2027-02-19.yaml"
    text = ODD.replace(
        "- ours:\n", "- article:\n    titre: a\n    signature: \n    texte: |\n      a\n- publicite: \n- \n"
    )
    yaml_server.open(path, text)
    lines = text.split("\n")

    def offered(typed: str) -> dict[str, Any]:
        items = yaml_server.at("completion", path, lines.index(typed), len(typed))["items"]
        return {each["label"]: each for each in items}

    article = offered("- ")["article"]
    assert article["insertText"] == "article:\n    titre: $1\n    texte: |\n      $2"
    assert "Un article" in str(article["documentation"])
    assert {"basile", "camille"} <= offered("    signature: ").keys()
    assert {"principal", "pied"} <= offered("- publicite: ").keys()
