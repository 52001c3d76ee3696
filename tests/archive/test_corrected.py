"""A page corrected after its letter was sent: what changes, what is said of it, and what stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import html
from sqlalchemy import select

from composer.archive.corrected import PageCorrection, correct
from composer.delivery.tables import mailing_editions
from composer.errors import Refused
from composer.issue.load import load_issue
from composer.issue.skeleton import errata_before, skeleton
from tests.archive.support.sample_archive import SampleArchive
from tests.support.newsrooms import FRIDAY, ISSUE, SATURDAY

WHY = "Le port respirait déjà."


def corrected(path: Path, was: str, now: str, why: str = WHY) -> None:
    """Write a correction into the file of an issue that was sent."""
    entry = f'corrections:\n- {{date: 2026-12-01, was: "{was}", now: "{now}", text: "{why}"}}\nblocks:'
    path.write_text(path.read_text(encoding="utf-8").replace("blocks:", entry, 1), encoding="utf-8")


def sent(archive: SampleArchive) -> Path:
    path = archive.approved()
    archive.open(path)
    archive.look()
    return path


def frozen(archive: SampleArchive) -> list[bytes]:
    with archive.engine.connect() as connection:
        return list(connection.execute(select(mailing_editions.c.template)).scalars())


def test_the_page_the_feeds_and_the_search_are_corrected_and_say_so(archive: SampleArchive) -> None:
    path, before = sent(archive), frozen(archive)
    page = archive.page()
    corrected(path, "et le port respire.", "et l'eau respire.")
    assert archive.look()
    told = archive.page()
    assert "et l’eau respire." in told
    text = "".join(map(str, html.document_fromstring(told).itertext())).replace("\u00a0", " ")
    note = "Corrigé le 1er décembre 2026 : il était écrit « et le port respire. », il faut lire « et l’eau respire. »."
    assert f"{note} {WHY}" in text.replace("\u202f", " ")
    assert 'property="article:modified_time" content="2026-12-01T' in told
    for name in ("rss.xml", "atom.xml", "feed.json"):
        assert "eau respire" in archive.files()[f"a/vendredi/{name}"]
    (searched,) = [words for _letter, words in archive.site.store.searched()]
    assert "eau respire" in searched
    assert frozen(archive) == before, "what was sealed stays"
    assert archive.look() == [], "nothing more is to be done"
    path.write_text(
        path.read_text(encoding="utf-8")
        .replace("\ncorrections:", "\n# corrections:")
        .replace("\n- {date", "\n# - {date"),
        encoding="utf-8",
    )
    archive.look()
    assert archive.page() == page, "a correction that is taken back leaves nothing"


def test_the_title_is_corrected_everywhere(archive: SampleArchive) -> None:
    path = sent(archive)
    corrected(path, "La digue tiendra", "La digue a tenu")
    archive.look()
    told = archive.page()
    assert "<title>La digue a tenu" in told
    assert told.count("La digue tiendra") == 1, "in the note alone"
    files = archive.files()
    for name in ("a/vendredi/index.html", "a/vendredi/rss.xml", "a/vendredi/atom.xml"):
        assert "La digue a tenu" in files[name]


@pytest.mark.parametrize("was", ["nulle part", "le"])
def test_words_that_do_not_stand_there_once_leave_the_page_as_it_is(archive: SampleArchive, was: str) -> None:
    path = sent(archive)
    before = archive.page()
    corrected(path, was, "autre chose")
    archive.look()
    assert archive.page() == before
    (why,) = archive.site.store.troubles().values()
    assert f"“{was}”" in why


def test_a_correction_that_the_letter_printed_is_of_another_one(archive: SampleArchive) -> None:
    own = 'corrections:\n- {{date: 2026-11-20, was: "le port", now: "la mer", text: "Voilà."}}\nblocks:'
    archive.send(text=ISSUE.replace("blocks:", own))
    archive.look()
    assert "le port respire" in archive.page()
    assert "Corrigé" not in archive.page()


def test_a_file_that_breaks_leaves_the_corrected_page(archive: SampleArchive) -> None:
    path = sent(archive)
    corrected(path, "et le port respire.", "et l'eau respire.")
    archive.look()
    path.write_text("subject: [", encoding="utf-8")
    archive.site.permissions.clear()  # as after a new start
    archive.look()
    assert "eau respire" in archive.page()


def test_words_are_found_whatever_their_spaces_and_apostrophes() -> None:
    body = html.document_fromstring("<p>Onze\u00a0élèves, <b>l’autre</b> «\u202fan\u202f».</p>").find("body")
    assert body is not None
    made = correct(
        body,
        [PageCorrection(FRIDAY, "Onze élèves", "Douze élèves", "x1"), PageCorrection(FRIDAY, "l'autre", "cet", "x2")],
    )
    assert len(made) == 2
    assert "".join(str(each) for each in body.itertext()) == "Douze élèves, cet «\u202fan\u202f»."
    with pytest.raises(Refused, match="often: 0"):
        correct(body, [PageCorrection(FRIDAY, "cet «", "x", "x3")])


def test_the_next_issue_is_offered_the_sentence(archive: SampleArchive) -> None:
    path = sent(archive)
    assert errata_before(archive.newsroom, "vendredi", SATURDAY) == ()
    corrected(path, "et le port respire.", "et l'eau respire.", "Deux « points » : voilà.")
    made = skeleton(archive.newsroom, "vendredi", SATURDAY, errata_before(archive.newsroom, "vendredi", SATURDAY))
    assert 'corrections:\n- date: 2026-12-01\n  text: "Deux « points » : voilà."\n\nblocks:' in made
    assert "was" not in made
    assert errata_before(archive.newsroom, "vendredi", FRIDAY) == (), "of the issue before, not of itself"


def test_half_a_correction_is_refused(archive: SampleArchive) -> None:
    path = archive.approved()
    corrected(path, "x", "y")
    path.write_text(path.read_text(encoding="utf-8").replace(', now: "y"', ""), encoding="utf-8")
    (finding,) = load_issue(path, archive.newsroom).findings
    assert "give both, or neither" in finding.message
