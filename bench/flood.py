"""Letters a second while strangers flood the readers' pages, beside the same flood against a server that is not ours.

    make bench-flood

``filigrane run`` sends on one core; its pages, the flood, the relay, nginx and the other server share the other one.
Each flood goes against the pages, against nginx in front of them (``deploy/nginx.conf``), and against a server that
only answers 404 and sends nothing, in turns; a figure is the median of the rounds, and a ratio is of two turns that
follow one another, so that what else the machine does slows both. During each flood of ours one reader leaves with one
click; the slowest answer is shown. ``FLOOD_ROUNDS``, ``FLOOD_SECONDS`` and ``FLOOD_READERS`` change the size. Nothing
here passes or fails.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import resource
import ssl
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from shutil import which
from statistics import median
from tempfile import TemporaryDirectory

import trustme
from sqlalchemy import Engine, func, select

from bench.relays import sink
from composer.delivery.control import pause, resume
from composer.delivery.tables import deliveries
from composer.newsroom import load_newsroom
from composer.subscribers import unsubscribe_token
from tests.delivery.support.sample_ledger import Reader, add_readers, engine, opened, seal
from tests.delivery.support.sample_newsroom import SECRET
from tests.support import nginx
from tests.support.address_keys import give_key
from tests.support.newsrooms import write_newsroom

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "bench" / "out" / "flood.json"
ROUNDS, SECONDS = int(os.environ.get("FLOOD_ROUNDS", "3")), float(os.environ.get("FLOOD_SECONDS", "2.5"))
HELD, AGAIN, FLOODING = 2000, 200, 60  #: connections held; opened anew a second; connections that ask
READERS = int(os.environ.get("FLOOD_READERS", "1100000"))  #: two cores send 5,000 letters a second
WORDS = "La digue tiendra, dit le port, et le marché couvert rouvre demain. " * 420
MAILING = 1
SENDER, OTHERS = 0, 1  #: cores
KINDS = {
    "silent": b"",
    "half heads": b"GET /u/x HT",
    "half bodies": b"POST /u/x HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\nList",
    "requests": b"GET /u/x HTTP/1.1\r\nHost: lettre.example.org\r\n\r\n",
}


async def attack(kind: str, port: int, tls: bool) -> None:
    """Open and hold connections, or ask on a few as fast as answers come."""
    context = ssl._create_unverified_context() if tls and kind != "silent" else None
    if kind == "requests":
        print("flooding", flush=True)
        await asyncio.gather(*(ask(port, context) for _ in range(FLOODING)))
    held: deque[asyncio.StreamWriter] = deque()

    async def hold() -> None:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            writer.write(KINDS[kind])
            held.append(writer)
            if len(held) > HELD:
                held.popleft().transport.abort()

    for _ in range(HELD // 50):
        await asyncio.gather(*(hold() for _ in range(50)))
    print("flooding", flush=True)
    while True:  # at this rate whatever the server does with them: the same flood for each
        await asyncio.gather(asyncio.sleep(10 / AGAIN), *(hold() for _ in range(10)))


async def ask(port: int, context: ssl.SSLContext | None) -> None:
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            while True:
                writer.write(KINDS["requests"])
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.01)


async def stranger() -> None:
    """A server that answers 404 to every head, and waits for it as long as it takes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = ["taskset", "-c", str(OTHERS), sys.executable, "-m", "bench.flood", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as started:
        try:
            yield started
        finally:
            started.kill()


@contextmanager
def sending(root: Path) -> Iterator[tuple[int, int]]:
    """``filigrane run`` on its core, its pages on the other; the port of the pages, and the sender's process."""
    log = root / "log"
    begin = [sys.executable, "-c", "from composer.cli import main; main()", "--newsroom", str(root)]
    options = ["run", "--port", "0", "--metrics", "off", "--log", "json"]
    with log.open("w") as told:
        daemon = subprocess.Popen(["taskset", "-c", str(SENDER), *begin, *options], stderr=told)
    try:
        while not (found := [line for line in log.read_text().splitlines() if '"pages"' in line]):
            assert daemon.poll() is None, log.read_text()
            time.sleep(0.2)
        pages = json.loads(found[0])
        for task in Path(f"/proc/{daemon.pid}/task").iterdir():
            prefer(int(task.name))
        for task in Path(f"/proc/{pages['process']}/task").iterdir():
            os.sched_setaffinity(int(task.name), {OTHERS})
        yield int(pages["port"]), daemon.pid
    finally:
        daemon.terminate()
        daemon.wait(60)


def prefer(process: int) -> None:
    """Where root measures: what else the machine does must not be what slows the sender, or the relay."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, process, -15)


def accepted(made: Engine) -> int:
    with made.connect() as connection:
        counted = select(func.count()).where(deliveries.c.state == "accepted")
        return int(connection.execute(counted).scalar_one())


def window(made: Engine, sender: int) -> tuple[float, float]:
    """Letters a second from now on, and letters a second of the sender's processor. In between nothing is sent."""
    resume(made, MAILING)
    time.sleep(1.5)
    spent, before, begin = processor(sender), accepted(made), time.perf_counter()
    time.sleep(SECONDS)
    letters, seconds, spent = accepted(made) - before, time.perf_counter() - begin, processor(sender) - spent
    if before + letters == READERS:
        sys.exit("every letter has left before the end: more FLOOD_READERS")
    pause(made, MAILING)
    return letters / seconds, letters / max(spent, 0.01)


def processor(process: int) -> float:
    """CPU seconds of one process, without its children."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def leave(port: int, number: int) -> float:
    """Seconds until a valid one-click post is answered."""
    begin = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", f"/u/{unsubscribe_token(number, SECRET)}", "List-Unsubscribe=One-Click")
    status = connection.getresponse().status
    connection.close()
    assert status == 200, status
    return time.perf_counter() - begin


def measured(made: Engine, sender: int, targets: dict[str, tuple[int, bool]]) -> dict[str, dict[str, float]]:
    """Kind of flood → letters a second without any, and during a flood of each target; ratios; the slowest answer."""
    rates: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    slowest: dict[str, float] = defaultdict(float)
    for _ in range(ROUNDS):
        for kind in KINDS:
            rates[kind]["no flood"].append(window(made, sender))
            for target, (port, tls) in targets.items():
                with process("attack", kind, str(port), str(int(tls))) as flood:
                    assert flood.stdout is not None
                    flood.stdout.readline()
                    time.sleep(1)
                    rates[kind][target].append(window(made, sender))
                    if target == "pages":
                        slowest[kind] = max(slowest[kind], leave(port, len(rates[kind]["pages"])))
                rate, by_processor = rates[kind][target][-1]
                print(f"{kind}, {target}: {rate:,.0f} letters/s, {by_processor:,.0f} a CPU second", flush=True)
                time.sleep(1)
    found = {}
    for kind, by in rates.items():
        row = {name: median(rate for rate, _ in values) for name, values in by.items()}
        for name in set(targets) - {"other server"}:
            pairs = list(zip(by[name], by["other server"], strict=True))
            row[f"{name} / other server"] = median(ours[0] / (other[0] or 1) for ours, other in pairs)
            row[f"the same by processor, {name}"] = median(ours[1] / (other[1] or 1) for ours, other in pairs)
        found[kind] = row | {"slowest one-click, s": slowest[kind]}
    return found


def main() -> None:
    os.sched_setaffinity(0, {OTHERS})
    with TemporaryDirectory() as folder, ExitStack() as meanwhile:
        relay = meanwhile.enter_context(sink())
        for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
            prefer(int(child))
        relays = [{"host": "127.0.0.1", "port": relay, "security": "none", "connections": 16}]
        root = write_newsroom(Path(folder) / "room", relays=relays, database="sqlite:///ledger.db", alerts=[])
        (root / "var").mkdir()
        (root / "var" / "secret.key").write_bytes(SECRET.hex().encode())
        give_key(root)
        made = engine(root)
        add_readers(made, [Reader(f"reader{number:06d}@example.org") for number in range(READERS)])
        assert opened(made, load_newsroom(root), seal(words=WORDS)) == MAILING
        pause(made, MAILING)
        pages, sender = meanwhile.enter_context(sending(root))
        other = meanwhile.enter_context(process("stranger"))
        assert other.stdout is not None
        targets = {"pages": (pages, False), "other server": (int(other.stdout.readline()), False)}
        if which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
            front = meanwhile.enter_context(nginx.proxying(Path(folder) / "nginx", pages, trustme.CA()))
            targets["nginx"] = (front, True)
        time.sleep(5)
        found = measured(made, sender, targets)
        made.dispose()
    for kind, row in found.items():
        print(kind, flush=True)
        for name, value in row.items():
            print(f"  {name:<40}{value:>10,.2f}", flush=True)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    match sys.argv[1:]:
        case ["attack", kind, port, tls]:
            asyncio.run(attack(kind, int(port), tls == "1"))
        case ["stranger"]:
            asyncio.run(stranger())
        case _:
            main()
