"""The search: sixty queries over five hundred letters, and what nobody may make of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from datetime import date as Date
from pathlib import Path

import pytest
import yaml

from composer.archive.reading import LetterReading
from composer.archive.search import LONGEST_QUERY, MOST_WORDS, RESULTS, query_words, search_letters, write_index
from composer.archive.sent import SentLetter
from composer.archive.stems import indexed, stems_of, words_in
from composer.archive.store import ArchiveStore
from composer.issue.key import IssueKey
from composer.issue.online import online_name

SET = yaml.safe_load((Path(__file__).parent / "search_letters.yaml").read_text(encoding="utf-8"))
FIRST = Date(2017, 1, 6)


def put(store: ArchiveStore, number: int, title: str, text: str, language: str = "fr", name: str = "vendredi") -> str:
    key = IssueKey(name, FIRST + timedelta(weeks=number))
    letter = SentLetter(number, number, key, language, True, datetime(2026, 1, 1, tzinfo=UTC), None)
    store.put(letter, online_name(key), "", LetterReading(title, "", "", "", "", text, None, ()))
    return letter.path


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """The index of the five hundred, and the path of each letter that is asked for, by its query."""
    chance, store = random.Random(11), ArchiveStore(None)
    places = iter(chance.sample(range(500), len(SET["letters"])))
    wanted = {next(places): letter for letter in SET["letters"]}
    paths: dict[str, str] = {}
    for number in range(500):
        text = chance.sample(SET["common"], 12)
        title = " et ".join(part.split(",")[0].rstrip(".").lower() for part in chance.sample(SET["common"], 2))
        if number in wanted:
            text.insert(chance.randrange(12), wanted[number]["text"])
            title = wanted[number]["title"]
        path = put(store, number, title, " ".join(text))
        if number in wanted:
            paths[wanted[number]["query"]] = path
    file = tmp_path_factory.mktemp("search") / "search.db"
    write_index(store, file)
    yield file, paths
    store.close()


def test_half_of_the_queries_are_of_words_that_stand_in_bodies_only() -> None:
    assert len(SET["letters"]) == 60
    assert sum(letter["where"] == "body" for letter in SET["letters"]) == 30
    for letter in SET["letters"]:
        stems = {stem for word in words_in(letter["title"]) for stem in stems_of(word, "fr")}
        asked = query_words(letter["query"])[0]
        assert (letter["where"] == "title") == any(stems & stems_of(word, "fr") for word in asked), letter["query"]


def test_the_letter_that_was_meant_is_among_the_first_three(index: tuple[Path, dict[str, str]]) -> None:
    file, paths = index
    missed = [
        query
        for query, path in paths.items()
        if path not in [each.path for each in search_letters(file, query, ["vendredi"]).letters[:3]]
    ]
    assert len(missed) <= 3, missed


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("cheval", "chevaux"),
        ("journaux", "journal"),
        ("l’école", "écoles"),
        ("ecoles", "École"),
        ("oeuvre", "Œuvres"),
        ("aujourd'hui", "Aujourd’hui"),
        ("passee", "passées"),
        ("grand pere", "grands-pères"),
        ("QUELLE DIGUE", "digues"),
        ("vélos", "vélo"),
        ("camera", "caméras"),
        ("repas", "repas"),
        ("1931", "en 1931"),
        ("cafe\u0301", "café"),
    ],
)
def test_a_word_is_found_however_it_is_written(tmp_path: Path, asked: str, written: str) -> None:
    store = ArchiveStore(None)
    put(store, 1, "Autre chose", "Rien de cela ici.")
    path = put(store, 2, "Sans titre", f"On y lit {written} une fois.")
    write_index(store, tmp_path / "search.db")
    found = search_letters(tmp_path / "search.db", asked, ["vendredi"])
    assert [each.path for each in found.letters] == [path]
    assert not found.some


def test_english_letters_are_read_by_english_rules(tmp_path: Path) -> None:
    store = ArchiveStore(None)
    path = put(store, 1, "Rivers", "The ferries were sailing.", "en")
    write_index(store, tmp_path / "search.db")
    for query in ("river", "ferry", "sailed"):
        assert [each.path for each in search_letters(tmp_path / "search.db", query, ["vendredi"]).letters] == [path]


@pytest.mark.parametrize(
    "query",
    [
        *(
            "",
            " ",
            "de la",
            "'",
            '"',
            '""',
            "*",
            "a*",
            "NEAR(a b)",
            "title:digue",
            "-digue",
            "digue OR 1=1",
            "{x}",
            "^digue",
        ),
        *("\0", "\ud800", "%", "_", ");DROP TABLE letters", "é" * 500, "x " * 5000, "🜁", "AND", "NOT digue", "'; --"),
    ],
)
def test_no_query_is_an_error(index: tuple[Path, dict[str, str]], query: str) -> None:
    result = search_letters(index[0], query, ["vendredi"])
    assert len(result.letters) <= RESULTS


def test_a_query_is_bounded(index: tuple[Path, dict[str, str]]) -> None:
    words, left_out = query_words(" ".join(f"mot{number}" for number in range(20)))
    assert (len(words), len(left_out)) == (MOST_WORDS, 12)
    assert query_words("x" * 10 * LONGEST_QUERY)[0] == ["x" * LONGEST_QUERY]
    assert query_words("digue digues la digue")[0] == ["digue"]


def test_results_are_in_pages_and_each_stands_on_one(index: tuple[Path, dict[str, str]]) -> None:
    whole = search_letters(index[0], "mairie", ["vendredi"]).total
    assert whole > 3 * RESULTS
    pages = [search_letters(index[0], "mairie", ["vendredi"], page).letters for page in (1, 2, 3)]
    assert len({each.path for page in pages for each in page}) == 3 * RESULTS


def test_letters_that_have_some_words_are_said_to(index: tuple[Path, dict[str, str]]) -> None:
    result = search_letters(index[0], "reliquaire pamplemousse", ["vendredi"])
    assert result.some
    assert result.letters[0].path == index[1]["reliquaire"]


def test_only_the_publications_asked_for_are_searched(tmp_path: Path) -> None:
    store = ArchiveStore(None)
    put(store, 1, "Digue", "", name="vendredi")
    other = put(store, 1, "Digue", "", name="samedi")
    write_index(store, tmp_path / "search.db")
    assert [each.path for each in search_letters(tmp_path / "search.db", "digue", ["samedi"]).letters] == [other]
    assert search_letters(tmp_path / "search.db", "digue", []).total == 0
    assert search_letters(tmp_path / "absent.db", "digue", ["samedi"]).total == 0


def test_an_elided_article_is_no_word_and_an_apostrophe_in_a_name_parts_it() -> None:
    assert list(words_in("L’école d'Elbeuf, jusqu’à O’Connor")) == ["école", "Elbeuf", "à", "O", "Connor"]
    assert indexed("la", "fr") == ""
