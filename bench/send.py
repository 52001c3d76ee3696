"""Messages a second to a loopback sink: Filigrane, every message in the ledger before its dot, beside a plain loop.

    make bench-send

The message is of some 60 KB, the connections are eight, the ledger is SQLite on this disk with synchronous=FULL. The
plain loop is aiosmtplib's ``sendmail`` of bytes made beforehand, without ledger or signature. Nothing here passes or
fails.
"""

from __future__ import annotations

import asyncio
import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import aiosmtplib
import structlog

from composer.delivery import Worker, outcomes
from composer.message.dkim import new_key
from tests.delivery.ledgers import Reader, add_readers, engine, opened, seal
from tests.delivery.rooms import SECRET, newsroom

OUT = Path(__file__).resolve().parent / "out" / "send.json"
MESSAGES, CONNECTIONS = 2_000, 8
WORDS = "La digue tiendra, dit le port, et le marché couvert rouvre demain. " * 420


@contextmanager
def sink() -> Iterator[int]:
    """The relay, in its own process; its port."""
    with subprocess.Popen([sys.executable, "-m", "bench.sink"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def filigrane(port: int, signed: bool) -> float:
    """Seconds from the first claim to the closed mailing."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "dkim.pem").write_bytes(new_key())
        made, room = engine(root), newsroom(root, port, dkim=signed, connections=CONNECTIONS, per_connection=500)
        add_readers(made, [Reader(f"reader{number:05d}@example.org") for number in range(MESSAGES)])
        mailing = opened(made, room, seal(words=WORDS))
        assert mailing is not None
        begin = perf_counter()
        await Worker(made, room, SECRET, poll=0.01).run(asyncio.Event(), until_idle=True)
        spent = perf_counter() - begin
        assert outcomes(made, mailing) == {"accepted": MESSAGES}
        made.dispose()
        return spent


async def plain(port: int) -> float:
    """The same number of messages of that size over as many connections, by ``sendmail`` alone."""
    content = (f"Subject: La digue\r\n\r\n{WORDS}\r\n" * 2).encode("ascii", "replace")
    left = iter(range(MESSAGES))

    async def connection() -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, local_hostname="bench.example")
        await client.connect()
        for number in left:
            await client.sendmail("lettre@example.org", [f"reader{number:05d}@example.org"], content)
        await client.quit()

    begin = perf_counter()
    await asyncio.gather(*(connection() for _number in range(CONNECTIONS)))
    return perf_counter() - begin


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with sink() as port:
        spent = {
            "aiosmtplib sendmail, no ledger": asyncio.run(plain(port)),
            "filigrane, unsigned": asyncio.run(filigrane(port, signed=False)),
            "filigrane, rsa-2048": asyncio.run(filigrane(port, signed=True)),
        }
    rates = {name: round(MESSAGES / seconds, 1) for name, seconds in spent.items()}
    for name, rate in rates.items():
        print(f"{name:<34}{rate:>10.1f} messages/s")
    report = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "messages": MESSAGES,
        "connections": CONNECTIONS,
        "per_second": rates,
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"→ {OUT.relative_to(Path.cwd()) if OUT.is_relative_to(Path.cwd()) else OUT}")


if __name__ == "__main__":
    main()
