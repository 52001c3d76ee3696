"""Writing in the letter: a real server, a real Chromium, and the bytes of the file afterwards."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NODE_MODULES
from tests.studio.conftest import TOKEN, served
from tests.support.newsrooms import FRIDAY, ISSUE, write_issue, write_newsroom

pytestmark = [pytest.mark.chromium, pytest.mark.slow]

ADDRESS = "/issue/vendredi/2026-11-27"
#: What no edit may touch: a comment, quotes, a blank line, and the rest.
TEXT = ISSUE.replace("blocks:\n", "# à relire\n\nblocks:\n").replace(
    "La digue tiendra\n", '"La digue tiendra" # oui\n', 1
)
HALLE = "        Les étals reviennent sous la halle.\n"
WIDTHS = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
BOTH = pytest.mark.parametrize("page", WIDTHS, indirect=True)


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_newsroom(tmp_path_factory.mktemp("writing")).resolve()


@pytest.fixture(scope="module")
def url(newsroom: Path) -> Iterator[str]:
    """One studio for all the tests; each begins with the file as it was, and without a history."""
    with served(newsroom) as address:
        yield address


@pytest.fixture
def root(newsroom: Path) -> Path:
    return newsroom


@pytest.fixture
def file(root: Path) -> Path:
    shutil.rmtree(root / "var", ignore_errors=True)
    path = write_issue(root, "vendredi", FRIDAY, TEXT)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return path


@pytest.fixture(scope="module")
def windows(browser: Any, url: str) -> dict[str, Any]:
    """A window of each width, which holds the studio's token."""
    found: dict[str, Any] = {}
    for name, size in WIDTHS.items():
        phone = name == "phone"
        found[name] = browser.new_context(viewport=size, has_touch=phone, is_mobile=phone)
        first = found[name].new_page()
        first.goto(f"{url}/?key={TOKEN}")
        first.wait_for_url(f"{url}/issues")
        first.close()
    return found


