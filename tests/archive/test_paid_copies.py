"""The pages of paid editions: when there is one, what it holds, whom its file is for, when it is gone."""

from __future__ import annotations

import re
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from composer.archive.copy_reader import asked_copy
from composer.archive.paid_copies import COPIES, copy_name, read_copy
from composer.archive.site import STORE
from composer.archive.store import known_troubles
from composer.database import read_only
from composer.schedule.amending import amend_now
from composer.subscribers.tokens import read_copy_token
from tests.archive.support.sample_archive import PARIS, SECRET, SampleArchive, sample_archive
from tests.support.newsrooms import FRIDAY, ISSUE

PAID = "Un loyer de douze euros"
PAYER = "abonnee@lecteurs.example"
SENT = datetime(2026, 11, 27, 7, tzinfo=PARIS)  # the letter's date
NOW = SENT + timedelta(hours=1)
NAME = "1.fr.html"


@pytest.fixture
def open_to_payers(archive: SampleArchive) -> SampleArchive:
    archive.configure(archive={"since": FRIDAY, "paid_copies": True})
    archive.pays()
    return archive


def copy_of(archive: SampleArchive) -> str:
    content = read_copy(archive.root, 1, "fr")
    assert content is not None
    return content.decode()


def there(archive: SampleArchive) -> list[str]:
    return sorted(path.name for path in (archive.root / COPIES).iterdir())


@pytest.mark.usefixtures("each_engine")
def test_who_pays_has_a_link_and_behind_it_the_paid_edition(archive: SampleArchive) -> None:
    archive.configure(archive={"since": FRIDAY, "paid_copies": True})
    number = archive.pays()
    mailing = archive.send()
    assert copy_name(mailing, "fr") == NAME
    assert [address for address, letter in archive.letters(mailing).items() if "/copy/" in letter] == [PAYER]
    claim = read_copy_token(archive.copy_link(mailing), SECRET)
    assert claim is not None
    assert claim.subscription_id == number
    assert archive.copies(NOW) == [NAME]
    assert archive.copies(NOW) == []  # nothing is written twice
    page = copy_of(archive)
    assert PAID in page
    assert '<meta name="robots" content="noindex, nofollow, noarchive">' in page
    assert "script-src &#39;none&#39;" in page
    assert f'href="/a/vendredi/{FRIDAY}/"' in page
    assert "jusqu’au 4\u00a0décembre\u00a02026, 07:00" in page
    for never in ("NO-READER", "PAIDCOPY", "UNSUBSCRIBE", "/u/", "/copy/", "canonical", "og:", "ld+json", PAYER):
        assert never not in page, never
    file = archive.root / COPIES / NAME
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]
    archive.look(NOW)
    assert PAID not in "".join(archive.files().values())
    assert "paid" not in "".join(archive.files())
    file.unlink()
    file.symlink_to("/etc/passwd")
    assert read_copy(archive.root, mailing, "fr") is None, "no link is followed"


def test_there_is_none_before_a_reader_got_the_letter(open_to_payers: SampleArchive) -> None:
    mailing = open_to_payers.send(state=None)
    for state in ("queued", "claimed", "in_flight", "in_doubt", "rejected", "cancelled"):
        open_to_payers.settle(mailing, state)
        assert open_to_payers.copies(NOW) == [], state
    open_to_payers.settle(mailing, "accepted", canary=True)
    assert open_to_payers.copies(NOW) == [], "canaries are no readers"
    open_to_payers.settle(mailing, "accepted")
    assert open_to_payers.copies(NOW) == [NAME]


def test_a_rehearsal_has_none(tmp_path: Path) -> None:
    archive = sample_archive(tmp_path / "newsroom", only_to=["@lecteurs.example"])
    archive.configure(archive={"since": FRIDAY, "paid_copies": True})
    archive.pays()
    archive.send()
    assert archive.copies(NOW) == []
    archive.close()


def test_what_is_under_embargo_waits(open_to_payers: SampleArchive) -> None:
    until = "embargo_until: 2026-11-27T06:00:00+01:00"
    open_to_payers.send(text=ISSUE.replace("      headline: Le marché", f"      {until}\n      headline: Le marché"))
    assert open_to_payers.copies(SENT - timedelta(minutes=61)) == []
    assert open_to_payers.copies(SENT - timedelta(minutes=59)) == [NAME]


