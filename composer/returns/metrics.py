"""What came back, for Prometheus: bounces, complaints, wishes to leave and answers to the newest mailings."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from composer.database import read_only
from composer.delivery.tables import mailings
from composer.returns.answers import answers_to
from composer.returns.tables import returned

#: The newest mailings, of which is told what came back.
_MAILINGS = 20


class ReturnsCollector(Collector):
    """What came back of each of the newest mailings; read at each scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> Iterable[Metric]:
        return _families()

    def collect(self) -> Iterable[Metric]:
        answered, came = _families()
        with read_only(self._engine).connect() as connection:
            newest = connection.execute(select(mailings.c.id).order_by(mailings.c.id.desc()).limit(_MAILINGS))
            ids = sorted(newest.scalars())
            counted = answers_to(connection, ids)
            of_kind = returned.c.mailing_id, returned.c.kind, func.coalesce(returned.c.bounce_class, "").label("of")
            rows = select(*of_kind, func.count().label("number")).where(returned.c.mailing_id.in_(ids))
            for row in connection.execute(rows.group_by(*of_kind).order_by(*of_kind)):
                came.add_metric([str(row.mailing_id), row.kind, row.of], row.number)
        for mailing in ids:
            answered.add_metric([str(mailing)], counted.get(mailing, 0))
        return [answered, came]


def _families() -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
    came = "Messages that came back of letters, by mailing, kind and class of a bounce"
    return (
        GaugeMetricFamily("filigrane_answers", "Readers who answered a letter, by mailing", labels=["mailing"]),
        GaugeMetricFamily("filigrane_returned", came, labels=["mailing", "kind", "class"]),
    )