@pytest.fixture
def page(windows: dict[str, Any], url: str, file: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The letter in a window of the width that the test asks for, a desktop's otherwise."""
    opened = windows[getattr(request, "param", "desktop")].new_page()
    opened.set_default_timeout(60_000)
    opened.goto(url + ADDRESS)
    opened.get_by_text("Up to date").wait_for()  # the stream of changes is open
    yield opened
    opened.close()


def letter(page: Any) -> Any:
    return page.frame_locator("#stage iframe:not(.coming)")


def sentence(page: Any, at: str) -> Any:
    return letter(page).locator(f"[data-at='{at}']").first


def opened(page: Any, at: str) -> Any:
    """The sentence at ``at``, pressed and open, with the caret at its end."""
    pressed = sentence(page, at)
    pressed.click()
    letter(page).locator(".open-sentence").wait_for()
    page.keyboard.press("Control+End")
    return pressed


def left(page: Any) -> None:
    """Wait until nothing is open."""
    page.locator("#writing").wait_for(state="hidden")


def saved(page: Any) -> None:
    left(page)
    assert re.fullmatch(r"Saved at \d\d:\d\d", page.locator("#saved").inner_text())


@BOTH
def test_a_sentence_is_written_where_it_stands_and_no_other_byte_of_the_file(page: Any, file: Path) -> None:
    before = file.read_bytes()
    size = sentence(page, "blocks/1/body#0").evaluate("one => getComputedStyle(one).fontSize")
    words = opened(page, "blocks/1/body#0")
    line = before.split(b"Les \xc3\xa9tals")[0].count(b"\n") + 1
    assert page.locator("#status").inner_text() == f"Line {line} of the file"
    shown = words.evaluate(
        "one => [getComputedStyle(one).fontSize, one.lang, one.spellcheck, one.isContentEditable, one.role]"
    )
    assert shown == [size, "fr", True, True, "textbox"]
    page.keyboard.press("Backspace")
    page.keyboard.type(", l'été")
    page.keyboard.press("Control+b")
    page.keyboard.type(" aussi")
    page.keyboard.press("Control+b")
    page.keyboard.type(".")
    page.keyboard.press("Control+Enter")
    saved(page)
    after = HALLE.replace("halle.", "halle, l'été **aussi**.")
    assert file.read_bytes() == before.replace(HALLE.strip().encode(), after.strip().encode())
    letter(page).get_by_text("l’été").wait_for()  # as the letter sets it, at once or drawn again
    assert sentence(page, "blocks/1/body#0").evaluate("one => one.isContentEditable") is False


def test_undone_and_given_up_edits_write_nothing(page: Any, file: Path) -> None:
    before = file.stat().st_mtime_ns, file.read_bytes()
    words = opened(page, "blocks/0/headline")
    html = "La digue tiendra"
    page.keyboard.type(" encore")
    assert words.inner_text() == f"{html} encore"
    page.keyboard.press("Control+z")
    assert words.inner_text() == html
    page.get_by_role("button", name="Redo").click()
    assert words.inner_text() == f"{html} encore"
    page.get_by_role("button", name="Undo").click()
    page.keyboard.press("Enter")
    left(page)
    opened(page, "blocks/0/headline")
    page.keyboard.type(" toujours")
    page.keyboard.press("Escape")
    left(page)
    assert words.inner_text() == html
    assert words.evaluate("one => [...one.attributes].map(each => each.name).sort()") == [
        "data-at",
        "data-d",
        "data-line",
    ]
    assert (file.stat().st_mtime_ns, file.read_bytes()) == before


@BOTH
def test_the_subject_is_written_in_the_inbox_row(page: Any, file: Path) -> None:
    before = file.read_bytes()
    subject = page.locator(".subject")
    subject.click()
    page.locator(".subject.open-sentence").wait_for()
    assert page.get_by_role("button", name="Bold").is_hidden()
    page.keyboard.press("Control+b")
    page.keyboard.press("Control+a")
    page.keyboard.type("Un autre objet")
    page.keyboard.press("Tab")
    page.locator(".preheader.open-sentence").wait_for()
    page.keyboard.press("Escape")
    saved(page)
    assert file.read_bytes() == before.replace(b"La digue tiendra\r\n", b"Un autre objet\r\n", 1)
    letter(page).get_by_role("heading", name="Un autre objet").wait_for()


def test_a_link_is_put_by_keyboard_and_no_script_can_be_one(page: Any, file: Path) -> None:
    before = file.read_bytes()
    words = opened(page, "blocks/1/body#0")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+k")
    field = page.get_by_label("Address of the link")
    field.wait_for()
    page.keyboard.type("javascript:alert(1)")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("An address is").wait_for()
    field.fill("example.org/halle")
    page.keyboard.press("Enter")
    field.wait_for(state="hidden")
    assert words.locator("a").inner_text() == "halle"
    page.keyboard.press("Control+Enter")
    saved(page)
    wanted = b"sous la [halle](https://example.org/halle)."
    assert file.read_bytes() == before.replace(b"sous la halle.", wanted)
    letter(page).locator("a[href='https://example.org/halle']").wait_for()
    opened(page, "blocks/1/body#0")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+k")
    assert field.input_value() == "https://example.org/halle"
    page.get_by_role("button", name="Take the link off").click()
    page.keyboard.press("Control+Enter")
    saved(page)
    assert file.read_bytes() == before


def test_dead_keys_and_input_methods_are_written_as_they_end(page: Any, file: Path) -> None:
    before = file.read_bytes()
    words = opened(page, "blocks/0/headline")
    keys = page.context.new_cdp_session(page)
    page.keyboard.type(" ")
    for composed in ("´", "é", "と", "とう"):
        place = {"selectionStart": len(composed), "selectionEnd": len(composed)}
        keys.send("Input.imeSetComposition", {"text": composed, **place})
    keys.send("Input.insertText", {"text": "東京"})
    page.keyboard.type(" !")
    page.wait_for_function("() => true")
    assert words.inner_text() == "La digue tiendra 東京 !"
    page.keyboard.press("Enter")
    saved(page)
    assert file.read_bytes() == before.replace(b'"La digue tiendra"', '"La digue tiendra 東京 !"'.encode())


def test_what_is_pasted_is_its_words_on_one_line(page: Any, file: Path) -> None:
    before = file.read_bytes()
    words = opened(page, "blocks/0/headline")
    words.evaluate(
        """one => {
          const held = new DataTransfer();
          held.setData('text/plain', ' vrai\\n\\nment');
          held.setData('text/html', '<b style="font-weight:normal">vrai</b><script>x</script><img src=x>');
          one.dispatchEvent(new ClipboardEvent('paste', {clipboardData: held, bubbles: true, cancelable: true}));
        }"""
    )
    page.keyboard.press("Enter")
    saved(page)
    assert file.read_bytes() == before.replace(b'"La digue tiendra"', b'"La digue tiendra vrai ment"')


@BOTH
def test_two_versions_of_a_sentence_are_shown_and_the_editor_chooses(page: Any, file: Path) -> None:
    def conflict(mine: str, theirs: str) -> None:
        opened(page, "blocks/0/headline")
        page.keyboard.type(mine)
        now = file.read_bytes()
        file.write_bytes(re.sub(rb'"La digue[^"]*"', f'"{theirs}"'.encode(), now))
        page.keyboard.press("Enter")
        page.locator("#versions[open]").wait_for()

    conflict(" un an", "La digue cède")
    assert page.locator("[data-version=mine]").inner_text() == "La digue tiendra un an"
    assert page.locator("[data-version=theirs]").inner_text() == "La digue cède"
    assert page.locator("[data-version=mine] mark").inner_text() == "tiendra un an"
    page.get_by_role("button", name="Keep yours").click()
    saved(page)
    assert b'headline: "La digue tiendra un an" # oui\r\n' in file.read_bytes()
    letter(page).get_by_text("La digue tiendra un an").first.wait_for()
    conflict(" de plus", "La digue rompt")
    page.get_by_role("button", name="Take the file’s").click()
    left(page)
    letter(page).get_by_text("La digue rompt").first.wait_for()
    assert b'headline: "La digue rompt" # oui\r\n' in file.read_bytes()


def test_what_is_refused_stays_open_with_its_words_and_says_why(page: Any, file: Path) -> None:
    words = opened(page, "blocks/0/headline")
    page.keyboard.type(" encore")
    broken = file.read_bytes().replace(b"teaser:", b"teazer:")
    file.write_bytes(broken)
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("must be mended").wait_for()
    assert words.inner_text() == "La digue tiendra encore"
    assert words.evaluate("one => one.isContentEditable") is True
    assert file.read_bytes() == broken
    file.write_bytes(broken.replace(b"teazer:", b"teaser:"))
    page.keyboard.press("Enter")
    saved(page)
    assert b'headline: "La digue tiendra encore" # oui\r\n' in file.read_bytes()


def test_no_letter_takes_the_place_of_an_open_sentence(page: Any, file: Path) -> None:
    words = opened(page, "blocks/0/headline")
    words.evaluate("one => { one.mine = true }")
    page.keyboard.type(" p n r e")  # letters that are keys of the studio elsewhere
    file.write_bytes(file.read_bytes().replace(b"subject: La digue tiendra", b"subject: Un autre objet"))
    page.locator(".subject", has_text="Un autre objet").wait_for()
    assert words.evaluate("one => [one.mine, one.isContentEditable, one.innerText]") == [
        True,
        True,
        "La digue tiendra p n r e",
    ]
    assert page.url.endswith(ADDRESS)
    page.keyboard.press("Enter")
    saved(page)
    letter(page).get_by_role("heading", name="Un autre objet").wait_for()
    assert letter(page).get_by_text("La digue tiendra p n r e").first.is_visible()


def test_tab_goes_from_sentence_to_sentence_and_e_comes_back(page: Any, file: Path) -> None:
    opened(page, "blocks/0/headline")
    page.keyboard.press("Tab")
    here = letter(page).locator(".open-sentence[data-at='blocks/0/body#0']")
    here.wait_for()
    page.keyboard.press("Shift+Tab")
    letter(page).locator(".open-sentence[data-at='blocks/0/headline']").wait_for()
    page.keyboard.press("Tab")
    here.wait_for()
    page.keyboard.press("Control+Home")
    page.keyboard.type("Oui. ")
    page.keyboard.press("Control+Enter")
    saved(page)
    page.keyboard.press("e")
    here.wait_for()
    assert here.inner_text().startswith("Oui. ")
    assert b"        Oui. Le chantier de la digue **avance**, et le port respire.\r\n" in file.read_bytes()


@BOTH
def test_the_bar_stays_within_the_page_and_the_caret_in_sight(page: Any, file: Path) -> None:
    long = TEXT.replace(
        "le port respire.", "le port respire.\n\n" + "\n\n".join(f"        Ligne {n}." for n in range(40))
    )
    file.write_text(long.format(subject="La digue tiendra"), encoding="utf-8")
    letter(page).get_by_text("Ligne 39.").wait_for()
    opened(page, "blocks/0/body#80")
    for _line in range(3):
        page.keyboard.type(" et encore des mots, et encore")
    caret = page.evaluate(
        """() => {
          const frame = document.querySelector('#stage iframe:not(.coming)');
          const range = frame.contentWindow.getSelection().getRangeAt(0);
          const around = range.startContainer.parentElement;
          const { top, bottom } = range.getClientRects()[0] ?? around.getBoundingClientRect();
          const bar = document.getElementById('writing').getBoundingClientRect();
          const at = frame.getBoundingClientRect().top;
          const wide = document.documentElement.scrollWidth;
          return { top: top + at, bottom: bottom + at, bar: [bar.top, bar.bottom], wide };
        }"""
    )
    size = page.viewport_size
    assert caret["wide"] <= size["width"]
    assert caret["top"] >= 0
    assert caret["bottom"] <= size["height"]
    assert caret["bottom"] <= caret["bar"][0] or caret["top"] >= caret["bar"][1], caret


@BOTH
def test_what_is_computed_says_where_it_comes_from_and_leads_there(page: Any, file: Path) -> None:
    text = TEXT.replace("  - article:\n", "  - article:\n      id: halle\n").replace(
        "  - masthead", "  - teasers: auto\n  - masthead"
    )
    file.write_text(text.format(subject="La digue tiendra"), encoding="utf-8")
    listed = letter(page).locator("[data-from]", has_text="Le marché couvert rouvre")
    listed.first.click()
    page.locator("#origin").get_by_text("This list is made from").wait_for()
    page.get_by_role("button", name="Go there").click()
    letter(page).locator(".open-sentence[data-at='blocks/1/headline']").wait_for()
    assert page.locator("#origin").is_hidden()


@BOTH
def test_enter_begins_a_paragraph_and_backspace_joins_it_again(page: Any, file: Path) -> None:
    before = file.read_bytes()
    opened(page, "blocks/1/body#0")
    page.keyboard.press("Enter")
    page.keyboard.type("L'été. Et l'hiver.")  # none of them is a key of the studio
    for _letter in range(len("Et l'hiver.")):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    saved(page)
    text = HALLE + "\n        L'été.\n\n        Et l'hiver.\n"
    assert file.read_bytes() == before.replace(
        HALLE.replace("\n", "\r\n").encode(), text.replace("\n", "\r\n").encode()
    )
    letter(page).get_by_text("Et l’hiver.").wait_for()
    opened(page, "blocks/1/body#4")
    page.keyboard.press("Control+Home")
    page.keyboard.press("Backspace")
    letter(page).locator(".open-sentence", has_text="L’été.Et l’hiver.").wait_for()
    page.keyboard.type(" ")
    page.keyboard.press("Control+Enter")
    saved(page)
    assert "        L'été. Et l'hiver.\r\n".encode() in file.read_bytes()
    for _change in range(4):
        page.locator("#undo").click()
    page.locator("#undo").wait_for(state="hidden")
    assert file.read_bytes() == before


@pytest.mark.node
@BOTH
def test_elements_and_blocks_are_added_from_a_list_by_keyboard(page: Any, file: Path) -> None:
    before = file.read_bytes()
    opened(page, "blocks/1/body#0")
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    page.locator("#elements[open]").wait_for()
    assert findings(page) == []
    page.locator("#elements button[data-choice=points]").press("Enter")
    page.locator("#elements-points-lead").fill("Le lieu")
    page.keyboard.press("Tab")
    page.keyboard.type("la halle")
    assert findings(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    letter(page).locator(".open-sentence", has_text="la halle").wait_for()
    page.keyboard.press("Escape")
    left(page)
    assert b"        - **Le lieu:** la halle\r\n" in file.read_bytes()
    page.keyboard.press("l")
    page.locator("#blocks[open]").wait_for()
    assert findings(page) == []
    page.locator("#blocks ol [data-act=remove][data-index='0']").press("Enter")
    page.locator("#blocks .taken-out", has_text="La digue tiendra").wait_for()
    assert b"edito" not in file.read_bytes()
    page.locator("#blocks [data-act=restore]").press("Enter")
    page.locator("#blocks ol li", has_text="La digue tiendra").wait_for()
    page.locator("#blocks button[data-choice=quote]").press("Enter")
    page.locator("#blocks-quote-text").fill("On y va.")
    page.locator("#blocks form[data-choice=quote] [type=submit]").press("Enter")
    page.locator("#blocks").wait_for(state="hidden")
    letter(page).get_by_text("On y va.").wait_for()
    for _change in range(4):
        page.keyboard.press("Control+z")
    page.locator("#undo").wait_for(state="hidden")
    assert file.read_bytes() == before


def findings(page: Any) -> list[Any]:
    """What axe finds in the page and in the letter: the rule, and where."""
    axe = (NODE_MODULES / "axe-core" / "axe.min.js").read_text()
    for frame in page.frames:
        if frame == page.main_frame or frame.frame_element().is_visible():  # one that is not in sight is never fetched
            frame.evaluate(axe)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert len(result["passes"]) > 10, "axe has read the page"
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in result["violations"]]


@pytest.mark.node
def test_a_version_is_brought_back_by_its_button(page: Any, file: Path) -> None:
    before = file.read_bytes()
    opened(page, "blocks/0/headline")
    page.keyboard.type(" encore")
    page.keyboard.press("Enter")
    saved(page)
    page.get_by_role("link", name="Versions").click()
    version = page.locator("main a")
    version.wait_for()
    assert findings(page) == []
    version.click()
    page.locator("del", has_text="encore").wait_for()
    assert findings(page) == []
    page.get_by_role("button", name="Bring this version back").click()
    page.wait_for_url("**/issue/**")
    assert file.read_bytes() == before


@pytest.mark.node
@BOTH
def test_axe_finds_nothing_while_a_sentence_is_open(page: Any, file: Path) -> None:
    opened(page, "blocks/1/body#0")
    page.keyboard.type(" Oui")
    assert findings(page) == []
    page.keyboard.press("Control+k")
    page.get_by_label("Address of the link").wait_for()
    assert findings(page) == []
    page.keyboard.press("Escape")
    file.write_bytes(file.read_bytes().replace("Les étals reviennent".encode(), "Les étals partent".encode()))
    page.keyboard.press("Control+Enter")
    page.locator("#versions[open]").wait_for()
    assert findings(page) == []


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}?audience=paid&light=night"])
def test_without_script_the_letter_is_read(browser: Any, url: str, file: Path, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{url}/?key={TOKEN}")
    page.wait_for_url(f"{url}/issues")
    page.goto(url + address)
    assert letter(page).get_by_text("Les étals reviennent sous la halle.").is_visible()
    for hidden in ("#writing", "#origin", "#versions", ".hint"):
        assert not page.locator(hidden).is_visible()
    page.locator("#audience-paid").click()
    assert letter(page).get_by_text("Un loyer de douze euros").is_visible()
    context.close()


def test_no_script_of_the_letter_runs_while_a_sentence_is_open(page: Any, root: Path, file: Path) -> None:
    reached: list[Callable[[], None]] = []
    page.expose_function("reached", lambda: reached.append(lambda: None))
    opened(page, "blocks/0/headline")
    page.keyboard.type("<img src=x onerror=parent.reached()><script>parent.reached()</script>")
    page.keyboard.press("Enter")
    left(page)
    letter(page).get_by_text("<img src=x onerror=parent.reached()>").first.wait_for()
    opened(page, "blocks/0/headline")
    page.keyboard.press("Escape")
    left(page)
    assert reached == []
