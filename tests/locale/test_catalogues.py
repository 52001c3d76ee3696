"""Every text that goes through gettext has its French; every French text keeps the placeholders of the English one."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import composer

PACKAGE = Path(composer.__file__).parent
#: Functions whose first argument is a message; ``_`` is gettext under its usual name.
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "translate": None, "N_": None}


def used() -> set[str]:
    """Every message identifier in the package's source."""
    found: set[str] = set()
    for _file, _line, message, _comments, _context in extract_from_dir(
        PACKAGE, method_map=[("**.py", "python")], keywords=KEYWORDS
    ):
        found.add(message if isinstance(message, str) else message[0])
    return {message for message in found if message}


def french() -> dict[str, tuple[str, str]]:
    """Message identifier → (French, catalogue)."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted((PACKAGE / "locale" / "fr").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="fr", abort_invalid=True):
                if message.id:
                    one = first(message.id)
                    text = first(message.string or "")
                    assert one not in found or found[one][0] == text, f"{one!r}: {found[one][1]} and {path.name}"
                    found[one] = (text, path.name)
    return found


def first(texts: str | tuple[str, ...] | list[str]) -> str:
    """The singular of a message that has a plural."""
    return texts if isinstance(texts, str) else texts[0]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)[^}]*\}", text))


def test_every_message_has_its_french() -> None:
    catalogue = french()
    missing = sorted(message for message in used() if not catalogue.get(message, ("", ""))[0])
    assert missing == []


def test_french_keeps_the_placeholders() -> None:
    wrong = {
        message: text for message, (text, _file) in french().items() if placeholders(text) != placeholders(message)
    }
    assert wrong == {}
