"""Exports of CRMs, shops and senders, as they come: no reader who left is written to, every column is accounted for.

The files in ``exports/`` have the columns of real exports; ``asks.yaml`` beside them says what the import asks of each.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, select

from composer.database import connect
from composer.subscribers.csv_reader import open_csv
from composer.subscribers.importing import Counts, import_list
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.suppression import is_suppressed
from composer.subscribers.tables import subscribers
from tests.subscribers.support.csv_lists import rows, terms
from tests.support.address_keys import make_tables

FOLDER = Path(__file__).parent / "exports"
ASKS: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "asks.yaml").read_text(encoding="utf-8"))
FILES = sorted(ASKS)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """SQLite only: what is judged here is decided before the database."""
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    yield engine
    engine.dispose()


def questions(engine: Engine, path: Path) -> UnreadColumns | None:
    try:
        import_list(engine, path, terms())
    except UnreadColumns as asked:
        return asked
    return None


def answered(engine: Engine, path: Path, said: dict[str, Any], asked: UnreadColumns | None) -> Counts:
    """Import with the operator's answers, or the proposed ones where none is given."""
    mapping: dict[str, list[str]] = said.get("map", {})
    if not mapping:
        for one in asked.suspects if asked else ():
            if one.column and one.column not in said.get("ignore", ()):
                mapping = {**mapping, one.field: [*mapping.get(one.field, ()), one.column]}
    conditions = terms(bounced=said.get("bounced"))
    return import_list(engine, path, conditions, mapping=mapping, ignore=said.get("ignore", ()))


def names(path: Path) -> set[str]:
    """The names before the @ of all addresses of a file, where each is an address of example.org."""
    with open_csv(path) as sheet:
        cells = [cell for record in sheet.records for cell in record.cells]
    return {cell.removesuffix("@example.org") for cell in cells if cell.endswith("@example.org")}


def test_every_file_is_judged() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.csv")) == FILES
    assert len(FILES) >= 25


@pytest.mark.parametrize("name", FILES)
def test_no_reader_who_left_is_written_to(engine: Engine, name: str) -> None:
    path, said = FOLDER / name, ASKS[name]
    asked = questions(engine, path)
    suspects = asked.suspects if asked else ()
    assert [one.column or one.option for one in suspects] == said["asks"]
    assert rows(engine) == [] or asked is None
    counts = answered(engine, path, said, asked)
    active = {str(row[0]).removesuffix("@example.org") for row in rows(engine) if row[5] == "active"}
    assert active == {each for each in names(path) if each.startswith("stays")}
    assert counts.refused == 0
    with engine.connect() as connection:
        found = connection.execute(select(subscribers.c.email, subscribers.c.address_key)).all()
        closed = {row.email.split("@")[0] for row in found if is_suppressed(connection, row.address_key)}
    assert closed == {each for each in names(path) if each.startswith(("bounced", "complained"))}


@pytest.mark.parametrize("name", FILES)
def test_every_column_is_named_as_read_or_not_read(engine: Engine, name: str, tmp_path: Path) -> None:
    path, said = FOLDER / name, ASKS[name]
    counts = answered(engine, path, said, questions(engine, path))
    with open_csv(path) as sheet:
        header = [cell.strip() for cell in sheet.header]
    assert sorted([column for _field, column in counts.understood] + [*counts.ignored]) == sorted(header)


@pytest.mark.parametrize("name", FILES)
def test_the_proposed_line_lets_in_no_reader_who_left(engine: Engine, name: str) -> None:
    """Typed as it is proposed, without a thought. Where yes and no could mean either, nothing can be typed so."""
    path = FOLDER / name
    asked = questions(engine, path)
    suspects = asked.suspects if asked else ()
    mapping: dict[str, list[str]] = {}
    for one in suspects:
        if one.column:
            mapping.setdefault(one.field, []).append(one.column)
    undecided = mapping.pop("?", [])
    import_list(engine, path, terms(bounced="everywhere"), mapping=mapping, ignore=undecided)
    active = {str(row[0]) for row in rows(engine) if row[5] == "active"}
    assert {address for address in active if not address.startswith("stays")} == set()


def test_a_report_says_what_was_read_as_what(engine: Engine, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    import_list(engine, FOLDER / "salesforce-contacts.csv", terms(), report=report)
    with report.open(encoding="utf-8-sig", newline="") as file:
        header, read_as, *_rest = csv.reader(file)
    said = dict(zip(header, read_as, strict=True))
    assert (said["Email"], said["HasOptedOutOfEmail"], said["DoNotCall"]) == ("email", "opted_out", "not read")
