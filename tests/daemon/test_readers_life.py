"""A reader's life, in a browser and a mailbox: joins two letters, reads, chooses, moves, leaves one, comes back,
is forgotten.

``filigrane run`` is a process, its relay a real SMTP server; letters stand on the web half a second after they left.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date as Date
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from composer.database import read_only
from composer.subscribers.tables import consents, subscribers, subscriptions
from tests.archive.support.sample_archive import SECRET, SampleArchive, sample_archive
from tests.daemon.support.daemon_process import wait_for
from tests.public.test_doors_in_a_browser import Look
from tests.schedule.support.sample_hour import Relay, relaying
from tests.support.doors import open_doors
from tests.support.lengths import WHOLE

pytestmark = [pytest.mark.chromium, pytest.mark.node, pytest.mark.slow]

OURS = "https://lettre.example.org"
QUICK = "import composer.daemon.archiving as a; a.LOOK = 0.5; from composer.cli import main; main()"

#: Bytes of a page with its style.
LARGEST = 60 * 1024

#: Width of the window, and whether scripts run: all four where time is no matter.
WINDOWS = [(390, False), (1280, True), *([(390, True), (1280, False)] if WHOLE else [])]


@dataclass
class House:
    """A newsroom that runs: where its pages are, what its relay got, which pages axe has seen at which width."""

    archive: SampleArchive
    relay: Relay
    base: str
    judged: set[tuple[str, int]] = field(default_factory=set)

    def mail(self, reader: str, number: int) -> EmailMessage:
        """The reader's message of this number, once it is there."""

        def theirs() -> list[EmailMessage]:
            return [message for message in list(self.relay.messages) if message["To"] == reader]

        wait_for(lambda: len(theirs()) > number, f"message {number}")
        return theirs()[number]

    def here(self, link: str) -> str:
        """An address of ours, at the port where the pages are."""
        assert link.startswith(f"{OURS}/"), link
        return self.base + link.removeprefix(OURS)

    def link(self, message: EmailMessage, path: str) -> str:
        body = message.get_body(("plain",))
        assert body is not None
        found = re.search(rf"{OURS}/{path}[^\s>]+", body.get_content())
        assert found is not None, path
        return self.here(found[0])

    def held(self, reader: str) -> tuple[dict[str, str], list[str]]:
        """Publication → status; and where consent was given."""
        of = select(subscriptions.c.publication, subscriptions.c.status).join_from(subscriptions, subscribers)
        given = select(consents.c.source).join_from(consents, subscriptions).join(subscribers).order_by(consents.c.id)
        with read_only(self.archive.engine).connect() as connection:
            rows = connection.execute(of.where(subscribers.c.email == reader)).all()
            sources = connection.execute(given.where(subscribers.c.email == reader)).scalars()
            return {row.publication: row.status for row in rows}, list(sources)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("life")
    root, log = folder / "newsroom", folder / "log"
    with relaying() as relay:
        relays = [{"host": "127.0.0.1", "port": relay.port, "security": "none"}]
        archive = sample_archive(root, Date(2026, 11, 1), relays=relays, join=True, choices=True)
        for name in ("vendredi", "samedi"):
            open_doors(root, name)
        archive.settings(name="Gazette de l’Estuaire", language="fr")
        archive.configure(title="L’Estuaire du vendredi", tagline="Le port, les quais et la halle, chaque semaine")
        archive.configure("samedi", title="L’Estuaire du samedi", tagline="Ce qui se lit le week-end")
        assert archive.engine
        (root / "var" / "secret.key").write_text(SECRET.hex())
        command = [sys.executable, "-c", QUICK, "--newsroom", str(root), "run", "--port", "0"]
        with log.open("w") as told:
            daemon = subprocess.Popen([*command, "--log", "json", "--metrics", "off"], stderr=told)
        try:
            wait_for(lambda: '"pages"' in log.read_text(), "the pages")
            said = next(line for line in map(json.loads, log.read_text().splitlines()) if line["event"] == "pages")
            yield House(archive, relay, f"http://127.0.0.1:{said['port']}")
        finally:
            daemon.terminate()
            daemon.wait(60)
        assert not [line for line in log.read_text().splitlines() if "lectrice-" in line], "no address in the log"
        archive.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


class Window(Look):
    """A browser window which fetches nothing from elsewhere: what it asks for there is kept, and not answered."""

    def __init__(self, chromium: Any, house: House, width: int, *, scripts: bool) -> None:
        super().__init__(chromium, width, "light", scripts=scripts)
        self._house = house
        self.elsewhere: list[str] = []
        self._context.route("**/*", self._asked)

    def _asked(self, route: Any) -> None:
        if route.request.url.startswith(f"{self._house.base}/") and route.request.resource_type != "stylesheet":
            route.continue_()
        else:
            self.elsewhere.append(route.request.url)
            route.abort()

    def judge(self, what: str) -> None:
        """As before, once at each width; and that the page is small."""
        assert len(self.page.content().encode()) <= LARGEST, what
        if (what, self._width) not in self._house.judged:
            self._house.judged.add((what, self._width))
            super().judge(what)

    def press(self, button: str, heading: str, what: str) -> None:
        self.page.get_by_role("button", name=button).click()
        self.page.get_by_role("heading", name=heading).wait_for()
        self.judge(what)


