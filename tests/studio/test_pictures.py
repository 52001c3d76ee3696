"""Pictures that arrive: what is kept, what is refused and how, and that nothing hostile writes or breaks anything."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from composer.studio.act import StudioUser
from composer.studio.pictures import arrival_requests
from composer.studio.pictures.arrival_requests import ArrivalRequests
from composer.studio.saving.actor import Actor
from composer.studio.saving.pictures_beside import keep_beside, slug_of
from tests.rendering.support.pictures_with_rights import AI, ALL, iim, packet, published, write
from tests.studio.conftest import entered, served
from tests.support.newsrooms import FRIDAY, ISSUE, png, write_issue, write_newsroom

WHERE = "vendredi/2026-11-27"
WORDS = {"alt": "La halle, au petit matin", "caption": "Sept heures : *tout* est là", "credit": {"photo": "Zoé Lac"}}
NAME = "2026-11-27-la-halle-au-petit-matin-"


def sent(client: httpx.Client, content: bytes, name: str = "IMG_1.JPG") -> httpx.Response:
    headers = {"content-type": "application/octet-stream"}
    return client.post(f"/arrival/{WHERE}", params={"file": name}, content=content, headers=headers)


def came(client: httpx.Client, content: bytes) -> dict[str, Any]:
    answer = sent(client, content)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def place(client: httpx.Client, at: str) -> dict[str, str]:
    """``at`` and ``d`` of a place, as the page sends them."""
    groups = client.get(f"/picture/{WHERE}").json()["places"]
    found = {each["at"]: each["d"] for group in groups for each in group["places"]}
    return {"at": at, "d": found[at]}


def put(client: httpx.Client, at: str, content: bytes | None = None, **said: Any) -> httpx.Response:
    picture = came(client, content or png())["picture"]
    body = {"act": "add", **place(client, at), "picture": picture, "words": WORDS} | said
    return client.post(f"/picture/{WHERE}", json=body)


def beside(file: Path) -> list[str]:
    return sorted(each.name for each in file.parent.iterdir() if each != file)


@pytest.fixture
def photograph(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """As an agency sends one: every right, a position, a device, a caption; lying on its side."""
    block = iim((120, "Sept heures, à la halle"), (80, "Une autre"))
    path = tmp_path_factory.mktemp("agency") / "a.jpg"
    return write(path, packet(), {0x0112: 6}, block).read_bytes()  # type: ignore[dict-item] # reason: a number


def test_a_photograph_keeps_its_rights_and_loses_its_position(
    client: httpx.Client, file: Path, photograph: bytes
) -> None:
    told = came(client, photograph)
    assert told["name"] == "IMG_1.JPG"
    assert told["found"][0] == f"JPEG · 200 × 300 · {round(len(photograph) / 1000)} KB"
    assert "Creator: Maëlle Quéré, Atelier <Lune> & Cie (XMP)" in told["found"]
    assert {"The place where it was taken is left out", "Turned upright"} <= set(told["done"])
    assert told["prefilled"]["caption"] == {"words": "Sept heures, à la halle", "from": "From the file (IPTC)"}
    assert told["prefilled"]["credit"]["words"] == {"photo": "Maëlle Quéré, Atelier <Lune> & Cie / Agence Rive"}
    assert beside(file) == []  # it waits in memory
    answer = put(client, "blocks/1/body#0", photograph).json()
    [kept] = beside(file)
    assert re.fullmatch(NAME + r"[0-9a-f]{8}\.jpg", kept)
    assert (answer["file"], answer["kept"]) == (kept, False)
    content = (file.parent / kept).read_bytes()
    assert published(content) == ALL
    assert Image.open(BytesIO(content)).size == (200, 300)
    assert stat.S_IMODE((file.parent / kept).stat().st_mode) == stat.S_IMODE(file.stat().st_mode)
    assert client.get(f"/arrival/{WHERE}/{told['picture']}").content == content


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("blocks/1/body#0", "\r\n"),
        ("blocks/1/body", "\n"),
        ("blocks/1/figure", "\r\n"),
        ("blocks#0", "\r\n"),
        ("blocks#3", "\n"),
    ],
)
def test_every_place_takes_one_and_no_other_byte_changes(client: httpx.Client, file: Path, at: str, ends: str) -> None:
    text = ISSUE.format(subject="La digue").replace("\n", ends)
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("  - masthead", f"  # à relire{ends}  - masthead").encode())
    before = file.read_bytes()
    answer = put(client, at)
    assert answer.status_code == 200, answer.text
    after = file.read_bytes()
    start = next(n for n, (old, new) in enumerate(zip(before + b"\0", after, strict=False)) if old != new)
    grown = len(after) - len(before)
    assert any(after[:n] + after[n + grown :] == before for n in range(max(0, start - 200), start + 1))
    assert after.count(b"\r") == (after.count(b"\n") if ends == "\r\n" else 0)
    [figure] = client.get(f"/picture/{WHERE}").json()["pictures"]
    assert (figure["alt"], figure["caption"], figure["credit"]) == (WORDS["alt"], WORDS["caption"], WORDS["credit"])
    page = client.get(f"/issue/{WHERE}?audience=paid").text
    frame = re.search(r'<iframe src="([^"]+)"', page)
    assert frame is not None
    assert f'<img data-figure="{figure["at"]}"' in client.get(frame[1].replace("&amp;", "&")).text
    taken = client.post(f"/history/{WHERE}", json={"act": "undo", "id": answer.json()["undo"]})
    assert file.read_bytes() == before
    assert answer.json()["file"] in taken.json()["stays"]
    assert put(client, at).json()["kept"] is True
    assert beside(file) == [answer.json()["file"]]


def test_what_is_said_is_changed_and_the_file_too(client: httpx.Client, file: Path) -> None:
    put(client, "blocks/1/figure")
    [old] = client.get(f"/picture/{WHERE}").json()["pictures"]
    change = {"act": "change", "at": old["at"], "d": old["d"], "same_caption": True}
    words = {"alt": "", "decoration": True, "caption": WORDS["caption"], "credit": {"ai": "o3 Pro", "by": "Zoé"}}
    answer = client.post(f"/picture/{WHERE}", json=change | {"words": words})
    assert answer.status_code == 200, answer.text
    assert client.post(f"/picture/{WHERE}", json=change | {"words": WORDS}).status_code == 409
    [now] = client.get(f"/picture/{WHERE}").json()["pictures"]
    assert (now["alt"], now["credit"], now["src"]) == ("none", words["credit"], old["src"])
    letter = client.get(f"/letter/{WHERE}?audience=paid").text
    assert re.search(r'<img data-figure="blocks/1/figure"[^>]* alt=""', letter)
    assert "[Picture" not in client.get(f"/letter/{WHERE}?audience=paid&part=text").text
    light, dark = came(client, png("white"))["picture"], came(client, png("black"))["picture"]
    files = {"d": now["d"], "picture": light, "dark": dark, "words": WORDS}
    answer = client.post(f"/picture/{WHERE}", json=change | files)
    assert answer.status_code == 200, answer.text
    [now] = client.get(f"/picture/{WHERE}").json()["pictures"]
    assert now["src"] == answer.json()["file"] != old["src"]
    assert now["dark"].startswith(NAME + "night-")
    tall = came(client, png("black", (300, 600)))["picture"]
    refused = client.post(f"/picture/{WHERE}", json=change | files | {"d": now["d"], "dark": tall})
    assert (refused.status_code, "give both one shape" in refused.json()["why"]) == (422, True)
    assert len(beside(file)) == 3


def test_a_picture_that_is_printed_twice_is_described_once(client: httpx.Client, file: Path) -> None:
    name = put(client, "blocks/1/figure").json()["file"]
    text = file.read_text().replace("        Les étals", f"        ![]({name})\n\n        Les étals")
    file.write_text(text)
    [other] = [each for each in client.get(f"/picture/{WHERE}").json()["pictures"] if "#" in each["at"]]
    assert (other["alt"], other["credit"]) == (WORDS["alt"], WORDS["credit"])
    change = {"act": "change", "at": other["at"], "d": other["d"], "words": WORDS | {"caption": "Là"}}
    answer = client.post(f"/picture/{WHERE}", json=change)
    assert answer.status_code == 200, answer.text
    assert file.read_text() == text.replace(f"![]({name})\n", f"![]({name})\n        Là\n")


def test_what_is_offered_for_the_dark_says_why(client: httpx.Client) -> None:
    drawing = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    drawing.paste((20, 20, 20, 255), (20, 20, 380, 60))
    content = BytesIO()
    drawing.save(content, "PNG")
    assert "hardly seen" in came(client, content.getvalue())["dark"]
    assert "glows" in came(client, png("white"))["dark"]
    assert came(client, png("navy"))["dark"] == ""


def test_an_ai_that_the_file_names_is_asked_for(client: httpx.Client, tmp_path: Path) -> None:
    fields = {"Iptc4xmpExt:DigitalSourceType": [AI], "dc:creator": ["Zoé"]}
    told = came(client, write(tmp_path / "a.png", packet(fields)).read_bytes())
    assert told["prefilled"]["credit"]["words"] == {"ai": "", "by": "Zoé"}
    assert any("An AI made it" in line for line in told["found"])


def _saved(form: str, mode: str = "RGB", size: tuple[int, int] = (60, 40), **how: Any) -> bytes:
    content = BytesIO()
    Image.new(mode, size).save(content, form, **how)
    return content.getvalue()


def _bomb() -> bytes:
    """A PNG of 50,000 × 50,000 pixels, in a few hundred bytes."""
    content = bytearray(png(size=(1, 1)))
    content[16:24] = (50_000).to_bytes(4) * 2
    import zlib

    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4)
    return bytes(content)


_MOVING: dict[str, Any] = {"save_all": True, "append_images": [Image.new("RGB", (60, 40), "red")]}
#: What is sent, and words of the refusal.
REFUSED: dict[str, tuple[bytes, str]] = {
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "Most Compatible"),
    "AVIF": (b"\0\0\0\x18ftypavif\0\0\0\0", "file in AVIF"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "export it as PNG"),
    "TIFF": (_saved("TIFF"), "file in TIFF"),
    "BMP": (_saved("BMP"), "file in BMP"),
    "PDF": (b"%PDF-1.7\n", "file in PDF"),
    "Word": (b"PK\x03\x04word/document.xml", "document or an archive"),
    "HTML": (b"<!doctype html><script>alert(1)</script>", "a page"),
    "a film": (b"\0\0\0\x18ftypisom\0\0\0\0", "a film"),
    "words": (b"Bonjour", "no PNG, JPEG, GIF or WebP"),
    "nothing": (b"", "the file is empty"),
    "a picture cut short": (png()[:60], "damaged"),
    "a JPEG cut short": (_saved("JPEG", size=(900, 900))[:400], "damaged"),
    "a bomb": (_bomb(), "too many"),
    "41 million pixels": (_saved("PNG", "1", (41_000, 1_001)), "too many"),
    "a WebP that moves": (_saved("WEBP", **_MOVING), "only GIF moves"),
    "a PNG that moves": (_saved("PNG", **_MOVING), "only GIF moves"),
}


@pytest.fixture(scope="module")
def unharmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Path]]:
    """One studio for all attempts, and the file."""
    root = write_newsroom(tmp_path_factory.mktemp("pictures")).resolve()
    issue = write_issue(root, "vendredi", FRIDAY)
    with served(root) as url, entered(url) as client:
        yield client, issue


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_mail_client_shows_is_refused_in_words(unharmed: tuple[httpx.Client, Path], name: str) -> None:
    client, issue = unharmed
    content, words = REFUSED[name]
    answer = sent(client, content, "image.png")
    assert (answer.status_code, words in answer.json()["why"]) == (422, True), answer.text
    assert beside(issue) == []


@pytest.mark.parametrize(
    ("form", "mode", "kept"),
    [("WEBP", "RGB", "JPEG"), ("WEBP", "RGBA", "PNG"), ("JPEG", "CMYK", "JPEG"), ("GIF", "P", "PNG")],
)
def test_what_can_be_shown_is_converted_and_that_is_said(
    unharmed: tuple[httpx.Client, Path], form: str, mode: str, kept: str
) -> None:
    image = Image.new(mode, (60, 40))
    if mode == "RGBA":
        image.paste((200, 0, 0, 120), (5, 5, 20, 20))
    content = BytesIO()
    image.save(content, form)
    told = came(unharmed[0], content.getvalue())
    if form != kept:
        assert f"Kept as {kept}, which every mail client shows" in told["done"]
    if mode == "CMYK":
        assert any("its colours are guessed" in line for line in told["done"])


@pytest.mark.parametrize(
    "name",
    [
        "../../config/newsroom.yaml",
        "..\\..\\x",
        "/etc/passwd",
        "a\0b.png",
        "<script>alert(1)</script>.png",
        "é" * 900,
        "",
    ],
)
def test_a_visitors_name_names_no_file(unharmed: tuple[httpx.Client, Path], name: str) -> None:
    client, issue = unharmed
    before = sorted(each for each in issue.parents[2].rglob("*") if "var" not in each.parts)
    told = sent(client, png("teal"), name)
    assert told.status_code == 200
    assert not set("/\\\0\n") & set(told.json()["name"])
    assert len(told.json()["name"]) <= 80
    assert sorted(each for each in issue.parents[2].rglob("*") if "var" not in each.parts) == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "image/png"}, 415),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"origin": "https://example.org"}, 403),
        ({"origin": "null"}, 403),
        ({"host": "studio.example.org"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"cookie": "x=y"}, 403),
    ],
)
def test_no_picture_arrives_from_elsewhere(
    unharmed: tuple[httpx.Client, Path], headers: dict[str, str], status: int
) -> None:
    client, _issue = unharmed
    kept = {"content-type": "application/octet-stream"} | headers
    assert client.post(f"/arrival/{WHERE}", content=png(), headers=kept).status_code == status


@pytest.mark.parametrize(
    "path", ["vendredi/..%2F..%2Fconfig%2Fnewsroom", "config/newsroom", "vendredi/2031-01-01", "vendredi/%2e%2e"]
)
def test_no_picture_arrives_where_no_issue_is(unharmed: tuple[httpx.Client, Path], path: str) -> None:
    client, _issue = unharmed
    sent = {"content-type": "application/octet-stream"}
    assert client.post(f"/arrival/{path}", content=png(), headers=sent).status_code == 404
    assert client.get(f"/arrival/{WHERE}/..%2F2026-11-27.yaml").status_code == 404
    assert client.get(f"/arrival/{WHERE}/{'0' * 64}").status_code == 404


def test_too_many_bytes_are_not_read_to_their_end(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival_requests, "MOST_BYTES", 100_000)
    answer = sent(client, b"\x89PNG" + b"x" * 3_000_000)
    assert (answer.status_code, "3 MB are too many" in answer.json()["why"]) == (413, True)


def test_a_reader_sends_no_picture(root: Path) -> None:
    reader = ArrivalRequests(root, StudioUser(Actor("Odile"), frozenset()))
    where = {"publication": "vendredi", "name": "2026-11-27"}
    assert reader._looked_at(where, "a.png", png()).status_code == 403


def test_no_file_is_written_over_and_no_link_followed(
    root: Path, file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.png"
    stem = "2026-11-27-halle-01234567"
    (file.parent / f"{stem}.png").symlink_to(outside)
    content = png("olive")
    kept = keep_beside(root, file, stem, content, "png")
    assert kept.is_new
    assert kept.name != f"{stem}.png"
    assert (file.parent / kept.name).read_bytes() == content
    assert not outside.exists()
    (file.parent / f".{file.name}.0badcafe.picture").write_bytes(b"cut short")
    assert keep_beside(root, file, stem, content, "png").name == kept.name
    assert beside(file) == sorted([f"{stem}.png", kept.name])


def test_a_slug_is_of_small_plain_letters() -> None:
    assert slug_of("L’Œuvre, d'été: À côté de là-bas !") == "l-oeuvre-d-ete-a-cote"
    assert slug_of("../../etc/passwd\0") == "etc-passwd"
    assert slug_of("東京") == slug_of("") == "image"
    assert len(slug_of("x" * 900)) <= 40


@pytest.mark.parametrize("ignored", [False, True, None])
def test_the_commit_of_a_burst_has_the_picture_and_nothing_else(
    root: Path, file: Path, ignored: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(root / "var"))

    def git(*arguments: str) -> str:
        who = ["-c", "user.name=Personne", "-c", "user.email=p@example.org"]
        return subprocess.run(["git", *who, *arguments], cwd=root, capture_output=True, text=True, check=True).stdout

    (root / ".gitignore").write_text("var/\n" + "*.png\n" * bool(ignored))
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        git(*arguments)
    (file.parent / "2026-11-27-a-colleague-00000000.png").write_bytes(png("red"))
    if ignored is None:  # a filter is given to pictures, and neither is committed
        (root / ".gitattributes").write_text("*.png filter=lfs\n")
    with served(root) as url, entered(url) as client:
        kept = put(client, "blocks/1/figure").json()["file"]
    if ignored is None:
        assert git("log", "--format=%s") == "first\n"
        return
    expected = [f"issues/{WHERE}.yaml", *([] if ignored else [f"issues/vendredi/{kept}"])]
    assert sorted(git("show", "--name-only", "--format=", "HEAD").split()) == sorted(expected)


def test_the_pictures_of_the_letter_weigh_nothing(client: httpx.Client) -> None:
    put(client, "blocks/1/figure")
    letter = client.get(f"/letter/{WHERE}?audience=free").text
    source = client.get(f"/letter/{WHERE}?audience=free&part=source").text
    assert letter.count("data-figure=") == 1
    bare = re.sub(r' data-figure="[^"]*"', "", letter)
    image = re.search(r"<img [^>]*media[^>]*>", bare)
    assert image is not None
    unframed = image[0].replace('src="/media/', 'src="https://lettre.example.org/media/')
    assert unframed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;") in source


@pytest.fixture
def hostile_act(unharmed: tuple[httpx.Client, Path]) -> Callable[[dict[str, Any]], httpx.Response]:
    client, _issue = unharmed
    picture = came(client, png("plum"))["picture"]

    def act(said: dict[str, Any]) -> httpx.Response:
        body = {"act": "add", **place(client, "blocks#1"), "picture": picture, "words": WORDS} | said
        return client.post(f"/picture/{WHERE}", json=body)

    return act


#: What is sent otherwise than a true act, and the status that answers. None writes, and none keeps a file.
HOSTILE: dict[str, tuple[dict[str, Any], int]] = {
    "no description": ({"words": WORDS | {"alt": " "}}, 422),
    "an invisible description": ({"words": WORDS | {"alt": "\u200b"}}, 422),
    "a description of several lines": ({"words": WORDS | {"alt": "x\n:::\n==="}}, 422),
    "a description that is a list": ({"words": WORDS | {"alt": ["x"]}}, 422),
    "decoration that is a word": ({"words": WORDS | {"alt": "", "decoration": "yes"}}, 422),
    "no credit": ({"words": WORDS | {"credit": {}}}, 422),
    "an empty credit": ({"words": WORDS | {"credit": {"photo": " "}}}, 422),
    "a credit of a key that there is not": ({"words": WORDS | {"credit": {"onload": "x"}}}, 422),
    "a credit that names and names not": ({"words": WORDS | {"credit": {"photo": "x", "none": "y"}}}, 422),
    "a credit that is a list": ({"words": WORDS | {"credit": ["photo"]}}, 422),
    "a nul in the caption": ({"words": WORDS | {"caption": "a\0b"}}, 422),
    "a caption of a megabyte": ({"words": WORDS | {"caption": "a" * 900_000}}, 422),
    "a picture that did not come": ({"picture": "0" * 64}, 422),
    "a file in the place of a picture": ({"picture": "../2026-11-27.yaml"}, 422),
    "a dark one that did not come": ({"dark": "../../config/newsroom.yaml"}, 422),
    "a place in the settings": ({"at": "../../config/newsroom"}, 422),
    "a place in the style": ({"at": "style/separator"}, 422),
    "a place that is no text": ({"at": "blocks/0/headline#0"}, 409),
    "a place far away": ({"at": "blocks#999999"}, 422),
    "a place under no headline": ({"at": "blocks/2/figure"}, 422),
    "a digest of another time": ({"d": "0" * 16}, 409),
    "an act that there is not": ({"act": "delete"}, 422),
    "a change of no picture": ({"act": "change", "at": "blocks/1/figure"}, 409),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_hostile_is_put_in_and_no_file_stays(
    unharmed: tuple[httpx.Client, Path], hostile_act: Callable[[dict[str, Any]], httpx.Response], name: str
) -> None:
    _client, issue = unharmed
    before = issue.read_bytes()
    said, status = HOSTILE[name]
    answer = hostile_act(said)
    assert (answer.status_code, bool(answer.json()["why"])) == (status, True), answer.text
    assert issue.read_bytes() == before
    assert beside(issue) == []


def test_markup_in_words_stays_words(client: httpx.Client, file: Path) -> None:
    hostile = '<script>alert(1)</script> {{ 7*7 }} %% **x** "y" # : [a](javascript:alert(1)) ![b](c.png)'
    words = {"alt": hostile, "caption": hostile, "credit": {"photo": hostile}}
    for at in ("blocks/1/body#0", "blocks#0"):
        answer = put(client, at, words=words)
        assert answer.status_code in (200, 422), answer.text
    letter = client.get(f"/letter/{WHERE}?audience=paid").text
    assert "<script" not in letter
    assert "javascript:" not in re.sub(r">[^<]*<", "><", letter).replace("&quot;", "").split("alt=")[0]
    assert all(each["alt"] == hostile for each in client.get(f"/picture/{WHERE}").json()["pictures"])


def test_a_picture_whose_change_is_refused_is_taken_away(client: httpx.Client, file: Path) -> None:
    assert put(client, "blocks/1/figure").status_code == 200
    kept = beside(file)
    again = {"act": "add", "at": "blocks/1/figure", "d": "0", "picture": came(client, png("red"))["picture"]}
    assert client.post(f"/picture/{WHERE}", json=again | {"words": WORDS}).status_code == 409
    assert beside(file) == kept
