"""The newsroom's sheet and its acts, over real sockets: states, what is not known, questions, and what is refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from composer.database import read_only
from composer.delivery.control import pause
from composer.newsroom import load_newsroom
from composer.schedule.ledger_here import LedgerHere
from composer.schedule.occurrences import ledger_stamp
from composer.schedule.tables import occurrences
from composer.studio.act import NotAllowed, StudioUser
from composer.studio.draft_remarks import DraftCounts
from composer.studio.issue_acts import ISSUE_ACTS, NEW
from composer.studio.mailing_acts import MAILING_ACTS
from composer.studio.newsroom_act import ActPlace
from composer.studio.saving.actor import Actor
from tests.schedule.support.sample_hour import relaying
from tests.studio.conftest import entered, served
from tests.studio.support.sample_sheet import day, name, write_sheet
from tests.support.address_keys import open_database


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sheet(tmp_path_factory.mktemp("sheet"))


@pytest.fixture(scope="module")
def sheet(made: Path) -> Iterator[str]:
    with served(made) as url, entered(url) as client:
        yield client.get("/newsroom").raise_for_status().text


def row(sheet: str, offset: int) -> str:
    found = re.search(rf'<tr class="date[^>]*id="vendredi-{day(offset)}">(.*?)</tr>', sheet, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


@dataclass(frozen=True)
class Shown:
    says: tuple[str, ...]
    leads: tuple[str, ...] = ()
    not_said: tuple[str, ...] = field(default=("done", "accepted"))


STATES = {
    1: Shown(
        ("approved", "3 readers (free 2, paid 1)", "La Voilerie", "not placed", "unchanged since"),
        ("send-at", "test", "unapprove"),
    ),
    2: Shown(("not approved", "mistake", "La notification du lot 3", "to follow up"), ("approve", "test")),
    3: Shown(
        ("changed after its approval", "Changed since: edito “La digue tiendra”: 1 word changed"),
        ("approve", "unapprove"),
    ),
    4: Shown(("no file yet", "copy missing"), ("new/vendredi?date=",)),
    -1: Shown(("done: mailing", "accepted 3"), (), ("readers (",)),
    -2: Shown(("missed (nothing ran at the hour)",), ("skip",)),
    -3: Shown(("taken back by filigrane skip",)),
    -4: Shown(("held (somebody says whether it left already)",), ("skip",)),
    -5: Shown(("its hour is past; whether it left is not known here",), ("skip", "test")),
    -6: Shown(("sending: mailing", "1/3", "queued 2, accepted 1"), ("pause", "cancel"), ("done", "test")),
}  # fmt: skip


@pytest.mark.parametrize("offset", STATES)
def test_each_date_says_its_state_as_the_calendar_derives_it(sheet: str, offset: int) -> None:
    """Nothing is called sent that never left."""
    shown, html = STATES[offset], row(sheet, offset)
    said = words(html)
    assert [each for each in shown.says if each not in said] == [], said
    assert [each for each in shown.leads if f"/newsroom/{each}" not in html] == []
    assert [each for each in shown.not_said if each in said] == []


def test_a_mailing_that_nobody_sends_does_not_look_alive(sheet: str) -> None:
    assert "no worker is alive: nothing leaves" in words(sheet)


def test_a_mailing_that_was_forgotten_is_shown_too(sheet: str) -> None:
    assert f"Other mailings that are not over vendredi/{day(-30)} · paused" in words(sheet)
    assert "/newsroom/resume/3" in sheet


def test_markup_stays_words(sheet: str) -> None:
    assert "La Voilerie&lt;script&gt;alert(1)&lt;/script&gt;" in sheet
    assert "<script>" not in sheet


def test_promises_are_those_of_letters_that_were_approved(sheet: str) -> None:
    assert words(sheet).count("La notification du lot 3") == 1


@dataclass
class Acting:
    """A studio on a copy of the newsroom, its clients, and what no refused act may change."""

    root: Path
    client: httpx.Client

    def world(self) -> str:
        whole = sha256()
        for path in sorted((self.root / "issues").rglob("*")):
            whole.update(str(path).encode() + (path.read_bytes() if path.is_file() else b""))
        engine = open_database("sqlite:///var/filigrane.db", self.root)
        with read_only(engine).connect() as connection:
            whole.update(ledger_stamp(connection).encode())
        engine.dispose()
        return whole.hexdigest()

    def seen(self, path: str) -> str:
        asked = self.client.get(path)
        assert asked.status_code == 200, words(asked.text)
        found = re.search(r'name="seen" value="([^"]+)"', asked.text)
        assert found is not None
        return found[1]

    def changed(self, path: str) -> None:
        """Change what ``path`` is about, from elsewhere."""
        engine = open_database("sqlite:///var/filigrane.db", self.root)
        if "/skip/" in path:
            with engine.begin() as connection:
                connection.execute(update(occurrences).values(state="skipped"))
        elif re.search(r"/\d+$", path):
            pause(engine, 2)
        else:
            file = self.root / "issues" / f"{path.split('/', 3)[3]}.yaml"
            file.write_text(file.read_text("utf-8") + "# relu\n", "utf-8")
        engine.dispose()


@contextmanager
def acting_on(made: Path, folder: Path) -> Iterator[Acting]:
    with relaying() as relay:
        root = shutil.copytree(made, folder / "newsroom").resolve()
        settings = root / "config" / "newsroom.yaml"
        settings.write_text(settings.read_text("utf-8").replace("port: 1\n", f"port: {relay.port}\n"), "utf-8")
        with served(root) as url, entered(url) as client:
            yield Acting(root, client)
        assert {str(message["To"]) for message in relay.messages} <= {"chef@example.org"}
        assert len(relay.messages) in (0, 2)


@pytest.fixture
def acting(made: Path, tmp_path: Path) -> Iterator[Acting]:
    with acting_on(made, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def unharmed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acting]:
    """One studio for all that is refused."""
    with acting_on(made, tmp_path_factory.mktemp("unharmed")) as opened:
        yield opened


#: Each act, what is typed, what it says once it is done; and whether what it is about can change meanwhile.
DONE = {
    "approve": (f"/newsroom/approve/{name(3)}", {}, "is approved by Odile Ferrand", True),
    "unapprove": (f"/newsroom/unapprove/{name(1)}", {}, "is not approved any more", True),
    "send-at": (f"/newsroom/send-at/{name(1)}", {"at": f"{day(1)}T15:00"}, "leaves on", True),
    "skip": (f"/newsroom/skip/{name(-4)}", {}, "is skipped", True),
    "test": (f"/newsroom/test/{name(1)}", {"to": "chef@example.org"}, "chef@example.org", True),
    "pause": ("/newsroom/pause/2", {}, "mailing 2: paused", True),
    "cancel": ("/newsroom/cancel/2", {}, "mailing 2: cancelled", True),
    "new": ("/newsroom/new/vendredi", {"date": str(day(9))}, f"issues/vendredi/{day(9)}.yaml", False),
}


@pytest.mark.parametrize("act", DONE)
def test_an_act_is_done_once_it_was_asked_and_as_it_was_seen(acting: Acting, act: str) -> None:
    path, typed, says, changes = DONE[act]
    before, seen, client = acting.world(), acting.seen(path), acting.client
    form = {"seen": seen} | typed
    for refused, status in (
        (client.post(path, data={"x": "1"} | typed), 409),
        (client.post(path, data=form | {"seen": "0"}), 409),
        (client.post(path, json=form), 415),
        (client.post(path, data=form, headers={"origin": "http://evil.example"}), 403),
        (client.post(path, data={"seen": "x" * 30_000}), 413),
        (client.put(path, data=form), 405),
    ):  # fmt: skip
        assert refused.status_code == status
        assert acting.world() == before
    done = client.post(path, data=form)
    assert done.status_code == 200, words(done.text)
    assert says in words(done.text)
    assert act == "test" or acting.world() != before
    if changes and act != "test":
        assert client.post(path, data=form).status_code in (409, 422)


@pytest.mark.parametrize("act", [name for name in DONE if DONE[name][3]])
def test_what_changed_since_it_was_shown_is_refused_and_shown_anew(acting: Acting, act: str) -> None:
    path, typed, _says, _changes = DONE[act]
    form = {"seen": acting.seen(path)} | typed
    acting.changed(path)
    before = acting.world()
    answer = acting.client.post(path, data=form)
    assert answer.status_code in (409, 422)
    assert "it has changed since it was shown" in words(answer.text) or answer.status_code == 422
    assert acting.world() == before


def test_a_question_says_to_how_many_and_what_changed(unharmed: Acting) -> None:
    asked = words(unharmed.client.get(f"/newsroom/approve/{name(3)}").text)
    assert "Changed since: edito “La digue tiendra”: 1 word changed" in asked
    assert "3 readers (free 2, paid 1)" in asked
    ends = words(unharmed.client.get("/newsroom/cancel/2").text)
    assert "1 of 3 readers are served, 2 would never be written to. Do it?" in ends
    refused = words(unharmed.client.get(f"/newsroom/approve/{name(2)}").text)
    assert "cannot be approved before" in refused
    assert "<form" not in unharmed.client.get(f"/newsroom/send-at/{name(3)}").text


WRONG = {
    f"/newsroom/test/{name(1)}": [
        {"to": ""},
        {"to": ", ".join(f"x{n}@example.org" for n in range(11))},
        {"to": "x"},
        {"to": "a@example.org\nBcc: b@example.org"},
    ],
    f"/newsroom/send-at/{name(1)}": [{"at": ""}, {"at": "demain"}, {"at": "2001-01-01T10:00"}],
    "/newsroom/new/vendredi": [{"date": str(day(1))}, {"date": "../../config/newsroom"}, {"date": "2026-13-01"}],
}  # fmt: skip


@pytest.mark.parametrize("path", WRONG)
def test_what_is_typed_wrong_is_said_and_nothing_is_done(unharmed: Acting, path: str) -> None:
    before = unharmed.world()
    for typed in WRONG[path]:
        answer = unharmed.client.post(path, data={"seen": unharmed.seen(path)} | typed)
        assert answer.status_code == 422, typed
        assert 'role="alert"' in answer.text
        assert unharmed.world() == before


NOWHERE = """
approve/vendredi/2031-01-01 approve/vendredi/..%2F..%2Fconfig%2Fnewsroom approve/..%2Fconfig/newsroom
test/config/newsroom unapprove/vendredi/%2e%2e pause/0 pause/x pause/-1 cancel/99999999999 new/nulle-part
new/..%2Fissues send/vendredi/2026-11-27
skip/nulle-part/2026-11-27 resume/1%00
"""


@pytest.mark.parametrize("path", NOWHERE.split())
def test_no_other_thing_can_be_named(unharmed: Acting, path: str) -> None:
    before = unharmed.world()
    for answer in (
        unharmed.client.get(f"/newsroom/{path}"),
        unharmed.client.post(f"/newsroom/{path}", data={"seen": "new"}),
    ):
        assert answer.status_code in (404, 405)
    assert unharmed.world() == before


def test_without_a_database_the_page_says_what_it_does_not_know(made: Path, tmp_path: Path) -> None:
    root = (tmp_path / "newsroom").resolve()
    shutil.copytree(made, root, ignore=shutil.ignore_patterns("var"))
    with served(root) as url, entered(url) as client:
        shown = client.get("/newsroom").text
        assert "there is no database" in words(shown)
        assert "how many readers is not known on this machine" in words(row(shown, 1))
        assert not re.search(r"\b0 readers", words(shown))
        assert "/newsroom/send-at/" not in shown
        assert client.get("/newsroom/mailings").status_code == 204
        for path in ("/newsroom/pause/2", f"/newsroom/send-at/{name(1)}", f"/newsroom/skip/{name(-4)}"):
            assert client.get(path).status_code == 422
            assert client.post(path, data={"seen": "0"}).status_code == 422
        asked = client.get(f"/newsroom/approve/{name(3)}").text
        seen = re.search(r'name="seen" value="([^"]+)"', asked)
        assert seen is not None
        done = client.post(f"/newsroom/approve/{name(3)}", data={"seen": seen[1]})
        assert "how many readers is not known on this machine" in words(done.text)
    assert not (root / "var" / "filigrane.db").exists()


@pytest.mark.parametrize("act", [*ISSUE_ACTS, *MAILING_ACTS, "new"])
def test_who_only_reads_asks_and_does_nothing(made: Path, act: str) -> None:
    reader = StudioUser(Actor("Odile"), frozenset())
    place = ActPlace(load_newsroom(made), LedgerHere(None, "none"), DraftCounts(made))
    found = {**ISSUE_ACTS, **MAILING_ACTS, "new": NEW}[act]
    with pytest.raises(NotAllowed):
        found.asked(reader, place)
    with pytest.raises(NotAllowed):
        found.by(reader, place, {})
