"""Acts over HTTP: what is written, what is refused, and that nothing hostile writes or breaks anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from composer.studio.acts import ACTS
from tests.studio.conftest import entered, served
from tests.support.newsrooms import FRIDAY, ISSUE, write_issue, write_newsroom

ADDRESS = "/sentence/vendredi/2026-11-27"
HEADLINE = "blocks/0/headline"


def asked(client: httpx.Client, at: str = HEADLINE, audience: str = "free") -> dict[str, Any]:
    answer = client.get(ADDRESS, params={"at": at, "audience": audience})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def edit(client: httpx.Client, wanted: list[Any], at: str = HEADLINE, audience: str = "free") -> dict[str, Any]:
    """The body of a POST that puts ``wanted`` where the letter shows the sentence at ``at``."""
    sentence = asked(client, at, audience)
    return {"at": at, "d": sentence["d"], "audience": audience, "shown": sentence["spans"], "wanted": wanted}


def words(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text}]


def test_a_sentence_is_written_and_every_other_byte_stays(client: httpx.Client, file: Path) -> None:
    before = file.read_bytes()
    answer = client.post(ADDRESS, json=edit(client, words("La digue a tenu")))
    assert answer.status_code == 200
    assert re.fullmatch(r"\d\d:\d\d", answer.json()["saved"])
    assert answer.json()["spans"] == words("La digue a tenu")
    assert file.read_bytes() == before.replace(b"headline: La digue tiendra", b"headline: La digue a tenu")
    assert asked(client)["d"] == answer.json()["d"]


def test_what_was_written_is_answered_as_the_letter_prints_it(client: httpx.Client, file: Path) -> None:
    answer = client.post(ADDRESS, json=edit(client, words("L'eau monte !")))
    assert answer.json()["spans"] == words("L’eau monte\u00a0!")
    assert "headline: L'eau monte !" in file.read_text()


def test_an_act_says_what_its_letter_is_as_the_page_does(client: httpx.Client) -> None:
    said = client.post(ADDRESS, json=edit(client, words("La digue a tenu"))).json()["states"]
    drawn = client.get("/letter/vendredi/2026-11-27", params={"state": said["free"]}).text
    assert f'/letter/vendredi/2026-11-27?state={said["free"]}"' in client.get("/issue/vendredi/2026-11-27").text
    assert drawn == client.get("/letter/vendredi/2026-11-27").text
    assert "La digue a tenu" in drawn.replace("\xa0", " ")


def test_marks_and_the_paid_part_are_written_too(client: httpx.Client, file: Path) -> None:
    at = "blocks/1/body#2"
    wanted = [
        {"type": "text", "text": "Un loyer de "},
        {"type": "text", "text": "treize", "marks": [{"type": "strong"}]},
        {"type": "text", "text": " euros, "},
        {"type": "text", "text": "voir", "marks": [{"type": "link", "attrs": {"href": "https://example.org/halle"}}]},
        {"type": "text", "text": "."},
    ]
    answer = client.post(ADDRESS, json=edit(client, wanted, at, "paid"))
    assert answer.status_code == 200, answer.text
    assert "        Un loyer de **treize** euros, [voir](https://example.org/halle).\n" in file.read_text()


def test_the_words_of_a_link_are_written_within_it(client: httpx.Client, root: Path, file: Path) -> None:
    listed = ISSUE.replace("blocks:\n", 'also:\n  - "[Le marché](#halle)"\nblocks:\n').replace(
        "  - article:\n", "  - article:\n      id: halle\n"
    )
    write_issue(root, "vendredi", FRIDAY, listed)
    sentence = asked(client, "also/0")
    link = [{"type": "link", "attrs": {"href": "#halle"}}]
    assert sentence["spans"] == [words("Le marché")[0] | {"marks": link}]
    wanted = [words("La halle")[0] | {"marks": link}]
    answer = client.post(ADDRESS, json=edit(client, wanted, "also/0"))
    assert (answer.status_code, answer.json()["spans"]) == (200, wanted)
    assert '"[La halle](#halle)"' in file.read_text()


def test_the_subject_and_the_preheader_are_written_from_the_inbox_row(client: httpx.Client, file: Path) -> None:
    page = client.get("/issue/vendredi/2026-11-27").text
    assert re.search(r'class="subject" data-at="subject" data-line="1" data-d="[0-9a-f]{16}" data-plain=""', page)
    for at in ("subject", "preheader"):
        answer = client.post(ADDRESS, json=edit(client, words("Le fleuve monte"), at))
        assert answer.status_code == 200, answer.text
    assert file.read_text().startswith("subject: Le fleuve monte\npreheader: Le fleuve monte\n")
    marked = edit(client, [words("Le fleuve monte")[0] | {"marks": [{"type": "strong"}]}], "subject")
    assert client.post(ADDRESS, json=marked).status_code == 422


def test_a_sentence_changed_meanwhile_is_not_overwritten(client: httpx.Client, file: Path) -> None:
    late = edit(client, words("La digue a tenu"))
    file.write_text(file.read_text().replace("headline: La digue tiendra", "headline: La digue cède"))
    answer = client.post(ADDRESS, json=late)
    assert answer.status_code == 409
    assert {"mine": "La digue a tenu", "theirs": "La digue cède"}.items() <= answer.json().items()
    assert "headline: La digue cède" in file.read_text()


def test_another_sentence_changed_meanwhile_changes_nothing_here(client: httpx.Client, file: Path) -> None:
    mine = edit(client, words("La digue a tenu"))
    file.write_text(file.read_text().replace("Les étals reviennent", "Les étals sont revenus"))
    assert client.post(ADDRESS, json=mine).status_code == 200
    assert "headline: La digue a tenu" in file.read_text()
    assert "Les étals sont revenus" in file.read_text()


def test_a_file_with_a_mistake_is_not_written_in(client: httpx.Client, file: Path) -> None:
    mine = edit(client, words("La digue a tenu"))
    broken = file.read_text().replace("teaser:", "teazer:")
    file.write_text(broken)
    answer = client.post(ADDRESS, json=mine)
    assert (answer.status_code, "mended" in answer.json()["why"]) == (422, True)
    assert client.get(ADDRESS, params={"at": HEADLINE, "audience": "free"}).status_code == 422
    assert file.read_text() == broken


NESTED = "[" * 100_000 + "]" * 100_000
SCRIPT = "<script>alert(1)</script>"


def _said(**changed: Any) -> str:
    said: dict[str, Any] = {
        "at": HEADLINE,
        "d": "0" * 16,
        "audience": "free",
        "shown": words("La digue tiendra"),
        "wanted": words("Pris"),
    }
    return json.dumps(said | changed)


def _linked(href: object) -> str:
    return _said(wanted=[{"type": "text", "text": "ici", "marks": [{"type": "link", "attrs": {"href": href}}]}])


#: What is sent, and the statuses that may answer it. None writes.
HOSTILE: dict[str, tuple[str | bytes, int]] = {
    "not JSON": ("{", 400),
    "no text": (b"\xff\xfe\x00", 400),
    "nothing": ("", 400),
    "an array": ("[]", 400),
    "a number of a million digits": ("1" * 900_000, 400),
    "nested arrays": (NESTED, 400),
    "nested arrays as the sentence": (_said().replace('"Pris"', NESTED), 400),
    "two megabytes": (_said(wanted=words("a" * 2_000_000)), 413),
    "just under the limit": (_said(wanted=words("a" * 900_000)), 422),
    "an empty object": ("{}", 422),
    "an unknown place": (_said(at="blocks/99/headline"), 409),
    "a place that is no place": (_said(at="../../config/newsroom"), 409),
    "a place that is a list": (_said(at=["blocks"]), 422),
    "a setting": (_said(at="style/separator"), 409),
    "another digest": (_said(), 409),
    "an audience of its own": (_said(audience="all"), 422),
    "an audience that is an object": (_said(audience={}), 422),
    "javascript": (_linked("javascript:alert(1)"), 422),
    "javascript with a tab": (_linked("java\tscript:alert(1)"), 422),
    "javascript in capitals": (_linked(" JAVASCRIPT:alert(1)"), 422),
    "data": (_linked("data:text/html,x"), 422),
    "a file": (_linked("file:///etc/passwd"), 422),
    "an address that is a list": (_linked(["https://example.org"]), 422),
    "a link with a handler": (_linked("x").replace('"href": "x"', '"href": "https://a.example", "onclick": "x"'), 422),
    "an unknown node": (_said(wanted=[{"type": "html", "text": SCRIPT}]), 422),
    "an unknown mark": (_said(wanted=[{"type": "text", "text": "x", "marks": [{"type": "style"}]}]), 422),
    "a node that is a string": (_said(wanted=["x"]), 422),
    "a paragraph in a sentence": (_said(wanted=words("x\n\n:::quote\nx\n:::")), 422),
    "half a letter": (_said().replace("Pris", "\\ud800"), 422),
    "a nul": (_said(wanted=words("a\0b")), 422),
    "a hundred thousand nodes": (_said(wanted=[{"type": "break"}] * 30_000), 422),
}


HALLE = {"at": "blocks/1/body#0", "d": "0" * 16}
TOP = {"index": 0, "d": "{d}"}  # of the list of blocks, whose digest is put there
NEW = {"kind": "paragraph", "text": words("Pris")}


def _element(**said: Any) -> dict[str, Any]:
    return {"act": "add", **HALLE, "element": NEW | said}


#: Of the acts on elements, blocks and changes: what is sent to which, and the status that answers. None writes.
HOSTILE_ACTS: dict[str, tuple[str, dict[str, Any], int]] = {
    "an act that there is not": ("element", {"act": "publish", **HALLE}, 422),
    "no act": ("element", HALLE, 422),
    "an element of another digest": ("element", _element(), 409),
    "an element of HTML": ("element", _element(kind="html", text=SCRIPT), 422),
    "an element with more than it has": ("element", _element(onload="x"), 422),
    "an element that is a list": ("element", {"act": "add", **HALLE, "element": [NEW]}, 422),
    "a box that there is not": ("element", {"act": "add", **HALLE, "element": {"kind": "sponsor"}}, 422),
    "a box out of which its lines lead": (
        "element",
        {"act": "add", **HALLE, "element": {"kind": "quote", "lines": ["x", ":::", "===", "y"]}},
        409,
    ),
    "a box with a line of several": (
        "element",
        {"act": "add", **HALLE, "element": {"kind": "quote", "argument": "x\n:::", "lines": ["x"]}},
        422,
    ),
    "a thousand points": ("element", _element(kind="points", items=[{"text": []}] * 1000) | {"text": 0}, 422),
    "an element of the settings": ("element", _element() | {"at": "../../config/newsroom#0"}, 409),
    "a kind to turn into that there is not": ("element", {"act": "turn", **HALLE, "kind": "script"}, 409),
    "a sentence that is parted nowhere": ("element", {**json.loads(_said()), "act": "split", "first": words("x")}, 409),
    "a sentence joined to a setting": (
        "element",
        {**json.loads(_said(at="style/separator")), "act": "merge", "above": ""},
        409,
    ),
    "a block that there is not": ("block", {"act": "add", "name": "html", "index": 0, "d": "{d}", "given": {}}, 422),
    "a key that a block has not": (
        "block",
        {"act": "add", "name": "quote", "index": 0, "d": "{d}", "given": {"text": "x", "onload": "y"}},
        422,
    ),
    "a nul in a block": ("block", {"act": "add", "name": "notice", **TOP, "given": {"text": "x\0"}}, 422),
    "a link to a script in a block": (
        "block",
        {"act": "add", "name": "links", "index": 0, "d": "{d}", "given": {"items": "- [x](javascript:alert(1))"}},
        422,
    ),
    "words that are a list": (
        "block",
        {"act": "add", "name": "quote", **TOP, "given": {"text": []}},
        422,
    ),
    "a block far away": ("block", {"act": "move", "index": 0, "to": 10**9, "d": "{d}"}, 422),
    "a block before the first": ("block", {"act": "duplicate", "index": -1, "d": "{d}"}, 422),
    "a block of another list": ("block", {"act": "move", "index": 0, "to": 1, "d": "0"}, 409),
    "a place that is true": ("block", {"act": "remove", "index": True, "d": "0"}, 409),
    "lines of our own to bring back": ("block", {"act": "restore", "id": "- quote: x", "index": 0, "d": "{d}"}, 422),
    "a change that there was not": ("history", {"act": "undo", "id": "../../config/newsroom.yaml"}, 422),
    "words beside a stale act": (
        "block",
        {"act": "move", "index": 0, "to": 1, "d": "0", "wanted": [{"type": "x"}]},
        409,
    ),
}


@pytest.fixture(scope="module")
def unharmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Path, str]]:
    """One studio for all attempts, the file, and the digest of its blocks."""
    root = write_newsroom(tmp_path_factory.mktemp("unharmed")).resolve()
    issue = write_issue(root, "vendredi", FRIDAY)
    with served(root) as url, entered(url) as client:
        yield client, issue, client.get("/block/vendredi/2026-11-27").json()["d"]


@pytest.mark.parametrize("name", [*HOSTILE, *HOSTILE_ACTS])
def test_nothing_hostile_is_written_and_nothing_breaks(unharmed: tuple[httpx.Client, Path, str], name: str) -> None:
    client, issue, digest = unharmed
    before = issue.read_bytes()
    if name in HOSTILE:
        act, (body, status) = "sentence", HOSTILE[name]
    else:
        act, said, status = HOSTILE_ACTS[name]
        body = json.dumps(said).replace("{d}", digest)
    headers = {"content-type": "application/json"}
    answer = client.post(f"/{act}/vendredi/2026-11-27", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["why"]
    assert issue.read_bytes() == before


NAMES = [
    "/sentence/vendredi/..%2F..%2Fconfig%2Fnewsroom",
    "/sentence/..%2Fconfig/newsroom",
    "/sentence/config/newsroom",
    "/sentence/vendredi/2031-01-01",
    "/sentence/vendredi/2026-11-27.yaml",
    "/sentence/vendredi/%2e%2e",
    "/sentence/vendredi/2026-11-27%00",
    "/sentence/VENDREDI/2026-11-27",
    "/sentences/vendredi/2026-11-27",
    "/issue/vendredi/2026-11-27",
]


@pytest.mark.parametrize("path", NAMES)
def test_no_other_file_can_be_named(client: httpx.Client, root: Path, path: str) -> None:
    before = {each: each.read_bytes() for each in root.rglob("*.yaml")}
    answer = client.post(path, content=_said(), headers={"content-type": "application/json"})
    assert answer.status_code in (404, 405)
    assert {each: each.read_bytes() for each in root.rglob("*.yaml")} == before


def test_a_link_out_of_the_newsroom_is_not_written_through(
    client: httpx.Client, root: Path, file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_bytes(file.read_bytes())
    (root / "issues" / "vendredi" / "2026-12-04.yaml").symlink_to(outside)
    answer = client.post("/sentence/vendredi/2026-12-04", json=json.loads(_said()))
    assert answer.status_code in (404, 422)
    assert outside.read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-type": "application/json-seq"}, 415),
        ({"content-type": ""}, 415),
        ({"origin": "https://example.org"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"host": "studio.example.org"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"cookie": "filigrane-studio-1=x"}, 403),
    ],
)
def test_a_true_edit_from_elsewhere_or_of_another_type_acts_not(
    client: httpx.Client, file: Path, headers: dict[str, str], status: int
) -> None:
    before = file.read_bytes()
    body = json.dumps(edit(client, words("Pris")))
    sent = {"content-type": "application/json"} | headers
    if "cookie" in headers:
        client.cookies.clear()
    answer = client.post(ADDRESS, content=body, headers=sent)
    assert (answer.status_code, file.read_bytes() == before) == (status, True)


def test_without_an_origin_nothing_is_written(url: str, client: httpx.Client, file: Path) -> None:
    before = file.read_bytes()
    body = json.dumps(edit(client, words("Pris")))
    sent = {"content-type": "application/json"}
    assert httpx.post(url + ADDRESS, content=body, headers=sent, cookies=client.cookies, timeout=120).status_code == 403
    assert file.read_bytes() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_other_method_acts(unharmed: tuple[httpx.Client, Path, str], method: str) -> None:
    client, _issue, _digest = unharmed
    for act in ACTS:
        assert client.request(method, f"/{act}/vendredi/2026-11-27", json={}).status_code == 405


@pytest.mark.parametrize("act", ACTS)
def test_no_act_is_done_for_another_page_or_without_the_token(
    unharmed: tuple[httpx.Client, Path, str], act: str
) -> None:
    client, issue, digest = unharmed
    before = issue.read_bytes()
    move = {"act": "move", "index": 0, "to": 1, "d": digest}
    for headers in ({"origin": "https://example.org"}, {"host": "studio.example.org"}, {"cookie": "x=y"}):
        answer = client.post(f"/{act}/vendredi/2026-11-27", json=move, headers=headers)
        assert answer.status_code == 403
    sent = {"content-type": "text/plain"}
    assert client.post(f"/{act}/vendredi/2026-11-27", content=json.dumps(move), headers=sent).status_code == 415
    assert issue.read_bytes() == before


def test_markup_stays_words(client: httpx.Client, file: Path) -> None:
    written = f'{SCRIPT} {{{{ 7*7 }}}} %% **gras** [là](https://example.org) `x` <b>y</b> "z" # : - &amp;'
    at = "blocks/1/body#0"
    answer = client.post(ADDRESS, json=edit(client, words(written), at))
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert all("marks" not in span and span["type"] == "text" for span in asked(client, at)["spans"])
    page = client.get("/issue/vendredi/2026-11-27").text
    frame = re.search(r'<iframe src="([^"]+)"', page)
    assert frame is not None
    assert "<script" not in client.get(frame[1].replace("&amp;", "&")).text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_corrected_line_is_one_press_away_and_nothing_else_changes(
    client: httpx.Client, root: Path, file: Path, end: str
) -> None:
    (root / "config" / "lexicon.yaml").write_text("names:\n  Rotterdam: [Roterdam]\n")
    text = ISSUE.format(subject="La digue  # à revoir").replace("le port respire", "le port de Roterdam  respire")
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", end).encode())
    before = file.read_bytes()
    page = client.get("/issue/vendredi/2026-11-27").text
    remark = next(each for each in page.split("<article") if 'data-correct="misspelt-name"' in each)
    line, digest = re.search(r'data-go="(\d+)"', remark), re.search(r'data-d="(\w+)"', remark)
    assert line is not None
    assert digest is not None
    said = {"code": "misspelt-name", "line": int(line[1]), "d": digest[1]}
    address = "/correction/vendredi/2026-11-27"
    assert client.post(address, json=said, headers={"origin": "http://evil.example"}).status_code == 403
    assert client.post(address, json=said | {"line": "7"}).status_code == 422
    assert client.post(address, json=said | {"d": "0" * 16}).status_code == 422
    assert file.read_bytes() == before
    answer = client.post(address, json=said)
    assert answer.status_code == 200, answer.text
    assert re.fullmatch(r"\d\d:\d\d", answer.json()["saved"])
    assert file.read_bytes() == before.replace(b"Roterdam", b"Rotterdam")
    assert "no longer made" in client.post(address, json=said).json()["why"]
