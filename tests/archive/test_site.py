"""Which letters stand on the web, and what becomes of their pages."""

from __future__ import annotations

import re
from datetime import date as Date
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from composer.archive.search import search_letters
from composer.archive.site import INDEX, SITE, STORE
from composer.archive.store import known_troubles
from composer.delivery.control import cancel
from composer.errors import OutsideWorld
from composer.schedule.amending import amend_now
from tests.archive.support.sample_archive import NOW, PARIS, SECRET, SampleArchive, sample_archive, weeks
from tests.support.newsrooms import FRIDAY, ISSUE

PAGE = f"a/vendredi/{FRIDAY}/index.html"


@pytest.mark.usefixtures("each_engine")
def test_a_letter_that_a_reader_got_has_its_page_and_what_leads_to_it(archive: SampleArchive) -> None:
    archive.send()
    archive.look()
    files = archive.files()
    assert {PAGE, "a/index.html", "a/vendredi/index.html", "a/vendredi/2026/index.html"} <= set(files)
    assert "Les étals reviennent sous la halle." in files[PAGE]
    assert "Un loyer de douze euros" not in "".join(files.values())
    assert 'href="../../../a/vendredi/2026-11-27/"' in files["a/vendredi/2026/index.html"]
    assert archive.look() == []  # nothing is written twice


@pytest.mark.parametrize("state", ["queued", "claimed", "in_flight", "in_doubt", "rejected", "cancelled", None])
def test_a_letter_that_nobody_got_has_none(archive: SampleArchive, state: str | None) -> None:
    archive.send(state=state)
    assert archive.look() == []


@pytest.mark.usefixtures("each_engine")
def test_a_letter_stopped_after_its_canaries_has_none(archive: SampleArchive) -> None:
    mailing = archive.send(state=None)
    archive.settle(mailing, "accepted", canary=True)
    assert archive.look() == []


@pytest.mark.usefixtures("each_engine")
def test_a_letter_that_was_cancelled_leaves_the_web_whoever_got_it(archive: SampleArchive) -> None:
    mailing = archive.send(state=None)
    with archive.engine.begin() as connection:
        connection.execute(text("UPDATE deliveries SET state = 'accepted' WHERE id = (SELECT min(id) FROM deliveries)"))
    archive.look()
    assert PAGE in archive.files()
    cancel(archive.engine, mailing)
    archive.look()
    assert archive.files() == {}


@pytest.mark.usefixtures("each_engine")
def test_a_letter_whose_rows_became_counts_keeps_its_page(archive: SampleArchive) -> None:
    mailing = archive.send()
    archive.look()
    with archive.engine.begin() as connection:
        connection.execute(text("DELETE FROM deliveries"))
        connection.execute(text(f"INSERT INTO mailing_counts VALUES ({mailing}, 'accepted', 2)"))
    assert archive.look() == []
    assert PAGE in archive.files()


def test_a_rehearsal_is_no_letter_of_the_web(tmp_path: Path) -> None:
    archive = sample_archive(tmp_path / "newsroom", only_to=["@lecteurs.example"])
    archive.send()
    assert archive.look() == []
    archive.close()


def test_nothing_before_the_day_the_archive_opens(archive: SampleArchive) -> None:
    archive.configure(archive={"since": Date(2026, 12, 1)})
    for week in weeks(2):
        archive.send(week)
    archive.look()
    assert [path for path in archive.files() if "/2026-1" in path] == ["a/vendredi/2026-12-04/index.html"]


def test_a_closed_archive_has_no_file_and_an_open_one_that_closes_loses_them(archive: SampleArchive) -> None:
    archive.send()
    archive.look()
    assert archive.files()
    archive.configure(archive=None)
    archive.look()
    assert archive.files() == {}
    assert list((archive.root / SITE).rglob("*")) == []


def test_an_issue_may_say_that_it_is_not_for_the_web_before_and_after(archive: SampleArchive) -> None:
    archive.send(text=f"online: false\n{ISSUE}")
    assert archive.look() == []
    issue = archive.root / "issues" / "vendredi" / f"{FRIDAY}.yaml"
    issue.write_text(issue.read_text(encoding="utf-8").replace("online: false\n", ""), encoding="utf-8")
    archive.look()
    assert PAGE in archive.files()
    issue.write_text("online: false\n" + issue.read_text(encoding="utf-8"), encoding="utf-8")
    archive.look()
    assert archive.files() == {}


def test_what_is_under_embargo_waits(archive: SampleArchive) -> None:
    until = "embargo_until: 2026-11-27T06:00:00+01:00"
    archive.send(text=ISSUE.replace("      headline: Le marché", f"      {until}\n      headline: Le marché"))
    assert archive.look(datetime(2026, 11, 27, 5, 59, tzinfo=PARIS)) == []
    archive.look(datetime(2026, 11, 27, 6, 1, tzinfo=PARIS))
    assert PAGE in archive.files()


