"""Letters read online, a second: our pages beside a bare Starlette application that answers the same bytes.

    make bench-doors

Each server runs on one core, what asks on the other, over connections that are kept. They take turns, and a ratio is of
two turns that follow one another, so that what else the machine does slows both; in brackets the same by the server's
processor time, which other work on the machine changes less. nginx answers what ``filigrane archive build`` wrote,
where it is installed. ``DOORS_ROUNDS`` and ``DOORS_SECONDS`` change the size. Nothing here passes or fails.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.processor import processor
from composer.archive.building import build_site
from composer.archive.site import SITE
from composer.daemon.process import run_uvloop
from composer.newsroom import load_newsroom
from composer.public import app, listen, serve_on
from composer.subscribers import token_reader
from tests.archive.support.sample_archive import NOW, SECRET, sample_archive, weeks
from tests.support.address_keys import open_database
from tests.support.newsrooms import FRIDAY, ISSUE

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "bench" / "out" / "doors.json"
ROUNDS, SECONDS = int(os.environ.get("DOORS_ROUNDS", "5")), float(os.environ.get("DOORS_SECONDS", "2"))
CONNECTIONS = 16
SERVER, CLIENT = "0", "1"  #: cores
PATH = f"/a/vendredi/{FRIDAY}/"
PARAGRAPH = "La digue tiendra, dit le port, et le marché couvert rouvre demain sous la halle. " * 6


def made(root: Path) -> None:
    """A newsroom with a letter of some length on the web, and the one after it."""
    archive = sample_archive(root)
    long = ISSUE.replace(
        "le port respire.", f"le port respire.\n\n        {f'{chr(10)}{chr(10)}        '.join([PARAGRAPH] * 40)}"
    )
    for date in weeks(2):
        archive.send(date, long)
    archive.look()
    build_site(archive.newsroom, archive.engine, root / "built", NOW)
    archive.engine.dispose()


def ours(root: Path) -> None:
    """The pages as their process serves them, but for its limits."""
    newsroom = load_newsroom(root)
    engine = open_database("sqlite:///var/filigrane.db", root)
    with listen("127.0.0.1", 0) as listener:
        print(listener.getsockname()[1], flush=True)
        pages = app(engine, newsroom, token_reader(SECRET))
        run_uvloop(serve_on(listener, pages, asyncio.Event(), lambda _address: None))


def bare(root: Path) -> None:
    content = (root / SITE / PATH.strip("/") / "index.html").read_bytes()

    async def page(request: Request) -> Response:
        return Response(content, media_type="text/html")

    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(Starlette(routes=[Route(PATH, page)]), log_level="error", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


def asking(port: int, seconds: float) -> None:
    """Ask on every connection as fast as it is answered; print how many answers came."""

    async def ask(ends: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answers = 0
        while time.monotonic() < ends:
            writer.write(f"GET {PATH} HTTP/1.1\r\nHost: lettre.example.org\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 200"), head
            await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
            answers += 1
            if b"connection: close" in head:  # nginx ends a connection after a thousand (keepalive_requests)
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return answers

    async def all_of_them() -> int:
        ends = time.monotonic() + seconds
        return sum(await asyncio.gather(*(ask(ends) for _ in range(CONNECTIONS))))

    print(asyncio.run(all_of_them()), flush=True)


@contextmanager
def server(kind: str, root: Path) -> Iterator[tuple[int, int]]:
    """Port and process of a server, on its core."""
    command = ["taskset", "-c", SERVER, sys.executable, "-m", "bench.doors", kind, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as started:
        assert started.stdout is not None
        try:
            yield int(started.stdout.readline()), started.pid
        finally:
            started.kill()


@contextmanager
def nginx(root: Path) -> Iterator[tuple[int, int]]:
    """nginx, in front of the files that were built."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    temporary = "".join(
        f"{name}_temp_path {root}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (root / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {root}/pid; error_log {root}/nginx.log; events {{}} http {{ {temporary}"
        f"access_log off; types {{ text/html html; }} server {{ listen 127.0.0.1:{port}; root {root}/built; }} }}"
    )
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None
    with subprocess.Popen(["taskset", "-c", SERVER, program, "-c", str(root / "nginx.conf")]) as started:
        try:
            for _ in range(100):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            yield port, started.pid
        finally:
            started.kill()


def turn(port: int, pid: int, seconds: float = SECONDS) -> tuple[float, float]:
    """Answers a second, and answers a second of the server's processor."""
    before = processor(pid)
    command = ["taskset", "-c", CLIENT, sys.executable, "-m", "bench.doors", "asking", str(port), str(seconds)]
    answers = int(subprocess.check_output(command, text=True, cwd=ROOT))
    return answers / seconds, answers / max(processor(pid) - before, 0.01)


def main() -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder) / "newsroom"
        made(root)
        size = (root / SITE / PATH.strip("/") / "index.html").stat().st_size
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        with server("bare", root) as beside, server("ours", root) as pages:
            for port, pid in (beside, pages):
                turn(port, pid, 0.5)  # what is imported and read at the first request
            for _ in range(ROUNDS):
                found["bare"].append(turn(*beside))
                found["ours"].append(turn(*pages))
        if shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"):
            with nginx(root) as static:
                found["nginx"].append(turn(*static))
    print(f"a letter's page of {size:,} bytes, answers a second (a second of the server's processor)")
    for name, turns in found.items():
        print(f"  {name:6} {median(each[0] for each in turns):8,.0f} ({median(each[1] for each in turns):,.0f})")
    pairs = list(zip(found["ours"], found["bare"], strict=True))
    ratios = [median(mine[kind] / theirs[kind] for mine, theirs in pairs) for kind in (0, 1)]
    print(f"  ours beside bare: {ratios[0]:.2f} ({ratios[1]:.2f})")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"bytes": size, "turns": found, "ratios": ratios}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["ours", root]:
            ours(Path(root))
        case ["bare", root]:
            bare(Path(root))
        case ["asking", port, seconds]:
            asking(int(port), float(seconds))
        case _:
            main()
