"""A worker as a process of its own: ``python -m tests.delivery.support.sender_process FOLDER PORT CONNECTIONS
DATABASE [WORDS]``.

It says when it is ready, begins at the end of its standard input, and sends until nothing is left, or with ``stay`` for
as long as it lives; ``hasty`` waits 3 s for the reply to a dot. SIGTERM stops it as an operator would.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from composer.database import connect
from composer.delivery.smtp.session import Timeouts
from composer.delivery.worker.worker import Worker
from tests.delivery.support.sample_newsroom import SECRET, newsroom


async def main(folder: Path, port: int, connections: int, database: str, stay: bool, hasty: bool = False) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    engine = connect(database, folder)
    worker = Worker(
        engine,
        newsroom(folder, port, connections=connections),
        SECRET,
        poll=0.1,
        timeouts=Timeouts(dot=3) if hasty else None,
    )
    print("ready", flush=True)
    sys.stdin.read()
    await worker.run(stop, until_idle=not stay, leaving=stop)


if __name__ == "__main__":
    root, port, connections, database, *words = sys.argv[1:]
    asyncio.run(main(Path(root), int(port), int(connections), database, "stay" in words, "hasty" in words))
