"""Cells as mail programs and spreadsheets leave them; addresses to look at; delimiters, dates, encodings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from composer.database import connect
from composer.errors import Refused
from composer.subscribers.cell_address import read_listed_address
from composer.subscribers.csv_row import _past
from composer.subscribers.instants import DateOrder, read_instant
from composer.subscribers.tables import subscriptions
from composer.subscribers.values import read_language
from tests.subscribers.support.csv_lists import PARIS, rows, take, terms
from tests.support.address_keys import make_tables


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("cell", "email", "name"),
    [
        ("mailto:a01@example.org", "a01@example.org", ""),
        ("MAILTO:a01@example.org?subject=x", "a01@example.org", ""),
        ("SMTP:a01@example.org", "a01@example.org", ""),
        ("E-mail : a01@example.org", "a01@example.org", ""),
        ("Anne Ex <a02@example.org>", "a02@example.org", "Anne Ex"),
        ('"Ex, Anne" <a02@example.org>;', "a02@example.org", "Ex, Anne"),
        ("<a02@example.org>", "a02@example.org", ""),
        ("a04@example.org;", "a04@example.org", ""),
        ("a04@example.org,", "a04@example.org", ""),
        ("“a05@example.org”", "a05@example.org", ""),
        ("« a05@example.org »", "a05@example.org", ""),
        ("\u200ea14@example.org", "a14@example.org", ""),
        ("a\u200b13@example.org", "a13@example.org", ""),
        ("\u00a0a12@example.org\u00a0", "a12@example.org", ""),
        ("a\u00ad15@example.org", "a15@example.org", ""),
        ("'a21@example.org", "a21@example.org", ""),
        ("o'brien+lettre@example.org", "o'brien+lettre@example.org", ""),
        ("+plus@example.org", "+plus@example.org", ""),
    ],
)
def test_an_address_is_found_in_what_a_program_left_around_it(cell: str, email: str, name: str) -> None:
    address, beside = read_listed_address(cell)
    assert (address.email, beside) == (email, name)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("a11 @example.org", "space inside"), ("a11\u00a0@example.org", "space inside"), ("#a@example.org", "“#”"),
        ("*a@example.org", "“\\*”"), ("=a@example.org", "“=”"), ("", "empty"), ("a@x.example; b@x.example", "several"),
        ("a@x.example b@x.example", "several"), ("zoé@example.org", "outside ASCII"), ("a@", "not an email address"),
        ("12ab@deletion-request.substack.com", "Substack erased"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_address_is_said(cell: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read_listed_address(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "a(at)example.org",
        "a [at] example.org",
        "a%40example.org",
        "a＠example.org",
        "a@example,org",
        "a@example..org",
        '"a"@example.org',
    ],
)
def test_a_mistyped_address_of_who_left_is_the_one_that_was_meant(engine: Engine, tmp_path: Path, cell: str) -> None:
    quoted = cell.replace('"', '""')
    counts, _ = take(
        engine, tmp_path, f'email;statut\n"{quoted}";désabonné\na@example.org;actif\nb@example.org;actif\n'
    )
    assert (counts.added, counts.left, counts.duplicates, counts.refused) == (1, 1, 1, 0)


def test_a_cell_that_excel_keeps_as_text_is_read_as_what_it_says(engine: Engine, tmp_path: Path) -> None:
    head, gone = '="Email";="Statut"', '=""b@example.org""";="Désabonné"'
    take(engine, tmp_path, f'{head}\n="a@example.org";="Abonné"\n{gone}\n="c@example.org";=""\n')
    found = [(row[0], row[5]) for row in rows(engine)]
    assert found == [("a@example.org", "active"), ("b@example.org", "unsubscribed")]


