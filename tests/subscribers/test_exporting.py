"""What is exported is imported back as it was; no cell is a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from composer.database import connect
from composer.subscribers import find_person, forget, read_address, suppress, unsubscribe
from composer.subscribers.exporting import Chosen, export_list
from composer.subscribers.questions import UnreadColumns
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import key_of, make_tables, open_database

CELL = st.text(max_size=12) | st.sampled_from(["=1+1", "'=x", "''+y", "-", "@a", " é ", '"', "a\nb", "\t", "\ufffd"])
EMAIL = st.sampled_from(["a@example.org", "+b@example.org", "-c@example.org", "'=d@example.org", "é@example.org", "no"])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(written=st.lists(st.tuples(EMAIL | CELL, CELL, st.sampled_from(["free", "paid", "", "gold"])), max_size=8))
def test_any_row_is_imported_exactly_or_reported(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    engine = connect("sqlite:///x.db", folder, create=True)
    make_tables(engine)
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(["email", "name", "tier"])
    writer.writerows(written)
    try:
        counts, report = take(engine, folder, sheet.getvalue().encode("utf-8", "replace"))
    except UnreadColumns:  # tiers as where cells were merged
        engine.dispose()
        reject()
    blank = sum(not any(row) for row in written)
    assert counts.read == len(written) - blank == counts.added + len(report)
    assert len(rows(engine)) == counts.added
    for email, name, tier, *_ in rows(engine):
        assert any(
            str(email).casefold() == _bare(row[0]).casefold()
            and name == (_bare(row[1]) or None)
            and tier == (row[2] or "free")
            for row in written
        )
    first, second = io.StringIO(), io.StringIO()
    export_list(engine, first, Chosen("vendredi"))
    assert not any(
        cell[:1] in tuple("=+-@\t\r\n") and cell for row in csv.reader(first.getvalue().splitlines()) for cell in row
    )
    other = open_database("sqlite:///y.db", folder, create=True)
    assert take(other, folder, first.getvalue(), source=None)[0].added == counts.added
    export_list(other, second, Chosen("vendredi"))
    assert sorted(csv.reader(first.getvalue().splitlines())) == sorted(csv.reader(second.getvalue().splitlines()))
    engine.dispose()
    other.dispose()


def _bare(cell: str) -> str:
    """What a spreadsheet's own guard against formulas was put around, spelt out apart from the code."""
    kept = cell.lstrip("'")
    guarded = cell.startswith("'") and kept[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and kept
    return (cell[1:] if guarded else cell).strip()


def test_an_export_says_who_left_and_keeps_it_through_an_import(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,name\na@example.org,Ada\nb@example.org,Bea\nc@example.org,Cléo\nd@example.org,D\n")
    with engine.begin() as connection:
        for name in ("b", "d"):
            person = find_person(connection, read_address(f"{name}@example.org"))
            assert person is not None
            unsubscribe(connection, person.subscriptions[0].id, "page")
        suppress(connection, key_of("c@example.org"), "complaint")
        forget(connection, read_address("d@example.org"))
    out = io.StringIO()
    assert export_list(engine, out) == 3
    assert {row["email"][0]: row["status"] for row in csv.DictReader(out.getvalue().splitlines())} == {
        "a": "active",
        "b": "unsubscribed",
        "c": "suppressed",
    }
    assert export_list(engine, io.StringIO(), Chosen(status="suppressed")) == 1
    other = open_database("sqlite:///other.db", tmp_path, create=True)
    counts, _ = take(other, tmp_path, out.getvalue())
    assert (counts.added, counts.left, counts.banned) == (1, 1, 1)
    other.dispose()
