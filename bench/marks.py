"""What a mark takes at a reader's place in the list, on a PostgreSQL that has no statistics: after ``pg_restore``, say.

Part of ``make bench-send``. Autovacuum is off and nothing analyses: what the planner then chooses must not cost time in
proportion to the list.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import Engine, insert, literal, literal_column, select, text, update

from composer.database import db_now
from composer.delivery.ledger import workers
from composer.delivery.ledger.claims import Claimed, mark
from composer.delivery.ledger.messages import MessageInputs
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.subscribers.tables import subscribers, subscriptions
from tests.delivery.support.sample_ledger import engine, opened
from tests.delivery.support.sample_newsroom import newsroom
from tests.support import databases
from tests.support.postgres import serving

READERS, PLACES = 200_000, (1_000, 20_000, 200_000)
GROUP, ROUNDS = 15, 12  #: rows of one commit; more than the five after which a prepared statement keeps its plan


def without_statistics() -> dict[str, float]:
    """Milliseconds a mark, by place, in groups as a commit has them; the median group."""
    with TemporaryDirectory() as folder, serving(durable=True, autovacuum=False) as server, databases.on(server):
        made = engine(Path(folder))
        _fill(made)
        mailing = opened(made, newsroom(Path(folder)))
        assert mailing is not None
        figures = {f"mark_ms_at_{place}": _marked(made, mailing, place) for place in PLACES}
        made.dispose()
        return figures


def _fill(made: Engine) -> None:
    numbers = select(literal_column("n").label("n")).select_from(text(f"generate_series(1, {READERS}) AS n")).subquery()
    address = literal("reader").concat(numbers.c.n).concat("@example.org")
    with made.begin() as connection:
        connection.execute(
            insert(subscribers).from_select(["email", "address_key"], select(address, address).order_by(numbers.c.n))
        )
        everyone = select(subscribers.c.id, literal("vendredi"), literal("active"), literal("free"))
        columns = ["subscriber_id", "publication", "status", "tier"]
        connection.execute(insert(subscriptions).from_select(columns, everyone.order_by(subscribers.c.id)))


def _marked(made: Engine, mailing: int, place: int) -> float:
    last = place - 1
    ids = select(deliveries.c.id).order_by(deliveries.c.id).offset(last - GROUP * ROUNDS + 1).limit(GROUP * ROUNDS)
    with made.connect() as connection:
        with connection.begin():
            worker = workers.join(connection)
            taken = (
                update(deliveries)
                .where(deliveries.c.id.in_(ids))
                .values(state=State.CLAIMED, worker_id=worker, attempt=1, changed_at=db_now())
                .returning(deliveries.c.id, deliveries.c.edition_id, deliveries.c.subscriber_id)
            )
            claims = [
                Claimed(
                    row.id, MessageInputs(mailing, row.edition_id, row.subscriber_id, 0, None), "vendredi", 1, 0, worker
                )
                for row in sorted(connection.execute(taken))
            ]
        spent = []
        for start in range(0, len(claims), GROUP):
            with connection.begin():
                begin = perf_counter()
                assert all(mark(connection, claims[start : start + GROUP])())
                spent.append(1000 * (perf_counter() - begin) / GROUP)
    return median(spent)