def test_the_name_beside_an_address_is_kept_where_no_column_says_it(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,name\nAnne <a@example.org>,\nBo <b@example.org>,Béatrice\n")
    assert [row[:2] for row in rows(engine)] == [("a@example.org", "Anne"), ("b@example.org", "Béatrice")]


def test_addresses_to_look_at_are_imported_and_counted(engine: Engine, tmp_path: Path) -> None:
    machines = ["abuse@example.org", "postmaster@example.org", "no-reply@example.org", "null@example.org"]
    mistyped = ["a@gmial.com", "b@exemple.con"]
    counts, report = take(engine, tmp_path, "\n".join(["email", *machines, *mistyped, "reader@example.org"]))
    assert (counts.added, report) == (7, [])
    assert dict(counts.remarks) == {"role": 4, "mistyped": 2}


@pytest.mark.parametrize(
    "header",
    [
        "Email;Nom, Prénom", "Email;Tags (a, b, c);Nom", "Email;Montant (€, TTC)", "Email;a|b|c;Nom",
        "Email\tVille, pays", "Email,Nom;Prénom", "Email|Nom, Prénom, Ville",
    ],
)  # fmt: skip
def test_the_delimiter_is_what_divides_the_rows(engine: Engine, tmp_path: Path, header: str) -> None:
    cut = next(mark for mark in header if not mark.isalpha())
    row = cut.join(["a@example.org", *["word"] * header.count(cut)])
    counts, report = take(engine, tmp_path, f"{header}\n{row}\n{row.replace('a@', 'b@')}\n")
    assert (counts.added, report) == (2, [])


def test_a_delimiter_may_be_said(engine: Engine, tmp_path: Path) -> None:
    content = "Email;Nom,Ville\na@example.org;b,c\n"
    assert take(engine, tmp_path, content, delimiter=";")[0].ignored == ("Nom,Ville",)
    with pytest.raises(Refused, match="no column holds"):
        take(engine, tmp_path, content, delimiter=",")
    assert take(engine, tmp_path, '"sep=;"\nEmail;Nom, x\nb@example.org;c\n')[0].added == 1


def test_a_stray_delimiter_is_told_as_cells_and_columns(engine: Engine, tmp_path: Path) -> None:
    content = "email;name;status;note\na@example.org;A;active;word\nb@example.org;B;;active;\n"
    counts, report = take(engine, tmp_path, content)
    assert (counts.added, counts.refused) == (1, 1)
    assert report[0][:2] == ["3", "5 cells for 4 columns"]
    # A program that ends every row so is read.
    assert take(engine, tmp_path, "email;name\nc@example.org;C;\nd@example.org;D;\n")[0].added == 2


def test_two_encodings_in_one_file_are_remarked(engine: Engine, tmp_path: Path) -> None:
    mixed = b"email,name\nzoe@example.org,Zo\xe9\n" + "lea@example.org,Léa\n".encode()
    assert dict(take(engine, tmp_path, mixed)[0].remarks) == {"encoding": 1}
    for encoding in ("utf-8", "cp1252", "utf-16"):
        assert take(engine, tmp_path, "email,name\nmax@example.org,Maxé\n".encode(encoding))[0].remarks == ()


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("05/03/2024", "dmy", "2024-03-05"), ("05/03/2024", "mdy", "2024-05-03"), ("2024-03-05", "mdy", "2024-03-05"),
        ("03/25/2024 8:01 AM", "mdy", "2024-03-25"), ("25/03/2024 à 08h01", "dmy", "2024-03-25"),
        ("2024/3/5", "dmy", "2024-03-05"), ("2024-03-05 10:00:00.123456+00", "dmy", "2024-03-05"),
        ("2024-03-05 10:11:12.123456 +0200 CEST", "dmy", "2024-03-05"),
    ],
)  # fmt: skip
def test_dates_are_read_in_the_order_that_is_said(text: str, order: DateOrder, day: str) -> None:
    assert read_instant(text, PARIS, end=False, order=order).astimezone(PARIS).date().isoformat() == day


