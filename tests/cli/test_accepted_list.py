"""deliveries --assume-accepted --from: what the relay's log knows settles a restored mailing."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from composer.cli import filigrane
from composer.database import read_only
from composer.delivery.control import pause
from composer.delivery.ledger import accepted_list
from composer.delivery.ledger.accepted_list import read_accepted
from composer.delivery.tables import deliveries
from composer.errors import Refused, WrongUsage
from composer.locale import use
from composer.message.verp import return_path
from composer.newsroom import load_newsroom
from tests.delivery.support.sample_ledger import Reader, add_readers, opened, seal, states
from tests.delivery.support.sample_newsroom import SECRET
from tests.support.address_keys import open_database
from tests.support.newsrooms import write_newsroom

READERS = [f"{name}@example.org" for name in ("anne", "boris", "chloe", "denis", "elsa")]
ANNE, BORIS, CHLOE, DENIS, ELSA = READERS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A paused mailing: to one in doubt, one accepted, one deferred and two that are queued."""
    use("en")
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    write_newsroom(tmp_path)
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    add_readers(engine, [Reader(email) for email in READERS])
    assert opened(engine, load_newsroom(tmp_path), seal()) == 1
    with engine.begin() as connection:
        for email, state in ((ANNE, "in_doubt"), (BORIS, "accepted"), (CHLOE, "deferred")):
            connection.execute(update(deliveries).where(deliveries.c.email == email).values(state=state))
    pause(engine, 1, "restored")
    engine.dispose()
    return tmp_path


def settle(folder: Path, lines: list[str], *more: str) -> Result:
    words = ["--newsroom", str(folder), "deliveries", "1", "--assume-accepted", "--from", "-", *more]
    return CliRunner().invoke(filigrane, words, input="\n".join(lines))


def now_in(folder: Path) -> dict[str, str]:
    engine = open_database("sqlite:///var/filigrane.db", folder)
    try:
        return states(engine)
    finally:
        engine.dispose()


def message_id(folder: Path, email: str, mailing: int = 1) -> str:
    engine = open_database("sqlite:///var/filigrane.db", folder)
    with read_only(engine).connect() as connection:
        reader = connection.execute(select(deliveries.c.subscriber_id).where(deliveries.c.email == email)).scalar_one()
    engine.dispose()
    return f"<{return_path(reader, mailing, SECRET)}@example.org>"


def test_message_ids_and_addresses_settle_what_is_in_doubt_and_what_waits(folder: Path) -> None:
    lines = [message_id(folder, ANNE), "", ANNE, BORIS, f"  {CHLOE.upper()} ", message_id(folder, DENIS).strip("<>")]
    asked = settle(folder, lines)
    assert isinstance(asked.exception, Refused)
    assert "3 readers whom the list names would count as served" in str(asked.exception)
    assert now_in(folder)[DENIS] == "queued"
    done = settle(folder, lines, "--yes")
    assert done.exit_code == 0
    assert "3 messages taken for accepted" in done.stdout
    assert "1 is accepted already" in done.stderr
    assert now_in(folder) == {**dict.fromkeys(READERS, "accepted"), ELSA: "queued"}


def test_lines_that_name_nothing_are_counted_and_the_first_are_shown(folder: Path) -> None:
    of_another = message_id(folder, ELSA, mailing=2)
    forged = message_id(folder, ELSA).replace("b-a", "b-b")
    strangers = [f"nobody{number}@example.org" for number in range(40)]
    done = settle(folder, [DENIS, "status=sent", of_another, forged, *strangers], "--yes")
    assert "43 lines name no delivery of mailing 1:" in done.stderr
    assert "  status=sent\n" in done.stderr
    assert "and 23 others" in done.stderr
    assert now_in(folder)[ELSA] == "queued"
    assert now_in(folder)[DENIS] == "accepted"


def test_where_the_mailing_runs_only_doubts_are_settled(folder: Path) -> None:
    typed = CliRunner().invoke(filigrane, ["--newsroom", str(folder), "mailings", "resume", "1"])
    assert typed.exit_code == 0
    done = settle(folder, [ANNE, DENIS], "--yes")
    assert "1 is still to be sent: stop the mailing first (filigrane mailings pause 1)" in done.stderr
    assert {email: now_in(folder)[email] for email in (ANNE, DENIS)} == {ANNE: "accepted", DENIS: "queued"}
    assert isinstance(settle(folder, [DENIS], "--yes").exception, Refused)


@pytest.mark.parametrize("more", [(ANNE,), ("--state", "queued"), ("--in-doubt",)])
def test_a_list_goes_with_nothing_else(folder: Path, more: tuple[str, ...]) -> None:
    assert isinstance(settle(folder, [ANNE], *more, "--yes").exception, WrongUsage)


def test_a_log_that_says_everything_often_takes_no_more_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_database("sqlite:///var/filigrane.db", folder)
    most = 0
    real = accepted_list._distinct

    def watched(found: dict[str, array[int]]) -> dict[str, array[int]]:
        nonlocal most
        most = max(most, sum(map(len, found.values())))
        return real(found)

    monkeypatch.setattr(accepted_list, "_distinct", watched)
    monkeypatch.setattr(accepted_list, "PAGE", 2)
    lines = (READERS[number % 5] for number in range(2_000))
    found = read_accepted(engine, 1, lines, (SECRET,))
    assert (len(found.ids), found.accepted) == (4, 1)
    assert most < 30
    engine.dispose()
