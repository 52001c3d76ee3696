"""One mailing carries a letter's language editions, and each reader gets one of them."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select, update

from composer.approval import freeze
from composer.approval.model import Sealed
from composer.approval.translations import whole_verdict
from composer.approval.verify import verdict
from composer.database import read_only
from composer.delivery.tables import deliveries, mailing_editions
from composer.delivery.worker.worker import Worker
from composer.errors import Refused
from composer.issue import sealed_path
from composer.schedule.manual import open_now
from composer.schedule.upcoming import upcoming
from composer.subscribers.tables import subscribers, subscriptions
from tests.schedule.support.sample_hour import READERS, SECRET, Hour, paris
from tests.support.newsrooms import FRIDAY, ISSUE

ENGLISH = """\
subject: The dike will hold
translation_of: 2026-11-27.yaml
blocks:
  - edito:
      headline: The dike will hold
      body: Work on the dike is moving, and the harbour breathes.
  - masthead: auto
"""
TRANSLATIONS = {"en": {"intro": "The week by the water", "greeting": "Good morning, it is {date}."}}


@pytest.fixture
def bilingual(hour: Hour) -> Hour:
    """Friday's letter in French and in English, both approved; readers of French, English, German, and no language."""
    config = hour.root / "config" / "publications" / "vendredi.yaml"
    written = yaml.safe_load(config.read_text(encoding="utf-8"))
    written |= {"intro": "La semaine au bord de l'eau", "greeting": "Bonjour, nous sommes le {date}."}
    config.write_text(yaml.safe_dump(written | {"translations": TRANSLATIONS}, allow_unicode=True, sort_keys=False))
    hour.approve(hour.friday)
    english(hour).write_text(ENGLISH, encoding="utf-8")
    hour.approve(english(hour))
    with hour.engine.begin() as connection:
        for number, language in enumerate(("fr", "en", "de", None)):
            reader = select(subscribers.c.id).where(subscribers.c.address_key == f"{number:064d}").scalar_subquery()
            mine = update(subscriptions).where(subscriptions.c.subscriber_id == reader)
            connection.execute(mine.values(language=language))
    return hour


def english(hour: Hour) -> Path:
    return hour.friday.with_name(f"{FRIDAY}.en.yaml")


def test_each_reader_gets_the_letter_in_a_language_of_his(bilingual: Hour) -> None:
    assert [event.state for event in bilingual.at("2026-11-27 07:00")] == ["mailed"]
    (mailing,) = bilingual.mailings
    assert (mailing.subject, mailing.slug) == ("La digue tiendra", "")
    query = select(deliveries.c.email, mailing_editions.c.language).join_from(deliveries, mailing_editions)
    with read_only(bilingual.engine).begin() as connection:
        given = {row.email.partition("@")[0]: row.language for row in connection.execute(query)}
    assert given == {f"lectrice-{number}": "en" if number == 1 else "fr" for number in range(READERS)}


def test_subject_language_and_standing_text_are_the_edition_s(bilingual: Hour) -> None:
    bilingual.at("2026-11-27 07:00")
    worker = Worker(bilingual.engine, bilingual.newsroom, SECRET, poll=0.05)
    asyncio.run(worker.run(asyncio.Event(), until_idle=True))
    letters = {str(message["To"]).partition("@")[0]: message for message in bilingual.relay.messages}
    assert len(letters) == READERS
    french, translated = letters["lectrice-0"], letters["lectrice-1"]
    assert (french["Subject"], translated["Subject"]) == ("La digue tiendra", "The dike will hold")
    assert (french["Content-Language"], translated["Content-Language"]) == ("fr", "en")
    words = {name: letter.get_body(("plain",)) for name, letter in (("fr", french), ("en", translated))}
    assert words["fr"] is not None
    assert words["en"] is not None
    in_french, in_english = words["fr"].get_content(), words["en"].get_content()
    assert "vendredi 27 novembre 2026" in in_french
    assert "La semaine au bord de l’eau" in in_french  # the house sets its own apostrophe
    assert "Good morning, it is Friday 27 November 2026." in in_english
    assert "The week by the water" in in_english
    assert "Bonjour" not in in_english
    html = translated.get_body(("html",))
    assert html is not None
    assert '<html lang="en"' in html.get_content()
    assert translated["List-Id"] == french["List-Id"]


