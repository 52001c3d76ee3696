"""What the studio answers, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest
import time_machine

from composer.cli import preview
from composer.errors import OutsideWorld, Refused
from composer.studio.forced_dark import _AROUND
from composer.studio.issue_list import named
from tests.studio.conftest import TOKEN
from tests.support.newsrooms import FRIDAY, ISSUE, png, write_issue

FIGURE = """\
subject: La rade
blocks:
  - edito:
      headline: La rade
      body: |
        Un chenal de plus.
  - figure:
      src: rade.png
      alt: La rade à marée basse
      credit: {photo: Odile Ferrand}
  - masthead: auto
"""


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=120) as opened:
        opened.get("/", params={"key": TOKEN}).raise_for_status()
        yield opened


def frame(page: str) -> str:
    match = re.search(r'<iframe src="([^"]+)"', page)
    assert match is not None, page
    return match[1].replace("&amp;", "&")


def test_the_letter_is_shown_with_its_inbox_row_weight_and_reading_time(client: httpx.Client) -> None:
    page = client.get("/issue/vendredi/2026-11-27").text
    for words in ("La digue tiendra", "Trois choses à savoir avant le marché", "min to read", "KB of 100", "07:00"):
        assert words in page
    assert "Les étals reviennent" in client.get(frame(page)).text
    for single in (r' id="([^"]+)"', r"<kbd>(\w)</kbd>"):  # a script finds the first; a key does one thing
        names = re.findall(single, page)
        assert len(names) > 8
        assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(
    "path",
    [
        "/issue/vendredi/..%2F..%2Fconfig%2Fnewsroom",
        "/issue/..%2Fconfig/newsroom",
        "/issue/config/newsroom",
        "/letter/vendredi/%2e%2e",
        "/media/..%2Fconfig%2Fnewsroom.yaml",
        "/media/2026-11-27.yaml",
        "/..%2Fpyproject.toml",
        "/issue.html.j2",
        "/issue/vendredi/2031-01-01",
    ],
)
def test_nothing_but_issues_and_their_pictures_can_be_reached(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_where_there_is_no_page_our_words_say_so_and_lead_back(client: httpx.Client) -> None:
    for path, words in (("/nowhere", "there is no such page here"), ("/issue/vendredi/2031-01-01", "2031-01-01")):
        page = client.get(path)
        assert (page.status_code, words in page.text, 'href="/issues"' in page.text) == (404, True, True)
        assert "Not Found" not in page.text


def test_a_link_out_of_the_newsroom_is_no_issue(
    client: httpx.Client, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text("subject: secret")
    (root / "issues" / "vendredi" / "2026-12-04.yaml").symlink_to(outside)
    assert client.get("/issue/vendredi/2026-12-04").status_code == 404


def test_pictures_come_from_the_letter_and_can_be_blocked(client: httpx.Client, root: Path) -> None:
    write_issue(root, "vendredi", FRIDAY, FIGURE.replace("{", "{{").replace("}", "}}"))
    (root / "issues" / "vendredi" / "rade.png").write_bytes(png())
    letter = client.get(frame(client.get("/issue/vendredi/2026-11-27").text))
    assert "img-src 'self'" in letter.headers["content-security-policy"]
    match = re.search(r'src="(/media/[^"]+)"', letter.text)
    assert match is not None
    assert client.get(match[1]).headers["content-type"] == "image/png"
    blocked = client.get(frame(client.get("/issue/vendredi/2026-11-27?images=blocked").text))
    assert "img-src 'none'" in blocked.headers["content-security-policy"]


def test_no_letter_can_run_a_script(client: httpx.Client) -> None:
    page = client.get("/issue/vendredi/2026-11-27")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    policy = client.get(frame(page.text)).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'none'; ")
    assert "form-action 'none'" in policy
    assert policy.endswith("; sandbox allow-same-origin allow-scripts")


def test_each_sentence_says_its_line_and_nothing_else_of_the_file(client: httpx.Client) -> None:
    letter = client.get(frame(client.get("/issue/vendredi/2026-11-27?audience=paid").text)).text
    places = re.findall(r'<span data-at="([^"]*)" data-line="(\d+)" data-d="[0-9a-f]{16}">([^<]*)', letter)
    assert ("blocks/0/headline", "5", "La digue tiendra") in places
    assert [line for at, line, _words in places if at == "blocks/1/body#2"] == ["14"]
    assert not re.findall(r"<span data-(?!at)", letter)


def test_the_view_is_in_the_address(client: httpx.Client) -> None:
    page = client.get(
        "/issue/vendredi/2026-11-27?width=phone&part=text&audience=paid&light=night&junk=x&images=%22"
    ).text
    chosen = re.findall(r'<a id="([a-z-]+)"[^>]*aria-current', page)
    assert chosen == ["width-phone", "part-text", "audience-paid", "light-night", "images-shown"]
    assert "junk" not in page
    text = client.get(frame(page)).text
    assert "Un loyer de douze euros" in text
    assert "color-scheme:dark" in text


def test_free_and_paid_are_two_letters(client: httpx.Client) -> None:
    free = client.get(frame(client.get("/issue/vendredi/2026-11-27").text)).text
    paid = client.get(frame(client.get("/issue/vendredi/2026-11-27?audience=paid").text)).text
    assert "Un loyer de douze euros" not in free
    assert "Un loyer de douze euros" in paid


def test_the_night_answers_the_letters_own_media_queries(client: httpx.Client) -> None:
    night = client.get(frame(client.get("/issue/vendredi/2026-11-27?light=night").text)).text
    day = client.get(frame(client.get("/issue/vendredi/2026-11-27").text)).text
    assert "prefers-color-scheme" not in night + day
    assert "(min-width:0px)" in night
    assert "(max-width:0px)" in day


def test_a_mistake_shows_its_place_and_line_and_the_last_good_letter_stays(client: httpx.Client, root: Path) -> None:
    good = client.get(frame(client.get("/issue/vendredi/2026-11-27").text)).text
    write_issue(root, "vendredi", FRIDAY, "subject: {subject}\nbloks: []\n")
    page = client.get("/issue/vendredi/2026-11-27").text
    assert "issues/vendredi/2026-11-27.yaml:2:1" in page
    assert "<mark>bloks</mark>: []" in page
    assert "data-stale" in page
    assert client.get(frame(page)).text == good


def test_a_mistake_in_the_configuration_shows_too(client: httpx.Client, root: Path) -> None:
    settings = root / "config" / "newsroom.yaml"
    before = settings.read_text()
    settings.write_text(before + "colour: red\n")
    for path in ("/issue/vendredi/2026-11-27", "/issues"):
        assert "config/newsroom.yaml:" in client.get(path).text
    settings.write_text(before)
    assert "config/newsroom.yaml:" not in client.get("/issues").text


def test_another_file_s_mistake_is_shown_beside_the_letter_and_hides_none(client: httpx.Client, root: Path) -> None:
    (root / "config" / "sponsors").mkdir(exist_ok=True)
    (root / "config" / "sponsors" / "phare.yaml").write_text("advertiser: Le Phare\ncreativs: {}\n")
    page = client.get("/issue/vendredi/2026-11-27").text
    assert "config/sponsors/phare.yaml:2:1" in page
    assert "data-stale" not in page
    shelf = client.get("/issues").text
    assert "config/sponsors/phare.yaml:2:1" in shelf
    assert "/issue/vendredi/2026-11-27" in shelf


def test_what_is_wrong_in_the_same_file_is_shown_in_one_round(client: httpx.Client, root: Path) -> None:
    text = FIGURE.replace("headline: La rade", "headlin: La rade")
    (root / "issues" / "vendredi" / f"{FRIDAY}.yaml").write_text(text, encoding="utf-8")
    page = client.get("/issue/vendredi/2026-11-27").text
    assert "2026-11-27.yaml:4:7" in page  # headlin
    assert "2026-11-27.yaml:8:12" in page  # rade.png is not there


def test_what_the_proofreader_says_is_one_key_away_and_hides_no_letter(client: httpx.Client, root: Path) -> None:
    write_issue(root, "vendredi", FRIDAY, ISSUE.replace("  - masthead: auto\n", ""))
    page = client.get("/issue/vendredi/2026-11-27").text
    assert '<article class="remark" data-severity="other">' in page
    assert "no masthead" in page
    assert "data-stale" not in page


def test_a_template_that_breaks_says_so(client: httpx.Client, root: Path) -> None:
    (root / "templates" / "blocks").mkdir(parents=True)
    (root / "templates" / "blocks" / "edito.mjml.j2").write_text("{{ nobody }}")
    page = client.get("/issue/vendredi/2026-11-27").text
    assert "templates/blocks/edito.mjml.j2" in page
    assert "nobody" in page


@time_machine.travel("2026-11-27 10:00 +0100", tick=False)
def test_the_next_issue_comes_first(client: httpx.Client, root: Path) -> None:
    for day in (date(2026, 11, 20), date(2026, 12, 4), date(2026, 11, 13)):
        write_issue(root, "vendredi", day, subject=f"Lettre du {day}")
    write_issue(root, "samedi", date(2026, 11, 28), "subject: [")
    (root / "issues" / "samedi" / "2026-02-30.yaml").write_text("subject: no such day")
    listed = re.findall(r'href="/issue/([a-z]+/[0-9-]+)"', client.get("/issues").text)
    assert listed == [
        *("vendredi/2026-11-27", "samedi/2026-11-28", "vendredi/2026-12-04"),
        *("vendredi/2026-11-20", "vendredi/2026-11-13"),
    ]
    shelf = client.get("/issues").text
    assert "mistake" in shelf
    assert shelf.count("not sent") == 2, "what was never approved and whose day is past"
    (root / "issues" / "vendredi" / "2026-11-20.sealed").mkdir()
    assert client.get("/issues").text.count("not sent") == 1


@time_machine.travel("2026-11-27 10:00 +0100", tick=False)
def test_the_shelf_sets_subjects_as_readers_get_them(client: httpx.Client, root: Path) -> None:
    write_issue(root, "vendredi", date(2026, 12, 4), subject="L'eau monte")
    assert "L’eau monte" in client.get("/issues").text


def test_an_issue_is_named_by_path_or_by_publication_and_date(root: Path) -> None:
    path = root / "issues" / "vendredi" / "2026-11-27.yaml"
    assert named(root, "vendredi/2026-11-27") == path
    assert named(root, "issues/vendredi/2026-11-27.yaml") == path
    assert named(root, str(path)) == path
    for wrong in ("2026-11-27", "vendredi", "vendredi/2026-11-28", "../vendredi/secret"):
        with pytest.raises(Refused):
            named(root, wrong)


def test_the_port_is_loopbacks_and_a_taken_one_is_told() -> None:
    with preview._socket(None) as first, preview._socket(None) as second:
        assert first.getsockname()[0] == second.getsockname()[0] == "127.0.0.1"
        assert first.getsockname()[1] != second.getsockname()[1]
        with pytest.raises(OutsideWorld, match="--port"):
            preview._socket(first.getsockname()[1])


def colourless(html: str) -> str:
    return re.sub("#[0-9a-fA-F]{3,6}", "", html)


def test_a_message_has_two_editions_three_lights_and_five_forms(client: httpx.Client, root: Path) -> None:
    write_issue(root, "vendredi", FRIDAY, ISSUE.replace("le port respire", "le <b> respire & fume"))

    def letter(**look: str) -> httpx.Response:
        answer = client.get("/letter/vendredi/2026-11-27", params=look)
        assert "script-src 'none'" in answer.headers["content-security-policy"]
        return answer

    day, forced = letter().text, letter(light="forced").text
    assert "color:#1b1a18" in day
    assert "color:#1b1a18" not in forced, "ink is not left dark on a paper made dark"
    assert colourless(day) == colourless(forced.replace(_AROUND, "</head>"))
    assert "<style" not in letter(part="bare").text
    assert "style=" in letter(part="bare").text
    raw = letter(part="message", audience="paid").text
    assert "List-Unsubscribe: &lt;https://lettre.example.org/u/test&gt;" in raw, "its own signs are text"
    assert "&amp;lt;b&amp;gt; respire" in letter(part="source").text
    both = client.get("/issue/vendredi/2026-11-27?audience=both").text
    assert re.findall(r'<iframe src="[^"?]*\?(?:audience=(\w+)|state=)', both) == ["", "paid"]
    assert re.search(r"Free readers get \d\d%: \d+ characters of \d+", both)


def test_what_is_counted_stands_beside_the_letter(client: httpx.Client, root: Path) -> None:
    long = "Un objet dont nulle liste de messages ne montre la fin, et de loin, tant il est long"
    linked = ISSUE.replace("le port respire.", "le [port](https://example.org/port) respire.")
    write_issue(root, "vendredi", FRIDAY, linked, subject=long)
    page = client.get("/issue/vendredi/2026-11-27").text
    for shown in (37, 48, 60):
        assert f"<b>{long[: shown - 1].rstrip()}…</b>" in page
    assert re.search(r"edito <span>La digue tiendra</span></th><td>\d+</td><td>\d\.\d</td>", page)
    assert 'port <a href="https://example.org/port"' in page
    assert "Spelling, grammar and agreement are not looked at" in page
    write_issue(root, "vendredi", FRIDAY)
    assert "0 remarks" in client.get("/issue/vendredi/2026-11-27").text


def test_on_paper_links_are_numbered_notes(client: httpx.Client, root: Path) -> None:
    linked = ISSUE.replace(
        "le port respire.", "le [port](https://example.org/port) et le [quai](https://example.org/port)."
    )
    write_issue(root, "vendredi", FRIDAY, linked)
    printed = client.get("/print/vendredi/2026-11-27")
    assert "script-src 'none'" in printed.headers["content-security-policy"]
    assert printed.text.count('<sup class="note">1</sup>') == 2
    assert "<li>https://example.org/port</li>" in printed.text
    assert client.get("/print/vendredi/2031-01-01").status_code == 404
