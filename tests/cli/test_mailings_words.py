"""What ``mailings`` says beside its table: no worker, no mailing, an order in the wrong place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, update

from composer.cli import filigrane
from composer.database import db_now
from composer.delivery.tables import deliveries, workers
from composer.errors import WrongUsage
from composer.locale import use
from composer.newsroom import load_newsroom
from tests.delivery.support.sample_ledger import Reader, add_readers, opened, seal
from tests.support.address_keys import open_database
from tests.support.newsrooms import write_newsroom


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    use("en")
    write_newsroom(tmp_path)
    open_database("sqlite:///var/filigrane.db", tmp_path, create=True).dispose()
    return tmp_path


def typed(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(filigrane, ["--newsroom", str(folder), "mailings", *words])


@pytest.mark.parametrize(("heard", "moves"), [(None, False), (40.0, False), (5.0, True)])
def test_a_mailing_that_nobody_sends_does_not_look_alive(folder: Path, heard: float | None, moves: bool) -> None:
    """kill -9 of the sender: the rate of its last minute is still in the ledger."""
    engine = open_database("sqlite:///var/filigrane.db", folder)
    add_readers(engine, [Reader(f"reader{number}@example.org") for number in range(3)])
    opened(engine, load_newsroom(folder), seal())
    with engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == 1).values(state="accepted"))
        if heard is not None:
            connection.execute(insert(workers).values(host="ici", pid=1, heartbeat_at=db_now(-heard)))
    engine.dispose()
    said = typed(folder).output
    assert bool(re.search(r"\d a minute", said)) is moves
    assert ("no worker is alive" in said) is not moves


def test_without_a_mailing_it_says_so(folder: Path) -> None:
    assert "there is no mailing yet" in typed(folder).output


def test_an_order_behind_its_number_is_told_its_place(folder: Path) -> None:
    refused = typed(folder, "2", "pause").exception
    assert isinstance(refused, WrongUsage)
    assert "filigrane mailings pause 2" in str(refused)
