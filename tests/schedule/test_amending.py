"""Amending as the operator does it: stop, mend, approve again, go on."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from composer.cli import filigrane
from composer.database import read_only
from composer.delivery.control import pause
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.tables import mailing_editions
from composer.errors import Refused
from composer.message import Template
from composer.schedule.amending import amend_now
from tests.schedule.support.sample_hour import READERS, SECRET, Hour


@pytest.fixture
def under_way(hour: Hour) -> Hour:
    hour.at("2026-11-27 07:00")
    assert hour.state() == ("mailed", None)
    return hour


def mend(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("respire", "respire enfin"), encoding="utf-8")


def texts(hour: Hour, version: int) -> list[bytes]:
    query = select(mailing_editions.c.template).where(mailing_editions.c.version == version)
    with read_only(hour.engine).connect() as connection:
        return [b"".join(Template.loads(blob).chunks) for blob in connection.execute(query).scalars()]


def test_it_stops_says_what_to_do_and_goes_on_with_what_was_approved_again(under_way: Hour) -> None:
    with pytest.raises(Refused) as first:
        amend_now(1, under_way.newsroom, under_way.engine, SECRET)
    for words in ("sends already", "issues/vendredi/2026-11-27.yaml", "mailings amend 1", "mailings resume 1"):
        assert words in str(first.value)
    assert under_way.mailings[0].state == "paused"
    mend(under_way.friday)
    with pytest.raises(Refused, match="changed after its approval"):
        amend_now(1, under_way.newsroom, under_way.engine, SECRET)
    under_way.approve(under_way.friday)
    assert amend_now(1, under_way.newsroom, under_way.engine, SECRET) == READERS
    assert under_way.mailings[0].state == "sending"
    assert outcomes(under_way.engine, 1) == {"queued": READERS}
    assert [b"enfin" in text for text in texts(under_way, 1)] == [False, False]
    assert [b"enfin" in text for text in texts(under_way, 2)] == [True, True]


@pytest.mark.slow
def test_the_command_says_how_many_get_the_corrected_edition(under_way: Hour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())

    def typed(*words: str) -> Result:
        return CliRunner().invoke(filigrane, ["--newsroom", str(under_way.root), "mailings", *words])

    pause(under_way.engine, 1)
    mend(under_way.friday)
    under_way.approve(under_way.friday)
    result = typed("amend", "1")
    assert result.exit_code == 0, result.exception
    assert f"{READERS} readers get the corrected edition" in result.stderr
    assert "edition 2" in typed("1").stdout
    assert "sends already" in str(typed("amend", "1").exception)