def test_what_was_approved_before_it_was_open_goes_as_it_was_sealed(archive: SampleArchive) -> None:
    archive.pays()
    path = archive.approved()
    sealed = path.with_suffix(".sealed")
    assert "paid_copy" not in sealed.joinpath("seal.yaml").read_text(encoding="utf-8")
    archive.configure(archive={"since": FRIDAY, "paid_copies": True})
    letter = archive.letters(archive.open(path))[PAYER].replace("\r\n", "\n")
    own = re.search(r"/u/([\w-]{32})", letter)
    assert own is not None
    frozen = sealed.joinpath("paid.fr.txt").read_text(encoding="utf-8")
    assert letter == re.sub("UNSUBSCRIBE[0-9a-f]{32}", own[1], frozen)
    assert f"/a/vendredi/{FRIDAY}/" in letter
    assert "/copy/" not in letter


def test_it_is_taken_away_and_may_come_back(open_to_payers: SampleArchive) -> None:
    open_to_payers.send()
    open_to_payers.copies(NOW)
    crashed = f".{NAME}.0a1b2c3d"
    (open_to_payers.root / COPIES / crashed).write_text("half a page", encoding="utf-8")
    assert open_to_payers.copies(SENT + timedelta(days=7, minutes=-1)) == [crashed]
    assert there(open_to_payers) == [NAME]
    issue = open_to_payers.root / "issues" / "vendredi" / f"{FRIDAY}.yaml"
    whole = issue.read_text(encoding="utf-8")
    for closed in ({"archive": {"since": FRIDAY}}, {"archive": None}, {"archive": {"since": "2027-01-01"}}, "online"):
        if isinstance(closed, dict):
            open_to_payers.configure(**closed)
        else:
            issue.write_text(f"online: false\n{whole}", encoding="utf-8")
        assert open_to_payers.copies(NOW) == [NAME], closed
        assert there(open_to_payers) == []
        assert read_copy(open_to_payers.root, 1, "fr") is None
        open_to_payers.configure(archive={"since": FRIDAY, "paid_copies": True})
        issue.write_text(whole, encoding="utf-8")
        assert open_to_payers.copies(NOW) == [NAME]
    issue.write_text("blocks: 3", encoding="utf-8")
    assert open_to_payers.copies(NOW) == [], "where the file cannot be read, what stands stays"
    assert open_to_payers.copies(SENT + timedelta(days=7)) == [NAME]
    assert there(open_to_payers) == []


def test_a_letter_amended_later_is_shown_as_it_reads_now_by_old_links_too(open_to_payers: SampleArchive) -> None:
    mailing = open_to_payers.send(state=None)
    with open_to_payers.engine.begin() as connection:
        connection.execute(text("UPDATE deliveries SET state = 'accepted' WHERE id = (SELECT min(id) FROM deliveries)"))
    claim = read_copy_token(open_to_payers.copy_link(mailing), SECRET)
    assert claim is not None
    open_to_payers.copies(NOW)
    open_to_payers.approved(text=ISSUE.replace("douze euros", "treize euros"))
    amend_now(mailing, open_to_payers.newsroom, open_to_payers.engine, SECRET)
    assert open_to_payers.copies(NOW) == [NAME]
    assert "treize euros" in copy_of(open_to_payers)
    with read_only(open_to_payers.engine).connect() as connection:
        asked = asked_copy(connection, claim)
    assert asked is not None
    assert (asked.mailing_id, asked.pays) == (mailing, True)


def test_a_letter_that_no_page_can_be_made_of_is_told_and_the_others_go_on(open_to_payers: SampleArchive) -> None:
    templates = open_to_payers.root / "templates"
    templates.mkdir()
    own = "{% if paid_copy_url %}<mj-text><p>{{ paid_copy_url }}</p></mj-text>{% endif %}\n"
    shipped = Path(__file__).parents[2] / "templates" / "foot.mjml.j2"
    (templates / "foot.mjml.j2").write_text(own + shipped.read_text(encoding="utf-8"), encoding="utf-8")
    open_to_payers.send()
    open_to_payers.copies(NOW)
    assert there(open_to_payers) == []
    ((path, why),) = known_troubles(open_to_payers.root / STORE).items()
    assert path == f"a/vendredi/{FRIDAY}/ paid copy"
    assert "token elsewhere than in a link" in why
    open_to_payers.configure(archive={"since": FRIDAY})
    open_to_payers.copies(NOW)
    assert known_troubles(open_to_payers.root / STORE) == {}
