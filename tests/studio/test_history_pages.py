"""The versions of an issue in the studio: listed, compared in prose, brought back; words put back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.studio.conftest import TOKEN
from tests.support.newsrooms import FRIDAY

SENTENCE, HISTORY = "/sentence/vendredi/2026-11-27", "/history/vendredi/2026-11-27"


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers={"origin": url}, timeout=120) as opened:
        opened.get("/", params={"key": TOKEN}).raise_for_status()
        yield opened


@pytest.fixture
def file(root: Path) -> Path:
    return root / "issues" / "vendredi" / f"{FRIDAY}.yaml"


def write(client: httpx.Client, headline: str) -> None:
    at = {"at": "blocks/0/headline", "audience": "free"}
    said = client.get(SENTENCE, params=at).json()
    wanted = [{"type": "text", "text": headline}]
    answer = client.post(SENTENCE, json=at | {"d": said["d"], "shown": said["spans"], "wanted": wanted})
    assert answer.status_code == 200, answer.text


def act(client: httpx.Client, **said: Any) -> httpx.Response:
    return client.post(HISTORY, json=said)


def test_a_version_is_listed_compared_and_brought_back(client: httpx.Client, file: Path) -> None:
    before = file.read_bytes()
    assert "There is none yet" in client.get(HISTORY).text
    write(client, "La digue a cédé")
    [id] = re.findall(rf'href="{HISTORY}/([^"]+)"', client.get(HISTORY).text)
    page = client.get(f"{HISTORY}/{id}").text
    assert "<del>a cédé</del>" in page
    assert "<ins>tiendra</ins>" in page
    seen = re.search(r'data-seen="([0-9a-f]+)"', page)
    assert seen is not None
    assert act(client, act="bring_back", id=id, seen="0" * 64).status_code == 422
    assert act(client, act="bring_back", id=id, seen=seen[1]).status_code == 200
    assert file.read_bytes() == before
    assert "a version was brought back" in client.get(HISTORY).text


def test_words_that_a_text_editor_took_back_are_offered_and_put_back(client: httpx.Client, file: Path) -> None:
    stale = file.read_bytes()
    write(client, "La digue a cédé")
    written = file.read_bytes()
    file.write_bytes(stale)
    assert "Words that were saved here" in client.get("/issue/vendredi/2026-11-27").text
    page = client.get(HISTORY).text
    assert "no longer in the file" in page
    id = re.search(r'data-act="put_back" data-id="([^"]+)"', page)
    assert id is not None
    assert act(client, act="put_back", id=id[1]).status_code == 200
    assert file.read_bytes() == written
    file.write_bytes(stale)
    for each in re.findall(r'data-act="dismiss" data-id="([^"]+)"', client.get(HISTORY).text):
        assert act(client, act="dismiss", id=each).json() == {}
    assert "no longer in the file" not in client.get(HISTORY).text
    assert file.read_bytes() == stale


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"act": "bring_back", "id": "../../../config/newsroom.yaml", "seen": "x"},
        {"act": "bring_back", "id": "--output=x", "seen": "x"},
        {"act": "bring_back", "id": "HEAD", "seen": "x"},
        {"act": "bring_back", "id": "0" * 40, "seen": "x"},
        {"act": "bring_back", "id": ["x"], "seen": "x"},
        {"act": "put_back", "id": "x"},
        {"act": "dismiss", "id": "\0"},
        {"act": "erase", "id": "x"},
    ],
)
def test_no_other_version_can_be_named(client: httpx.Client, file: Path, said: dict[str, Any]) -> None:
    before = file.read_bytes()
    assert act(client, **said).status_code == 422
    assert file.read_bytes() == before


@pytest.mark.parametrize("id", ["HEAD", "..%2F..%2Fconfig", "--help", "0" * 40, "20261127T000000.000000Z-" + "0" * 16])
def test_a_version_that_is_none_has_no_page(client: httpx.Client, id: str) -> None:
    assert client.get(f"{HISTORY}/{id}").status_code == 404


@pytest.mark.parametrize("path", ["/history/config/newsroom", "/history/vendredi/2031-01-01", "/history/..%2F/x"])
def test_what_is_no_issue_has_no_versions(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_nothing_is_brought_back_from_elsewhere(url: str, client: httpx.Client, file: Path) -> None:
    before = file.read_bytes()
    for headers in ({}, {"origin": "https://example.org"}):
        said = {"act": "dismiss", "id": "x"}
        answer = httpx.post(url + HISTORY, json=said, headers=headers, cookies=client.cookies, timeout=120)
        assert answer.status_code == 403
    assert file.read_bytes() == before