@pytest.mark.parametrize(("width", "scripts"), WINDOWS)
def test_a_reader_joins_reads_chooses_moves_leaves_comes_back_and_is_forgotten(
    house: House, chromium: Any, width: int, scripts: bool
) -> None:
    reader = f"lectrice-{width}-{scripts}@lecteurs.example".lower()
    window = Window(chromium, house, width, scripts=scripts)
    page = window.page
    joins(house, window, reader)
    friday = Date(2026, 11, 6 + 7 * [390, 1280].index(width) + 14 * scripts)
    house.archive.send(friday, state=None)
    letter = house.mail(reader, 1)
    online = house.link(letter, "a/vendredi/")
    wait_for(lambda: httpx.get(online).status_code == 200, "the letter on the web")
    page.goto(online)
    page.get_by_role("heading", name="La digue tiendra").first.wait_for()
    window.judge("online")
    chooses(house, window, reader)
    reader = moves(house, window, reader)
    way = house.here(re.findall(r"<(https:[^>]+)>", letter["List-Unsubscribe"])[0])
    assert httpx.post(way, content=letter["List-Unsubscribe-Post"]).status_code == 200
    assert house.held(reader)[0] == {"vendredi": "unsubscribed", "samedi": "active"}
    page.goto(house.link(letter, "u/"))
    page.get_by_role("heading", name="C’est fait").wait_for()
    window.judge("left")
    window.press("revenir", "Vous revoilà", "back")
    assert house.held(reader) == ({"vendredi": "active", "samedi": "active"}, ["join", "join", "came back"])
    is_forgotten(house, window, reader)
    assert window.elsewhere == []
    assert [line for line in window.complaints if "favicon" not in line and "404" not in line] == []
    window.close()


def joins(house: House, window: Window, reader: str) -> None:
    """Two letters, one confirmation."""
    window.page.goto(f"{house.base}/join?language=fr")
    window.judge("join")
    for letter in ("vendredi", "samedi"):
        window.page.get_by_label(f"L’Estuaire du {letter}").check()
    window.page.get_by_label("Votre adresse de courriel").fill(reader)
    window.press("S’inscrire", "Regardez dans votre boîte", "joined")
    window.page.goto(house.link(house.mail(reader, 0), "confirm/"))
    window.judge("confirm")
    assert house.held(reader) == ({}, [])
    window.press("Confirmer", "C’est fait", "confirmed")
    assert house.held(reader) == ({"vendredi": "active", "samedi": "active"}, ["join", "join"])


def asks_for_a_link(house: House, window: Window, reader: str, number: int) -> None:
    """Open the page of choices by the link in the reader's message of this number."""
    page = window.page
    page.goto(f"{house.base}/choices?language=fr")
    window.judge("ask")
    page.get_by_label("Votre adresse de courriel").fill(reader)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Regardez dans votre boîte").wait_for()
    page.goto(house.link(house.mail(reader, number), "choices/"))
    window.judge("choices")


def chooses(house: House, window: Window, reader: str) -> None:
    """A pause, and none again."""
    page = window.page
    asks_for_a_link(house, window, reader, 2)
    page.get_by_label("Ne rien m’envoyer avant").check()
    page.get_by_role("button", name="Enregistrer mes choix").click()
    page.get_by_text("Voici vos choix").wait_for()
    window.judge("chosen")
    page.get_by_role("checkbox", name="Rien ne vient avant").uncheck()
    page.get_by_role("button", name="Enregistrer mes choix").click()
    page.get_by_role("checkbox", name="Ne rien m’envoyer avant").wait_for()


def moves(house: House, window: Window, reader: str) -> str:
    """To another address, which is returned; both confirm."""
    page, new = window.page, f"nouvelle-{reader}"
    page.get_by_label("Votre nouvelle adresse").fill(new)
    page.get_by_role("button", name="Changer d’adresse").click()
    page.get_by_text("Un message part vers chacune").wait_for()
    window.judge("moving")
    page.goto(house.link(house.mail(new, 0), "address/"))
    window.judge("address")
    window.press("Oui, désormais", "Une sur deux", "half")
    page.goto(house.link(house.mail(reader, 3), "address/"))
    window.press("Oui, désormais", "C’est fait", "moved")
    assert house.held(reader) == ({}, [])
    assert house.held(new)[0] == {"vendredi": "active", "samedi": "active"}
    return new


def is_forgotten(house: House, window: Window, reader: str) -> None:
    """All that is held comes by mail; then nothing is."""
    page = window.page
    asks_for_a_link(house, window, reader, 1)
    page.get_by_role("button", name="Me l’envoyer").click()
    page.get_by_text("en route vers votre boîte").wait_for()
    window.judge("held")
    body = house.mail(reader, 2).get_body(("plain",))
    assert body is not None
    assert "came back" in body.get_content()
    page.get_by_label("Oui, tout effacer").check()
    window.press("Effacer mes données", "Vos données sont effacées", "forgotten")
    assert house.held(reader) == ({}, [])
