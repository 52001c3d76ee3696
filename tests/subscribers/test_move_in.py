"""Moving in: each platform's exports become readers, and the equation closes at both ends, or it is an error."""

from __future__ import annotations

import csv
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, update

from composer.database import connect, db_now
from composer.errors import Refused
from composer.subscribers import importing, staging_tables
from composer.subscribers.csv_reader import Spreadsheet, open_csv
from composer.subscribers.equation import Equation
from composer.subscribers.merge import merge
from composer.subscribers.move_files import SaidOfFile, look_at
from composer.subscribers.move_in import Asked, Closing, Move, Unexplained, moving_in
from composer.subscribers.standing import Stance
from composer.subscribers.tables import consents, subscribers, subscriptions, suppressions
from tests.subscribers.support.csv_lists import rows, terms
from tests.subscribers.support.platform_exports import EXPORTS, MAILCHIMP, Export
from tests.support import databases
from tests.support.address_keys import keyed, make_tables, open_database


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once."""
    folder = tmp_path_factory.mktemp("model")
    engine = connect("sqlite:///x.db", folder, create=True)
    make_tables(engine)
    engine.dispose()
    return folder / "x.db"


@pytest.fixture
def engine(tmp_path: Path, model: Path) -> Iterator[Engine]:
    """SQLite; what PostgreSQL does otherwise is in ``on_both``."""
    shutil.copy(model, tmp_path / "x.db")
    engine = keyed(connect("sqlite:///x.db", tmp_path))
    yield engine
    engine.dispose()


@pytest.fixture
def on_both(each_engine: str, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(databases.url(tmp_path), tmp_path, create=True)
    yield engine
    engine.dispose()


def nothing(*_told: object) -> None:
    pass


@contextmanager
def moving(engine: Engine, paths: Sequence[Path], said: Sequence[SaidOfFile] = (), **more: Any) -> Iterator[Move]:
    files = look_at(paths, [None] * len(paths))
    with moving_in(engine, files, said or [SaidOfFile()] * len(paths), terms(**more), nothing) as move:
        yield move


def moved(engine: Engine, paths: Sequence[Path], said: Sequence[SaidOfFile] = (), **more: Any) -> tuple[Move, Closing]:
    with moving(engine, paths, said, **more) as move:
        return move, move.write(nothing)


def plain_list(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join((*lines, "")), encoding="utf-8")
    return path


def statuses(engine: Engine) -> dict[str, set[str]]:
    """Name before the @ without its number → what its readers are in the database."""
    with engine.connect() as connection:
        closed = set(connection.execute(select(suppressions.c.address_key)).scalars())
        people = connection.execute(
            select(subscribers.c.email, subscribers.c.address_key, subscriptions.c.status).join_from(
                subscribers, subscriptions
            )
        ).all()
    found: dict[str, set[str]] = {}
    for email, key, status in people:
        who = email.lower().split("@")[0].rstrip("0123456789")
        found.setdefault(who, set()).add("suppressed" if key in closed else status)
    return found


RIGHT = {
    "stays": {"active"},
    "paid": {"active"},
    "left": {"unsubscribed"},
    "bounced": {"suppressed"},
    "complained": {"suppressed"},
}


@pytest.mark.parametrize("export", EXPORTS, ids=lambda one: one.name)
def test_each_platform_is_recognised_and_closed_at_both_ends(on_both: Engine, tmp_path: Path, export: Export) -> None:
    move, closing = moved(on_both, export.write(tmp_path))
    assert {part.file.origin.name for part in move.parts if part.file.origin} == {export.name}
    assert all(export.because in part.file.origin.because for part in move.parts if part.file.origin)
    assert move.total == closing.total == export.equation
    assert (move.total.unexplained, closing.unexplained, closing.places) == (0, 0, ())
    assert (closing.before.readers, closing.after.readers) == (0, export.equation.readers)
    found = statuses(on_both)
    assert found == {who: right for who, right in RIGHT.items() if who in found}
    assert {"stays"} <= set(found)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda one: one.name)
@pytest.mark.parametrize("at", [1, -1])
def test_a_row_that_the_reader_drops_is_unexplained(
    engine: Engine, tmp_path: Path, export: Export, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, lost = export.write(tmp_path), []

    @contextmanager
    def dropping(path: Path, delimiter: str | None = None) -> Iterator[Spreadsheet]:
        with open_csv(path, delimiter) as sheet:
            records = list(sheet.records)
            if path == paths[0]:
                lost.append(records.pop(at).line)
            yield replace(sheet, records=iter(records))

    monkeypatch.setattr(importing, "open_csv", dropping)
    with pytest.raises(Unexplained, match="1 unexplained, from line") as told, moving(engine, paths):
        pass
    assert f"from line {lost[0]} on" in str(told.value)
    assert rows(engine) == []


def test_a_row_that_is_read_twice_is_unexplained_too(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = MAILCHIMP.write(tmp_path)

    @contextmanager
    def repeating(path: Path, delimiter: str | None = None) -> Iterator[Spreadsheet]:
        with open_csv(path, delimiter) as sheet:
            records = list(sheet.records)
            yield replace(sheet, records=iter([*records, replace(records[-1], line=records[-1].line + 1)]))

    monkeypatch.setattr(importing, "open_csv", repeating)
    with pytest.raises(Unexplained, match="-1 unexplained"), moving(engine, paths):
        pass
    assert rows(engine) == []


def test_a_row_that_is_lost_on_its_way_to_the_staging_is_unexplained(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = staging_tables.put
    monkeypatch.setattr(staging_tables, "put", lambda connection, good, *others: put(connection, good[1:], *others))
    with pytest.raises(Unexplained, match="from line 2 on"), moving(engine, EXPORTS[0].write(tmp_path)):
        pass
    assert rows(engine) == []


def spoiling(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Connection], object]) -> None:
    """After each transaction's statements, do ``spoil`` in the same transaction."""

    def spoilt(connection: Connection, *others: Any) -> None:
        merge(connection, *others)
        spoil(connection)

    monkeypatch.setattr(importing, "merge", spoilt)


