"""Asking a large ledger: the memory of `deliveries` and `mailings`, and how long `forget` keeps writers waiting.

    make bench-rows                                      a mailing of 1,000,000; 500 mailings of 10,000
    .venv/bin/python -m bench.rows --rows 100000         a smaller mailing, 0: none; --mailings N: less to forget in

On SQLite, on this disk. Each command is a process of its own, `filigrane` as it is installed; its peak memory is the
kernel's. The lock is measured inside of the process that forgets, from before BEGIN IMMEDIATE until after COMMIT.
Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect

from bench.peak import Peak
from composer.cli import main as filigrane
from composer.subscribers.address import read_address
from tests.support.address_keys import key_of, open_database
from tests.support.newsrooms import write_newsroom

OUT = Path(__file__).resolve().parent / "out" / "rows.json"
URL = "sqlite:///var/filigrane.db"

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
_READERS = (
    _NUMBERS + "INSERT INTO subscribers (id, email, address_key, created_at) "
    "SELECT i, 'lectrice.' || i || '@example.org', printf('%064x', i), '2026-11-27 06:00:00.000000' FROM n",
    _NUMBERS + "INSERT INTO subscriptions (id, subscriber_id, publication, status, tier, created_at) "
    "SELECT i, i, 'vendredi', 'active', 'free', '2026-11-27 06:00:00.000000' FROM n",
)
_MAILING = (
    "INSERT INTO mailings (id, publication, date, slug, subject, seal, state, dated, return_domain, opened_at, "
    "secret_fingerprint) VALUES ({id}, 'vendredi', '2026-11-27', 'n{id}', 'La digue tiendra', 'x', 'done', "
    "'2026-11-27 06:00:00.000000', 'example.org', '2026-11-27 06:00:00.000000', 'x')",
    "INSERT INTO mailing_editions (id, mailing_id, audience, language, seal, template) "
    "VALUES ({id}, {id}, 'free', 'fr', 'x', x'')",
    "INSERT INTO deliveries (mailing_id, edition_id, subscriber_id, subscription_id, email, state, attempt, "
    "changed_at, reply_code, reply_status, reply_text) SELECT {id}, {id}, id, id, email, 'accepted', 1, "
    "'2026-11-27 06:00:00.000000', 250, '2.0.0', 'Ok: queued as 4f1G2h3J4kzXXXX' FROM subscribers ORDER BY id",
)


def make(root: Path, readers: int, mailings: int) -> str:
    """A newsroom with so many accepted deliveries; the address of its one reader whose key is true."""
    address = read_address(f"lectrice.{readers // 2}@example.org")
    write_newsroom(root)
    engine = open_database(URL, root, create=True)
    with engine.begin() as connection:
        for statement in _READERS:
            connection.exec_driver_sql(statement.format(rows=readers))
        true = "UPDATE subscribers SET address_key = ? WHERE id = ?"
        connection.exec_driver_sql(true, (key_of(address.email), readers // 2))
    for number in range(1, mailings + 1):
        with engine.begin() as connection:
            for statement in _MAILING:
                connection.exec_driver_sql(statement.format(id=number))
    engine.dispose()
    return address.email


def memory(root: Path, *words: str) -> tuple[float, float]:
    """Peak MB and seconds of one command; what it prints is thrown away."""
    begun = time.perf_counter()
    command = [str(Path(sys.executable).with_name("filigrane")), "--newsroom", str(root), *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as ran:
        peak = Peak(ran.pid)
    if ran.returncode:
        raise SystemExit(f"{' '.join(words)} failed")
    return peak.megabytes(), time.perf_counter() - begun


def ask(readers: int) -> dict[str, float]:
    """Each command's peak memory, on one mailing."""
    found: dict[str, float] = {}
    with TemporaryDirectory(prefix="filigrane-rows-") as folder:
        root = Path(folder)
        address = make(root, readers, 1)
        engine = open_database(URL, root)
        with engine.begin() as connection:
            doubt = "UPDATE deliveries SET state = 'in_doubt' WHERE subscriber_id = ?"
            connection.exec_driver_sql(doubt, (readers // 3,))
        engine.dispose()
        for words in (
            ("version",),
            ("deliveries", "1"),
            ("deliveries", "1", "--json"),
            ("deliveries", "1", "--state", "accepted", "--json"),
            ("deliveries", "1", "--in-doubt"),
            ("deliveries", "1", "--email", address),
            ("deliveries", "1", "--assume-accepted", "--yes"),
            ("mailings",),
            ("mailings", "1"),
            ("mailings", "1", "--json"),
        ):
            megabytes, seconds = memory(root, *words)
            name = " ".join(words).replace(address, "A")
            print(f"{name:<44}{megabytes:>8.0f} MB{seconds:>8.1f} s", flush=True)
            found[f"mb {name}"] = round(megabytes, 1)
            found[f"s {name}"] = round(seconds, 1)
    return found


def forget(readers: int, mailings: int) -> dict[str, float]:
    """How long the write lock is held, at a time, while one reader of every mailing is forgotten."""
    with TemporaryDirectory(prefix="filigrane-rows-") as folder:
        root = Path(folder)
        address = make(root, readers, mailings)
        command = [sys.executable, "-m", "bench.rows", "--locks", str(root), "subscribers", "forget", address, "--yes"]
        ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    held: list[tuple[float, float]] = json.loads(ran.stdout)
    clock, processor = (max(times) for times in zip(*held, strict=True))
    name = f"forget, {readers * mailings:,} rows: the write lock {len(held)} times"
    print(f"{name}, at most {clock:.1f} ms at a time ({processor:.1f} ms of processor)")
    print("  each: " + " ".join(f"{one:.1f}" for one, _processor in held))
    return {"lock_times": len(held), "lock_longest_ms": round(clock, 1), "lock_longest_cpu_ms": round(processor, 1)}


def locked(held: list[tuple[float, float]]) -> None:
    """From now on every write transaction of this process leaves its milliseconds in ``held``, by the clock and of
    processor: on a busy machine the first are others' too.

    Listeners of all engines are called before an engine's own, so that waiting for the lock is counted, too.
    """
    began: dict[int, tuple[float, float]] = {}
    commit = DefaultDialect.do_commit

    @event.listens_for(Engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("reading", False):
            began[id(connection.connection.dbapi_connection)] = time.perf_counter(), time.thread_time()

    def do_commit(self: DefaultDialect, connection: object) -> None:
        commit(self, connection)  # type: ignore[no-untyped-call] # reason: the dialect's method has no types
        driver = getattr(connection, "dbapi_connection", connection)
        if (since := began.pop(id(driver), None)) is not None:
            clock, processor = since
            held.append((1000 * (time.perf_counter() - clock), 1000 * (time.thread_time() - processor)))

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign] # reason: the end of COMMIT has no event


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--mailings", type=int, default=500)
    parser.add_argument("--readers", type=int, default=10_000)
    given = parser.parse_args()
    found = ask(given.rows) if given.rows else {}
    found |= forget(given.readers, given.mailings)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--locks"]:
        held: list[tuple[float, float]] = []
        locked(held)
        try:
            filigrane(["--newsroom", *sys.argv[2:]])
        finally:
            print(json.dumps(held))
    else:
        main()
