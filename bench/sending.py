"""One contender of ``bench.send``, as a process: ``python -m bench.sending KIND FOLDER PORT CONNECTIONS COUNT [URL]``.

``URL`` is the ledger's, the file in FOLDER where it is absent.

It says when it is ready, begins at the end of its standard input, and prints one line of JSON: seconds, and CPU seconds
(its own, from the beginning on).
"""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import sys
from pathlib import Path
from time import perf_counter

import aiosmtplib
import structlog

from composer.daemon.process import run_uvloop
from composer.database import connect
from composer.delivery.worker.worker import Worker
from tests.delivery.support.sample_newsroom import SECRET, newsroom


async def filigrane(folder: Path, port: int, connections: int, _count: int, url: str) -> None:
    """What ``filigrane worker`` does, until the mailing is done."""
    engine = connect(url, folder)
    signed = (folder / "dkim.pem").exists()
    room = newsroom(folder, port, dkim=signed, connections=connections, per_connection=500)
    await Worker(engine, room, SECRET, poll=0.02).run(asyncio.Event(), until_idle=True)


async def aiosmtplib_loop(folder: Path, port: int, connections: int, count: int, _url: str) -> None:
    """``sendmail`` of the same bytes, made beforehand; no ledger, no signature."""
    content = (folder / "message.eml").read_bytes()
    left = iter(range(count))

    async def connection() -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, local_hostname="bench.example")
        await client.connect()
        for number in left:
            await client.sendmail("lettre@example.org", [f"reader{number:05d}@example.org"], content)
        await client.quit()

    await asyncio.gather(*(connection() for _number in range(connections)))


def main(kind: str, folder: str, port: str, connections: str, count: str, url: str = "sqlite:///ledger.db") -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    contender = {"filigrane": filigrane, "aiosmtplib": aiosmtplib_loop}[kind]
    print("ready", flush=True)
    sys.stdin.read()
    before, begin = resource.getrusage(resource.RUSAGE_SELF), perf_counter()
    run_uvloop(contender(Path(folder), int(port), int(connections), int(count), url))
    after, spent = resource.getrusage(resource.RUSAGE_SELF), perf_counter() - begin
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    print(json.dumps({"seconds": spent, "cpu": cpu}))


if __name__ == "__main__":
    main(*sys.argv[1:])
