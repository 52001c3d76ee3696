"""A list is imported while letters leave: no worker is taken for dead, and letters go on leaving."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from composer import clock
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.tables import workers
from composer.schedule.tick import tick
from composer.subscribers.importing import SLICE
from composer.subscribers.tables import subscriptions
from tests.daemon.support.daemon_process import Start, events, logs, wait_for
from tests.daemon.test_database_taken import MANY, letters, more_readers
from tests.schedule.support.sample_hour import SECRET, Hour

pytestmark = pytest.mark.slow

#: Three transactions: an import that is interrupted in its last one is complete.
ROWS = 2 * SLICE + 1


@pytest.fixture
def sending(hour: Hour) -> Hour:
    with hour.engine.begin() as connection:
        more_readers(connection)
    tick(clock.now(), hour.newsroom, hour.engine, SECRET)
    hour.relay.slow = 0.15
    return hour


def people(hour: Hour) -> int:
    with hour.engine.begin() as connection:
        return counted(connection)


def counted(connection: Connection) -> int:
    return connection.execute(select(func.count()).where(subscriptions.c.publication == "samedi")).scalar_one()


def listed(tmp_path: Path) -> Path:
    file = tmp_path / "list.csv"
    file.write_text("email\n" + "".join(f"abonne{number}@example.org\n" for number in range(ROWS)))
    return file


def importing(tmp_path: Path) -> list[str]:
    return ["subscribers", "import", str(listed(tmp_path)), "--publication", "samedi", "--source", "paper"]


def test_letters_leave_meanwhile_and_each_once(sending: Hour, start: Start, tmp_path: Path) -> None:
    worker = start(sending.root, "worker", "--log", "json", "--metrics", "off")
    wait_for(lambda: len(letters(sending)) >= 10, "the first letters")
    before = people(sending), len(letters(sending))
    done = start(
        sending.root, "subscribers", "import", str(listed(tmp_path)), "--publication", "samedi", "--source", "x"
    )
    assert done.wait(180) == 0
    assert len(letters(sending)) > before[1]
    assert people(sending) == before[0] + ROWS
    wait_for(lambda: outcomes(sending.engine, 1) == {"accepted": MANY}, "every outcome")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    assert set(letters(sending).values()) == {1}
    assert "worker-was-taken-for-dead" not in events(tmp_path)
    with sending.engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(workers)).scalar_one() == 1


def test_an_import_cut_short_says_what_it_kept_and_the_same_command_completes_it(
    hour: Hour, start: Start, tmp_path: Path
) -> None:
    command = importing(tmp_path)
    before = people(hour)
    cut = start(hour.root, *command)

    def cut_once_begun() -> bool:
        """Interrupt the import while it cannot go on: this transaction has the database's write lock."""
        with hour.engine.begin() as connection:
            begun = counted(connection) > before
            if begun:
                cut.send_signal(signal.SIGINT)
            return begun

    wait_for(cut_once_begun, "the first transaction")
    assert cut.wait(180) == 1
    kept = people(hour) - before
    assert 0 < kept < ROWS
    told = re.search(rf"(\d+) rows of {ROWS} are imported", logs(tmp_path, 0))
    assert told is not None
    assert 0 < int(told[1]) <= kept
    again = start(hour.root, *command, "--json")
    assert again.wait(180) == 0
    assert people(hour) == before + ROWS
