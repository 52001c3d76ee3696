"""From ten thousand readers to a million: importing them, enqueuing a mailing, sending it. What grows, and how.

    make bench-scale                                     SQLite on this disk
    .venv/bin/python -m bench.scale --postgres           PostgreSQL, a server of its own on this disk (fsync on)
    .venv/bin/python -m bench.scale --readers 10000      only so many; --no-send without the sending

Each step is a process of its own, so that its memory is its own. The messages are of some 5 KB, unsigned, on sixteen
connections to Postfix's smtp-sink on loopback. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine, func, select

from composer.daemon.process import run_uvloop
from composer.database import connect, read_only
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.delivery.worker.worker import Worker
from composer.subscribers.csv_row import Terms
from composer.subscribers.importing import import_list
from tests.delivery.support.sample_ledger import opened, seal
from tests.delivery.support.sample_newsroom import SECRET, newsroom
from tests.support.address_keys import give_key, open_database, upgrade
from tests.support.postgres import serving

OUT = Path(__file__).resolve().parent / "out" / "scale.json"
SIZES = (10_000, 100_000, 1_000_000)
CONNECTIONS = 16
WORDS = "La digue tiendra, dit le port, et le marché couvert rouvre demain. " * 32
DOMAINS = [*["orange.example", "libre.example", "postale.example", "courriel.example"] * 200]
DOMAINS += [f"domaine-{number}.example" for number in range(2_000)]


def write_list(path: Path, readers: int) -> None:
    """A list as a newsroom has it: four large mailbox providers, and many small domains."""
    chance = random.Random(readers)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["email", "name", "tier", "language", "subscribed_at", "source"])
        for number in range(readers):
            address = f"lectrice.{number}@{chance.choice(DOMAINS)}"
            day = f"2024-{number % 12 + 1:02d}-{number % 28 + 1:02d} 09:00"
            rows.writerow([address, f"Lectrice n° {number}", "free" if number % 3 else "paid", "fr", day, "formulaire"])


@contextmanager
def sink() -> Iterator[int]:
    """The relay, and its port."""
    program = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise SystemExit("smtp-sink is not installed: apt install postfix")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([program, *user, f"127.0.0.1:{port}", "100"]) as process:
        try:
            while True:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port
        finally:
            process.kill()


# -- the steps, each in a process of its own --------------------------------------------------------------------------


def import_step(engine: Engine, root: Path) -> None:
    terms = Terms("vendredi", "formulaire", None, ZoneInfo("Europe/Paris"), datetime.now(UTC))
    import_list(engine, root / "list.csv", terms)


def enqueue_step(engine: Engine, root: Path) -> None:
    assert opened(engine, newsroom(root), seal(words=WORDS)) is not None


def send_step(engine: Engine, root: Path, port: int) -> None:
    """Prints the rate of each tenth, and the processor's milliseconds a message in it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with read_only(engine).connect() as connection:
        low, high = connection.execute(select(func.min(deliveries.c.id), func.max(deliveries.c.id))).one()
    readers, passed = high - low + 1, [clocks()]
    ended = threading.Event()

    def watch() -> None:
        """When each tenth was claimed: claims go in the order of the rows, a second ahead."""
        waiting = select(deliveries.c.id).where(deliveries.c.state == State.QUEUED, deliveries.c.mailing_id == 1)
        while not ended.wait(0.05):
            with read_only(engine).connect() as connection:
                done = (connection.execute(waiting.limit(1)).scalar() or high + 1) - low
            if done >= readers * len(passed) / 10 and len(passed) < 10:
                passed.append(clocks())

    watching = threading.Thread(target=watch)
    watching.start()
    room = newsroom(root, port, connections=CONNECTIONS, per_connection=500)
    run_uvloop(Worker(engine, room, SECRET, poll=0.05).run(asyncio.Event(), until_idle=True))
    passed.append(clocks())
    ended.set()
    watching.join()
    assert outcomes(engine, 1) == {"accepted": readers}, outcomes(engine, 1)
    assert len(passed) == 11, "too few readers to tell the tenths apart"
    found = {}
    for number, (since, until) in enumerate(pairwise(passed), 1):
        found[f"per_second_tenth_{number}"] = readers / 10 / (until[0] - since[0])
        found[f"cpu_ms_tenth_{number}"] = 1000 * (until[1] - since[1]) / (readers / 10)
    print(json.dumps(found))


def clocks() -> tuple[float, float]:
    """Seconds by the clock, and of this process's processor time, which its neighbours on a machine change less."""
    return time.perf_counter(), time.process_time()


STEPS = {"import": import_step, "enqueue": enqueue_step, "send": send_step}


def step(name: str, url: str, root: Path, *more: int) -> tuple[float, float, float, str]:
    """Seconds, CPU seconds, peak memory in MB, and what it printed."""
    command = [sys.executable, "-m", "bench.scale", "--step", name, url, str(root), *map(str, more)]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} failed")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, printed


def measure(readers: int, *, postgres: bool, send: bool) -> dict[str, float]:
    with ExitStack() as stack:
        root = Path(stack.enter_context(TemporaryDirectory(prefix="filigrane-scale-")))
        url = "sqlite:///ledger.db"
        if postgres:
            url = stack.enter_context(serving(durable=True)).new_database()
        else:
            upgrade(connect(url, root, create=True))
        give_key(root)
        write_list(root / "list.csv", readers)
        figures: dict[str, float] = {}
        for name in ("import", "enqueue"):
            seconds, cpu, memory, _printed = step(name, url, root)
            figures |= {f"{name}_s": seconds, f"{name}_cpu_s": cpu, f"peak_mb_{name}": memory}
        if send:
            port = stack.enter_context(sink())
            seconds, cpu, memory, printed = step("send", url, root, port)
            figures |= {"send_s": seconds, "send_cpu_s": cpu, "peak_mb_send": memory, "per_second": readers / seconds}
            figures |= (tenths := json.loads(printed))
            figures["last_to_first"] = tenths["per_second_tenth_10"] / tenths["per_second_tenth_1"]
        return {name: round(value, 2) for name, value in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--readers", type=int, action="append")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--no-send", action="store_true")
    parser.add_argument("--step", nargs="+")
    given = parser.parse_args()
    if given.step:
        name, url, root, *more = given.step
        engine = open_database(url, Path(root))
        STEPS[name](engine, Path(root), *map(int, more))  # type: ignore[operator] # reason: only sending has a port
        engine.dispose()
        return
    found: dict[int, dict[str, float]] = {}
    for readers in given.readers or SIZES:
        found[readers] = measure(readers, postgres=given.postgres, send=not given.no_send)
        print(f"{readers} readers: {found[readers]}", file=sys.stderr)
    names = list(next(iter(found.values())))
    print(f"{'readers':<24}" + "".join(f"{readers:>14}" for readers in found))
    for name in names:
        print(f"{name:<24}" + "".join(f"{figures[name]:>14}" for figures in found.values()))
    out = OUT.with_name("scale-postgres.json") if given.postgres else OUT
    out.parent.mkdir(parents=True, exist_ok=True)
    flat = {f"{name}_{readers}": figures[name] for readers, figures in found.items() for name in names}
    out.write_text(json.dumps(flat, indent=2) + "\n", encoding="utf-8")
    print(f"→ {out.relative_to(Path.cwd()) if out.is_relative_to(Path.cwd()) else out}")


if __name__ == "__main__":
    main()
