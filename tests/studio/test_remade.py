"""Elements and blocks over HTTP: parted, joined, added, moved, taken out and brought back; and undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.studio.test_act_requests import asked, words
from tests.support.newsrooms import FRIDAY, ISSUE, write_issue

WHERE = "vendredi/2026-11-27"
HALLE = "blocks/1/body#0"


def post(client: httpx.Client, act: str, said: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = client.post(f"/{act}/{WHERE}", json=said)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def taken_back(client: httpx.Client, file: Path, before: bytes, answer: dict[str, Any]) -> None:
    """Undone, the file is as before, byte for byte; undone again, as after."""
    after = file.read_bytes()
    assert after != before
    again = post(client, "history", {"act": "undo", "id": answer["undo"]})
    assert file.read_bytes() == before
    post(client, "history", {"act": "undo", "id": again["undo"]})
    assert file.read_bytes() == after
    post(client, "history", {"act": "undo", "id": answer["undo"]}, 200)
    assert file.read_bytes() == before


def edited(client: httpx.Client, at: str, *wanted: str) -> dict[str, Any]:
    found = asked(client, at)
    return {"at": at, "d": found["d"], "audience": "free", "shown": found["spans"], "wanted": words(" ".join(wanted))}


def elements(client: httpx.Client, at: str) -> list[dict[str, str]]:
    return list(client.get(f"/element/{WHERE}", params={"at": at}).json()["elements"])


def test_a_paragraph_is_parted_as_it_was_left_and_joined_again(client: httpx.Client, file: Path) -> None:
    before = file.read_bytes()
    said = edited(client, HALLE, "L'été, les étals reviennent.", "Sous la 'halle'.")
    assert asked(client, HALLE)["parted"] is True
    answer = post(client, "element", {**said, "act": "split", "first": words("L'été, les étals reviennent.")})
    text = "        L'été, les étals reviennent.\n\n        Sous la 'halle'.\n        ===\n"
    assert text in file.read_text()
    assert (answer["at"], answer["first"]["at"]) == ("blocks/1/body#2", HALLE)
    assert answer["first"]["spans"] == words("L’été, les étals reviennent.")
    taken_back(client, file, before, answer)
    post(client, "element", {**said, "act": "split", "first": words("L'été, les étals reviennent.")})
    upper = asked(client, HALLE)
    lower = edited(client, "blocks/1/body#2", " Là.")
    joined = post(client, "element", {**lower, "act": "merge", "above": upper["d"]})
    assert (joined["at"], joined["spans"]) == (HALLE, words("L’été, les étals reviennent.Là."))
    late = post(client, "element", {**lower, "act": "merge", "above": upper["d"]}, 409)
    assert late["mine"] == " Là."


def test_an_element_is_added_turned_moved_and_taken_out(client: httpx.Client, file: Path) -> None:
    first = elements(client, HALLE)
    assert [each["kind"] for each in first] == ["paragraph", "paywall", "paragraph"]
    before = file.read_bytes()
    point = {"lead": words("Le lieu"), "text": words("la halle")}
    for new, lines in (
        ({"kind": "points", "items": [point]}, "- **Le lieu:** la halle"),
        ({"kind": "crosshead", "text": words("Et puis")}, "## Et puis"),
        ({"kind": "citation", "paragraphs": [words("Oui.")]}, "> Oui."),
        ({"kind": "quote", "argument": "Anne", "lines": ["On y va."]}, ":::quote Anne"),
        ({"kind": "asterism"}, "* * *"),
    ):
        answer = post(client, "element", {"act": "add", "at": HALLE, "d": first[0]["d"], "element": new})
        assert f"        {lines}\n" in file.read_text()
        taken_back(client, file, before, answer)
    for said in (
        {"act": "turn", "at": HALLE, "d": first[0]["d"], "kind": "points"},
        {"act": "remove", "at": HALLE, "d": first[0]["d"]},
        {"act": "move", "at": HALLE, "d": first[0]["d"], "after": first[2]["at"], "after_d": first[2]["d"]},
    ):
        taken_back(client, file, before, post(client, "element", said))
        post(client, "element", {**said, "d": "0" * 16}, 409)
    assert file.read_bytes() == before


def test_a_block_is_added_moved_copied_and_brought_back(client: httpx.Client, root: Path, file: Path) -> None:
    write_issue(root, "vendredi", FRIDAY, ISSUE.replace("  - article:\n", "  - article:\n      id: halle\n"))
    before = file.read_bytes()
    shown = client.get(f"/block/{WHERE}").json()
    assert [each["name"] for each in shown["blocks"]] == ["edito", "article", "masthead"]
    given = {"text": "On y va.\nOui.", "author": "Anne"}
    for said in (
        {"act": "add", "name": "quote", "index": 1, "given": given},
        {"act": "move", "index": 1, "to": 0},
        {"act": "duplicate", "index": 1},
    ):
        taken_back(client, file, before, post(client, "block", {**said, "d": shown["d"]}))
        post(client, "block", {**said, "d": "0" * 16}, 409)
    gone = post(client, "block", {"act": "remove", "index": 1, "d": shown["blocks"][1]["d"]})
    left = client.get(f"/block/{WHERE}").json()
    assert [each["name"] for each in left["blocks"]] == ["edito", "masthead"]
    first = left["removed"][0]
    assert (first["name"], first["words"], first["id"]) == ("article", "Le marché couvert rouvre", gone["undo"])
    post(client, "block", {"act": "restore", "id": first["id"], "index": 0, "d": left["d"]})
    now = client.get(f"/block/{WHERE}").json()
    assert [each["name"] for each in now["blocks"]] == ["article", "edito", "masthead"]
    assert first["id"] not in [each["id"] for each in now["removed"]]


def test_what_leaves_a_mistake_is_refused_with_it(client: httpx.Client, file: Path) -> None:
    before = file.read_bytes()
    shown = client.get(f"/block/{WHERE}").json()
    empty = {"act": "add", "name": "quote", "index": 0, "given": {}, "d": shown["d"]}
    assert "quote" in post(client, "block", empty, 422)["why"]
    assert file.read_bytes() == before
