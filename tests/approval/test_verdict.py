"""What ends an approval, and what is then said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from composer.approval.model import Sealed, Unsealed
from composer.approval.verify import verdict
from composer.newsroom import load_newsroom
from tests.approval.support.sample_approval import WITH_ALL, reason, root, seal_it, sealed_folder
from tests.support.newsrooms import FRIDAY, png, write_issue, write_sponsor

FILE = f"issues/vendredi/{FRIDAY}.yaml"
APPROVE = f"filigrane approve {FILE} --by NAME"


def append(path: Path, content: bytes) -> None:
    path.write_bytes(path.read_bytes() + content)


def record_says(issue: Path, change: Callable[[Any], object]) -> None:
    path = sealed_folder(issue) / "seal.yaml"
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(yaml.safe_dump(value, allow_unicode=True, width=10**6), encoding="utf-8")


def without_way_out(issue: Path, kind: str) -> None:
    """One part of the free edition lost its unsubscribe slot, and the record holds that part's digest."""
    part = sealed_folder(issue) / f"free.fr.{kind}"
    part.write_bytes(part.read_bytes().replace(b"UNSUBSCRIBE", b"SUBSCRIBE"))
    digest = {{"txt": "text"}.get(kind, kind): sha256(part.read_bytes()).hexdigest()}
    record_says(issue, lambda record: record["editions"][0].update(digest))


def slots_say(issue: Path, slots: list[dict[str, str]]) -> None:
    record_says(issue, lambda record: record["editions"][1].update(slots=slots))


VOIDS: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "a word": (
        "source-changed",
        f"{FILE} was changed after its approval. To approve what it says now: {APPROVE}",
        lambda issue: write_issue(root(issue), "vendredi", FRIDAY, WITH_ALL, "Elle tient"),
    ),
    "a comment": ("source-changed", "was changed after its approval", lambda issue: append(issue, b"# relu\n")),
    "the picture": (
        "media-changed",
        f"digue.png, which {FILE} uses, was changed after the approval. To approve it as it is: {APPROVE}",
        lambda issue: (issue.parent / "digue.png").write_bytes(png("olive")),
    ),
    "no picture": ("media-changed", "digue.png, which", lambda issue: (issue.parent / "digue.png").unlink()),
    "the transcript": (
        "media-changed",
        "entretien.txt, which",
        lambda issue: append(issue.parent / "entretien.txt", b"!"),
    ),
    "the advertisement's words": (
        "sponsor-changed",
        f"the advertisement in the slot “haut” of {FILE} was changed after the approval. To approve it as it is: "
        f"{APPROVE}",
        lambda issue: write_sponsor(root(issue), "Des bottes"),
    ),
    "the advertisement's picture": (
        "sponsor-changed",
        "“haut”",
        lambda issue: write_sponsor(root(issue), picture="red"),
    ),
    "no advertisement": (
        "sponsor-changed",
        "“haut”",
        lambda issue: (root(issue) / "config/sponsors/voilerie.yaml").unlink(),
    ),
    "an advertiser's file with mistakes": (
        "sponsor-unread",
        f"an advertisement of {FILE} cannot be compared with what was approved. there are mistakes in "
        "config/sponsors/voilerie.yaml, and what it says is not known; “filigrane check --all” shows them",
        lambda issue: (root(issue) / "config/sponsors/voilerie.yaml").write_text("advertiser: [\n"),
    ),
    "a frozen word": (
        "damaged",
        f"the approval of {FILE} is damaged (free.fr.txt). To approve again: {APPROVE}",
        lambda issue: append(sealed_folder(issue) / "free.fr.txt", b" "),
    ),
    "no frozen page": ("damaged", "(paid.fr.html)", lambda issue: (sealed_folder(issue) / "paid.fr.html").unlink()),
    "no frozen picture": ("damaged", "(media/", lambda issue: shutil.rmtree(sealed_folder(issue) / "media")),
    "no record": ("damaged", "(seal.yaml)", lambda issue: (sealed_folder(issue) / "seal.yaml").unlink()),
    "half a record": (
        "damaged",
        "(seal.yaml)",
        lambda issue: (sealed_folder(issue) / "seal.yaml").write_text("by: Odile\n"),
    ),
    "a record of noise": (
        "damaged",
        "(seal.yaml)",
        lambda issue: (sealed_folder(issue) / "seal.yaml").write_bytes(b"\xff\x00{["),
    ),
    "no slot": ("damaged", "(seal.yaml)", lambda issue: slots_say(issue, [])),
    "a slot that is nowhere": (
        "damaged",
        "(seal.yaml)",
        lambda issue: slots_say(issue, [{"name": "unsubscribe", "sentinel": "NOWHERE"}]),
    ),
    "no slot in the page": ("damaged", "(seal.yaml)", lambda issue: without_way_out(issue, "html")),
    "no slot in the text": ("damaged", "(seal.yaml)", lambda issue: without_way_out(issue, "txt")),
    "an edition without words": (
        "empty",
        f"an edition of {FILE} has not a word of the newsroom's own. Write it, then: {APPROVE}",
        lambda issue: record_says(issue, lambda record: record["editions"][0].update(words=0)),
    ),
    "no approval": (
        "not-sealed",
        f"{FILE} is not approved. To approve it: {APPROVE}",
        lambda issue: shutil.rmtree(sealed_folder(issue)),
    ),
}


@pytest.mark.parametrize("change", VOIDS)
def test_what_voids_an_approval(sealed: Path, change: str) -> None:
    assert reason(sealed) is None
    expected, said, make = VOIDS[change]
    make(sealed)
    found = verdict(sealed, load_newsroom(root(sealed)))
    assert isinstance(found, Unsealed)
    assert found.reason == expected
    assert found.sentence == said or (said in found.sentence and APPROVE not in said)


@pytest.mark.parametrize("change", ["a word", "the picture", "the advertisement's words", "a record of noise"])
def test_approved_again_it_may_leave(sealed: Path, change: str) -> None:
    VOIDS[change][2](sealed)
    seal_it(sealed)
    assert reason(sealed) is None


@pytest.mark.parametrize("name", ["2026-12-18", "2026-11-27-bis"])
def test_an_approval_copied_beside_another_issue_approves_nothing(sealed: Path, name: str) -> None:
    copy = sealed.with_name(f"{name}.yaml")
    shutil.copy(sealed, copy)
    shutil.copytree(sealed.with_suffix(".sealed"), copy.with_suffix(".sealed"))
    found = verdict(copy, load_newsroom(root(sealed)))
    assert isinstance(found, Unsealed)
    assert found.reason == "other-issue"
    assert found.sentence == (
        f"what is approved beside issues/vendredi/{name}.yaml is vendredi/2026-11-27, not this issue. "
        f"To approve this one: filigrane approve issues/vendredi/{name}.yaml --by NAME"
    )
    assert isinstance(verdict(sealed, load_newsroom(root(sealed))), Sealed)


def test_a_record_in_which_nothing_was_booked_waits_for_no_advertiser_s_file(sealed: Path) -> None:
    advertiser = root(sealed) / "config" / "sponsors" / "voilerie.yaml"
    record_says(sealed, lambda record: record.update(sponsors=[{"slot": "haut"}]))
    assert reason(sealed) == "sponsor-changed"
    for content in ("advertiser: [\n", "advertiser: La Voilerie\n"):
        advertiser.write_text(content)
        assert reason(sealed) is None
