"""A mailing that two workers sent: anne and elsa were accepted, boris, chloe and denis are in doubt, felix waits.

``logs/`` has what the relay wrote meanwhile: it kept boris's letter too, never saw chloe's, and lost denis's half-way.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, select, update

from composer.database import connect, read_only
from composer.delivery.tables import deliveries, mailings, workers
from composer.locale import use
from composer.message.verp import return_path
from composer.newsroom import Newsroom, load_newsroom
from composer.returns.reconcile import weigh
from composer.returns.relay_logs.letters import FoundLetters
from composer.returns.relay_logs.read import read_logs
from tests.delivery.support.sample_ledger import Reader, add_readers, opened, seal
from tests.delivery.support.sample_newsroom import SECRET, newsroom
from tests.support.address_keys import keyed, make_tables, open_database
from tests.support.newsrooms import write_newsroom

NAMES = ("anne", "boris", "chloe", "denis", "elsa", "felix")
LOGS = Path(__file__).parent / "logs"


def at(second: str) -> datetime:
    """07:``second`` in Paris on the day of the letter."""
    return datetime.fromisoformat(f"2026-11-27T06:{second}+00:00").astimezone(UTC)


def tokens(mailing: int = 1, secret: bytes = SECRET) -> dict[str, str]:
    """The left side of each reader's return path and Message-ID."""
    return {name: return_path(number, mailing, secret) for number, name in enumerate(NAMES, 1)}


def log_text(name: str) -> str:
    return (LOGS / name).read_text().format(**tokens())


def fill(engine: Engine, room: Newsroom) -> None:
    """Open that mailing, and bring it to where it stands."""
    add_readers(engine, [Reader(f"{name}@example.org") for name in NAMES])
    assert opened(engine, room, seal()) == 1
    with engine.begin() as connection:
        connection.execute(update(mailings).values(opened_at=at("00:00")))
        for number, started in ((1, "00:00"), (2, "00:03")):
            row = {"id": number, "host": "h", "pid": 1, "connections": {"127.0.0.1:1": 2}}
            times = {"started_at": at(started), "heartbeat_at": at("00:40"), "stopped_at": at("00:40")}
            connection.execute(insert(workers).values(**row, **times))
        for name, values in {
            "anne": {"state": "accepted", "worker_id": 1, "changed_at": at("00:02"), "reply_code": 250},
            "boris": {"state": "in_doubt", "worker_id": 2, "changed_at": at("00:40")},
            "chloe": {"state": "in_doubt", "worker_id": 2, "changed_at": at("00:40")},
            "denis": {"state": "in_doubt", "worker_id": 2, "changed_at": at("00:40")},
            "elsa": {"state": "accepted", "worker_id": 2, "changed_at": at("00:45"), "reply_code": 250},
        }.items():
            connection.execute(update(deliveries).where(deliveries.c.email == f"{name}@example.org").values(values))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The newsroom of that mailing."""
    use("en")
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    write_newsroom(tmp_path)
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    fill(engine, load_newsroom(tmp_path))
    engine.dispose()
    return tmp_path


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    """The ledger of that mailing."""
    engine = open_database("sqlite:///var/filigrane.db", folder)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def kept_ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The same ledger, for tests that change nothing in it."""
    root = tmp_path_factory.mktemp("ledger")
    engine = keyed(connect(f"sqlite:///{root}/ledger.db", root, create=True))
    make_tables(engine)
    fill(engine, newsroom(root))
    yield engine
    engine.dispose()


def logs_read(*logs: str | bytes) -> FoundLetters:
    """What is found in ``logs``."""
    files = [(str(number), BytesIO(log.encode() if isinstance(log, str) else log)) for number, log in enumerate(logs)]
    return read_logs(files, (SECRET,), ZoneInfo("Europe/Paris"), at("00:00"))


def weighed(engine: Engine, *logs: str | bytes) -> dict[str, str]:
    """What ``logs`` prove of each reader in doubt: kept, safe, or why nothing."""
    found = logs_read(*logs)
    evidence = weigh(engine, 1, found, (), ())
    found.close()
    proven = {**dict.fromkeys(evidence.kept, "kept"), **dict.fromkeys(evidence.safe, "safe")}
    proven |= {number: str(missing.why) for number, missing in evidence.unproven}
    return {NAMES[number - 1]: what for number, what in proven.items()}


def row_of(engine: Engine, name: str) -> dict[str, object]:
    """A reader's delivery."""
    with read_only(engine).connect() as connection:
        found = connection.execute(select(deliveries).where(deliveries.c.email == f"{name}@example.org")).one()
    return dict(found._mapping)
