"""A backup restored: real processes, a real relay, and nobody gets a second copy without a person's decision."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from composer import clock
from composer.backup import back_up
from composer.delivery.control import resume
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.ledger.place import copied
from composer.delivery.ledger.rollback import of_a_copy
from composer.delivery.tables import workers
from composer.newsroom.environment import database_url
from composer.schedule.occurrences import occurrences_of
from composer.schedule.tick import tick
from composer.subscribers.tables import subscribers, subscriptions
from tests.daemon.support.daemon_process import Start, wait_for
from tests.schedule.support.sample_hour import READERS, SECRET, Hour
from tests.support import program
from tests.support.address_keys import open_database

MORE = 35


def filigrane(root: Path, *arguments: str) -> str:
    """Run a command to its end; what it says."""
    done = program.run("filigrane", "--newsroom", str(root), *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def letters(hour: Hour) -> Counter[str]:
    """How many letters each reader got; alerts are none."""
    got = [message for message in hour.relay.messages if not str(message["Subject"]).startswith("[Filigrane]")]
    return Counter(str(message["To"]) for message in got)


def alerts(hour: Hour) -> list[str]:
    return [subject for subject in hour.relay.subjects() if subject.startswith("[Filigrane]")]


def stopped(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


class Elsewhere:
    """The restored newsroom: its folder, its database, its daemon."""

    def __init__(self, hour: Hour, archive: Path, folder: Path, start: Start) -> None:
        self.said = filigrane(hour.root, "restore", str(archive), str(folder))
        (folder / "var").mkdir(exist_ok=True)
        shutil.copy(hour.root / "var" / "secret.key", folder / "var" / "secret.key")
        self.root = folder
        self.engine = open_database(database_url(hour.newsroom), folder, create=True)
        self.daemon = start(folder, "run", "--port", "0", "--log", "json")

    def worker_lives(self) -> bool:
        with self.engine.begin() as connection:
            living = select(func.count()).where(workers.c.stopped_at.is_(None))
            return bool(connection.execute(living.select_from(workers)).scalar_one())

    def beats(self) -> datetime | None:
        with self.engine.begin() as connection:
            heard: datetime | None = connection.execute(select(func.max(workers.c.heartbeat_at))).scalar_one()
            return heard


@pytest.mark.slow
def test_backed_up_in_mid_mailing_nobody_gets_a_second_copy(hour: Hour, start: Start, tmp_path: Path) -> None:
    with hour.engine.begin() as connection:
        for number in range(READERS, READERS + MORE):
            row = {"email": f"lectrice-{number}@lecteurs.example", "address_key": f"{number:064d}"}
            reader = connection.execute(insert(subscribers).values(row).returning(subscribers.c.id)).scalar_one()
            row2 = {"subscriber_id": reader, "publication": "vendredi", "status": "active", "tier": "free"}
            connection.execute(insert(subscriptions).values(row2))
    hour.relay.slow = 0.2
    daemon = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: len(letters(hour)) >= 8, "a part of the mailing")
    back_up(hour.newsroom, hour.engine, tmp_path / "save.zip", clock.now())
    assert len(letters(hour)) < READERS + MORE
    wait_for(lambda: outcomes(hour.engine, 1) == {"accepted": READERS + MORE}, "every outcome")
    stopped(daemon)

    elsewhere = Elsewhere(hour, tmp_path / "save.zip", tmp_path / "ailleurs", start)
    assert "Mailing 1 is paused" in elsewhere.said
    wait_for(elsewhere.worker_lives, "a worker that would send")
    begun = elsewhere.beats()
    wait_for(lambda: elsewhere.beats() != begun, "a while in which it would have sent")
    wait_for(lambda: alerts(hour), "the question")
    assert "restored" in hour.relay.last()
    assert "filigrane mailings resume 1" in hour.relay.last()
    assert outcomes(elsewhere.engine, 1)["queued"] > 0
    assert set(letters(hour).values()) == {1}
    log = tmp_path / "relay.log"  # the relay knows; of what the backup has as accepted too
    log.write_text("".join(f"{message['Message-ID']}\n" for message in hour.relay.messages if message["List-Id"]))
    filigrane(elsewhere.root, "deliveries", "1", "--assume-accepted", "--from", str(log), "--yes")
    resume(elsewhere.engine, 1)
    wait_for(lambda: outcomes(elsewhere.engine, 1) == {"accepted": READERS + MORE}, "the end of it")
    stopped(elsewhere.daemon)
    assert letters(hour) == {f"lectrice-{number}@lecteurs.example": 1 for number in range(READERS + MORE)}
    elsewhere.engine.dispose()


@pytest.mark.slow
def test_opened_and_sent_since_the_backup_it_asks_before_it_sends_again(
    hour: Hour, start: Start, tmp_path: Path
) -> None:
    filigrane(hour.root, "backup", str(tmp_path / "save.zip"))
    daemon = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: outcomes(hour.engine, 1) == {"accepted": READERS}, "every outcome")
    stopped(daemon)
    before = len(alerts(hour))

    elsewhere = Elsewhere(hour, tmp_path / "save.zip", tmp_path / "ailleurs", start)
    wait_for(lambda: len(alerts(hour)) > before, "the question")
    (issue,) = (elsewhere.root / "issues" / "vendredi").glob("*.yaml")
    assert f"filigrane skip vendredi/{issue.stem}" in hour.relay.last()
    with elsewhere.engine.begin() as connection:
        (row,) = occurrences_of(connection, "vendredi")
    assert (row.state, row.reason) == ("held", "restored")
    assert set(letters(hour).values()) == {1}
    filigrane(
        elsewhere.root, "send", f"vendredi/{issue.stem}", "--yes"
    )  # a person decides that they are to have it again
    wait_for(lambda: set(letters(hour).values()) == {2}, "the second copies that were asked for")
    ids = [str(message["Message-ID"]) for message in hour.relay.messages]
    assert len(set(ids)) == len(ids)  # no mailbox takes the second one for the first
    stopped(elsewhere.daemon)
    elsewhere.engine.dispose()


@pytest.mark.slow
def test_a_copied_newsroom_asks_before_it_sends_and_ends_where_another_version_changes_its_tables(
    hour: Hour, start: Start, tmp_path: Path
) -> None:
    """The one that was copied may be sending still: nothing of its own shows it."""
    tick(clock.now(), hour.newsroom, hour.engine, SECRET)
    with hour.engine.begin() as connection:
        assert not copied(connection)
    hour.engine.dispose()
    copy = Hour(Path(shutil.copytree(hour.root, tmp_path / "copy")), hour.relay)
    copy.engine = open_database(database_url(copy.newsroom), copy.root)
    daemon = start(copy.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: alerts(copy), "the question")
    assert "newsroom that was copied" in copy.relay.last()
    assert [(row.state, row.reason) for row in copy.mailings] == [("paused", of_a_copy())]
    with copy.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert daemon.wait(60) == 3
    assert "start it again, in the version that changed the database" in copy.relay.last()
    assert (len(alerts(copy)), letters(copy)) == (2, {})
    copy.engine.dispose()
