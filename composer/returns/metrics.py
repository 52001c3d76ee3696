"""What came back, for Prometheus: answers to the newest mailings."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, select

from composer.database import read_only
from composer.delivery.tables import mailings
from composer.returns.answers import answers_to

#: The newest mailings, of which answers are told.
_MAILINGS = 20


class CountedAnswers(Collector):
    """Readers' answers to each of the newest mailings; read at each scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> Iterable[Metric]:
        return [_family()]

    def collect(self) -> Iterable[Metric]:
        family = _family()
        with read_only(self._engine).connect() as connection:
            newest = connection.execute(select(mailings.c.id).order_by(mailings.c.id.desc()).limit(_MAILINGS))
            ids = sorted(newest.scalars())
            counted = answers_to(connection, ids)
        for mailing in ids:
            family.add_metric([str(mailing)], counted.get(mailing, 0))
        return [family]


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily("filigrane_answers", "Readers who answered a letter, by mailing", labels=["mailing"])
