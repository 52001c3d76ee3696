"""Files that are more than one list, or less: sheets appended, two tables side by side, cells that swallow lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.cli.list_import import column_runs
from composer.database import connect
from composer.errors import Refused
from composer.subscribers.csv_columns import locate
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.standing import Stance
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import make_tables


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    return engine


def active(engine: Engine) -> list[str]:
    return sorted(str(row[0]) for row in rows(engine) if row[5] == "active")


@pytest.mark.parametrize(
    "second",
    [
        "email;désabonné le\ngone@example.org;12/03/2024", "Désabonné le;Email\n12/03/2024;gone@example.org",
        "email désabonnés;nom\ngone@example.org;G", "Email;Nom;Désabonné le\ngone@example.org;G;12/03/2024",
    ],
)  # fmt: skip
def test_a_second_table_stops_the_import(engine: Engine, tmp_path: Path, second: str) -> None:
    with pytest.raises(Refused, match=r"list\.csv:3: names of columns again.*a second table begins here"):
        take(engine, tmp_path, f"email;nom\na@example.org;A\n{second}\n")
    assert rows(engine) == []


def test_a_header_that_ends_with_a_delimiter_may_be_alone_in_that(engine: Engine, tmp_path: Path) -> None:
    counts, _ = take(engine, tmp_path, "email,statut,\na@example.org,actif\nb@example.org,désabonné\n")
    assert (counts.added, counts.left, counts.refused) == (1, 1, 0)


@pytest.mark.parametrize(
    "line",
    ["email;nom", "à demander;Durand", "gone(at)example.org;désabonné", "---;---", "pas de mail;Durand", "Total;12"],
)
def test_the_same_names_again_or_a_note_stop_nothing(engine: Engine, tmp_path: Path, line: str) -> None:
    counts, _ = take(engine, tmp_path, f"email;nom\na@example.org;A\n{line}\nb@example.org;B\n")
    assert (counts.added, counts.refused) == (2, 1)


def test_a_row_in_other_columns_holds_its_address_where_it_tells_of_leaving(engine: Engine, tmp_path: Path) -> None:
    content = "email;statut\na@example.org;actif\ngone@example.org;actif\ndésabonné;gone@example.org\n"
    assert take(engine, tmp_path, content)[0].refused == 2
    assert active(engine) == ["a@example.org"]


def test_who_stands_in_a_column_of_who_left_is_not_brought_in(engine: Engine, tmp_path: Path) -> None:
    """Two tables side by side: all addresses, and those that left."""
    content = "Abonnés;Désabonnés\na@example.org;gone@example.org\nb@example.org;\ngone@example.org;\n"
    mapping = {"email": "Abonnés", "opted_out": "Désabonnés"}
    counts, report = take(engine, tmp_path, content, mapping=mapping)
    assert (counts.added, counts.refused) == (1, 2)
    assert "is an address, in a column that says who left" in report[0][1]
    assert active(engine) == ["b@example.org"]
    bounces = "email;hard bounced at\nz@example.org;550 5.1.1 <z@example.org> unknown\n"
    assert take(engine, tmp_path, bounces)[0].banned == 1


def test_a_column_of_addresses_called_after_who_left_is_asked(engine: Engine, tmp_path: Path) -> None:
    content = "Désabonnés\ngone@example.org\n"
    with pytest.raises(Refused, match="--map 'email=Désabonnés'"):
        take(engine, tmp_path, content)
    with pytest.raises(UnreadColumns, match="the name of the column of addresses, “Désabonnés”") as asked:
        take(engine, tmp_path, content, mapping={"email": "Désabonnés"})
    assert asked.value.suspects[0].option == "--state unsubscribed"
    assert take(engine, tmp_path, content, mapping={"email": "Désabonnés"}, state=Stance.LEFT)[0].left == 1


def test_a_title_of_who_left_above_the_names_is_not_to_be_taken_out_in_silence(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"title of the list, “Sortis 2024”"):
        take(engine, tmp_path, "Sortis 2024;\n;\nemail;nom\ngone@example.org;G\n")


def test_every_column_with_an_address_is_proposed(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="--map email=Suivi, or --map 'email=Le lecteur'"):
        take(engine, tmp_path, "Suivi;Le lecteur\nseller@example.org;a@example.org\n")


def test_a_quotation_mark_that_swallows_rows_stops_the_import(engine: Engine, tmp_path: Path) -> None:
    content = 'email;nom;note\na@example.org;A;"oups\nb@example.org;B;x\nc@example.org;C;5"\nd@example.org;D;\n'
    with pytest.raises(Refused, match=r"list\.csv:2: .* takes in the lines after it, such as “b@example.org;B;x”"):
        take(engine, tmp_path, content)
    note = 'email;nom;note\na@example.org;A;"voir aussi\nb@example.org\net Zoé; merci"\n'
    assert take(engine, tmp_path, note)[0].added == 1


def test_a_part_in_another_encoding_is_told_and_holds_its_addresses(engine: Engine, tmp_path: Path) -> None:
    first = b"email;statut\na@example.org;actif\ngone@example.org;actif\n"
    counts, report = take(engine, tmp_path, first + "email;statut\ngone@example.org;parti\n".encode("utf-16"))
    assert active(engine) == ["a@example.org"]
    assert (counts.left, counts.refused) == (1, 2)
    assert any("UTF-16" in row[1] for row in report)
    assert take(engine, tmp_path, "email;nom\nb@example.org;B\n".encode("utf-32"))[0].added == 1


def test_a_cell_that_is_too_long_is_told_as_that(engine: Engine, tmp_path: Path) -> None:
    long = "x" * 200_000
    for cell in (long, f'"{long}"'):
        counts, report = take(engine, tmp_path, f"email;note\na@example.org;{cell}\nb@example.org;ok\n")
        assert counts.refused == 1
        assert report[0][1] == "a cell of more than 131072 characters; shorten it, or take its column out"
        assert report[0][2] == "a@example.org"
    text = "word\n" * 40_000
    with pytest.raises(Refused, match=r":2: a cell that begins here has more than 131072 characters"):
        take(engine, tmp_path, f'email;note\na@example.org;"{text}"\n')


def test_a_line_without_an_end_is_no_list(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="line 2 is longer than 8 million"):
        take(engine, tmp_path, "email;note\n" + "x;" * 4_100_000)


def test_a_row_of_many_columns_is_one_row(engine: Engine, tmp_path: Path) -> None:
    header = ";".join(["email", *(f"c{number}" for number in range(2000))])
    row = ";".join(["a@example.org", *["y" * 600] * 2000])
    assert take(engine, tmp_path, f"{header}\n{row}\n")[0].added == 1


def test_a_status_that_is_none_is_asked_with_what_to_type(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnreadColumns, match=r"“Statut” \(Client, Prospect\): none of these words") as asked:
        take(engine, tmp_path, "email;Statut\na@example.org;Client\nb@example.org;Prospect\n")
    assert [one.option for one in asked.value.suspects] == ["--map Statut=ignore"]
    # Of what may be codes or other words for leaving, no example is given that would let them in as it stands.
    for cells in (("1", "0"), ("A", "I"), ("Servi", "Relance")):
        with pytest.raises(UnreadColumns, match="--map status=ignore") as asked:
            take(engine, tmp_path, f"email;status\na@example.org;{cells[0]}\nb@example.org;{cells[1]}\n")
        said = "--code status:A=? --code status:I=?" if "A" in cells else "--map ?=status"
        assert asked.value.suspects[0].option.replace("'", "") == said
    # One word of a status, and each of the others refuses its row: ignored, the column would let in who left.
    counts, _ = take(engine, tmp_path, "email;Statut\na@example.org;Client\nb@example.org;Désabonné\n")
    assert (counts.refused, counts.left) == (1, 1)
    with pytest.raises(UnreadColumns, match=r"(?s)“Abonné” \(Payant, Gratuit\).*--map 'paid=Abonné'") as asked:
        take(engine, tmp_path, "email;Abonné\na@example.org;Payant\nb@example.org;Gratuit\n")
    assert asked.value.suspects[0].option == "--map '?=Abonné'"


def test_a_question_of_a_form_is_told_by_its_place(engine: Engine, tmp_path: Path) -> None:
    content = 'email,"Acceptez-vous\nde recevoir ?"\na@example.org,"Oui, j’accepte"\nb@example.org,Non merci\n'
    with pytest.raises(UnreadColumns, match="“#2 Acceptez-vous de recevoir \\?”") as asked:
        take(engine, tmp_path, content)
    assert asked.value.suspects[0].option == "--map 'opted_in=#2'"
    counts, _ = take(engine, tmp_path, content, mapping={"opted_in": "#2"})
    assert (counts.added, counts.left) == (1, 1)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"Courriel": "email"}, "--map email=Courriel"), ({"statut": "Divers"}, "--map status=Divers"),
        ({"désinscrit": "Divers"}, "--map opted_out=Divers"),
    ],
)  # fmt: skip
def test_a_field_that_is_none_says_which_was_meant(said: dict[str, str], meant: str) -> None:
    with pytest.raises(Refused, match=f"did you mean {meant}\\?"):
        locate(["Courriel", "Divers"], said)


def test_the_line_to_write_above_a_list_without_names_has_its_delimiter(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="write “name;email” above it"):
        take(engine, tmp_path, "Zoé;zoe@example.org\nMax;max@example.org\n")


def test_columns_without_a_name_are_told_as_a_run() -> None:
    assert list(column_runs(["Ville", "#3", "#4", "#5", "x", "#9"])) == ["Ville", "#3-#5", "x", "#9"]


@pytest.mark.parametrize(
    "cell", ["STOP_a@example.org", "NPAI-a@example.org", "a@example.org.npai", "désabonné-a@example.org"]
)
def test_a_note_within_an_address_refuses_it_and_holds_the_address(engine: Engine, tmp_path: Path, cell: str) -> None:
    counts, report = take(engine, tmp_path, f"email\n{cell}\na@example.org\nb@example.org\n")
    assert (counts.added, counts.refused) == (1, 2)
    assert active(engine) == ["b@example.org"]
    assert report[0][0] == "2"


def test_a_letter_may_be_one_of_several_or_in_capitals(engine: Engine, tmp_path: Path) -> None:
    content = "email;publication;statut\na@example.org;Vendredi, lundi;désabonné\na@example.org;vendredi;actif\n"
    counts, _ = take(engine, tmp_path, content)
    assert (counts.left, counts.duplicates) == (1, 1)


def test_half_a_letter_of_json_stands_in_the_report(engine: Engine, tmp_path: Path) -> None:
    counts, report = take(engine, tmp_path, '[{"email":"x","note":"\\ud800"},{"email":"a@example.org"}]', name="l.json")
    assert (counts.added, counts.refused) == (1, 1)
    assert report[0][3] == "\\ud800"


def test_nothing_paid_is_not_paid_and_an_end_without_a_tier_is_said(engine: Engine, tmp_path: Path) -> None:
    content = "email;Montant\na@example.org;0,00 €\nb@example.org;9,00 €\nc@example.org;résilié\n"
    take(engine, tmp_path, content, mapping={"paid": "Montant"})
    assert [row[2] for row in rows(engine)] == ["free", "paid", "free"]
    counts, _ = take(engine, tmp_path, "email;échéance\nd@example.org;31/12/2031\n")
    assert dict(counts.remarks) == {"until": 1}
    assert take(engine, tmp_path, "email;échéance\ne@example.org;31/12/2031\n", tier="paid")[0].remarks == ()


def test_our_own_word_for_suppressed_is_read(engine: Engine, tmp_path: Path) -> None:
    assert take(engine, tmp_path, "email;statut\na@example.org;écarté\nb@example.org;actif\n")[0].banned == 1


@pytest.mark.parametrize("name", ["export.zip", "export.csv.gz"])
def test_an_archive_is_to_be_unpacked(engine: Engine, tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="this is an archive; unpack it"):
        take(engine, tmp_path, b"PK\x03\x04\x14\x00" if name.endswith("zip") else b"\x1f\x8b\x08\x00", name=name)


def test_sep_that_is_not_true_is_not_believed(engine: Engine, tmp_path: Path) -> None:
    assert take(engine, tmp_path, "sep=,\nemail;nom\na@example.org;A\n")[0].added == 1
