"""What was made of each letter, in ``var/archive/pages.db``, so that a new letter costs no other one's making.

All of it can be made again from the ledger: a file of another form, or a damaged one, is begun anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from pathlib import Path

from composer.archive.reading import LetterImage, LetterReading
from composer.archive.sent import SentLetter
from composer.errors import OutsideWorld
from composer.locale import gettext as _

#: Changed with the tables or with what is made of a letter.
_FORM = 1

_TABLES = """
CREATE TABLE letters (
    path TEXT PRIMARY KEY, made_from TEXT NOT NULL, publication TEXT NOT NULL, language TEXT NOT NULL,
    original INTEGER NOT NULL, date TEXT NOT NULL, name TEXT NOT NULL, sent_at TEXT NOT NULL, changed_at TEXT,
    title TEXT NOT NULL, description TEXT NOT NULL, image TEXT, image_alt TEXT, media TEXT NOT NULL,
    style TEXT NOT NULL, body TEXT NOT NULL, content TEXT NOT NULL, words TEXT NOT NULL
);
CREATE TABLE files (path TEXT PRIMARY KEY, made_from TEXT NOT NULL);
CREATE TABLE troubles (path TEXT PRIMARY KEY, why TEXT NOT NULL);
"""


@dataclass(frozen=True)
class ArchivedLetter:
    """A letter that stands on the web, as indexes and feeds know it. ``name`` is its date, with its slug."""

    path: str
    made_from: str
    publication: str
    language: str
    original: bool
    date: Date
    name: str
    sent_at: datetime
    changed_at: datetime | None
    title: str
    description: str
    image: LetterImage | None


_COLUMNS = "path, made_from, publication, language, original, date, name, sent_at, changed_at, title, description"


class ArchiveStore:
    """One process writes it; ``filigrane doctor`` reads it meanwhile."""

    def __init__(self, file: Path | None) -> None:
        """Open ``file``, or begin it; None: in memory. Raises ``OutsideWorld`` where the disk refuses."""
        try:
            self._connection = _opened(file)
        except (sqlite3.Error, OSError) as error:
            raise OutsideWorld(_("{file} cannot be written: {why}").format(file=file, why=error)) from error

    def close(self) -> None:
        self._connection.close()

    def made(self) -> dict[str, str]:
        """Path of each letter → what it was made from."""
        return dict(self._connection.execute("SELECT path, made_from FROM letters"))

    def put(self, letter: SentLetter, name: str, made_from: str, reading: LetterReading) -> None:
        image = reading.image
        values = (
            *(letter.path, made_from, letter.key.publication, letter.language, letter.original),
            *(letter.key.date.isoformat(), name, letter.sent_at.isoformat()),
            letter.changed_at and letter.changed_at.isoformat(),
            *(reading.title, reading.description, image and image.name, image and image.alt),
            *(json.dumps(reading.media), reading.style, reading.body, reading.content, reading.words),
        )
        with self._connection:
            marks = ",".join("?" * len(values))
            self._connection.execute(f"INSERT OR REPLACE INTO letters VALUES ({marks})", values)  # noqa: S608 # reason: marks
            self._connection.execute("DELETE FROM troubles WHERE path = ?", (letter.path,))

    def take_out(self, path: str) -> None:
        with self._connection:
            self._connection.execute("DELETE FROM letters WHERE path = ?", (path,))

    def letters(self) -> list[ArchivedLetter]:
        """All, by publication, language, date and name."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS}, image, image_alt FROM letters ORDER BY publication, language, date, name"  # noqa: S608 # reason: columns
        )
        return [_letter(row) for row in rows]

    def page(self, path: str) -> tuple[str, str]:
        """Style and body of a letter's page."""
        row: tuple[str, str] = self._connection.execute(
            "SELECT style, body FROM letters WHERE path = ?", (path,)
        ).fetchone()
        return row

    def content(self, path: str) -> str:
        return str(self._connection.execute("SELECT content FROM letters WHERE path = ?", (path,)).fetchone()[0])

    def searched(self) -> Iterator[tuple[ArchivedLetter, str]]:
        """Each letter, and its words."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS}, image, image_alt, words FROM letters ORDER BY publication, language, date, name"  # noqa: S608 # reason: columns
        )
        for *row, words in rows:
            yield _letter(tuple(row)), str(words)

    def media(self) -> set[str]:
        """The published names of what pages show."""
        return {
            name for (names,) in self._connection.execute("SELECT media FROM letters") for name in json.loads(names)
        }

    def files(self) -> dict[str, str]:
        """Each file of the site → what it was made from."""
        return dict(self._connection.execute("SELECT path, made_from FROM files"))

    def wrote(self, path: str, made_from: str | None) -> None:
        """``path`` stands in the site's folder; with None, it no longer does."""
        with self._connection:
            self._connection.execute("DELETE FROM files WHERE path = ?", (path,))
            if made_from is not None:
                self._connection.execute("INSERT INTO files VALUES (?, ?)", (path, made_from))

    def troubled(self, path: str, why: str | None) -> bool:
        """Remember why the letter at ``path`` has no page, or none of now; True where that is new."""
        with self._connection:
            known = self._connection.execute("SELECT why FROM troubles WHERE path = ?", (path,)).fetchone()
            self._connection.execute("DELETE FROM troubles WHERE path = ?", (path,))
            if why is not None:
                self._connection.execute("INSERT INTO troubles VALUES (?, ?)", (path, why))
        return why is not None and (known is None or known[0] != why)

    def troubles(self) -> dict[str, str]:
        return dict(self._connection.execute("SELECT path, why FROM troubles ORDER BY path"))


def known_troubles(file: Path) -> dict[str, str]:
    """The troubles remembered in ``file``, which is not written; none where it cannot be read."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        return dict(opened.execute("SELECT path, why FROM troubles ORDER BY path"))
    return {}


def _opened(file: Path | None) -> sqlite3.Connection:
    if file is None:
        return _begun(":memory:")
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(sqlite3.DatabaseError):
        connection = sqlite3.connect(file, timeout=10, check_same_thread=False)
        if connection.execute("PRAGMA user_version").fetchone()[0] == _FORM:
            return connection
        connection.close()
    file.unlink(missing_ok=True)
    return _begun(str(file))


def _begun(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=10, check_same_thread=False)
    connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_FORM}; COMMIT;")
    return connection


def _letter(row: tuple[object, ...]) -> ArchivedLetter:
    path, made_from, publication, language, original, date, name, sent_at, changed_at, title, words, image, alt = row
    return ArchivedLetter(
        *(str(path), str(made_from), str(publication), str(language), bool(original)),
        *(Date.fromisoformat(str(date)), str(name), datetime.fromisoformat(str(sent_at))),
        datetime.fromisoformat(str(changed_at)) if changed_at else None,
        *(str(title), str(words), LetterImage(str(image), str(alt)) if image else None),
    )