@pytest.mark.parametrize(
    ("text", "order", "words"),
    [
        ("03/25/2024", "dmy", "--date-order mdy"), ("25/03/2024", "mdy", "month first"),
        ("0202-01-01", "dmy", "not a date"),
        ("2024-03-05 13:00 PM", "dmy", "not a date"), ("31/02/2024", "dmy", "not a date"),
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_read_says_what_to_do(text: str, order: DateOrder, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read_instant(text, PARIS, end=False, order=order)


def test_noon_and_midnight_of_twelve_hours() -> None:
    hours = [read_instant(f"2024-03-05 {text}", ZoneInfo("UTC"), end=False).hour for text in ("12:00 AM", "12:00 PM")]
    assert hours == [0, 12]


def test_a_day_of_consent_that_cannot_be_read_costs_no_reader(engine: Engine, tmp_path: Path) -> None:
    """And an end of payment that cannot be read is asked: its row is refused."""
    content = "email,created_at,paid_until\na@example.org,2025-02-30,\nb@example.org,0202-01-01,\nc@example.org,,soon\n"
    counts, report = take(engine, tmp_path, content)
    assert (counts.added, counts.refused, dict(counts.remarks)) == (2, 1, {"date": 2})
    assert "“soon” is not a date" in report[0][1]
    with engine.connect() as connection:
        assert all(at.year > 2000 for at in connection.execute(select(subscriptions.c.created_at)).scalars())


def test_a_day_of_consent_to_come_says_that_the_month_may_stand_first() -> None:
    said = replace(terms(), now=datetime(2026, 11, 30, tzinfo=UTC))
    with pytest.raises(Refused, match="2026-12-06; where the month comes first, add --date-order mdy"):
        _past("06/12/2026", said, Counter())
    with pytest.raises(Refused, match=r"2027-12-31$"):
        _past("2027-12-31", said, Counter())


@pytest.mark.parametrize("text", ["French (France)", "Français (France)", "fr_FR.UTF-8", "FR-fr", "fr-419"])
def test_a_language_with_its_country(text: str) -> None:
    assert read_language(text) == "fr"


def test_a_language_that_cannot_be_read_costs_no_reader(engine: Engine, tmp_path: Path) -> None:
    counts, _ = take(engine, tmp_path, "email,language\na@example.org,Bilingue\nb@example.org,fr\n")
    assert (counts.added, dict(counts.remarks)) == (2, {"language": 1})


def test_times_without_a_zone_are_of_the_one_that_is_said(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,created_at\na@example.org,2024-03-05 10:00:00\n", zone=ZoneInfo("America/New_York"))
    with engine.connect() as connection:
        at = connection.execute(select(subscriptions.c.created_at)).scalar_one()
    assert at == datetime(2024, 3, 5, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31 décembre 2026", "2026-12-31"), ("jeudi 1er août 2024", "2024-08-01"), ("3 juil. 2024", "2024-07-03"),
        ("5-mars-2024 14:30", "2024-03-05"), ("Dec 31, 2026", "2026-12-31"), ("March 12, 2024 2:30 PM", "2024-03-12"),
        ("12 mars 2024 à 14:30", "2024-03-12"), ("le 12/03/2024", "2024-03-12"), ("20261231", "2026-12-31"),
        ("12/03/2024 14h", "2024-03-12"), ("2024-03-12T10:00:00,123Z", "2024-03-12"),
        ("12 de marzo de 2024", "2024-03-12"),
        ("Tue, 12 Mar 2024 10:00:00 +0000", "2024-03-12"),
        ("12 February 2024", "2024-02-12"), ("3 juin 2024", "2024-06-03"),
    ],
)  # fmt: skip
def test_months_may_be_written_out(text: str, day: str) -> None:
    assert read_instant(text, PARIS, end=False).astimezone(PARIS).date().isoformat() == day


@pytest.mark.parametrize("text", ["31 brumaire 2026", "31 février 2026", "5 mars", "mars 2024", "1er 2024", "Décembre"])
def test_what_is_no_date_stays_none(text: str) -> None:
    with pytest.raises(Refused, match="is not a date"):
        read_instant(text, PARIS, end=False)


LETTERS = "Courriel;Prénom;Désabonné le\nzoe@example.org;Zoé;\nleft@example.org;Hélène Çà;12/03/2024\n"


@pytest.mark.parametrize(
    "content",
    [
        LETTERS.encode("mac_roman"),
        LETTERS.encode("cp850"),  # Excel's “CSV (MS-DOS)”
        LETTERS.encode().decode("mac_roman").encode(),  # UTF-8 opened in another encoding, and saved so
        LETTERS.encode().decode("latin-1").encode("utf-8"),
        LETTERS.encode().decode("latin-1").encode("utf-16"),
        LETTERS.encode().decode("cp1252").encode("utf-8-sig"),
    ],
)
def test_letters_of_another_machine_are_read_and_counted(engine: Engine, tmp_path: Path, content: bytes) -> None:
    """A column “DÃ©sabonnÃ© le” would not be known, and its readers would be written to."""
    counts, report = take(engine, tmp_path, content)
    assert (counts.added, counts.left, report) == (1, 1, [])
    assert [row[1] for row in rows(engine)] == ["Hélène Çà", "Zoé"]
    assert dict(counts.remarks)["charset"] >= 6


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_letters_that_are_right_stay(engine: Engine, tmp_path: Path, encoding: str) -> None:
    names = ["Œuvre", "Sœur Éva", "Bjørn Ångström", "Müller", "L’été – Žižek", "D’Été ‰ Â «x»", "Noël"]
    lines = [f"{number}@example.org;{name}" for number, name in enumerate(names)]
    counts, _ = take(engine, tmp_path, "\n".join(["email;name", *lines]).encode(encoding))
    assert [row[1] for row in rows(engine)] == names
    assert counts.remarks == ()
