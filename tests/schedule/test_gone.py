"""A publication's file was renamed: what the database keeps of it is told, and so is what is still under way."""

from __future__ import annotations

from composer.delivery.control import cancel
from composer.schedule.gone import readers_of_gone
from tests.schedule.support.sample_hour import READERS, Hour


def told(hour: Hour) -> list[str]:
    with hour.engine.begin() as connection:
        return [each.sentence for each in readers_of_gone(connection, hour.newsroom)]


def test_readers_of_a_renamed_publication_and_its_mailing_under_way_are_told(hour: Hour) -> None:
    hour.at("2026-11-27 07:00")
    (mailing,) = hour.mailings
    assert told(hour) == []
    folder = hour.root / "config" / "publications"
    (folder / "vendredi.yaml").rename(folder / "hebdo.yaml")
    (said,) = told(hour)
    assert f"{READERS} readers of “vendredi”" in said
    assert said.endswith(f"mailing {mailing.id} of it was opened before, and is not over")
    cancel(hour.engine, mailing.id)
    (said,) = told(hour)
    assert "get no new letter" in said
    assert "mailing" not in said
