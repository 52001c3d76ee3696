"""Files that are saved from several sides: changes by the desk, and all the words that are kept of a file somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from composer.issue.revision.model import Revision
from composer.source.quoting import split_lines
from composer.studio.saving.actor import Actor

ODILE = Actor("Odile Ferrand", "odile@example.org")
NAMES = ("anne", "bruno", "rename", "place")

#: A file in which each writer has a line; the first and the last show that it is whole.
TEXT = "subject: Une\nblocks:\n" + "".join(f"  - {name}: mots\n" for name in NAMES) + "end: ici\n"


def replaced(old: str, new: str) -> Callable[[str], Revision]:
    """A change that finds ``old`` once, or raises ``LookupError``."""

    def change(text: str) -> Revision:
        if text.count(old) != 1:
            raise LookupError(old)
        start = text.index(old)
        return Revision(text.replace(old, new), start, start + len(old), new)

    return change


def typed(name: str, word: str) -> Callable[[str], Revision]:
    """A change that puts ``word`` at the end of the line of ``name``."""

    def change(text: str) -> Revision:
        match = re.search(rf"  - {name}:[^\r\n]*", text)
        assert match is not None, text
        return Revision(text[: match.end()] + f" {word}" + text[match.end() :], match.end(), match.end(), f" {word}")

    return change


def history_of(root: Path, path: Path) -> Path:
    return root / "var/history" / path.relative_to(root)


def words_in(*paths: Path) -> set[str]:
    """The words of the files ``paths`` that are there."""
    return {word for path in paths if path.exists() for word in re.findall(r"\w+", path.read_text("utf-8"))}


def kept_words(root: Path, path: Path) -> set[str]:
    """The words of the file, of its journal and of its versions."""
    history = history_of(root, path)
    return words_in(path, history / "journal.jsonl", *history.glob("*.yaml"))


def is_whole(text: str) -> bool:
    return text.startswith("subject: Une\n") and split_lines(text)[-2:] == ["end: ici", ""]
