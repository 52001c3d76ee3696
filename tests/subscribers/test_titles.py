"""What stands above the names of columns, columns without a name, and the folder of a list."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.database import connect
from composer.errors import Refused
from composer.subscribers.questions import UnreadColumns
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import make_tables


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    return engine


def active(engine: Engine) -> list[str]:
    return [str(row[0]).split("@")[0] for row in rows(engine) if row[5] == "active"]


@pytest.mark.parametrize(
    "above",
    [
        "Members for group vendredi\n",
        "Liste des lecteurs, 3 mars 2026;;\n",
        "sep=;\nListe;;\n;;\nau 3 mars;;\n",
        '"La liste";"";""\r\n\r\n',
    ],
)
def test_a_title_is_passed_over_and_said(engine: Engine, tmp_path: Path, above: str) -> None:
    content = f"{above}Nom;E-mail;Désabonné\nA;a@example.org;non\nB;b@example.org;oui\nC;c;non\n"
    counts, report = take(engine, tmp_path, content)
    assert (active(engine), counts.left, [row[0] for row in report]) == (["a"], 1, [str(content[:-3].count("\n") + 1)])
    assert counts.title
    assert "sep" not in counts.title


def test_a_title_of_who_left_is_asked(engine: Engine, tmp_path: Path) -> None:
    content = "Désabonnés 2025\nemail;nom\na@example.org;A\n"
    with pytest.raises(UnreadColumns, match="title of the list, “Désabonnés 2025”"):
        take(engine, tmp_path, content)
    assert rows(engine) == []


def test_names_of_groups_of_columns_are_no_title(engine: Engine, tmp_path: Path) -> None:
    for above in ("Contact;;Consentement\n", ";;Consentement\n"):
        with pytest.raises(Refused, match="line 2 looks like the names of the columns"):
            take(engine, tmp_path, f"{above}Nom;E-mail;oui/non\nA;a@example.org;non\n")


def test_a_name_of_a_column_in_two_lines_is_no_title(engine: Engine, tmp_path: Path) -> None:
    counts, _ = take(engine, tmp_path, '"Nom\nprénom";"E-mail"\nA;a@example.org\n')
    assert (counts.title, active(engine)) == ("", ["a"])


@pytest.mark.parametrize(("cell", "asked"), [("perdu", True), ("☎ voir", True), ("1234", False), ("", False)])
def test_a_column_without_a_name_is_asked_about_where_words_stand_in_it(
    engine: Engine, tmp_path: Path, cell: str, asked: bool
) -> None:
    content = f"email;nom;\na@example.org;A;{cell}\nb@example.org;B;\n"
    if asked:
        with pytest.raises(UnreadColumns, match="“#3”"):
            take(engine, tmp_path, content)
    assert take(engine, tmp_path, content, ignore=["#3"])[0].added == 2


@pytest.mark.parametrize(
    ("folder", "state"),
    [("unsubscribed", "unsubscribed"), ("Désabonnés 2025", "unsubscribed"), ("contacts cleaned", "bounced"),
     ("liste noire", "unsubscribed"), ("exports", None), ("archives", None), ("avant l'arrêt", None)],
)  # fmt: skip
def test_the_name_of_a_folder_is_asked_about(engine: Engine, tmp_path: Path, folder: str, state: str | None) -> None:
    place = tmp_path / folder
    place.mkdir()
    if state:
        with pytest.raises(UnreadColumns, match=f"folder, “{folder}”") as asked:
            take(engine, place, "email\na@example.org\n")
        assert asked.value.suspects[0].option == f"--state {state}"
    else:
        assert take(engine, place, "email\na@example.org\n")[0].added == 1
