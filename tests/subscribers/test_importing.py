"""Lists: read whatever their shape, imported exactly or reported, and nobody brought back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from composer.errors import OutsideWorld, Refused
from composer.subscribers import (
    find_person,
    forget,
    importing,
    read_address,
    recipients,
    staging_tables,
    subscribe,
    suppress,
    unsubscribe,
)
from composer.subscribers import merge as merging
from composer.subscribers.csv_columns import locate
from composer.subscribers.importing import import_list
from composer.subscribers.rejects import write_report
from composer.subscribers.tables import consents
from tests.subscribers.support.csv_lists import NOW, rows, take, terms
from tests.support.address_keys import key_of

FRENCH = (
    "Prénom;Nom;Courriel;Formule;Payé jusqu’au;Inscrit le;Langue\r\n"
    "Zoé;Dupré;zoe@example.org;Payant;31/12/2026;05/03/2024;français\r\n"
    "Léa;;lea@example.org;gratuit;;2024-03-05 14:30;FR\r\n"
)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_a_french_list_is_read_in_any_encoding_and_delimiter(
    engine: Engine, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    counts, report = take(engine, tmp_path, FRENCH.replace(";", delimiter).encode(encoding))
    assert (counts.read, counts.added, report) == (2, 2, [])
    assert rows(engine) == [
        ("lea@example.org", "Léa", "free", None, "fr", "active"),
        # Paid until a day includes that day, in the newsroom's zone: 23:59:59.999999 in Paris.
        ("zoe@example.org", "Zoé Dupré", "paid", datetime(2026, 12, 31, 22, 59, 59, 999999, UTC), "fr", "active"),
    ]
    with engine.connect() as connection:
        proofs = connection.execute(select(consents.c.source, consents.c.at, consents.c.detail).order_by("at")).all()
    assert [tuple(proof) for proof in proofs] == [
        ("form", datetime(2024, 3, 4, 23, tzinfo=UTC), "list.csv"),
        ("form", datetime(2024, 3, 5, 13, 30, tzinfo=UTC), "list.csv"),
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_end_of_line_will_do(engine: Engine, tmp_path: Path, newline: str) -> None:
    content = newline.join(("sep=;", "", "E-mail;Nom", "zoe@example.org;Zoé", "", "lea@example.org;Léa"))
    counts, report = take(engine, tmp_path, content)
    assert (counts.read, counts.added, report) == (2, 2, [])


def test_a_file_pasted_from_two_encodings_keeps_every_name(engine: Engine, tmp_path: Path) -> None:
    content = b"email,name\nzoe@example.org,Zo\xe9\n" + "lea@example.org,Léa\n".encode()
    take(engine, tmp_path, content)
    assert [row[1] for row in rows(engine)] == ["Léa", "Zoé"]


@pytest.mark.parametrize(
    ("header", "row", "left"),
    [
        # Substack: active_subscription is paying; the opt-out is email_disabled.
        ("email,active_subscription,email_disabled", "zoe@example.org,false,true", True),
        ("email,active_subscription,email_disabled", "zoe@example.org,true,false", False),
        ("id,email,name,subscribed_to_emails,deleted_at", "1,zoe@example.org,Zoe,false,", True),
        ("id,email,name,subscribed_to_emails,deleted_at", "1,zoe@example.org,Zoe,true,", False),
        ("EMAIL;EMAIL_BLACKLISTED;ADDED_TIME", "zoe@example.org;Yes;05-03-2024", True),
        ("EMAIL;EMAIL_BLACKLISTED;ADDED_TIME", "zoe@example.org;No;05-03-2024", False),
        ("email,status,unsubscribed_at", "zoe@example.org,inactive,2024-01-01", True),
        ("Email Address,OPTIN_TIME,UNSUB_TIME", "zoe@example.org,2024-01-02 03:04:05,2024-05-05 00:00:00", True),
        ("uuid,email,status,created_at", "u,zoe@example.org,blocklisted,2024-01-02 03:04:05.6 +0000 UTC", True),
        ("uuid,email,status,created_at", "u,zoe@example.org,enabled,2024-01-02 03:04:05.6 +0000 UTC", False),
        ("Courriel;Désabonné le", "zoe@example.org;12/03/2024", True),
    ],
)
def test_other_senders_opt_outs_are_understood(
    engine: Engine, tmp_path: Path, header: str, row: str, left: bool
) -> None:
    counts, report = take(engine, tmp_path, f"{header}\n{row}\n")
    assert (counts.left, counts.added, report) == (int(left), int(not left), [])
    with engine.connect() as connection:
        assert len(connection.execute(recipients("vendredi", NOW)).all()) == int(not left)


def test_each_refused_row_is_reported_with_its_line_and_reason(engine: Engine, tmp_path: Path) -> None:
    content = (
        "email,name,tier,paid_until,language,status,subscribed_at\n"
        'good@example.org,"two\nlines",,,,active,\n'  # line 2, in two lines
        "zoé@example.org,,,,,,\n"  # 4
        "a@example.org,,gold,,,active,\n"
        "b@example.org,,,31/02/2026,,active,\n"
        "c@example.org,,,,volapük,active,\n"
        "d@example.org,,,,,perhaps,\n"
        "e@example.org,,,,,active,2031-01-01\n"
        "f@example.org,,,,,\n"  # 10: a cell short
        'g@example.org,"a"b,,,,,\n'
        f"h@example.org,{'x' * 201},,,,active,\n"
        "=1+1@example.org,,gold,,,active,\n"
        "i@example.org,I,,,,active,\n"
    )
    counts, report = take(engine, tmp_path, content)
    assert (counts.read, counts.added, counts.refused) == (12, 2, 10)
    assert [row[0] for row in report] == ["2", "4", "5", "6", "8", "9", "10", "11", "12", "13"]
    for row, words in zip(
        report,
        (
            "line break", "outside ASCII", "not a tier", "not a date", "not a status", "future",
            "6 cells for 7", "quotation mark", "201 characters", "begins with “=”",
        ),
        strict=True,
    ):  # fmt: skip
        assert words in row[1]
    assert report[-1][2] == "'=1+1@example.org"
    assert [row[0] for row in rows(engine)] == ["c@example.org", "i@example.org"]
    assert dict(counts.remarks) == {"language": 1, "undated": 2}


def test_duplicates_are_reported_with_the_line_that_counts(engine: Engine, tmp_path: Path) -> None:
    counts, report = take(engine, tmp_path, "email,name\nzoe@example.org,A\nZOE@Example.org,B\nlea@example.org,C\n")
    assert (counts.added, counts.duplicates) == (2, 1)
    assert report == [["3", "the address of line 2 again", "ZOE@Example.org", "B"]]
    assert [row[1] for row in rows(engine)] == ["C", "A"]


def test_of_duplicates_the_one_that_left_counts(engine: Engine, tmp_path: Path) -> None:
    counts, _ = take(engine, tmp_path, "email,status\nzoe@example.org,active\nzoe@example.org,unsubscribed\n")
    assert (counts.added, counts.left, counts.duplicates) == (0, 1, 1)


def test_who_left_is_suppressed_or_forgotten_is_never_brought_back(engine: Engine, tmp_path: Path) -> None:
    everybody = "email\nleft@example.org\nbounced@example.org\nforgotten@example.org\nstays@example.org\n"
    take(engine, tmp_path, everybody)
    with engine.begin() as connection:
        gone = find_person(connection, read_address("left@example.org"))
        assert gone is not None
        unsubscribe(connection, gone.subscriptions[0].id, "one-click")
        suppress(connection, key_of("Bounced@example.org"), "hard-bounce")
        forget(connection, read_address("forgotten@example.org"))
    counts, report = take(engine, tmp_path, everybody.upper().replace("EMAIL", "email"))
    assert (counts.opted_out, counts.suppressed, counts.unchanged, counts.added) == (1, 2, 1, 0)
    assert [(row[0], row[2]) for row in report] == [
        ("2", "LEFT@EXAMPLE.ORG"), ("3", "BOUNCED@EXAMPLE.ORG"), ("4", "FORGOTTEN@EXAMPLE.ORG"),
    ]  # fmt: skip
    with engine.connect() as connection:
        assert [row.email for row in connection.execute(recipients("vendredi", NOW))] == ["stays@example.org"]
    # She left this letter, not the other one.
    assert take(engine, tmp_path, "email\nleft@example.org\n", publication="samedi")[0].added == 1


def test_who_leaves_while_a_list_is_read_has_left(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(engine, tmp_path, "email\nzoe@example.org\nlea@example.org\n")
    judge = merging.classify

    def judge_then_two_say_no(*arguments: object) -> None:
        judge(*arguments)  # type: ignore[arg-type] # reason: passed on as they came
        staging = arguments[0]
        staging.commit()  # type: ignore[attr-defined] # reason: a Connection
        with engine.begin() as other:
            person = find_person(other, read_address("zoe@example.org"))
            assert person is not None
            unsubscribe(other, person.subscriptions[0].id, "one-click")
            suppress(other, key_of("new@example.org"), "complaint")

    monkeypatch.setattr(importing, "classify", judge_then_two_say_no)
    counts, _ = take(engine, tmp_path, "email,name\nzoe@example.org,Z\nlea@example.org,L\nnew@example.org,N\n")
    assert (counts.opted_out, counts.suppressed, counts.updated) == (1, 1, 1)
    assert [(row[0], row[1], row[5]) for row in rows(engine)] == [
        ("lea@example.org", "L", "active"), ("zoe@example.org", None, "unsubscribed"),
    ]  # fmt: skip


def test_a_second_import_updates_what_it_says_and_keeps_the_rest(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,name,tier,language\na@example.org,Ada,paid,fr\nb@example.org,Bea,free,fr\n")
    counts, _ = take(engine, tmp_path, "email,name,tier\na@example.org,,\nb@example.org,Bea,paid\nc@example.org,,\n")
    assert (counts.unchanged, counts.updated, counts.added) == (1, 1, 1)
    assert rows(engine) == [
        ("a@example.org", "Ada", "paid", None, "fr", "active"),
        ("b@example.org", "Bea", "paid", None, "fr", "active"),
        ("c@example.org", None, "free", None, None, "active"),
    ]
    with engine.connect() as connection:
        assert len(connection.execute(select(consents.c.id)).all()) == 3


def test_a_dry_run_tells_the_same_and_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email\nzoe@example.org\n")
    before = rows(engine)
    path = tmp_path / "second.csv"
    path.write_text("email,name\nzoe@example.org,Zoé\nlea@example.org,Léa\nnobody,\n")
    told = import_list(engine, path, terms(), dry_run=True)
    assert rows(engine) == before
    assert told == import_list(engine, path, terms())
    assert rows(engine) != before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "first line"),
        (b"PK\x03\x04\x14\0\x06\0\x08", "not a CSV file"),
        (b"\x89PNG\r\n\x1a\n\0", "not a CSV file"),
        (b"%PDF-1.7\n%\xe2\xe3", "not a CSV file"),
        ("<html><table><tr><td>Email</td></tr></table></html>", "not a CSV file"),
        ("\ufeff\n <table><tr><td>Email</td></tr></table>", "not a CSV file"),
        ("MIME-Version: 1.0\n\n<td>zoe@example.org</td>\n", "not a CSV file"),
        ("BEGIN:VCARD\nEMAIL:zoe@example.org\nEND:VCARD\n", "not a CSV file"),
        ("zoe@example.org\n", "holds an address.*“email”"),
        ('"Zoé","zoe@example.org"\n', "write “name,email” above it"),
        ("a@example.org; b@example.org; c@example.org\n", "“email”.*one address a line"),
        ('"email;nom;désabonné"\n"a@example.org;A;"\n', "one cell in quotation marks"),
        ("Subscriber,Name\na@example.org,A\n", "it may be: --map email=Subscriber$"),
        ("Nom Prénom Courriel\nEx Zoé zoe@example.org\n", "--map email=...$"),
        ("Courriel^Nom\nzoe@example.org^Zoé\n", "--map email=...$"),
        ("Prénom;Ville\nZoé;Lyon\n", "no column holds the addresses.*Prénom, Ville"),
        ("email,e-mail\na@example.org,b@example.org\n", "several columns could be “email”: email, e-mail"),
        ('email,name\na@example.org,A\nb@example.org,"B\nc@example.org,C\n', ":3: a quotation mark opened here"),
        ("email\n" + 'a@example.org\n"' + "x\n" * 90_000, "never closed"),
        ("email\na@example.org\n".encode("utf-16")[:-1], "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_to_its_end_changes_nothing(
    engine: Engine, tmp_path: Path, content: str | bytes, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        take(engine, tmp_path, content)
    assert rows(engine) == []
    assert take(engine, tmp_path, "email\nzoe@example.org\n")[0].added == 1


@pytest.mark.parametrize("names", ["line,reason", "ligne,raison"])
def test_a_report_that_was_corrected_is_a_list_again(engine: Engine, tmp_path: Path, names: str) -> None:
    content = f"{names},email,status\n,read as,email,status\n2,“désabonné?” is not a status,zoe@example.org,active\n"
    counts, report = take(engine, tmp_path, content)
    assert (counts.read, counts.added, report) == (1, 1, [])


def test_columns_may_be_named_or_left_out_by_hand(engine: Engine, tmp_path: Path) -> None:
    content = "Contact;Plan;Depuis\nzoe@example.org;gold;05/03/2024\n"
    mapping = {"email": "contact", "tier": "", "subscribed_at": "Depuis"}
    assert take(engine, tmp_path, content, mapping=mapping)[0].added == 1
    with pytest.raises(Refused, match="no column “Mail”"):
        take(engine, tmp_path, content, mapping={"email": "Mail"})
    with pytest.raises(Refused, match="knows no “adresse”"):
        take(engine, tmp_path, content, mapping={"adresse": "Contact"})


def test_consent_needs_a_source(engine: Engine, tmp_path: Path) -> None:
    content = "email,source\nzoe@example.org,salon\nlea@example.org,\n"
    counts, report = take(engine, tmp_path, content, source=None)
    assert (counts.added, counts.refused) == (1, 1)
    assert "--source" in report[0][1]


def test_rows_of_another_publication_are_reported(engine: Engine, tmp_path: Path) -> None:
    counts, _ = take(engine, tmp_path, "email,publication\nzoe@example.org,samedi\nlea@example.org,vendredi\n")
    assert (counts.added, counts.refused) == (1, 1)


@pytest.mark.slow
def test_a_report_that_cannot_be_written_is_said_in_a_line(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("email\nzoe@example.org\n")
    with pytest.raises(OutsideWorld, match="report"):
        import_list(engine, path, terms(), report=tmp_path / "nowhere" / "report.csv")
    assert rows(engine) == []


def test_a_long_list_is_written_in_short_transactions(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And other writers get their turn while it is read. On PostgreSQL nobody would have to wait for a long one."""
    monkeypatch.setattr(importing, "SLICE", 100)
    sizes: list[int] = []
    write = merging.merge

    def count(*arguments: object) -> None:
        with engine.connect() as other:
            other.execution_options(reading=True)
            sizes.append(other.execute(text("SELECT count(*) FROM subscribers")).scalar_one())
        write(*arguments)  # type: ignore[arg-type] # reason: passed on as they came

    monkeypatch.setattr(importing, "merge", count)
    lines = "".join(f"reader{number}@example.org\n" for number in range(1000))
    counts, _ = take(engine, tmp_path, f"email\n{lines}")
    assert counts.added == len(rows(engine)) == 1000
    assert len(sizes) == (10 if engine.dialect.name == "sqlite" else 1)
    assert sizes == sorted(set(sizes))


