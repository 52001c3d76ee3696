"""The doors in a browser, with scripts and without: the whole way, axe without a finding, nothing cut off.

``FILIGRANE_SHOTS=DIR`` keeps a picture of each page at 390 and 1280, light and dark.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from composer.public import app
from composer.subscribers import read_address, subscribe, token_reader, unsubscribe_token
from tests.conftest import NODE_MODULES
from tests.public.support.answering import answering
from tests.public.support.page_server import SECRET, serving
from tests.support.doors import OpenHouse, open_doors, open_house
from tests.support.lengths import WHOLE
from tests.support.newsrooms import configure

pytestmark = [pytest.mark.chromium, pytest.mark.node, pytest.mark.slow]

SHOTS = os.environ.get("FILIGRANE_SHOTS")

#: Width and light of a window; with scripts in the dark, without by day. All four where time is no matter.
LOOKS = [(390, "light"), (1280, "dark"), *([(390, "dark"), (1280, "light")] if WHOLE or SHOTS else [])]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[OpenHouse]:
    made = open_house(tmp_path)
    open_doors(tmp_path, "vendredi", roles="refuse")
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


class Look:
    """One browser window. axe runs in another one, since the pages' policy lets no script in."""

    def __init__(self, chromium: Any, width: int, light: str, *, scripts: bool) -> None:
        self._name = f"{width}-{light}"
        how = {"viewport": {"width": width, "height": 844}, "color_scheme": light}
        self._context = chromium.new_context(**how, java_script_enabled=scripts)
        self._judge = chromium.new_context(**how, bypass_csp=True)
        self._width = width
        self.page = self._context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("request", lambda request: self.complaints.append(request.url) if self._else(request) else None)

    def _else(self, request: Any) -> bool:
        return not request.url.startswith(("http://127.0.0.1:", "data:"))

    def judge(self, what: str) -> None:
        """No finding of axe, nothing wider than the window."""
        page = self._judge.new_page()
        page.set_content(self.page.content())
        page.add_script_tag(path=NODE_MODULES / "axe-core" / "axe.min.js")
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found = [(each["id"], node["html"][:150]) for each in result["violations"] for node in each["nodes"]]
        assert found == [], what
        assert len(result["passes"]) > 10
        assert page.evaluate("document.documentElement.scrollWidth") <= self._width
        if SHOTS:
            self.page.screenshot(path=Path(SHOTS) / f"{what}-{self._name}.png", full_page=True)
        page.close()

    def close(self) -> None:
        self._context.close()
        self._judge.close()


@pytest.mark.parametrize(("width", "light"), LOOKS)
def test_a_reader_joins_and_confirms(house: OpenHouse, chromium: Any, width: int, light: str) -> None:
    look = Look(chromium, width, light, scripts=light == "dark")
    page = look.page
    with serving(app(house.engine, house.newsroom, token_reader(SECRET))) as base:
        page.goto(f"{base}/join?language=fr")
        look.judge("house")
        page.get_by_label("Votre adresse de courriel").fill("zoe@gmial.com")
        page.get_by_label("L'Estuaire du vendredi").check()
        page.keyboard.press("Tab")
        page.get_by_role("button", name="S’inscrire").click()
        page.get_by_text("Vouliez-vous écrire").wait_for()
        look.judge("mistyped")
        assert page.get_by_label("L'Estuaire du vendredi").is_checked()
        assert not page.get_by_label("L'Estuaire du samedi").is_checked()
        page.get_by_label("L'Estuaire du vendredi").uncheck()
        page.get_by_role("button", name="S’inscrire").click()
        page.get_by_text("Choisissez au moins une lettre").wait_for()
        look.judge("letters")
        page.goto(f"{base}/join/vendredi")
        look.judge("publication")
        page.get_by_label("Votre adresse de courriel").fill("webmaster@example.org")
        page.keyboard.press("Enter")
        page.get_by_text("celle d’une fonction").wait_for()
        look.judge("role")
        page.get_by_label("Votre adresse de courriel").fill("zoe@example.org")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Regardez dans votre boîte").wait_for()
        look.judge("joined")
        house.answer()
        page.goto(f"{base}/confirm/{house.token()}")
        look.judge("confirm")
        over = threading.Event()

        def daemon() -> None:
            while not over.wait(0.1):
                house.answer()

        answering = threading.Thread(target=daemon)
        answering.start()
        page.get_by_role("button").click()
        page.get_by_role("heading", name="C’est fait").wait_for()
        over.set()
        answering.join()
        look.judge("confirmed")
        page.goto(f"{base}/confirm/none")
        look.judge("nowhere")
    assert [each for each in look.complaints if "404" not in each and "422" not in each] == []
    look.close()
    assert house.readers() == {("zoe@example.org", "vendredi"): "active"}


