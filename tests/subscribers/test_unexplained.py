"""Lists read a seventh time: codes that nothing explains, cells merged downwards, tags, titles above the names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.database import connect
from composer.subscribers.codes import ListCode
from composer.subscribers.contrasts import are_codes, are_contrary
from composer.subscribers.other_columns import has_codes_of_others
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.standing import Stance
from composer.subscribers.values import fold
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import make_tables


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    yield engine
    engine.dispose()


def active(engine: Engine) -> list[str]:
    return [str(row[0]).split("@")[0] for row in rows(engine) if row[5] == "active"]


def column(name: str, cells: str) -> str:
    """A list with a column of ``cells``, separated by spaces; ``_`` is a blank."""
    lines = [f"{'abcdefghi'[at]}@example.org;{cell.strip('_')}\n" for at, cell in enumerate(cells.split(" "))]
    return f"email;{name}\n{''.join(lines)}"


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ("1 2 3", True), ("A B", True), ("S1 S2", True), ("ACT RAD", True), ("2 _", True), ("0 1 2", True),
        ("0 1", False), ("oui non", False), ("O N", False), ("OK KO", False), ("2", False), ("Lyon Paris", False),
        ("1 2 3 4 5 6 7 8 9", False), ("1 actif", False),
    ],
)  # fmt: skip
def test_codes_are_told_by_how_they_look(cells: str, codes: bool) -> None:
    assert are_codes([cell.strip("_") for cell in cells.split()]) is codes


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Pays", True), ("Département", True), ("Sexe", True), ("Code postal", True), ("Nb enfants", True),
        ("Commercial", True), ("State", True), ("Code", False), ("Situation", False), ("Catégorie", False),
        ("Code abonnement", False),
    ],
)  # fmt: skip
def test_codes_of_something_else_are_told_by_the_name(name: str, others: bool) -> None:
    assert has_codes_of_others(fold(name)) is others


@pytest.mark.parametrize("cells", ["1 2 1 2 3", "A B A C", "ACT RAD ACT", "2 _ 2 _"])
@pytest.mark.parametrize("name", ["Situation", "code", "statut", "abonné", "cat"])
def test_codes_that_nothing_explains_are_asked(engine: Engine, tmp_path: Path, name: str, cells: str) -> None:
    content = column(name, cells)
    with pytest.raises(UnreadColumns, match="codes, and nothing says what they mean") as asked:
        take(engine, tmp_path, content)
    assert [one.field for one in asked.value.suspects] == ["?"]
    counts, _ = take(engine, tmp_path, content, mapping={"status": name})
    assert (active(engine), counts.refused + counts.unproven) == ([], cells.count(" ") + 1)


def test_what_codes_mean_is_said_and_kept_in_the_report(engine: Engine, tmp_path: Path) -> None:
    """1.0 is how a program writes 1 in a column with blanks."""
    content = column("Situation", "1.0 2.0 9.0 1.0 2.0 7.0 _ 1")
    with pytest.raises(UnreadColumns, match=r"--code 'Situation:2\.0=\?'"):
        take(engine, tmp_path, content)
    meant = [("1", Stance.IN), ("2", Stance.LEFT), ("9", Stance.BOUNCED)]
    codes = [ListCode("Situation", *one) for one in meant]
    counts, report = take(engine, tmp_path, content, codes=codes)
    assert (active(engine), counts.left, counts.banned, counts.refused) == (["a", "d", "h"], 2, 1, 1)
    assert counts.unproven == 1
    assert [row[0] for row in report] == ["7", "8"]
    again = (tmp_path / "report.csv").read_text(encoding="utf-8-sig").replace("7.0", "2")
    assert take(engine, tmp_path, again, name="again.csv")[0].left == 1


def test_one_is_no_yes_and_no_tier_beside_two_and_three(engine: Engine, tmp_path: Path) -> None:
    for name in ("subscribed_to_emails", "opted_out", "Formule"):
        with pytest.raises(UnreadColumns, match="codes"):
            take(engine, tmp_path, column(name, "1 2 3"))
    assert take(engine, tmp_path, column("Formule", "1 0"))[0].added == 2


@pytest.mark.parametrize(
    ("name", "cells"), [("Record", "1 2 3"), ("Pays", "FR BE FR"), ("Situation", "0 1 2 3 4 5 6 7 8")]
)
def test_numbers_of_rows_and_codes_of_something_else_ask_nothing(
    engine: Engine, tmp_path: Path, name: str, cells: str
) -> None:
    assert take(engine, tmp_path, column(name, cells))[0].refused == 0


def test_a_platform_says_in_words_who_left(engine: Engine, tmp_path: Path) -> None:
    content = "uuid,email,name,attributes,status,created_at,Situation\n"
    content += "".join(f"{at},{at}@example.org,,{{}},enabled,,{at % 2 + 1}\n" for at in range(4))
    assert take(engine, tmp_path, content)[0].added == 4


def test_what_stands_beside_a_word_for_active_may_be_its_contrary(engine: Engine, tmp_path: Path) -> None:
    assert are_contrary(["Actif", "En sommeil"])
    assert are_contrary(["Abonné", ""])
    assert not are_contrary(["N/A", "x"])
    for name in ("code", "Divers"):
        with pytest.raises(UnreadColumns):
            take(engine, tmp_path, column(name, "actif 2"))


@pytest.mark.parametrize(
    "content",
    [
        "Groupe;email\nAbonnés;a@example.org\n;b@example.org\nDésabonnés;c@example.org\n;d@example.org\n",
        "Désabonné;email\nnon;a@example.org\n;b@example.org\noui;c@example.org\n;d@example.org\n",
        "Statut;email\nactif;a@example.org\n;b@example.org\ndésabonné;c@example.org\n;d@example.org\n",
        "Formule;email\npayant;a@example.org\n;b@example.org\ngratuit;c@example.org\n;d@example.org\n",
        "Groupe;email\nDésabonnés;a@example.org\n;b@example.org\n;c@example.org\n",
    ],
)
def test_cells_merged_downwards_are_asked(engine: Engine, tmp_path: Path, content: str) -> None:
    with pytest.raises(UnreadColumns, match="as where cells were merged"):
        take(engine, tmp_path, content)
    assert rows(engine) == []
    name = content.partition(";")[0]
    assert take(engine, tmp_path, content, ignore=[name])[0].added == content.count("@")


def test_blanks_that_are_blanks_are_said_to_be_by_a_dash(engine: Engine, tmp_path: Path) -> None:
    content = "Désabonné;email\nnon;a@example.org\n-;b@example.org\noui;c@example.org\n;d@example.org\n"
    assert take(engine, tmp_path, content)[0].left == 1
    assert active(engine) == ["a", "b", "d"]


@pytest.mark.parametrize("cells", ["oui _ _ oui _", "_ oui _ non _", "non oui non _", "2024-01-02 _ _ 2024-02-03 _"])
def test_a_column_of_some_readers_is_none_of_groups(engine: Engine, tmp_path: Path, cells: str) -> None:
    assert take(engine, tmp_path, column("Désabonné", cells))[0].refused == 0


@pytest.mark.parametrize(
    "tags", ["Presse;Désabonné", "Presse, Désabonné", "Presse | STOP", '[""Presse"", ""Désabonné""]', "#presse #stop"]
)
@pytest.mark.parametrize("name", ["Tags", "Étiquettes", "Groupe"])
def test_one_tag_of_several_says_that_a_reader_left(engine: Engine, tmp_path: Path, tags: str, name: str) -> None:
    content = f'email;{name}\na@example.org;Presse\nb@example.org;"{tags}"\nc@example.org;\n'
    with pytest.raises(UnreadColumns, match=f"--map '?notes={name}") as asked:
        take(engine, tmp_path, content)
    assert [one.field for one in asked.value.suspects] == ["notes"]
    counts, _ = take(engine, tmp_path, content, mapping={"notes": name})
    assert (active(engine), counts.left, counts.refused) == (["a", "c"], 1, 0)


def test_tags_of_another_column_are_read_so_too(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnreadColumns, match="--map notes=Categories"):
        take(engine, tmp_path, "email,Categories\na@example.org,Presse\nb@example.org,Désabonné;Presse\n")
    with pytest.raises(UnreadColumns, match="--map hard_bounced=bounces"):
        take(engine, tmp_path, "email,bounces\na@example.org,0\nb@example.org,5\n")


def test_a_tag_closes_a_mailbox_where_it_says_so(engine: Engine, tmp_path: Path) -> None:
    content = "email;Tags\na@example.org;Presse, NPAI\nb@example.org;Presse, spam\nc@example.org;Presse, pending\n"
    counts, _ = take(engine, tmp_path, content, mapping={"notes": "Tags"})
    assert (active(engine), counts.banned) == (["c"], 2)


def test_a_title_right_above_names_that_are_not_known_is_no_header(engine: Engine, tmp_path: Path) -> None:
    content = "Désabonnés\nAdresse à utiliser;nom\na@example.org;A\n"
    mapping = {"email": "Adresse à utiliser"}
    with pytest.raises(UnreadColumns, match="title of the list, “Désabonnés”"):
        take(engine, tmp_path, content, mapping=mapping)
    counts, _ = take(engine, tmp_path, content.replace("Désabonnés", "Liste 2026"), mapping=mapping)
    assert (counts.added, counts.title) == (1, "Liste 2026")


@pytest.mark.parametrize(
    "below",
    [
        "Ceux de Paul;\nemail;nom\nb@example.org;B\n",
        "Ceux de Paul;\nb@example.org;B\n",
        ";Ceux de Paul\nemail;nom\nb@example.org;B\n",
    ],
)
def test_a_title_above_the_names_once_more_or_among_the_addresses_is_asked(
    engine: Engine, tmp_path: Path, below: str
) -> None:
    with pytest.raises(UnreadColumns, match="line 3, “Ceux de Paul” stands alone"):
        take(engine, tmp_path, f"email;nom\na@example.org;A\n{below}")
    for harmless in ("email;nom\n", ";Durand\n", "email;nom\n;Durand\n"):
        assert take(engine, tmp_path, f"email;nom\na@example.org;A\n{harmless}b@example.org;B\n")[0].refused > 0
    assert active(engine) == ["a", "b"]


@pytest.mark.parametrize(
    "line",
    [
        '"b@example.org; c@example.org",',
        "b@example.org,12/3/2024,c@example.org",
        "b(at)example.org,\nc@example.org,1,2",
        "#b@example.org,\n*c@example.org,",
    ],
)
def test_who_left_is_remembered_though_the_row_is_wrong(engine: Engine, tmp_path: Path, line: str) -> None:
    """The list of who left comes first; the next one holds them still."""
    counts, _ = take(engine, tmp_path, f"email,date\n{line}\n,\nz@example.org\n", state=Stance.LEFT)
    assert (counts.left, dict(counts.remarks)["gone"]) == (3, 3)
    counts, _ = take(engine, tmp_path, "email\na@example.org\nb@example.org\nc@example.org\nz@example.org\n")
    assert (active(engine), counts.opted_out) == (["a"], 3)


def test_so_it_is_where_a_column_says_it(engine: Engine, tmp_path: Path) -> None:
    content = (
        'email,unsubscribed\n"b@example.org, c@example.org",yes\n"d@example.org, e@example.org",no\nbd@example.org,no\n'
    )
    counts, report = take(engine, tmp_path, content)
    assert (counts.left, counts.refused, [row[0] for row in report]) == (2, 1, ["3"])
    counts, report = take(engine, tmp_path, content.replace(",no", ",perhaps"))
    assert [row[0] for row in report] == ["2", "2", "3", "4"]  # both had left
    take(engine, tmp_path, "email\na@example.org\nb@example.org\nc@example.org\n")
    assert active(engine) == ["a", "bd"]


@pytest.mark.parametrize("line", ["b@example.org (désabonné);B", "Désabonnée : b@example.org;B"])
def test_so_it_is_where_words_beside_the_address_say_it(engine: Engine, tmp_path: Path, line: str) -> None:
    counts, _ = take(engine, tmp_path, f"email;nom\n{line}\nc@example.org (pro);C\n")
    assert (counts.left, counts.refused) == (1, 1)
    take(engine, tmp_path, "email\nb@example.org\nc@example.org\n")
    assert active(engine) == ["c"]


def test_who_left_every_letter_left_this_one(engine: Engine, tmp_path: Path) -> None:
    content = "email;lettre;statut\na@example.org;toutes;désabonné\nb@example.org;lundi;désabonné\n"
    counts, _ = take(engine, tmp_path, content + "c@example.org;toutes;actif\n")
    assert (counts.left, counts.refused) == (1, 2)


def test_in_a_wrong_row_about_another_letter_it_is_not_of_this_one(engine: Engine, tmp_path: Path) -> None:
    rows_of_other = (
        '"b@example.org, c@example.org",lundi,désabonné',
        "b@example.org,lundi,désabonné,",
        "d@example.org (désabonné),lundi,actif",
    )
    for row in rows_of_other:
        counts, _ = take(engine, tmp_path, f"email,lettre,statut\na@example.org,vendredi,actif\n{row}\n")
        assert (counts.left, counts.refused) == (0, 1)
    row = '"e@example.org, f@example.org",vendredi,désabonné'
    counts, _ = take(engine, tmp_path, f"email,lettre,statut\n{row}\nz@example.org,désabonné,e@example.org\n")
    assert counts.left == 3
