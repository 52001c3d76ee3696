"""Every message of these rooms has its French."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import resources
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import composer

PACKAGE = Path(composer.__file__).parent


def messages(room: str) -> Iterator[str]:
    for path in sorted((PACKAGE / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "description" and isinstance(node.value, ast.Constant):
                yield str(node.value.value)
            if isinstance(node, ast.Call) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in ("_", "say") and isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value)


@pytest.mark.parametrize("room", ["issue", "proofreading"])
def test_every_message_is_in_the_catalogue(room: str) -> None:
    catalogue = read_po(BytesIO(resources.files("composer.locale").joinpath(f"fr/{room}.po").read_bytes()), "fr")
    translated = {message.id: message.string for message in catalogue if message.id}
    missing = [message for message in messages(room) if not translated.get(message)]
    assert not missing
    assert len(translated) >= len(set(messages(room)))


@pytest.mark.parametrize("room", ["issue", "proofreading"])
def test_french_punctuation_has_its_no_break_spaces(room: str) -> None:
    catalogue = read_po(BytesIO(resources.files("composer.locale").joinpath(f"fr/{room}.po").read_bytes()), "fr")
    for message in catalogue:
        french = str(message.string)
        for wrong in (" ;", " ?", " !", " »", "« ", " : "):
            assert not message.id or wrong not in french, french
