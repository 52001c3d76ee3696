"""Contact sheets of every sample issue, to be looked at: ``make gallery``, ``python -m bench.gallery PART-OF-A-NAME``.

Each issue, each edition, in both themes: one sheet for the desktop (1280) and one for the telephone (390), each with
the letter by day, by night, with every ``<style>`` removed, and with pictures off. ``opening-*.png`` are the first
screens. All go to ``var/gallery``; ``python -m bench.gallery readme`` makes the README's pictures again instead.

The type is the stack's first face as far as this machine has it: Charis SIL, of Charter's drawing, stands in for it
(``apt install fonts-sil-charis``); without it the pictures are set in the machine's serif.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from composer.issue.blocks import Audience
from composer.issue.compose import compose
from composer.issue.files import find_issues
from composer.issue.load import load_issue
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom, Style, Theme
from composer.rendering import Rendering, render

ROOT = Path(__file__).parent.parent
OUT = ROOT / "var" / "gallery"
THEMES = ("daily", "magazine")
AUDIENCES: tuple[Audience, ...] = ("free", "paid")

#: Width of the screen → by how much a sheet makes it smaller, and how many of its columns a panel shows.
SCREENS = {1280: (0.6, 720), 390: (0.8, 390)}
#: What a panel shows → light, whether style sheets stay, whether pictures are shown.
PANELS = {
    "day": ("light", True, True),
    "night": ("dark", True, True),
    "stripped": ("light", False, True),
    "images off": ("light", True, False),
}
_GAP = 16

#: Picture of the README → the letter it is of, and the element at which it begins; its first screen otherwise.
README = {
    "daily": ("vendredi-2026-11-27-free-daily", None),
    "magazine": ("samedi-2026-11-28-free-magazine", None),
    "boxes": ("vendredi-2026-11-27-free-daily", ".box"),
    "card": ("samedi-2026-12-05-free-magazine", ".card"),
}
_TOP = "document.querySelector(selector).getBoundingClientRect().top - 80"
PICTURES = ROOT / "docs" / "pictures"
#: Width of the screen, and panel, of each of an ``opening``'s pictures; their height, and how much smaller they are.
VIEWS = ((1280, "day"), (390, "day"), (390, "night"))
_FIRST, _SMALLER = 844, 0.75

#: For fontconfig: what a reader's Macintosh or iPhone calls Charter is Charis SIL here.
_FACES = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include>
<match target="pattern"><test name="family"><string>Charter</string></test>
<edit name="family" mode="prepend" binding="strong"><string>Charis SIL</string></edit></match></fontconfig>
"""


def chromium(playwright: Any) -> Any:
    """The system's Chromium, with the faces that the letters ask for."""
    OUT.mkdir(parents=True, exist_ok=True)
    faces = OUT / "fonts.conf"
    faces.write_text(_FACES)
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    environment = {**os.environ, "FONTCONFIG_FILE": str(faces)}
    return playwright.chromium.launch(executable_path=program, args=["--no-sandbox"], env=environment)


def themed(newsroom: Newsroom, publication: str, name: str) -> Newsroom:
    """``newsroom`` with ``publication`` in the theme ``name``; with its own tokens only where that is its theme."""
    one = newsroom.publications[publication]
    if one.theme.name != name:
        one = one.model_copy(update={"theme": Theme.model_validate({"name": name}), "style": Style()})
    return replace(newsroom, publications={**newsroom.publications, publication: one})


def letters(newsroom: Newsroom, part: str) -> Iterator[tuple[str, Rendering]]:
    """Every issue of the newsroom in each edition and theme, with a name for its sheet."""
    for file in find_issues(newsroom):
        issue = load_issue(file.path, newsroom).require()
        for name in THEMES:
            house = themed(newsroom, issue.key.publication, name)
            own = newsroom.publications[issue.key.publication].theme.name == name
            for audience in AUDIENCES:
                title = f"{issue.key.publication}-{file.path.stem}-{audience}-{name}{'' if own else '-guest'}"
                if part in title:
                    yield title, render(compose(issue, house, audience), house)


def screenshot(
    browser: Any, letter: Rendering, width: int, panel: str, height: int | None = None, start: str | None = None
) -> Image.Image:
    """The letter at ``width``, whole, or ``height`` pixels of it, from a little above the first ``start`` on."""
    light, styled, pictures = PANELS[panel]
    html = letter.html if styled else re.sub(r"<style.*?</style>", "", letter.html, flags=re.DOTALL)
    media = {medium.name: medium.content for medium in letter.media} if pictures else {}

    def answer(route: Any) -> None:
        content = media.get(route.request.url.rsplit("/", 1)[1])
        route.fulfill(body=content) if content else route.abort()

    page = browser.new_page(viewport={"width": width, "height": height or 844}, color_scheme=light)
    page.route(lambda url: url.startswith("http"), answer)
    page.set_content(html)
    page.wait_for_load_state("networkidle")
    if start is not None:
        page.evaluate(f"selector => scrollTo(0, scrollY + {_TOP})", start)
    shot = Image.open(BytesIO(page.screenshot(full_page=height is None)))
    page.close()
    shown = SCREENS[width][1]
    return shot.crop(((width - shown) // 2, 0, (width + shown) // 2, shot.height)).convert("RGB")


def sheet(panels: list[Image.Image], scale: float) -> Image.Image:
    """Panels side by side."""
    small = [
        each.resize((round(each.width * scale), round(each.height * scale)), Image.Resampling.LANCZOS)
        for each in panels
    ]
    size = (sum(each.width + _GAP for each in small) + _GAP, max(each.height for each in small) + 2 * _GAP)
    whole = Image.new("RGB", size, "#8a8f94")
    x = _GAP
    for each in small:
        whole.paste(each, (x, _GAP))
        x += each.width + _GAP
    return whole


def main(part: str = "") -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for title, letter in letters(load_newsroom(ROOT), part):
            for width, (scale, _shown) in SCREENS.items():
                panels = [screenshot(browser, letter, width, panel) for panel in PANELS]
                sheet(panels, scale).save(OUT / f"{title}-{width}.png")
            excerpt(browser, letter, OUT / f"opening-{title}.png")
            print(title, file=sys.stderr)
        browser.close()


def readme() -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for name, (part, start) in README.items():
            ((_title, letter),) = [each for each in letters(load_newsroom(ROOT), part) if each[0] == part]
            excerpt(browser, letter, PICTURES / f"{name}.png", start)
        browser.close()


def excerpt(browser: Any, letter: Rendering, path: Path, start: str | None = None) -> None:
    """One screen on a desk, on a telephone, and there by night, side by side."""
    shots = [screenshot(browser, letter, *view, _FIRST, start) for view in VIEWS]
    sheet(shots, _SMALLER).quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


if __name__ == "__main__":
    readme() if sys.argv[1:] == ["readme"] else main(*sys.argv[1:2])
