"""Kill workers at 200 random instants while the relay refuses, hangs up and stalls, and count what it got.

    make soak

On SQLite with one worker and on PostgreSQL with three, 50,000 readers each. Fails where one reader was accepted twice,
lost, or is neither accepted, in doubt nor refused for good; or where there are more doubts than each kill's connections
and the relay's own withheld replies explain. ``SOAK_READERS``, ``SOAK_KILLS`` and ``SOAK_SEED`` change the size and the
course.
"""

from __future__ import annotations

import json
import os
import random
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.delivery.support.kill_run import Report, soak
from tests.support import databases, postgres

OUT = Path(__file__).resolve().parent / "out" / "soak.json"
READERS, KILLS = int(os.environ.get("SOAK_READERS", "50000")), int(os.environ.get("SOAK_KILLS", "200"))
SENDERS = {"sqlite": 1, "postgresql": 3}


def soaked(engine: str, seed: int) -> Report:
    with TemporaryDirectory() as folder, ExitStack() as meanwhile:
        server = meanwhile.enter_context(postgres.serving(durable=True)) if engine == "postgresql" else None
        meanwhile.enter_context(databases.on(server))
        return soak(Path(folder), READERS, KILLS, SENDERS[engine], seed)


def main() -> None:
    seed = int(os.environ.get("SOAK_SEED", random.randrange(2**32)))  # reason: keeps no secret
    reports = {}
    for engine in SENDERS:
        reports[engine] = soaked(engine, seed)
        print(f"{engine}, {SENDERS[engine]} at once:", flush=True)
        for name, number in asdict(reports[engine]).items():
            print(f"  {name:<12}{number:>12,}", flush=True)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({name: asdict(report) for name, report in reports.items()}, indent=2) + "\n", "utf-8")
    if not all(report.holds for report in reports.values()):
        sys.exit("somebody got it twice, or not at all, or nobody knows: see above")


if __name__ == "__main__":
    main()
