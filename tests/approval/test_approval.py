"""What was approved is what is sent, or nothing is: every way in which an approval ends."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from datetime import date as Date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from composer.approval.freeze import approve, unapprove
from composer.approval.model import Sealed, Unsealed
from composer.approval.verify import publish_media, verdict
from composer.errors import Mistakes, OutsideWorld, Refused
from composer.issue.edition import PastIssue
from composer.newsroom import load_newsroom
from composer.rendering.letter import LetterTemplate
from tests.support.newsrooms import FRIDAY, ISSUE, png, write_issue, write_newsroom, write_sponsor

NOW = datetime(2026, 11, 26, 17, 4, tzinfo=UTC)

WITH_ALL = ISSUE.replace(
    "  - masthead: auto\n",
    """\
  - sponsor: haut
  - figure:
      src: digue.png
      alt: La digue au couchant
      credit: {{photo: Odile Ferrand}}
  - replay:
      show: Le grand entretien
      aired: 2026-11-25
      url: https://radio.example/entretien
      transcript: entretien.txt
  - masthead: auto
""",
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A newsroom whose one issue has a picture, a transcript and an advertisement, and is approved."""
    folder = write_newsroom(tmp_path_factory.mktemp("newsroom"))
    write_sponsor(folder)
    path = write_issue(folder, "vendredi", FRIDAY, WITH_ALL)
    (path.parent / "digue.png").write_bytes(png("teal"))
    (path.parent / "entretien.txt").write_text("00:00 Bonjour", encoding="utf-8")
    seal_it(path)
    return folder


@pytest.fixture
def sealed(original: Path, tmp_path: Path) -> Path:
    """The issue, approved."""
    shutil.copytree(original, tmp_path / "newsroom")
    return tmp_path / "newsroom" / "issues" / "vendredi" / f"{FRIDAY}.yaml"


@pytest.fixture
def issue(sealed: Path) -> Path:
    """The same, not approved yet."""
    shutil.rmtree(sealed_folder(sealed))
    return sealed


def root(issue: Path) -> Path:
    return issue.parents[2]


def sealed_folder(issue: Path) -> Path:
    return issue.with_suffix(".sealed")


def seal_it(issue: Path) -> None:
    approve(issue, load_newsroom(root(issue)), "Odile Ferrand", now=NOW)


def reason(issue: Path) -> str | None:
    """Why it may not leave; None where it may."""
    found = verdict(issue, load_newsroom(root(issue)))
    return found.reason if isinstance(found, Unsealed) else None


def test_the_seal_holds_the_frozen_editions(issue: Path) -> None:
    newsroom = load_newsroom(root(issue))
    seal = approve(issue, newsroom, "Odile Ferrand", now=NOW)
    assert (seal.by, seal.at, seal.subject) == ("Odile Ferrand", NOW, "La digue tiendra")
    assert seal.preheader == "Trois choses à savoir avant le marché"
    assert set(seal.editions) == {("free", "fr"), ("paid", "fr")}
    assert "douze euros" in seal.editions["paid", "fr"].text
    assert "douze euros" not in seal.editions["free", "fr"].html
    for (audience, language), edition in seal.editions.items():
        stem = sealed_folder(issue) / f"{audience}.{language}"
        assert stem.with_name(stem.name + ".html").read_bytes() == edition.html.encode()
        assert stem.with_name(stem.name + ".txt").read_bytes() == edition.text.encode()
        assert edition.slots["unsubscribe"] in edition.html
    assert len(seal.media) == 2
    assert all(path.is_file() for path in seal.media.values())
    assert verdict(issue, newsroom) == Sealed(seal)


