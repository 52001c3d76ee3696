"""What the record of an approval holds, and the digests in it: those of approvals made by earlier versions too."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from composer.approval.digests import creative_digest, files_used
from composer.approval.model import FileRecord
from composer.issue import load_issue
from composer.newsroom import load_newsroom
from tests.approval.support.sample_approval import root, seal_it, sealed_folder
from tests.support.newsrooms import FRIDAY


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def test_the_record_names_all_that_was_approved(issue: Path) -> None:
    seal_it(issue)
    folder = sealed_folder(issue)
    record = yaml.safe_load((folder / "seal.yaml").read_text(encoding="utf-8"))
    advertisement = creative_digest(load_newsroom(root(issue)), "voilerie/cires", FRIDAY)
    sentinels = [edition["slots"][0]["sentinel"] for edition in record["editions"]]
    assert record == {
        "issue": "vendredi/2026-11-27",
        "by": "Odile Ferrand",
        "at": "2026-11-26T18:04:00+01:00",
        "subject": "La digue tiendra",
        "preheader": "Trois choses à savoir avant le marché",
        "source": digest(issue),
        "files": [{"name": name, "digest": digest(issue.with_name(name))} for name in ("digue.png", "entretien.txt")],
        "sponsors": [{"slot": "haut", "creative": "voilerie/cires", "chosen": False, "digest": advertisement}],
        "editions": [
            {
                "audience": audience,
                "language": "fr",
                "words": words,
                "html": digest(folder / f"{audience}.fr.html"),
                "text": digest(folder / f"{audience}.fr.txt"),
                "slots": [{"name": "unsubscribe", "sentinel": sentinel}],
            }
            for audience, words, sentinel in zip(("free", "paid"), (43, 47), sentinels, strict=True)
        ],
        "media": [{"name": path.name, "digest": digest(path)} for path in sorted((folder / "media").iterdir())],
    }
    assert len(record["media"]) == 2
    assert (folder / ".gitattributes").read_bytes() == b"* -text\n"


def test_the_record_is_read_top_down_with_one_line_for_each_value(issue: Path) -> None:
    """Its loader refuses folded lines."""
    long = "Le marché couvert rouvre " * 8 + "vendredi"
    issue.write_text(issue.read_text("utf-8").replace("Trois choses à savoir avant le marché", long), "utf-8")
    seal_it(issue)
    lines = (sealed_folder(issue) / "seal.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[:5] == [
        "issue: vendredi/2026-11-27",
        "by: Odile Ferrand",
        "at: '2026-11-26T18:04:00+01:00'",
        "subject: La digue tiendra",
        f"preheader: {long}",
    ]


def test_the_preheader_recorded_is_the_free_one(issue: Path) -> None:
    """Without one of the editor's own it is the first words of the edition, which only paying readers may have had."""
    issue.write_text(
        "subject: Deux textes\nblocks:\n"
        "  - edito: {headline: Réservé, body: Douze euros le mètre., audience: paid}\n"
        "  - edito: {headline: Ouvert, body: La digue avance.}\n",
        encoding="utf-8",
    )
    seal_it(issue)
    record = yaml.safe_load((sealed_folder(issue) / "seal.yaml").read_text(encoding="utf-8"))
    assert record["preheader"] == "Ouvert"


def test_every_picture_is_named_once_wherever_it_stands(issue: Path) -> None:
    text = issue.read_text("utf-8").replace("      src: digue.png", "      src: digue.png\n      dark: nuit.png")
    text = text.replace(
        "        Les étals reviennent sous la halle.\n",
        "        Les étals reviennent.\n\n"
        "        :::figure halle.png\n        :alt: La halle\n        :photo: O. F.\n        :::\n\n"
        "        :::figure digue.png\n        :alt: La digue\n        :photo: O. F.\n        :::\n\n"
        "        La suite.\n",
    )
    issue.write_text(text, encoding="utf-8")
    for name in ("halle.png", "nuit.png"):
        issue.with_name(name).write_bytes(name.encode())
    newsroom = load_newsroom(root(issue))
    names = ("digue.png", "entretien.txt", "halle.png", "nuit.png")
    assert files_used(load_issue(issue, newsroom).require(), newsroom, issue.parent) == tuple(
        FileRecord(name=name, digest=digest(issue.with_name(name))) for name in names
    )


def test_the_digest_of_an_advertisement_is_that_of_earlier_versions(issue: Path) -> None:
    """Another digest of the same words would end every approval that waits for its hour on the day of an upgrade."""
    (root(issue) / "config" / "sponsors" / "cires.png").write_bytes(b"a picture")
    seen = (
        '{"advertiser": "La Voilerie", "body": null, "button": {"text": "Voir", "url": "https://voilerie.example"}, '
        '"disclaimer": null, "headline": "Des cirés pour tous les temps", '
        '"image": {"alt": "Trois cirés jaunes", "src": "cires.png"}, "language": null, "mention": "publicite", '
        f'"picture": "{sha256(b"a picture").hexdigest()}"}}'
    )
    expected = sha256(seen.encode()).hexdigest()
    newsroom = load_newsroom(root(issue))
    assert creative_digest(newsroom, "voilerie/cires", FRIDAY) == expected


def test_the_dark_picture_of_an_advertisement_is_under_its_digest(issue: Path) -> None:
    folder = root(issue) / "config" / "sponsors"
    for name in ("cires.png", "nuit.png"):
        (folder / name).write_bytes(b"a picture")
    path = folder / "voilerie.yaml"
    given = re.sub(r"( +)src: cires.png\n", r"\g<0>\1dark: nuit.png\n", path.read_text(encoding="utf-8"))
    path.write_text(given, encoding="utf-8")
    found = []
    for content in (b"a picture", b"another"):
        (folder / "nuit.png").write_bytes(content)
        found.append(creative_digest(load_newsroom(root(issue)), "voilerie/cires", FRIDAY))
    assert None not in found
    assert found[0] != found[1]


def test_a_cover_is_among_the_files_of_an_approval(issue: Path) -> None:
    cover = "cover: {src: cover.png, dark: night.png, alt: Un quai, credit: {by: X}}\n"
    issue.write_text(issue.read_text(encoding="utf-8").replace("blocks:", f"{cover}blocks:", 1), encoding="utf-8")
    for name in ("cover.png", "night.png"):
        issue.with_name(name).write_bytes(b"a drawing")
    newsroom = load_newsroom(root(issue))
    used = {each.name for each in files_used(load_issue(issue, newsroom).require(), newsroom, issue.parent)}
    assert {"cover.png", "night.png"} <= used


@pytest.mark.parametrize("creative", ["voilerie/bottes", "conserverie/cires", "voilerie"])
def test_an_unknown_advertisement_has_no_digest(issue: Path, creative: str) -> None:
    assert creative_digest(load_newsroom(root(issue)), creative, FRIDAY) is None
