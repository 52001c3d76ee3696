"""Lists imported from a text, for the tests of this room."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from composer import clock
from composer.subscribers.csv_row import Terms
from composer.subscribers.importing import Counts, import_list
from composer.subscribers.tables import subscribers, subscriptions

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)  #: the day of a letter; a list is imported when the test runs
PARIS = ZoneInfo("Europe/Paris")


def terms(*, source: str | None = "form", tier: str | None = None, publication: str = "vendredi", **more: Any) -> Terms:
    return Terms(publication, source, tier, more.pop("zone", PARIS), clock.now(), **more)


def take(
    engine: Engine,
    folder: Path,
    content: str | bytes,
    *,
    mapping: Mapping[str, str | Sequence[str]] | None = None,
    ignore: Collection[str] = (),
    name: str = "list.csv",
    **said: Any,
) -> tuple[Counts, list[list[str]]]:
    """Import ``content``; the counts and the report, without its header and the line of what was read as what."""
    path, report = folder / name, folder / "report.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    delimiter = said.pop("delimiter", None)
    counts = import_list(
        engine, path, terms(**said), mapping=mapping, ignore=ignore, report=report, delimiter=delimiter
    )
    with report.open(encoding="utf-8-sig", newline="") as file:
        return counts, list(csv.reader(file))[2:]


def rows(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                select(
                    subscribers.c.email,
                    subscribers.c.name,
                    subscriptions.c.tier,
                    subscriptions.c.paid_until,
                    subscriptions.c.language,
                    subscriptions.c.status,
                )
                .join_from(subscribers, subscriptions)
                .order_by(subscribers.c.email)
            )
        ]