def test_each_edition_is_rendered_once(issue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    document = LetterTemplate.document

    def counted(letter: LetterTemplate, blocks: list[str], unsubscribe_url: str) -> str:
        rendered.append(letter.edition.audience)
        return document(letter, blocks, unsubscribe_url)

    monkeypatch.setattr(LetterTemplate, "document", counted)
    approve(issue, load_newsroom(root(issue)), "Odile Ferrand", now=NOW)
    assert sorted(rendered) == ["free", "paid"]


def test_the_digest_of_the_seal_covers_every_frozen_file(sealed: Path) -> None:
    folder = sealed_folder(sealed)
    record = (folder / "seal.yaml").read_text(encoding="utf-8")
    frozen = [path for path in folder.rglob("*") if path.is_file() and path.name not in ("seal.yaml", ".gitattributes")]
    assert len(frozen) == 6
    for path in frozen:
        assert sha256(path.read_bytes()).hexdigest() in record
    found = verdict(sealed, load_newsroom(root(sealed)))
    assert isinstance(found, Sealed)
    assert found.seal.digest == sha256(record.encode()).hexdigest()


def test_without_approval(issue: Path) -> None:
    found = verdict(issue, load_newsroom(root(issue)))
    assert isinstance(found, Unsealed)
    assert found.reason == "not-sealed"
    assert "filigrane approve issues/vendredi/2026-11-27.yaml --by" in found.sentence


def append(path: Path, content: bytes) -> None:
    path.write_bytes(path.read_bytes() + content)


VOIDS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a word": ("source-changed", lambda issue: write_issue(root(issue), "vendredi", FRIDAY, WITH_ALL, "Elle tient")),
    "a comment": ("source-changed", lambda issue: append(issue, b"# relu\n")),
    "the picture": ("media-changed", lambda issue: (issue.parent / "digue.png").write_bytes(png("olive"))),
    "no picture": ("media-changed", lambda issue: (issue.parent / "digue.png").unlink()),
    "the transcript": ("media-changed", lambda issue: append(issue.parent / "entretien.txt", b"!")),
    "the advertisement's words": ("sponsor-changed", lambda issue: write_sponsor(root(issue), "Des bottes")),
    "the advertisement's picture": ("sponsor-changed", lambda issue: write_sponsor(root(issue), picture="red")),
    "no advertisement": ("sponsor-changed", lambda issue: (root(issue) / "config/sponsors/voilerie.yaml").unlink()),
    "a frozen word": ("damaged", lambda issue: append(sealed_folder(issue) / "free.fr.txt", b" ")),
    "no frozen page": ("damaged", lambda issue: (sealed_folder(issue) / "paid.fr.html").unlink()),
    "no frozen picture": ("damaged", lambda issue: shutil.rmtree(sealed_folder(issue) / "media")),
    "no record": ("damaged", lambda issue: (sealed_folder(issue) / "seal.yaml").unlink()),
    "half a record": ("damaged", lambda issue: (sealed_folder(issue) / "seal.yaml").write_text("by: Odile\n")),
    "a record of noise": ("damaged", lambda issue: (sealed_folder(issue) / "seal.yaml").write_bytes(b"\xff\x00{[")),
}


@pytest.mark.parametrize("change", VOIDS)
def test_what_voids_an_approval(sealed: Path, change: str) -> None:
    assert reason(sealed) is None
    expected, make = VOIDS[change]
    make(sealed)
    assert reason(sealed) == expected


@pytest.mark.parametrize("change", ["a word", "the picture", "the advertisement's words", "a record of noise"])
def test_approved_again_it_may_leave(sealed: Path, change: str) -> None:
    VOIDS[change][1](sealed)
    seal_it(sealed)
    assert reason(sealed) is None


