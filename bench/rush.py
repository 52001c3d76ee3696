"""Readers who come all at once: 10,000 one-click posts, 200 of them at any moment; sign-ups at 1,000 a second.

    make bench-doors

``filigrane run`` as it is, its pages on one core, what asks on the other. The posts come over a new connection each, of
one network, as a large mailbox provider makes them; on SQLite, and on PostgreSQL where it is installed; beside them the
same against a bare Starlette application that reads the body and answers 200. The sign-ups come each from a network of
its own, which is the worst: only what holds for all together bounds them. Meanwhile the sender has its core for itself,
and its letters a second stand beside those during the same flood of a server that answers 429 and does nothing else, as
in ``bench.flood``. ``RUSH_CLICKS``, ``RUSH_SECONDS`` and ``RUSH_ROUNDS`` change the size. Nothing here passes or fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, func, select

from bench.flood import MAILING, OTHERS, SENDER, prefer, sending, window
from bench.flood import processor as own
from bench.processor import processor
from bench.relays import sink
from composer.database import read_only
from composer.delivery.control import pause
from composer.newsroom import load_newsroom
from composer.outbox.tables import outbox
from composer.public.form import door_form
from composer.subscribers import unsubscribe_token
from composer.subscribers.tables import requests, signups, subscriptions
from tests.delivery.support.sample_ledger import Reader, add_readers, engine, opened, seal
from tests.delivery.support.sample_newsroom import SECRET
from tests.support import databases, postgres
from tests.support.address_keys import give_key
from tests.support.doors import open_doors
from tests.support.newsrooms import write_newsroom

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "bench" / "out" / "rush.json"
CLICKS, ROUNDS = int(os.environ.get("RUSH_CLICKS", "10000")), int(os.environ.get("RUSH_ROUNDS", "3"))
SECONDS = float(os.environ.get("RUSH_SECONDS", "30"))
READERS = int(os.environ.get("RUSH_READERS", "600000"))  #: those of the mailing that is being sent
WORDS = "La digue tiendra, dit le port, et le marché couvert rouvre demain. " * 420


@contextmanager
def crowd(*arguments: str, core: int = OTHERS) -> Iterator[subprocess.Popen[str]]:
    command = ["taskset", "-c", str(core), sys.executable, "-m", "bench.crowd", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as started:
        try:
            yield started
        finally:
            started.kill()


def made(root: Path, readers: int, relay: int, proxy: str) -> Engine:
    """A newsroom whose Friday's letter may be joined, and who receives it."""
    relays = [{"host": "127.0.0.1", "port": relay, "security": "none", "connections": 16}]
    write_newsroom(root, relays=relays, alerts=[], join=True, database=databases.url(root), trusted_proxies=[proxy])
    open_doors(root, "vendredi")
    (root / "var").mkdir()
    (root / "var" / "secret.key").write_bytes(SECRET.hex().encode())
    give_key(root)
    room = engine(root)
    add_readers(room, [Reader(f"reader{number:06d}@example.org") for number in range(readers)])
    return room


def pages_of(root: Path) -> int:
    """The process of the pages."""
    told = (json.loads(line) for line in (root / "log").read_text().splitlines())
    return int(next(line for line in told if line["event"] == "pages")["process"])


