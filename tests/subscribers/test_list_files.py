"""A file that a command names: an earlier one of its kind is replaced, anything else is kept, no link is followed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.database import connect
from composer.errors import Refused
from composer.subscribers.exporting import HEADER, export_list, is_export
from composer.subscribers.importing import import_list
from composer.subscribers.list_files import replacing
from tests.subscribers.support.csv_lists import rows, terms
from tests.support.address_keys import make_tables


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    return engine


def write(path: Path, engine: Engine) -> None:
    with replacing(path, is_export) as file:
        export_list(engine, file)


def test_an_earlier_export_and_an_empty_file_are_replaced(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    for before in (None, "", "\ufeffemail,publication,status,subscribed_at,source\r\na@example.org,x,active,,\r\n"):
        if before is not None:
            path.write_text(before, encoding="utf-8")
            path.chmod(0o644)
        write(path, engine)
        assert path.read_text(encoding="utf-8-sig").startswith(",".join(HEADER))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.glob(".out*")] == []


@pytest.mark.parametrize("content", ["email;nom\na@example.org;A\n", "email,name\n", "\0\1\2", "root:x:0:0\n", "\n"])
def test_another_file_is_kept(engine: Engine, tmp_path: Path, content: str) -> None:
    path = tmp_path / "my list.csv"
    path.write_text(content)
    with pytest.raises(Refused, match=r"rm -- '.*my list\.csv'"):
        write(path, engine)
    assert path.read_text() == content


def test_no_link_is_followed_and_no_device_written(engine: Engine, tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    for there in (False, True):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        if there:
            write(target, engine)
        with pytest.raises(Refused, match="link"):
            write(link, engine)
        assert target.exists() == there
    with pytest.raises(Refused, match="no file"):
        write(Path("/dev/null"), engine)


def test_what_fails_halfway_leaves_the_earlier_file(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write(path, engine)
    before = path.read_bytes()
    with pytest.raises(UnicodeError), replacing(path, is_export) as file:
        file.write("half".encode("utf-16").decode("utf-8"))
    assert (path.read_bytes(), [one.name for one in tmp_path.glob(".out*")]) == (before, [])


def test_a_report_takes_the_place_of_a_report_only(engine: Engine, tmp_path: Path) -> None:
    """Looked at before the import: what cannot have its report is not imported."""
    path, report = tmp_path / "list.csv", tmp_path / "report.csv"
    path.write_text("email\na@example.org\nb\n")
    report.write_text("line,reason\n2,mine\n")
    with pytest.raises(Refused, match="no earlier file"):
        import_list(engine, path, terms(), report=report)
    assert rows(engine) == []
    report.unlink()
    for _again in range(2):
        import_list(engine, path, terms(), report=report)
    assert len(report.read_text("utf-8-sig").splitlines()) == 3
