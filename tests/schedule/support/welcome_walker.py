"""A daemon's tick and worker as a process: ``python -m tests.schedule.support.welcome_walker FOLDER``.

Each line of its standard input is an instant: it ticks then, sends what waits, and says ``done``.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path

import structlog

from composer.database import open_database
from composer.delivery.worker.worker import Worker
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url
from composer.schedule.tick import tick
from tests.schedule.support.sample_hour import SECRET


def main(root: Path) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    newsroom = load_newsroom(root)
    engine = open_database(database_url(newsroom), root)
    print("ready", flush=True)
    for line in sys.stdin:
        tick(datetime.fromisoformat(line.strip()), newsroom, engine, SECRET)
        worker = Worker(engine, newsroom, SECRET, poll=0.1)
        asyncio.run(worker.run(asyncio.Event(), until_idle=True))
        print("done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