def test_an_issue_that_cannot_be_read_stops_itself_alone_and_what_stood_stays(archive: SampleArchive) -> None:
    first, second = weeks(2)
    archive.send(first)
    archive.look()
    archive.send(second)
    for date in (first, second):
        (archive.root / "issues" / "vendredi" / f"{date}.yaml").write_text("blocks: 3", encoding="utf-8")
    archive.look()
    assert PAGE in archive.files()
    assert f"a/vendredi/{second}/index.html" not in archive.files()
    troubles = known_troubles(archive.root / STORE)
    assert set(troubles) == {f"a/vendredi/{first}/", f"a/vendredi/{second}/"}
    assert "filigrane check issues/vendredi/2026-12-04.yaml" in troubles[f"a/vendredi/{second}/"]
    (archive.root / "issues" / "vendredi" / f"{second}.yaml").write_text(ISSUE.format(subject="x"), encoding="utf-8")
    archive.look()
    assert f"a/vendredi/{second}/index.html" in archive.files()
    (archive.root / "issues" / "vendredi" / f"{first}.yaml").unlink()
    archive.look()
    assert "is gone" in known_troubles(archive.root / STORE)[f"a/vendredi/{first}/"]


def test_a_publication_that_cannot_be_read_loses_no_page(archive: SampleArchive) -> None:
    archive.send()
    archive.look()
    before = archive.files()
    archive.configure(schedule="never")
    archive.look()
    assert archive.files()[PAGE] == before[PAGE]


def test_a_damaged_frozen_message_stops_itself_alone(archive: SampleArchive) -> None:
    first, second = weeks(2)
    archive.send(first)
    archive.send(second)
    with archive.engine.begin() as connection:
        connection.execute(text("UPDATE mailing_editions SET template = 'x' WHERE mailing_id = 1"))
    archive.look()
    assert [path for path in archive.files() if "/2026-1" in path] == [f"a/vendredi/{second}/index.html"]
    assert list(known_troubles(archive.root / STORE)) == [f"a/vendredi/{first}/"]


def test_letters_lead_to_those_before_and_after(archive: SampleArchive) -> None:
    dates = weeks(3)
    for number, date in enumerate(dates[:2]):
        archive.send(date, subject=f"Lettre {number}")
    archive.look()
    archive.send(dates[2], subject="Lettre 2")
    made = archive.look()
    assert f"a/vendredi/{dates[0]}/index.html" not in made, "its neighbours are the same"
    page = archive.page(f"a/vendredi/{dates[1]}/")
    assert re.findall(r'<link rel="(prev|next)" href="([^"]+)">', page) == [
        ("prev", f"../../../a/vendredi/{dates[0]}/"),
        ("next", f"../../../a/vendredi/{dates[2]}/"),
    ]
    assert "Lettre 0</a>" in page
    assert "Lettre 2</a>" in page


def test_a_file_that_was_taken_away_is_written_again(archive: SampleArchive) -> None:
    archive.send()
    archive.look()
    before = archive.files()
    (archive.root / SITE / PAGE).unlink()
    assert archive.look() == [PAGE]
    assert archive.files() == before


def test_the_same_site_is_made_twice(archive: SampleArchive) -> None:
    for date in weeks(2):
        archive.send(date)
    archive.look()
    before = archive.files()
    archive.close()
    again = SampleArchive(archive.root)
    again.look()
    assert again.files() == before
    again.close()


@pytest.mark.usefixtures("each_engine")
def test_an_amended_letter_is_shown_as_it_was_sent_last(archive: SampleArchive) -> None:
    mailing = archive.send(state=None)
    with archive.engine.begin() as connection:
        connection.execute(text("UPDATE deliveries SET state = 'accepted' WHERE id = (SELECT min(id) FROM deliveries)"))
    archive.look()
    archive.approved(text=ISSUE.replace("respire", "souffle"))
    assert amend_now(mailing, archive.newsroom, archive.engine, SECRET) == 1
    archive.look(NOW + timedelta(minutes=1))
    assert "le port souffle" in archive.page()
    assert "respire" not in archive.page()
    assert 'property="article:modified_time"' in archive.page()


def test_an_index_that_cannot_be_written_keeps_no_page_back_and_is_tried_again(archive: SampleArchive) -> None:
    index = archive.root / INDEX
    index.mkdir(parents=True)
    archive.send()
    for _ in range(2):
        with pytest.raises(OutsideWorld, match="index of the search"):
            archive.look()
    assert PAGE in archive.files()
    index.rmdir()
    archive.look()
    assert search_letters(index, "digue", ["vendredi"]).total == 1
    index.unlink()
    archive.look()
    assert index.is_file()
