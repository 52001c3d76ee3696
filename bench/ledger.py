"""What an outcome costs the ledger's one thread, by its kind: microseconds a row, on SQLite and on PostgreSQL.

    make bench-ledger

Batches of a hundred deliveries, claimed and marked, are settled as accepted, deferred (greylisting), rejected (a full
mailbox) and unknown (5.1.1, which suppresses the reader), in turn, so that whatever else the machine does slows all of
them. Timed is ``settle`` until the database has answered, without the commit, which is the same for all. A figure is
the median of the batches; what is aimed at is the ratio to accepted. Then what the worker's counter takes of a commit's
processor: groups of fifteen marks and fifteen outcomes, with it and without, in turn. Nothing here passes or fails.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Connection

from composer.database import one_trip
from composer.delivery.ledger import workers
from composer.delivery.ledger.claims import Settlement, claim, mark, settle
from composer.delivery.smtp.reply import Phase, Reply, Retry, judge
from composer.delivery.worker.beat import Beat
from tests.delivery.support.sample_ledger import ready
from tests.support import databases, postgres

OUT = Path(__file__).resolve().parent / "out" / "ledger.json"
BATCH, ROUNDS = 100, 25
GROUP, COMMITS = 15, 300  #: rows of one commit, and commits of each kind
RETRY = Retry()
OUTCOMES = {
    "accepted": judge(Phase.DOT, Reply(250, "2.0.0", "2.0.0 Ok: queued as 4F1B2C"), RETRY),
    "deferred": judge(Phase.RCPT, Reply(450, "4.2.0", "4.2.0 Greylisted, see http://postgrey.example/help"), RETRY),
    "rejected": judge(Phase.RCPT, Reply(552, "5.2.2", "5.2.2 Mailbox full"), RETRY),
    "unknown": judge(Phase.RCPT, Reply(550, "5.1.1", "5.1.1 User unknown"), RETRY),
}


def measured(engine: str) -> dict[str, float]:
    """Microseconds a row, by kind of outcome."""
    spent: dict[str, list[float]] = {kind: [] for kind in OUTCOMES}
    with ExitStack() as stack:
        root = Path(stack.enter_context(TemporaryDirectory(prefix="filigrane-ledger-")))
        server = stack.enter_context(postgres.serving(durable=True)) if engine == "postgresql" else None
        stack.enter_context(databases.on(server))
        ledger = ready(
            root, readers=[f"reader{number}@example.org" for number in range(BATCH * ROUNDS * len(OUTCOMES))]
        )
        stack.callback(ledger.engine.dispose)
        with ledger.engine.begin() as connection:
            worker = workers.join(connection)
        with ledger.engine.connect() as connection:  # one for all, as the ledger's thread has it
            for _round in range(ROUNDS):
                for kind, outcome in OUTCOMES.items():
                    with connection.begin():
                        workers.heartbeat(connection, worker)
                        claims = claim(connection, worker, BATCH)
                    with connection.begin():
                        assert all(mark(connection, claims)())
                    with connection.begin():
                        begin = perf_counter()
                        settle(connection, [Settlement(one, outcome) for one in claims])
                        spent[kind].append(1e6 * (perf_counter() - begin) / len(claims))
    return {kind: median(each) for kind, each in spent.items()}


def counted(engine: str) -> float:
    """Part of a commit's processor, in this process, that the counter takes: with its file and what is remembered."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(TemporaryDirectory(prefix="filigrane-ledger-")))
        server = stack.enter_context(postgres.serving(durable=True)) if engine == "postgresql" else None
        stack.enter_context(databases.on(server))
        ledger = ready(root, readers=[f"reader{number}@example.org" for number in range(2 * GROUP * COMMITS)])
        stack.callback(ledger.engine.dispose)
        beats = {True: Beat(root), False: Beat(None)}
        spent: dict[bool, list[float]] = {True: [], False: []}
        with ledger.engine.connect() as connection:
            with connection.begin():
                start = beats[True].start()
                worker = workers.join(connection, start)
            beats[True].begin(worker, start)
            for _commit in range(COMMITS):
                for counts, beat in beats.items():
                    with connection.begin():
                        workers.heartbeat(connection, worker)
                        claims = claim(connection, worker, GROUP)
                    begin = process_time()
                    _commit_of(connection, beat, [(mark, claims)])
                    settled = [Settlement(one, OUTCOMES["accepted"]) for one in claims]
                    _commit_of(connection, beat, [(settle, settled)])
                    spent[counts].append(process_time() - begin)
        beats[True].end(keep=False)
    return sum(spent[True]) / sum(spent[False]) - 1


def _commit_of(connection: Connection, beat: Beat, work: list[tuple[Any, Sequence[Any]]]) -> None:
    """What ``GroupCommit`` does for one batch."""
    with connection.begin():
        with one_trip(connection):
            check = beat.bump(connection)
            found = [operation(connection, items) for operation, items in work]
        check()
    beat.committed(work, [each() if callable(each) else each for each in found])


def main() -> None:
    figures: dict[str, float] = {}
    print(f"{'µs a row':<14}" + "".join(f"{kind:>12}" for kind in OUTCOMES))
    for engine in ("sqlite", "postgresql"):
        found = measured(engine)
        print(f"{engine:<14}" + "".join(f"{found[kind]:>12.1f}" for kind in OUTCOMES))
        for kind, cost in found.items():
            figures[f"{engine}_{kind}_us"] = round(cost, 2)
            figures[f"{engine}_{kind}_to_accepted"] = round(cost / found["accepted"], 2)
        figures[f"{engine}_counter_part"] = round(counted(engine), 3)
        print(f"{'':<14}" + "".join(f"{figures[f'{engine}_{kind}_to_accepted']:>10} ×" for kind in OUTCOMES))
    print("aim: deferred at most 2 × accepted")
    for engine in ("sqlite", "postgresql"):
        print(f"{engine:<14}{100 * figures[f'{engine}_counter_part']:.1f} % of a commit is the counter; aim: 5 %")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