@pytest.mark.parametrize(("width", "light"), LOOKS)
def test_a_reader_leaves_says_why_and_comes_back(house: OpenHouse, chromium: Any, width: int, light: str) -> None:
    look = Look(chromium, width, light, scripts=False)
    page = look.page
    with house.engine.begin() as connection:
        number = subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form", language="fr")
    with serving(app(house.engine, house.newsroom, token_reader(SECRET))) as base:
        page.goto(f"{base}/u/{unsubscribe_token(number, SECRET)}/")
        look.judge("leave")
        page.get_by_role("button", name="Se désabonner").click()
        page.get_by_role("heading", name="C’est fait").wait_for()
        look.judge("left")
        page.get_by_label("Elle arrive trop souvent").check()
        page.get_by_role("button", name="Envoyer").click()
        page.get_by_text("Merci.").wait_for()
        look.judge("answered")
        over = threading.Event()

        def daemon() -> None:
            while not over.wait(0.1):
                house.answer()

        answering = threading.Thread(target=daemon)
        answering.start()
        page.get_by_role("button", name="revenir").click()
        page.get_by_role("heading", name="Vous revoilà").wait_for()
        over.set()
        answering.join()
        look.judge("back")
        page.goto(page.url)
        page.get_by_role("heading", name="Vous êtes sur la liste").wait_for()
        look.judge("listed")
        page.goto(f"{base}/none")
        look.judge("none")
    assert [each for each in look.complaints if "404" not in each] == []
    look.close()
    assert house.readers() == {("zoe@example.org", "vendredi"): "active"}


@pytest.mark.parametrize(("width", "light"), LOOKS)
def test_a_reader_chooses(house: OpenHouse, chromium: Any, width: int, light: str) -> None:
    look = Look(chromium, width, light, scripts=False)
    page = look.page
    with house.engine.begin() as connection:
        subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form", tier="paid")
    path = house.root / "config" / "publications" / "vendredi.yaml"
    translated = "tagline: Ce qui se passe au port, chaque vendredi\ntranslations: {en: {title: Friday}}\n"
    path.write_text(path.read_text(encoding="utf-8") + translated, encoding="utf-8")
    with serving(app(house.engine, house.newsroom, token_reader(SECRET))) as base, answering(house):
        page.goto(f"{base}/choices?language=fr")
        look.judge("ask")
        page.get_by_label("Votre adresse de courriel").fill("zoe@example.org")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Regardez dans votre boîte").wait_for()
        while not house.mails():
            page.wait_for_timeout(50)
        page.goto(f"{base}/choices/{house.token('choices')}")
        look.judge("choices")
        page.get_by_label("L'Estuaire du samedi").check()
        page.get_by_label("Ne rien m’envoyer avant").check()
        page.get_by_label("En anglais").check()
        page.get_by_role("button", name="Enregistrer mes choix").click()
        page.get_by_text("Voici vos choix").wait_for()
        look.judge("chosen")
        page.get_by_role("button", name="Me l’envoyer").click()
        page.get_by_text("en route vers votre boîte").wait_for()
        look.judge("held")
        page.get_by_label("Votre nouvelle adresse").fill("neuve@example.org")
        page.get_by_role("button", name="Changer d’adresse").click()
        page.get_by_text("Un message part vers chacune").wait_for()
        look.judge("moving")
        choosing = page.locator("form").first.get_attribute("action")
        page.goto(f"{base}/address/{house.token('address')}")
        look.judge("address")
        page.get_by_role("button", name="Oui, désormais").click()
        page.get_by_role("heading", name="Une sur deux").wait_for()
        look.judge("half")
        page.goto(f"{base}{choosing}")
        page.get_by_role("button", name="Les quitter toutes").click()
        page.get_by_text("plus aucune de nos lettres").wait_for()
        look.judge("none-left")
        page.get_by_label("Oui, tout effacer").check()
        page.get_by_role("button", name="Effacer mes données").click()
        page.get_by_role("heading", name="Vos données sont effacées").wait_for()
        look.judge("forgotten")
    assert [each for each in look.complaints if "404" not in each] == []
    look.close()
    assert set(house.readers().values()) == {"unsubscribed"}


@pytest.mark.parametrize(("width", "light"), LOOKS)
def test_who_pays_finds_the_doors_of_who_bills_and_what_is_kept(
    house: OpenHouse, chromium: Any, width: int, light: str
) -> None:
    look = Look(chromium, width, light, scripts=False)
    doors = {"terminate": "https://factures.example/resilier", "withdraw": "https://factures.example/renoncer"}
    configure(house.root, "vendredi", billing=doors)
    with house.engine.begin() as connection:
        reader = read_address("zoe@example.org")
        number = subscribe(connection, reader, "vendredi", source="form", tier="paid", language="fr")
    with serving(app(house.engine, house.newsroom, token_reader(SECRET))) as base:
        look.page.goto(f"{base}/u/{unsubscribe_token(number, SECRET)}")
        assert look.page.get_by_role("link", name="renoncer au contrat ici").is_visible()
        look.judge("biller")
        look.page.get_by_role("link", name="Données personnelles").click(trial=True)
        look.page.goto(f"{base}/about/privacy/fr/")
        look.judge("privacy")
    assert [each for each in look.complaints if "404" not in each] == []
    look.close()