def test_an_import_cut_short_is_completed_by_running_it_again(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "email\n" + "".join(f"reader{number}@example.org\n" for number in range(200))
    write = merging.merge
    calls = iter(range(9) if engine.dialect.name == "sqlite" else range(2, 9))  # the only one there

    def fail_at_the_third(*arguments: object) -> None:
        if next(calls) == 2:
            raise OutsideWorld("the disk is full")
        write(*arguments)  # type: ignore[arg-type] # reason: passed on as they came

    with monkeypatch.context() as patch:
        patch.setattr(importing, "SLICE", 40)
        patch.setattr(importing, "merge", fail_at_the_third)
        with pytest.raises(OutsideWorld):
            take(engine, tmp_path, lines)
    there = len(rows(engine))
    assert 0 < there < 200 or (engine.dialect.name == "postgresql" and there == 0)
    counts, _ = take(engine, tmp_path, lines)
    assert (counts.unchanged, counts.added) == (there, 200 - there)
    with engine.connect() as connection:
        assert len(connection.execute(select(consents.c.id)).all()) == 200


def test_two_imports_at_once_add_each_reader_once(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("email\n" + "".join(f"reader{number}@example.org\n" for number in range(500)))
    threads = [threading.Thread(target=import_list, args=(engine, path, terms())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows(engine)) == 500
    with engine.connect() as connection:
        assert len(connection.execute(select(consents.c.id)).all()) == 500


def test_an_active_reader_whom_the_list_says_left_leaves(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form")
    assert take(engine, tmp_path, "email;statut\nzoe@example.org;désabonnée\n")[0].left == 1
    assert [row[5] for row in rows(engine)] == ["unsubscribed"]


@pytest.mark.parametrize("until", ["9999-12-31", "9999-12-31T23:30:00Z"])
def test_a_date_at_the_end_of_the_calendar_refuses_its_row(engine: Engine, tmp_path: Path, until: str) -> None:
    counts, _ = take(engine, tmp_path, f"email,paid_until\nzoe@example.org,{until}\nlea@example.org,2026-12-31\n")
    assert (counts.refused, counts.added) == (1, 1)


def test_a_list_cut_short_while_it_was_imported_still_has_its_report(engine: Engine, tmp_path: Path) -> None:
    path, report = tmp_path / "cut.csv", tmp_path / "report.csv"
    path.write_text("email\nzoe@example.org\n")
    with engine.connect() as connection:
        staging_tables.create(connection)
        staging_tables.put(connection, [], [{"line": 3, "reason": "not an email address"}])
        write_report(connection, path, report, locate(["email"], {}))
    assert report.read_text("utf-8-sig").splitlines()[2] == "3,not an email address"
