"""Every message of these rooms has its French."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import composer

HOUSE = Path(composer.__file__).parent
FILES = [
    *sorted((HOUSE / "source").glob("*.py")),
    *sorted((HOUSE / "newsroom").glob("*.py")),
    HOUSE / "cli/check.py",
    HOUSE / "cli/newsroom.py",
]


def _french() -> set[str]:
    known: set[str] = set()
    for name in ("source.po", "newsroom.po", "cli_newsroom.po"):
        with (resources.files("composer.locale") / "fr" / name).open("rb") as stream:
            for message in read_po(stream):
                if message.id and message.string:
                    known |= set(message.id) if isinstance(message.id, list | tuple) else {str(message.id)}
    return known


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(HOUSE).as_posix())
def test_every_message_has_its_french(path: Path) -> None:
    known = _french()
    with path.open("rb") as stream:
        for _line, message, _comments, _context in extract("python", stream, keywords={"_": None, "ngettext": (1, 2)}):
            for each in message if isinstance(message, tuple) else (message,):
                assert each in known