@pytest.mark.parametrize("trouble", ["not approved", "changed", "damaged"])
def test_a_translation_that_is_there_and_not_approved_as_it_stands_holds_the_letter(
    trouble: str, bilingual: Hour
) -> None:
    if trouble == "not approved":
        freeze.unapprove(english(bilingual))
    elif trouble == "changed":
        english(bilingual).write_text(ENGLISH + "# a word\n", encoding="utf-8")
    else:
        (sealed_path(english(bilingual)) / "free.en.html").write_text("<p>Something else</p>")
    bilingual.at("2026-11-27 07:00")
    assert bilingual.state() == ("held", "translation")
    assert bilingual.mailings == []
    told = bilingual.relay.last()
    assert f"{FRIDAY}.en.yaml" in told
    assert f"filigrane approve issues/vendredi/{FRIDAY}.en.yaml" in told
    assert trouble in told
    bilingual.approve(english(bilingual))
    bilingual.at("2026-11-27 07:01")
    assert bilingual.state() == ("mailed", None)


def test_without_its_file_the_letter_leaves_without_the_edition(bilingual: Hour) -> None:
    english(bilingual).rename(bilingual.root / "draft.yaml")
    bilingual.at("2026-11-27 07:00")
    assert bilingual.state() == ("mailed", None)
    with read_only(bilingual.engine).begin() as connection:
        assert set(connection.execute(select(mailing_editions.c.language)).scalars()) == {"fr"}


def test_the_original_holds_both(bilingual: Hour) -> None:
    freeze.unapprove(bilingual.friday)
    bilingual.at("2026-11-27 07:00")
    assert bilingual.state() == ("held", "not-sealed")


def test_a_letter_of_another_name_is_no_translation(bilingual: Hour) -> None:
    path = bilingual.friday.with_name(f"{FRIDAY}-alerte.yaml")
    path.write_text(ISSUE.format(subject="Alerte"), encoding="utf-8")
    bilingual.approve(path)
    found = whole_verdict(path, bilingual.newsroom)
    assert isinstance(found, Sealed)
    assert {language for _, language in found.seal.editions} == {"fr"}


@pytest.mark.slow
def test_the_digest_of_the_whole_is_that_of_all_its_approvals(bilingual: Hour) -> None:
    alone = verdict(bilingual.friday, bilingual.newsroom)
    whole = whole_verdict(bilingual.friday, bilingual.newsroom)
    assert isinstance(alone, Sealed)
    assert isinstance(whole, Sealed)
    assert (whole.seal.subject, whole.seal.by) == (alone.seal.subject, alone.seal.by)
    assert set(whole.seal.editions) == {(a, spoken) for a in ("free", "paid") for spoken in ("fr", "en")}
    bilingual.approve(english(bilingual))  # the same words, approved again by somebody at the same instant
    again = whole_verdict(bilingual.friday, bilingual.newsroom)
    assert isinstance(again, Sealed)
    assert again.seal.digest == whole.seal.digest != alone.seal.digest
    shutil.rmtree(sealed_path(english(bilingual)))
    english(bilingual).unlink()
    assert whole_verdict(bilingual.friday, bilingual.newsroom) == alone


def test_the_calendar_shows_both(bilingual: Hour) -> None:
    (entry,) = [
        entry
        for entry in upcoming(bilingual.newsroom, bilingual.engine, paris("2026-11-26 12:00"), 1)
        if entry.publication == "vendredi" and entry.date == FRIDAY
    ]
    assert entry.issue == f"issues/vendredi/{FRIDAY}.yaml"
    assert entry.translations == {"en": f"issues/vendredi/{FRIDAY}.en.yaml"}
    assert entry.state == "sealed"


def test_a_translation_is_not_sent_alone(bilingual: Hour) -> None:
    now = paris("2026-11-26 20:00")
    with pytest.raises(Refused, match=f"filigrane send vendredi/{FRIDAY}$"):
        open_now(now, english(bilingual), bilingual.newsroom, bilingual.engine, SECRET)
    assert bilingual.mailings == []
    freeze.unapprove(english(bilingual))
    with pytest.raises(Refused, match=r"en\.yaml is not approved"):
        open_now(now, bilingual.friday, bilingual.newsroom, bilingual.engine, SECRET)
    bilingual.approve(english(bilingual))
    open_now(now, bilingual.friday, bilingual.newsroom, bilingual.engine, SECRET)
    assert bilingual.queued == READERS
