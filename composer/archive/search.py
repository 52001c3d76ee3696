"""Full-text search over the letters that stand on the web, in a file of its own: ``var/archive/search.db``.

It is made whole from what was made of the letters, and replaced whole; the process that faces the internet opens it for
reading only and can reach no other table. The words in it are our stems (``stems``), so SQLite's own rules for words
decide nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date as Date
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import get_args

from composer.archive.stems import indexed, is_common, stems_of, words_in
from composer.archive.store import ArchiveStore
from composer.errors import OutsideWorld
from composer.locale import Language
from composer.locale import gettext as _

#: Most characters and words of a query that are read, results on a page, and pages.
LONGEST_QUERY, MOST_WORDS, RESULTS, MOST_PAGES = 200, 8, 10, 20

_TABLES = """
CREATE TABLE letters (
    number INTEGER PRIMARY KEY, path TEXT NOT NULL, publication TEXT NOT NULL, language TEXT NOT NULL,
    date TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL
);
CREATE VIRTUAL TABLE stems USING fts5(title, lead, body, content='', columnsize=1, tokenize='ascii');
"""

#: What a word in the title, in the description and in the text is worth (bm25).
_WEIGHTS = "10.0, 4.0, 1.0"


@dataclass(frozen=True)
class FoundLetter:
    path: str
    publication: str
    language: str
    date: Date
    title: str
    description: str


@dataclass(frozen=True)
class SearchResult:
    """``total`` letters were found, of which ``letters`` are a page. ``some``: none has all of the words. ``left_out``:
    words of the query that were too many."""

    letters: tuple[FoundLetter, ...]
    total: int
    some: bool = False
    left_out: tuple[str, ...] = ()


def write_index(store: ArchiveStore, file: Path) -> None:
    """Make the index of all letters in ``store``, and put it in the place of ``file``. Raises ``OutsideWorld``."""
    new = file.with_name(f".{file.name}.{token_hex(4)}")
    try:
        with closing(sqlite3.connect(new)) as connection:
            connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES}")
            with connection:
                for number, (letter, words) in enumerate(store.searched(), 1):
                    about = (letter.path, letter.publication, letter.language, letter.date.isoformat())
                    connection.execute(
                        "INSERT INTO letters VALUES (?,?,?,?,?,?,?)", (number, *about, letter.title, letter.description)
                    )
                    parts = (indexed(text, letter.language) for text in (letter.title, letter.description, words))
                    connection.execute(
                        "INSERT INTO stems (rowid, title, lead, body) VALUES (?,?,?,?)", (number, *parts)
                    )
            connection.execute("INSERT INTO stems (stems) VALUES ('optimize')")
            connection.commit()
        new.replace(file)
    except (sqlite3.Error, OSError) as error:
        message = _("the index of the search cannot be written in {file}: {why}")
        raise OutsideWorld(message.format(file=file, why=error)) from error
    finally:
        new.unlink(missing_ok=True)


def query_words(query: str) -> tuple[list[str], list[str]]:
    """The words of ``query`` that are looked for, each once, and those that are too many.

    Words that every letter has are not looked for.
    """
    known: dict[frozenset[str], str] = {}
    words = list(islice(words_in(query[:LONGEST_QUERY]), 100))
    for word in [each for each in words if not is_common(each)]:
        known.setdefault(stems_of(word, "fr"), word)
    found = list(known.values())
    return found[:MOST_WORDS], found[MOST_WORDS:]


def search_letters(file: Path, query: str, publications: Iterable[str], page: int = 1) -> SearchResult:
    """The letters of ``publications`` that have all words of ``query``; without any such, those that have some.

    The best first: a word is worth more the fewer letters have it, and in a title more than in the text. Nothing is
    found where there is no index yet. Raises ``OutsideWorld`` where it cannot be read.
    """
    words, left_out = query_words(query)
    among = sorted(set(publications))
    if not words or not among or not file.is_file():
        return SearchResult((), 0, left_out=tuple(left_out))
    asked = [
        "("
        + " OR ".join(f'"{stem}"' for stem in sorted({s for lang in get_args(Language) for s in stems_of(w, lang)}))
        + ")"
        for w in words
    ]
    try:
        return _best(file, asked, among, min(max(page, 1), MOST_PAGES), tuple(left_out))
    except sqlite3.Error as error:
        message = _("the index of the search cannot be read, {file}: {why}")
        raise OutsideWorld(message.format(file=file, why=error)) from error


def _best(file: Path, asked: list[str], among: list[str], page: int, left_out: tuple[str, ...]) -> SearchResult:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        for joined in (" AND ".join(asked), " OR ".join(asked)):
            total, rows = _found(connection, joined, among, page)
            if total:
                letters = tuple(
                    FoundLetter(path, name, language, Date.fromisoformat(day), title, description)
                    for path, name, language, day, title, description in rows
                )
                return SearchResult(letters, total, joined != " AND ".join(asked), left_out)
    return SearchResult((), 0, left_out=left_out)


def _found(
    connection: sqlite3.Connection, match: str, among: list[str], page: int
) -> tuple[int, list[tuple[str, str, str, str, str, str]]]:
    marks = ",".join("?" * len(among))
    where = f"stems MATCH ? AND letters.number = stems.rowid AND letters.publication IN ({marks})"
    counted = connection.execute(f"SELECT count(*) FROM stems, letters WHERE {where}", (match, *among))  # noqa: S608 # reason: marks
    (total,) = counted.fetchone()
    rows = connection.execute(
        f"SELECT path, publication, language, date, letters.title, description FROM stems, letters WHERE {where} "  # noqa: S608 # reason: marks
        f"ORDER BY bm25(stems, {_WEIGHTS}), date DESC LIMIT ? OFFSET ?",
        (match, *among, RESULTS, (page - 1) * RESULTS),
    )
    return total, rows.fetchall()