def sponsor_says(issue: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = root(issue) / "config" / "sponsors" / "voilerie.yaml"
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")


def test_another_booking_voids_the_approval(sealed: Path) -> None:
    sponsor_says(sealed, lambda value: value["bookings"][0].update(date=str(Date(2026, 12, 4))))
    assert reason(sealed) == "sponsor-changed"


def test_an_advertisement_that_expired_meanwhile_voids_the_approval(issue: Path) -> None:
    chosen = WITH_ALL.replace("sponsor: haut", "sponsor: {{slot: haut, creative: voilerie/cires}}")
    write_issue(root(issue), "vendredi", FRIDAY, chosen)
    sponsor_says(issue, lambda value: value.pop("bookings"))
    seal_it(issue)
    sponsor_says(issue, lambda value: value["creatives"]["cires"].update(valid_until="2026-11-27"))
    assert reason(issue) is None
    sponsor_says(issue, lambda value: value["creatives"]["cires"].update(valid_until="2026-11-26"))
    assert reason(issue) == "sponsor-changed"


def test_what_does_not_void_an_approval(sealed: Path) -> None:
    templates = root(sealed) / "templates"
    templates.mkdir()
    (templates / "letter.mjml.j2").write_text("{{ nothing_of_the_kind }}")
    (root(sealed) / "config" / "lexicon.yaml").write_text("names:\n  Estuaire: [Estuère]\n", encoding="utf-8")
    publication = root(sealed) / "config" / "publications" / "vendredi.yaml"
    publication.write_text(publication.read_text(encoding="utf-8") + "tagline: Autre chose\n", encoding="utf-8")
    assert reason(sealed) is None
    with pytest.raises(Refused, match="nothing_of_the_kind"):
        seal_it(sealed)
    assert reason(sealed) is None


def test_line_ends_turned_over_by_git_do_not_void_an_approval(sealed: Path) -> None:
    sealed.write_bytes(sealed.read_bytes().replace(b"\n", b"\r\n"))
    assert reason(sealed) is None
    assert (sealed_folder(sealed) / ".gitattributes").read_text() == "* -text\n"


def test_the_past_is_context_and_not_part_of_the_approval(issue: Path) -> None:
    newsroom = load_newsroom(root(issue))
    approve(issue, newsroom, "Odile", past=[PastIssue(Date(2026, 11, 20), "Avant")], now=NOW)
    assert reason(issue) is None


def test_an_issue_with_mistakes_is_refused_and_the_approval_of_before_remains(sealed: Path) -> None:
    issue = sealed
    before = (sealed_folder(issue) / "seal.yaml").read_bytes()
    good = issue.read_bytes()
    issue.write_bytes(good.replace(b"  - sponsor: haut\n", b"  - sponsor: bas\n"))
    with pytest.raises(Mistakes, match="bas"):
        seal_it(issue)
    assert (sealed_folder(issue) / "seal.yaml").read_bytes() == before
    issue.write_bytes(good)
    assert reason(issue) is None


def test_all_that_is_wrong_is_said_in_one_round(issue: Path) -> None:
    text = issue.read_text("utf-8").replace("headline: La digue", "headlin: La digue").replace("haut", "bas")
    issue.write_text(text, encoding="utf-8")
    with pytest.raises(Mistakes) as caught:
        seal_it(issue)
    assert [finding.code for finding in caught.value.findings] == ["unknown-key", "unknown-slot"]


@pytest.mark.parametrize(
    "blocks", ["  - masthead: auto\n", "  - sponsor: haut\n", "  - notice: Pas de lettre demain\n"], ids=str.strip
)
def test_an_empty_issue_is_refused(issue: Path, blocks: str) -> None:
    issue.write_text(f"subject: Rien\nblocks:\n{blocks}", encoding="utf-8")
    with pytest.raises(Refused, match="not a word"):
        seal_it(issue)
    assert not sealed_folder(issue).exists()


def test_an_issue_empty_for_free_readers_is_refused(issue: Path) -> None:
    issue.write_text(
        "subject: Rien\nblocks:\n  - edito: {headline: H, body: Du texte, audience: paid}\n", encoding="utf-8"
    )
    with pytest.raises(Refused, match="free"):
        seal_it(issue)


def test_a_record_without_words_is_empty(sealed: Path) -> None:
    path = sealed_folder(sealed) / "seal.yaml"
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    value["editions"][0]["words"] = 0
    path.write_text(yaml.safe_dump(value, allow_unicode=True, width=10**6), encoding="utf-8")
    assert reason(sealed) == "empty"


@pytest.mark.parametrize("by", ["", "  ", "Odile\nby: somebody else"])
def test_an_approval_names_who_gives_it(issue: Path, by: str) -> None:
    with pytest.raises(Refused, match="--by"):
        approve(issue, load_newsroom(root(issue)), by, now=NOW)
    assert not sealed_folder(issue).exists()


def test_a_name_and_a_subject_that_yaml_could_misread_come_back_whole(issue: Path) -> None:
    subject = "'Non : oui' # 12:30 “non”"
    issue.write_text(
        issue.read_text(encoding="utf-8").replace("subject: La digue tiendra", f'subject: "{subject}"'),
        encoding="utf-8",
    )
    seal = approve(issue, load_newsroom(root(issue)), "O'Neil: #1", now=NOW)
    assert (seal.by, seal.subject) == ("O'Neil: #1", subject.replace(" :", "\u00a0:"))  # house typography


def test_unapprove(sealed: Path) -> None:
    unapprove(sealed)
    assert reason(sealed) == "not-sealed"
    assert sorted(path.name for path in sealed.parent.iterdir()) == ["2026-11-27.yaml", "digue.png", "entretien.txt"]
    with pytest.raises(Refused, match="not approved"):
        unapprove(sealed)


def test_media_are_published_under_their_names(sealed: Path) -> None:
    newsroom = load_newsroom(root(sealed))
    found = verdict(sealed, newsroom)
    assert isinstance(found, Sealed)
    seal = found.seal
    published = root(sealed) / "var" / "media"
    published.mkdir(parents=True)
    (published / next(iter(seal.media))).write_bytes(b"torn")
    for _ in range(2):
        publish_media(seal, newsroom)
        assert {path.name: path.read_bytes() for path in published.iterdir()} == {
            name: path.read_bytes() for name, path in seal.media.items()
        }


def test_media_that_cannot_be_published_are_the_outside_world(sealed: Path) -> None:
    newsroom = load_newsroom(root(sealed))
    found = verdict(sealed, newsroom)
    assert isinstance(found, Sealed)
    (root(sealed) / "var" / "media").write_text("a file where a folder should be")
    with pytest.raises(OutsideWorld, match="var/media"):
        publish_media(found.seal, newsroom)


@pytest.mark.parametrize("name", ["2026-12-18.yaml", "2026-11-27-bis.yaml"])
def test_an_approval_copied_beside_another_issue_approves_nothing(sealed: Path, name: str) -> None:
    copy = sealed.with_name(name)
    shutil.copy(sealed, copy)
    shutil.copytree(sealed.with_suffix(".sealed"), copy.with_suffix(".sealed"))
    assert reason(copy) == "other-issue"
    assert isinstance(verdict(sealed, load_newsroom(sealed.parents[2])), Sealed)


@pytest.mark.parametrize("slots", [[], [{"name": "unsubscribe", "sentinel": "NOWHERE"}]])
def test_an_approval_without_its_way_out_is_damaged(sealed: Path, slots: list[dict[str, str]]) -> None:
    seal = sealed.with_suffix(".sealed") / "seal.yaml"
    record = yaml.safe_load(seal.read_text(encoding="utf-8"))
    record["at"] = record["at"].isoformat() if not isinstance(record["at"], str) else record["at"]
    for edition in record["editions"]:
        edition["slots"] = slots
    seal.write_text(yaml.safe_dump(record, allow_unicode=True, width=10**6), encoding="utf-8")
    assert reason(sealed) == "damaged"


@pytest.mark.parametrize("name", ["free.fr.html", "seal.yaml"])
@pytest.mark.parametrize("away", ["../../../var/secret.key", "/dev/zero", "pipe"])
def test_an_approval_that_leads_elsewhere_is_damaged_and_not_waited_for(sealed: Path, name: str, away: str) -> None:
    (root(sealed) / "var").mkdir(exist_ok=True)
    (root(sealed) / "var" / "secret.key").write_text("5ec7e7")
    (sealed_folder(sealed) / name).unlink()
    if away == "pipe":
        os.mkfifo(sealed_folder(sealed) / name)
    else:
        (sealed_folder(sealed) / name).symlink_to(away)
    assert reason(sealed) == "damaged"


def test_a_picture_that_became_a_link_to_a_key_is_not_published(sealed: Path) -> None:
    found = verdict(sealed, load_newsroom(root(sealed)))
    assert isinstance(found, Sealed)
    name, picture = next(iter(found.seal.media.items()))
    (root(sealed) / "var").mkdir(exist_ok=True)
    (root(sealed) / "var" / "secret.key").write_text("5ec7e7")
    picture.unlink()
    picture.symlink_to(root(sealed) / "var" / "secret.key")
    with pytest.raises(Refused, match="was not read"):
        publish_media(found.seal, load_newsroom(root(sealed)))
    assert not (root(sealed) / "var" / "media" / name).exists()


def test_an_issue_that_is_a_link_out_of_the_newsroom_is_said_to_be_one(sealed: Path, tmp_path: Path) -> None:
    shutil.move(sealed, tmp_path / "elsewhere.yaml")
    sealed.symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(Refused):
        verdict(sealed, load_newsroom(root(sealed)))
    shutil.rmtree(sealed_folder(sealed))
    assert reason(sealed) == "not-sealed"
