"""A worker as a process of its own: ``python -m tests.delivery.sender FOLDER PORT CONNECTIONS DATABASE [stay]``.

It says when it is ready, begins at the end of its standard input, and sends until nothing is left, or with ``stay`` for
as long as it lives. SIGTERM stops it as an operator would.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from composer.database import connect
from composer.delivery import Worker
from tests.delivery.rooms import SECRET, newsroom


async def main(folder: Path, port: int, connections: int, database: str, stay: bool) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    engine = connect(database, folder)
    worker = Worker(engine, newsroom(folder, port, connections=connections), SECRET, poll=0.1)
    print("ready", flush=True)
    sys.stdin.read()
    await worker.run(stop, until_idle=not stay)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    asyncio.run(main(Path(arguments[0]), int(arguments[1]), int(arguments[2]), arguments[3], "stay" in arguments[4:]))
