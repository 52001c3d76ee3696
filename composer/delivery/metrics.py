"""Prometheus metrics: counters of this process, and gauges read from the ledger at each scrape.

``docs/metrics.md`` documents each one; no label holds any data of a reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, func, select

from composer.database import db_now, read_only
from composer.delivery.state import NOT_OVER, OPEN, State
from composer.delivery.tables import deliveries, mailings, workers
from composer.outbox.queue import outbox_depth

# Without this, every counter and histogram exports a `_created` gauge for each label; nothing reads them.
disable_created_metrics()  # type: ignore[no-untyped-call]  # reason: the library gives it no types

#: The metrics counted in this process.
REGISTRY = CollectorRegistry()

_BATCHES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)

MESSAGES = Counter("filigrane_messages", "Deliveries recorded, by outcome", ["outcome"], registry=REGISTRY)
REPLIES = Counter(
    "filigrane_replies", "Replies that ended a delivery, by class and provider", ["code", "provider"], registry=REGISTRY
)
COMMIT_ITEMS = Histogram(
    "filigrane_commit_items", "Marks, outcomes and claims in a transaction", buckets=_BATCHES, registry=REGISTRY
)
COMMIT_SECONDS = Histogram("filigrane_commit_seconds", "Time of a transaction", buckets=_SECONDS, registry=REGISTRY)
CLAIM_SECONDS = Histogram(
    "filigrane_claim_seconds", "Time of a claim, waiting included", buckets=_SECONDS, registry=REGISTRY
)
SINGLE_MESSAGES = Counter(
    "filigrane_single_messages", "Single messages tried, by outcome", ["outcome"], registry=REGISTRY
)
SESSIONS = Gauge("filigrane_sessions_open", "SMTP sessions open", registry=REGISTRY)
TROUBLE = Counter("filigrane_relay_trouble", "Trouble with a relay, by kind", ["kind"], registry=REGISTRY)
OCCURRENCES = Counter("filigrane_occurrences", "Due dates decided, by state", ["state"], registry=REGISTRY)
TICK_SECONDS = Histogram("filigrane_tick_seconds", "Time of a look at the clock", buckets=_SECONDS, registry=REGISTRY)


def count(state: State, code: int | None, provider: str) -> None:
    """Count one recorded delivery.

    ``code`` is that of the relay's reply, None without one; ``provider`` is the mailbox provider's group, or empty.
    """
    for counter in _counters(state, (code or 0) // 100, provider):
        counter.inc()


@cache  # asked for every message, and there are few of them
def _counters(state: State, hundreds: int, provider: str) -> tuple[Counter, Counter]:
    code = f"{hundreds}xx" if hundreds else "none"
    return MESSAGES.labels(state.value), REPLIES.labels(code, provider or "other")


class LedgerCollector(Collector):
    """Gauges read from the ledger of ``engine`` at each scrape; they cover all hosts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> Iterable[Metric]:
        return _families().values()

    def collect(self) -> Iterable[Metric]:
        families = _families()
        with read_only(self._engine).connect() as connection:
            for state, number in _mailings(connection).items():
                families["filigrane_mailings_open"].add_metric([state], number)
            for state, number in _queue(connection).items():
                families["filigrane_queue_depth"].add_metric([state], number)
            families["filigrane_in_doubt"].add_metric([], _in_doubt(connection))
            for state, number in outbox_depth(connection).items():
                families["filigrane_outbox_depth"].add_metric([state], number)
            for worker, age in _ages(connection).items():
                families["filigrane_heartbeat_age_seconds"].add_metric([str(worker)], age)
        return families.values()


def exposition(engine: Engine, *beside: Collector) -> bytes:
    """All metrics, in Prometheus's text format; ``beside`` are those of rooms above this one."""
    ledger = CollectorRegistry()
    for collector in (LedgerCollector(engine), *beside):
        ledger.register(collector)
    return generate_latest(REGISTRY) + generate_latest(ledger)


def _families() -> dict[str, GaugeMetricFamily]:
    made = (
        GaugeMetricFamily("filigrane_mailings_open", "Mailings that are not over, by state", labels=["state"]),
        GaugeMetricFamily("filigrane_queue_depth", "Deliveries of open mailings, by state", labels=["state"]),
        GaugeMetricFamily("filigrane_in_doubt", "Deliveries that nobody knows about", labels=[]),
        GaugeMetricFamily("filigrane_outbox_depth", "Single messages that are not over, by state", labels=["state"]),
        GaugeMetricFamily("filigrane_heartbeat_age_seconds", "Since a worker was last heard", labels=["worker"]),
    )
    return {family.name: family for family in made}


def _mailings(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        select(mailings.c.state, func.count().label("number"))
        .where(mailings.c.state.in_(NOT_OVER))
        .group_by(mailings.c.state)
    )
    return dict.fromkeys(map(str, NOT_OVER), 0) | {row.state: row.number for row in rows}


def _queue(connection: Connection) -> dict[str, int]:
    not_over = select(mailings.c.id).where(mailings.c.state.in_(NOT_OVER))
    rows = connection.execute(
        select(deliveries.c.state, func.count().label("number"))
        .where(deliveries.c.mailing_id.in_(not_over), deliveries.c.state.in_(OPEN))
        .group_by(deliveries.c.state)
    )
    return dict.fromkeys(map(str, OPEN), 0) | {row.state: row.number for row in rows}


def _in_doubt(connection: Connection) -> int:
    # By mailing, so that the index on (mailing, state) answers: there is none on the state alone.
    rows = select(func.count()).where(
        deliveries.c.mailing_id.in_(select(mailings.c.id)), deliveries.c.state == State.IN_DOUBT
    )
    return connection.execute(rows).scalar_one()


def _ages(connection: Connection) -> dict[int, float]:
    """Seconds since the last heartbeat, by worker id, of workers that have not stopped."""
    now, rows = (
        connection.execute(select(db_now())).scalar_one(),
        connection.execute(select(workers.c.id, workers.c.heartbeat_at).where(workers.c.stopped_at.is_(None))),
    )
    return {worker: max(0.0, (now - heard).total_seconds()) for worker, heard in rows}