def memory(process: int) -> float:
    """Megabytes in memory now."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def clicked(port: int, process: int, paths: list[str]) -> dict[str, object]:
    """What the clicks found: answers, posts a second (a second of the server's processor), and its milliseconds."""
    before = processor(process)
    with crowd("click", str(port), core=SENDER) as clicking:
        said, _ = clicking.communicate("\n".join(paths))
    found = json.loads(said)
    cut = quantiles(found["seconds"], n=100)
    return {
        "statuses": found["statuses"],
        "a second": len(paths) / found["spent"],
        "a CPU second": len(paths) / max(processor(process) - before, 0.01),
        "p50 ms": 1000 * cut[49],
        "p99 ms": 1000 * cut[98],
        "longest ms": 1000 * max(found["seconds"]),
    }


def clicks(folder: Path) -> dict[str, object]:
    """Every reader of a list leaves by one-click, at the pages of ``filigrane run``; then the bare application."""
    root = folder / "room"
    room = made(root, CLICKS, 1, "10.0.0.0/8")  # so that 127.0.0.1 is a network like any other
    with sending(root) as (port, _sender):
        found = clicked(port, pages_of(root), [f"/u/{unsubscribe_token(n + 1, SECRET)}" for n in range(CLICKS)])
        left = select(func.count()).where(subscriptions.c.unsubscribed_by == "one-click")
        with read_only(room).connect() as connection:
            found["recorded"] = connection.execute(left).scalar_one()
    room.dispose()
    return found


def bare_clicks() -> dict[str, object]:
    with crowd("bare") as beside:
        assert beside.stdout is not None
        return clicked(int(beside.stdout.readline()), beside.pid, [f"/u/{n:032d}" for n in range(CLICKS)])


@dataclass
class Flooded:
    """One flood of sign-ups: what was answered, what the sender did meanwhile, and memory at its begin and end."""

    statuses: dict[str, int]
    rates: list[tuple[float, float]]
    pages: list[float]
    sender: list[float]


def flooded(room: Engine, mark: str, port: int, sender: int, pages: int | None) -> Flooded:
    watched = [pages] if pages else []
    found = Flooded({}, [], [], [])
    with crowd("sign-up", str(port), str(SECONDS), mark) as flood:
        assert flood.stdout is not None
        flood.stdout.readline()
        begin = time.monotonic()
        time.sleep(1)
        while time.monotonic() - begin < SECONDS - 5:
            found.rates.append(window(room, sender))
            found.pages += [memory(each) for each in watched]
            found.sender.append(memory(sender))
        found.statuses = json.loads(flood.stdout.readline())
    return found


def share(mark: str, port: int, sender: int) -> float:
    """Of a core, what the sender's process takes for a flood of sign-ups while nothing is sent: less what it takes
    otherwise, after the burst of the beginning."""

    def taken() -> float:
        before, begin = own(sender), time.monotonic()
        time.sleep(10)
        return (own(sender) - before) / (time.monotonic() - begin)

    idle = taken()
    with crowd("sign-up", str(port), str(SECONDS), mark) as flood:
        assert flood.stdout is not None
        flood.stdout.readline()
        time.sleep(5)
        return taken() - idle


def floods(folder: Path, relay: int) -> dict[str, object]:
    """In turns: the flood of the pages, and that of a server which does nothing."""
    root = folder / "room"
    room = made(root, READERS, relay, "127.0.0.1")
    assert opened(room, load_newsroom(root), seal(words=WORDS)) == MAILING
    pause(room, MAILING)
    form = door_form(load_newsroom(root), "vendredi", None)
    assert form is not None
    ours, theirs = list[Flooded](), list[Flooded]()
    with ExitStack() as meanwhile:
        port, sender = meanwhile.enter_context(sending(root))
        other = meanwhile.enter_context(crowd("stranger"))
        assert other.stdout is not None
        beside = int(other.stdout.readline())
        pages = pages_of(root)
        time.sleep(5)
        of_core = share(form.mark, port, sender)
        for _ in range(ROUNDS):
            ours.append(flooded(room, form.mark, port, sender, pages))
            theirs.append(flooded(room, form.mark, beside, sender, None))
            print(ours[-1], theirs[-1], sep="\n", flush=True)
        assert pages_of(root) == pages, "the pages ended"
        with read_only(room).connect() as connection:
            rows = {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (requests, signups, outbox)
            }
    room.dispose()
    pairs = [
        (mine[0] / other[0], mine[1] / other[1])
        for mine, other in zip(*([each for one in many for each in one.rates] for many in (ours, theirs)), strict=False)
    ]
    return {
        "rows": rows,
        "of a core": of_core,
        "ratio": median(each[0] for each in pairs),
        "ratio by processor": median(each[1] for each in pairs),
        "pages MB": [each.pages for each in ours],
        "sender MB": [each.sender for each in ours],
        "statuses": [each.statuses for each in ours],
    }


def main() -> None:
    os.sched_setaffinity(0, {OTHERS})
    found: dict[str, object] = {}
    with TemporaryDirectory() as folder:
        found["one-click, SQLite"] = clicks(Path(folder))
    if any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        with TemporaryDirectory() as folder, postgres.serving(durable=True) as server, databases.on(server):
            found["one-click, PostgreSQL"] = clicks(Path(folder))
    found["one-click, bare"] = bare_clicks()
    for name, row in found.items():
        print(name, row, flush=True)
    with TemporaryDirectory() as folder, sink() as relay:
        for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
            prefer(int(child))
        found["sign-ups"] = floods(Path(folder), relay)
        print(found["sign-ups"])
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