def test_a_reader_whom_the_database_does_not_hold_is_unexplained(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(connection: Connection) -> None:
        one = connection.execute(
            select(subscriptions.c.id).join(subscribers).where(subscribers.c.email == "stays2@example.org")
        ).scalar_one()
        connection.execute(delete(consents).where(consents.c.subscription_id == one))
        connection.execute(delete(subscriptions).where(subscriptions.c.id == one))

    spoiling(monkeypatch, lose)
    _move, closing = moved(engine, EXPORTS[0].write(tmp_path))
    assert closing.places == ("email_list.lettre.csv:5",)
    assert closing.unexplained >= 1


def test_who_left_and_is_active_in_the_database_is_unexplained(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiling(monkeypatch, lambda connection: connection.execute(update(subscriptions).values(status="active")))
    _move, closing = moved(engine, EXPORTS[0].write(tmp_path))
    assert closing.places == ("email_list.lettre.csv:3",)
    assert closing.unexplained >= 1


def test_a_bounce_that_is_not_suppressed_is_unexplained(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiling(monkeypatch, lambda connection: connection.execute(delete(suppressions)))
    _move, closing = moved(engine, MAILCHIMP.write(tmp_path))
    assert closing.unexplained == 3


def test_a_reader_who_is_in_no_file_is_unexplained(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(connection: Connection) -> None:
        connection.execute(insert(subscribers).values(id=900, email="stranger@example.org", address_key="0" * 64))
        stranger = {"subscriber_id": 900, "publication": "vendredi", "status": "active", "tier": "free"}
        connection.execute(insert(subscriptions).values(stranger))

    spoiling(monkeypatch, add)
    _move, closing = moved(engine, EXPORTS[0].write(tmp_path))
    assert (closing.unexplained, closing.meanwhile, closing.places) == (1, 1, ())


def test_who_leaves_meanwhile_by_the_pages_is_explained(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(connection: Connection) -> None:
        one = select(subscribers.c.id).where(subscribers.c.email == "stays1@example.org").scalar_subquery()
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.subscriber_id == one)
            .values(status="unsubscribed", unsubscribed_at=db_now(), unsubscribed_by="one-click")
        )

    spoiling(monkeypatch, leave)
    _move, closing = moved(engine, EXPORTS[0].write(tmp_path))
    assert (closing.unexplained, closing.meanwhile) == (0, -1)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_in_whatever_order_the_files_are_given_leaving_wins(
    on_both: Engine, tmp_path: Path, order: tuple[int, ...]
) -> None:
    paths = MAILCHIMP.write(tmp_path)[:3]
    move, closing = moved(on_both, [paths[at] for at in order])
    assert move.total == closing.total == Equation(8, readers=2, left=2, bounced=2, complained=1, twice=1)
    assert statuses(on_both) == {
        "stays": {"active"},
        "left": {"unsubscribed"},
        "bounced": {"suppressed"},
        "complained": {"suppressed"},
    }


def test_a_refused_row_holds_its_address_in_every_file(engine: Engine, tmp_path: Path) -> None:
    first = plain_list(tmp_path, "all.csv", "email,status", "anne@example.org,active", "bea@example.org,active")
    second = plain_list(tmp_path, "more.csv", "email,status", "anne@example.org,gargled", "cleo@example.org,active")
    move, _closing = moved(engine, [first, second])
    assert move.total == Equation(4, readers=2, refused=2)
    assert [row[0] for row in rows(engine)] == ["bea@example.org", "cleo@example.org"]
    with moving(engine, [first, second]) as again:
        assert again.refused(5) == [
            ("all.csv:2", "line more.csv:2 of the same address was refused, and may say that this reader left"),
            ("more.csv:2", again.refused(5)[1][1]),
        ]
        assert "gargled" in again.refused(5)[1][1]


@pytest.mark.parametrize("export", EXPORTS, ids=lambda one: one.name)
def test_a_second_time_it_changes_nothing_and_says_the_same(engine: Engine, tmp_path: Path, export: Export) -> None:
    paths = export.write(tmp_path)
    first, _closing = moved(engine, paths)
    before = rows(engine)
    second, closing = moved(engine, paths)
    assert first.total == second.total == closing.total
    assert (closing.unexplained, closing.before.readers) == (0, closing.after.readers)
    assert rows(engine) == before


def test_who_reads_here_and_left_there_leaves(on_both: Engine, tmp_path: Path) -> None:
    moved(on_both, [plain_list(tmp_path, "here.csv", "email", "left1@example.org", "anne@example.org")])
    _move, closing = moved(
        on_both, [plain_list(tmp_path, "there.csv", "email,status", "left1@example.org,unsubscribed")]
    )
    assert (closing.before.readers, closing.after.readers, closing.meanwhile, closing.unexplained) == (2, 1, 0, 0)


def test_nothing_is_written_before_it_is_asked_for(engine: Engine, tmp_path: Path) -> None:
    with moving(engine, MAILCHIMP.write(tmp_path)) as move:
        assert move.total == MAILCHIMP.equation
    assert rows(engine) == []
    with engine.connect() as connection:
        assert connection.execute(select(suppressions)).all() == []


def test_the_rows_left_out_of_each_file_are_kept_with_their_own_lines(engine: Engine, tmp_path: Path) -> None:
    paths = MAILCHIMP.write(tmp_path)
    reports = [tmp_path / f"report-{path.stem}.csv" for path in paths]
    with moving(engine, paths) as move:
        move.write_reports(reports)
    found = {}
    for path, report in zip(paths, reports, strict=True):
        assert stat.S_IMODE(report.stat().st_mode) == 0o600
        with report.open(encoding="utf-8-sig", newline="") as file:
            found[path.name.split("_")[0]] = [row[:3] for row in list(csv.reader(file))[2:]]
    assert found["subscribed"] == [
        ["3", "the address of line unsubscribed_email_audience_export_1.csv:2 again", "Left1@Example.org"]
    ]
    assert found["nonsubscribed"] == [
        ["2", "no proof of consent: nothing is changed, no reader is added", "never1@example.org"]
    ]
    assert (found["unsubscribed"], found["cleaned"]) == ([], [])


def test_a_report_corrected_is_moved_in(engine: Engine, tmp_path: Path) -> None:
    path = plain_list(tmp_path, "list.csv", "email,status", "anne@example.org,active", "bea@example,active")
    report = tmp_path / "corrections.csv"
    with moving(engine, [path]) as move:
        move.write_reports([report])
        move.write(nothing)
    report.write_text(report.read_text("utf-8-sig").replace("bea@example", "bea@example.org"), "utf-8")
    move, closing = moved(engine, [report])
    assert move.total == Equation(1, readers=1)
    assert (closing.after.readers, closing.unexplained) == (2, 0)


def test_all_files_are_asked_about_at_once_and_by_their_numbers(engine: Engine, tmp_path: Path) -> None:
    first = plain_list(tmp_path, "list.csv", "email,Envoi de la lettre", "anne@example.org,oui", "bea@example.org,non")
    second = plain_list(tmp_path, "unsubscribed.csv", "email", "cleo@example.org")
    with pytest.raises(Asked) as asked, moving(engine, [first, second], source=None):
        pass
    said = str(asked.value)
    assert "--map '1:opted_in=Envoi de la lettre'" in said
    assert "--state 2:unsubscribed" in said
    assert asked.value.options[-1] == "--state 2:unsubscribed"
    assert rows(engine) == []
    answers = [SaidOfFile({"opted_in": ["Envoi de la lettre"]}), SaidOfFile(state=Stance.LEFT)]
    move, _closing = moved(engine, [first, second], answers)
    assert move.total == Equation(3, readers=1, left=2)


def test_a_source_is_asked_for_where_no_column_says_it(engine: Engine, tmp_path: Path) -> None:
    path = plain_list(tmp_path, "list.csv", "email", "anne@example.org")
    with pytest.raises(Asked, match="--source TEXT") as asked, moving(engine, [path], source=None):
        pass
    assert asked.value.options == ("--source ?",)
    assert rows(engine) == []


@pytest.mark.parametrize("size", [0, 1])
def test_a_file_of_names_of_columns_alone_is_no_row(engine: Engine, tmp_path: Path, size: int) -> None:
    path = plain_list(tmp_path, "list.csv", "email", *["anne@example.org"] * size)
    move, closing = moved(engine, [path])
    assert move.total == Equation(size, readers=size)
    assert closing.unexplained == 0


def test_an_empty_list_and_another_one(engine: Engine, tmp_path: Path) -> None:
    paths = [plain_list(tmp_path, f"{name}.csv", "email", *who) for name, who in (("a", ()), ("b", ["x@example.org"]))]
    move, _closing = moved(engine, [paths[0], paths[1]])
    assert [part.equation.rows for part in move.parts] == [0, 1]


def test_files_of_two_platforms_are_refused(tmp_path: Path) -> None:
    paths = [*EXPORTS[0].write(tmp_path), *EXPORTS[1].write(tmp_path)]
    with pytest.raises(Refused, match=r"Substack .*active_subscription.* of Ghost .*subscribed_to_emails"):
        look_at(paths, [None] * 2)


def test_a_file_of_no_platform_goes_with_one_of_a_platform(engine: Engine, tmp_path: Path) -> None:
    path = plain_list(tmp_path, "others.csv", "email,status", "left9@example.org,unsubscribed")
    move, _closing = moved(engine, [*EXPORTS[1].write(tmp_path), path])
    assert [part.file.origin is None for part in move.parts] == [False, True]


def test_an_export_of_money_is_refused(tmp_path: Path) -> None:
    header = "id,Description,Email,Name,Created (UTC),Delinquent,Plan,Status"
    path = plain_list(tmp_path, "customers.csv", header, "cus_1,,anne@example.org,,2024-01-01 10:00,false,,active")
    with pytest.raises(Refused, match=r"an export of Stripe .*says who pays"):
        look_at([path], [None])


def test_the_same_bytes_under_two_names_are_refused(tmp_path: Path) -> None:
    paths = [plain_list(tmp_path, f"{name}.csv", "email", "anne@example.org") for name in ("active", "unsubscribed")]
    with pytest.raises(Refused, match="are the same file"):
        look_at(paths, [None] * 2)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.touch()
    with pytest.raises(Refused, match=r"list\.csv is empty"):
        look_at([path], [None])


@pytest.mark.parametrize("export", [one for one in EXPORTS if one.name != "Mailman"], ids=lambda one: one.name)
def test_a_file_cut_in_the_middle_of_a_row_is_refused(engine: Engine, tmp_path: Path, export: Export) -> None:
    """Within the first cells of its last row, and within a cell in quotation marks."""
    path = export.write(tmp_path)[0]
    whole = path.read_bytes().rstrip(b"\r\n")
    last = whole.rindex(b"\n") + 1
    if b'"' in whole[last:]:
        last = whole[:last].rstrip().rindex(b"\n") + 1 if whole[last:].count(b'"') % 2 else last
    path.write_bytes(whole[: last + 3])
    with pytest.raises(Refused, match=r"middle of its last row|never closed|is read"), moving(engine, [path]):
        pass
    assert rows(engine) == []


def test_json_that_is_cut_is_refused(tmp_path: Path) -> None:
    export = next(one for one in EXPORTS if one.name == "Mailman")
    path = export.write(tmp_path)[0]
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Refused, match="this is not JSON"):
        look_at([path], [None])


def test_a_page_of_a_longer_list_is_told(engine: Engine, tmp_path: Path) -> None:
    export = next(one for one in EXPORTS if one.name == "Mailman")
    path = export.write(tmp_path)[0]
    path.write_text(path.read_text().replace('"total_size": 5', '"total_size": 12431'))
    with moving(engine, [path]) as move:
        assert ("part", 12431) in move.remarks
