"""The documents for contributors: the commands they name exist, the words of the glossary are in use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from composer.locale.catalogue import read_catalogues
from composer.source.vocabulary import BLOCK_NAMES, KEYS

CHECKOUT = Path(__file__).resolve().parents[2]
GLOSSARY = (CHECKOUT / "docs/glossary.md").read_text(encoding="utf-8")


def targets(text: str) -> set[str]:
    """The targets that ``text`` tells to make, between backquotes."""
    return {
        name
        for said in re.findall(r"`make ([^`\n]+)`", text)
        for name in re.findall(r"^[a-z](?:-?[a-z])*(?![-\w])", said)
    }


@pytest.mark.parametrize(
    "file", [".pre-commit-config.yaml", "CONTRIBUTING.md", "README.md", "docs/developing.md", "docs/scale.md"]
)
def test_what_is_told_to_be_made_is_a_rule(file: str) -> None:
    rules = set(re.findall(r"^([a-z][a-z-]*):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = targets((CHECKOUT / file).read_text(encoding="utf-8"))
    assert named
    assert named <= rules


def shown_in_french() -> str:
    """What editors and readers are shown: messages, keys of files, the pages in French."""
    pages = [(CHECKOUT / "docs" / name).read_text(encoding="utf-8") for name in ("editors.md", "remarques.md")]
    messages = [text for texts in read_catalogues("fr").values() for text in texts]
    return " ".join(" ".join([*pages, *messages, *KEYS.values(), *BLOCK_NAMES.values()]).split()).casefold()


def french_words() -> list[str]:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]*) ?\| [^|]+ \|$", GLOSSARY, re.MULTILINE)
    return [
        word for _english, french in rows if french.strip() != "French" for word in french.strip().split(", ") if word
    ]


def test_each_french_word_of_the_glossary_is_one_that_people_are_shown() -> None:
    shown, words = shown_in_french(), french_words()
    assert len(words) > 30
    unused = [word for word in words if not re.search(rf"(?<![-\w]){re.escape(word.casefold())}s?(?![-\w])", shown)]
    assert unused == []
