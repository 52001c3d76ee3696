"""A column of days of consent that is blank for most readers, who may never have asked: the operator says."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.database import connect
from composer.subscribers.questions import UnreadColumns
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import make_tables

MOSTLY = "email,{}\na@example.org,2024-01-02\nb@example.org,\nc@example.org,\n"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    return engine


def active(engine: Engine) -> list[str]:
    return [str(row[0]).split("@")[0] for row in rows(engine) if row[5] == "active"]


@pytest.mark.parametrize("name", ["optin_time", "Inscrit le", "Date d'inscription", "signup_date", "subscribed_at"])
def test_mostly_blank_is_asked_with_its_count(engine: Engine, tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadColumns, match="2 of 3 cells are blank"):
        take(engine, tmp_path, MOSTLY.format(name))
    assert rows(engine) == []


def test_both_answers(engine: Engine, tmp_path: Path) -> None:
    content = MOSTLY.format("optin_time")
    counts, _ = take(engine, tmp_path, content, mapping={"opted_in": "optin_time", "subscribed_at": "optin_time"})
    assert (active(engine), counts.unproven) == (["a"], 2)
    corrected = (tmp_path / "report.csv").read_text("utf-8-sig").replace("c@example.org,", "c@example.org,2024-05-06")
    take(engine, tmp_path, corrected, name="corrected.csv")
    assert active(engine) == ["a", "c"]
    counts, _ = take(engine, tmp_path, content, mapping={"subscribed_at": "optin_time"})
    assert (active(engine), dict(counts.remarks)["undated"]) == (["a", "b", "c"], 2)


@pytest.mark.parametrize(
    "content",
    [
        "email,optin_time\na@example.org,2024-01-02\nb@example.org,\n",  # as many days
        MOSTLY.format("created_at"),  # of the record
        MOSTLY.format("optin_time").replace("2024-01-02", ""),  # no day at all
        "email,optin_time,status\na@example.org,2024-01-02,active\nb@example.org,,active\nc@example.org,,active\n",
    ],
)
def test_what_is_no_such_column_is_not_asked(engine: Engine, tmp_path: Path, content: str) -> None:
    counts, _ = take(engine, tmp_path, content)
    blanks = content.count(",\n") + content.count(",,")
    assert (counts.added, dict(counts.remarks)["undated"]) == (content.count("@"), blanks)
    assert take(engine, tmp_path, MOSTLY.format("optin_time"), state=None, ignore=["optin_time"])[0].refused == 0


def test_the_second_of_two_columns_of_days_is_looked_at(engine: Engine, tmp_path: Path) -> None:
    content = "email,date added,optin_time\na@example.org,2020-01-01,2024-01-02\n"
    content += "b@example.org,2020-01-01,\nc@example.org,2020-01-01,\n"
    with pytest.raises(UnreadColumns, match="optin_time"):
        take(engine, tmp_path, content)
