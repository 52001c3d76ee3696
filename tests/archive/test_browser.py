"""The pages in a browser: axe without a finding, nothing fetched from elsewhere, nothing cut off, at two widths."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from composer.public import app
from composer.subscribers import token_reader
from tests.archive.support.sample_archive import SECRET, SampleArchive, sample_archive, weeks
from tests.conftest import NODE_MODULES
from tests.public.support.page_server import serving
from tests.support.newsrooms import FRIDAY, ISSUE, png

pytestmark = [pytest.mark.chromium, pytest.mark.node, pytest.mark.slow]

PAGES = (
    f"a/vendredi/{FRIDAY}/",
    "a/vendredi/",
    "a/vendredi/2026/",
    "a/",
    "search?q=digues",
    "search?q=pamplemousse&in=vendredi",
    "about/legal/",
    "about/privacy/fr/",
    "about/accessibility/",
    "about/ownership/",
    "a/nowhere/",
    "copy/{copy}",
    "copy/{late}",
)


#: What stands for the token of a link that opens, and of one that is too old.
LINKS: dict[str, str] = {}


def filled(path: str) -> str:
    for name, token in LINKS.items():
        path = path.replace(name, token)
    return path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, SampleArchive]]:
    archive: SampleArchive = sample_archive(tmp_path_factory.mktemp("site") / "newsroom")
    archive.settings(ownership={"owners": ["Les amis du port"]})
    folder: Path = archive.root / "issues" / "vendredi"
    folder.mkdir(parents=True)
    (folder / "digue.png").write_bytes(png(size=(1280, 640)))
    figure = "  - figure: {{src: digue.png, alt: Une digue, credit: {{photo: Odile}}}}\n  - masthead"
    archive.configure(archive={"since": FRIDAY, "paid_copies": True})
    archive.pays()
    (late, _second, last) = [archive.send(date, ISSUE.replace("  - masthead", figure)) for date in weeks(3)]
    archive.left(late, timedelta(days=8))
    archive.left(last, timedelta(hours=1))
    archive.look()
    archive.copies(datetime.now(UTC))
    LINKS.update({"{copy}": archive.copy_link(last), "{late}": archive.copy_link(late)})
    with serving(app(archive.engine, archive.newsroom, token_reader(SECRET))) as base:
        yield base, archive
    archive.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(site: tuple[str, SampleArchive], browser: Any, width: int, scheme: str) -> None:
    base, _archive = site
    # The pages' policy lets no script in: axe is let in by the browser alone.
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True, java_script_enabled=True
    )
    page, found = context.new_page(), []
    for path in PAGES:
        page.goto(f"{base}/{filled(path)}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.add_script_tag(path=NODE_MODULES / "axe-core" / "axe.min.js")
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert len(result["passes"]) > 8, path
        found += [(path, each["id"], node["html"][:120]) for each in result["violations"] for node in each["nodes"]]
    context.close()
    assert found == []


@pytest.mark.parametrize("scripts", [True, False])
def test_pages_keep_their_own_policy_and_fetch_nothing_from_elsewhere(
    site: tuple[str, SampleArchive], browser: Any, scripts: bool
) -> None:
    base, _archive = site
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
    page, asked, complaints = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{base}/a/vendredi/{FRIDAY}/")
    assert page.locator("main img").first.evaluate("image => image.naturalWidth") > 600
    assert page.locator("h1").evaluate("title => getComputedStyle(title).fontWeight") == "700"
    page.get_by_role("link", name="La lettre suivante").or_(page.locator(".after a")).first.click()
    assert page.url == f"{base}/a/vendredi/{weeks(2)[1]}/"
    page.get_by_role("link", name="Rechercher").click()
    page.get_by_role("searchbox").fill("étals")
    page.get_by_role("button", name="Rechercher").click()
    page.locator(".letters a").first.click()
    assert page.url.startswith(f"{base}/a/vendredi/2026-12")
    context.close()
    assert [url for url in asked if not url.startswith(f"{base}/")] == []
    assert [line for line in complaints if "favicon" not in line and "404" not in line] == []


def test_a_letter_is_printed_on_paper_without_the_frame(site: tuple[str, SampleArchive], browser: Any) -> None:
    base, _archive = site
    page = browser.new_page()
    page.goto(f"{base}/a/vendredi/{FRIDAY}/")
    page.emulate_media(media="print")
    assert not page.locator(".top-line").is_visible()
    assert not page.locator(".foot-lines").is_visible()
    assert page.locator(".printed").is_visible()
    content = page.pdf(prefer_css_page_size=True)
    page.close()
    assert b"/MediaBox [0 0 595" in content or b"/MediaBox [0 0 594" in content, "A4"
