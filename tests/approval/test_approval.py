"""What was approved is what is sent, or nothing is: every way in which an approval ends."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
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
from tests.approval.support.sample_approval import NOW, WITH_ALL, reason, root, seal_it, sealed_folder
from tests.rendering.support.pictures_with_rights import ALL, SECRETS, packet, write
from tests.rendering.support.pictures_with_rights import published as rights_published
from tests.support.newsrooms import FRIDAY, png, write_issue


def test_the_seal_holds_the_frozen_editions(issue: Path) -> None:
    newsroom = load_newsroom(root(issue))
    seal = approve(issue, newsroom, "Odile Ferrand", now=NOW)
    assert (seal.by, seal.at, seal.subject) == ("Odile Ferrand", NOW, "La digue tiendra")
    assert seal.preheader == "Trois choses à savoir avant le marché"
    assert set(seal.editions) == {("free", "fr"), ("paid", "fr")}
    assert "douze euros" in seal.editions["paid", "fr"].text
    assert "douze euros" not in seal.editions["free", "fr"].html
    for (audience, language), edition in seal.editions.items():
        assert edition.subject == "La digue tiendra"
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

    def counted(letter: LetterTemplate, blocks: list[str], way_out: str, copy: str | None = None) -> str:
        rendered.append(letter.edition.audience)
        return document(letter, blocks, way_out, copy)

    monkeypatch.setattr(LetterTemplate, "document", counted)
    approve(issue, load_newsroom(root(issue)), "Odile Ferrand", now=NOW)
    assert sorted(rendered) == ["free", "paid"]


def test_the_digest_of_the_seal_covers_every_frozen_file(sealed: Path) -> None:
    folder = sealed_folder(sealed)
    record = (folder / "seal.yaml").read_text(encoding="utf-8")
    frozen = [path for path in folder.rglob("*") if path.is_file() and path.name not in ("seal.yaml", ".gitattributes")]
    assert len(frozen) == 7
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


@pytest.mark.parametrize(("audience", "empty"), [("paid", "free"), ("free", "paid")])
def test_an_issue_empty_for_some_readers_is_refused(issue: Path, audience: str, empty: str) -> None:
    issue.write_text(
        f"subject: Rien\nblocks:\n  - edito: {{headline: H, body: Du texte, audience: {audience}}}\n", encoding="utf-8"
    )
    with pytest.raises(Refused, match=f"the {empty} edition of vendredi/2026-11-27 has not a word"):
        seal_it(issue)


MEANWHILE: dict[str, tuple[type[Exception], str, Callable[[Path], object]]] = {
    "the issue": (
        Refused,
        "2026-11-27.yaml changed while it was being approved",
        lambda issue: issue.write_bytes(issue.read_bytes() + b"# relu"),
    ),
    "the picture": (
        Refused,
        "2026-11-27.yaml changed while it was being approved",
        lambda issue: issue.with_name("digue.png").write_bytes(png("olive")),
    ),
    "the advertisement's picture": (
        Refused,
        "changed while it was being approved",
        lambda issue: (root(issue) / "config" / "sponsors" / "cires.png").write_bytes(png("olive")),
    ),
}


@pytest.mark.parametrize("change", MEANWHILE)
def test_what_changes_while_it_is_approved_is_not_approved(
    issue: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    refusal, said, make = MEANWHILE[change]
    document = LetterTemplate.document

    def late(letter: LetterTemplate, blocks: list[str], way_out: str, copy: str | None = None) -> str:
        make(issue)
        return document(letter, blocks, way_out, copy)

    monkeypatch.setattr(LetterTemplate, "document", late)
    with pytest.raises(refusal, match=said):
        seal_it(issue)
    assert reason(issue) is not None


def test_an_older_approval_remains_where_a_new_one_is_refused(sealed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in sealed_folder(sealed).iterdir() if path.is_file()}
    document = LetterTemplate.document

    def late(letter: LetterTemplate, blocks: list[str], way_out: str, copy: str | None = None) -> str:
        MEANWHILE["the advertisement's picture"][2](sealed)
        return document(letter, blocks, way_out, copy)

    monkeypatch.setattr(LetterTemplate, "document", late)
    with pytest.raises(Refused):
        seal_it(sealed)
    assert {path.name: path.read_bytes() for path in sealed_folder(sealed).iterdir() if path.is_file()} == before


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
    shutil.rmtree(published.parent)  # as in a newsroom that was just cloned
    for _ in range(2):
        publish_media(seal, newsroom)
        (published / next(iter(seal.media))).write_bytes(b"torn")
        publish_media(seal, newsroom)
        assert {path.name: path.read_bytes() for path in published.iterdir()} == {
            name: path.read_bytes() for name, path in seal.media.items()
        }


@pytest.mark.parametrize("name", ["digue.png", "digue.jpg", "digue.webp", "digue.gif"])
def test_the_rights_of_a_picture_are_frozen_and_published_and_its_position_is_not(issue: Path, name: str) -> None:
    write(issue.parent / name, packet())
    issue.write_text(issue.read_text(encoding="utf-8").replace("digue.png", name), encoding="utf-8")
    newsroom = load_newsroom(root(issue))
    seal = approve(issue, newsroom, "Odile Ferrand", now=NOW)
    again = approve(issue, newsroom, "Odile Ferrand", now=NOW)
    assert again.digest == seal.digest
    publish_media(seal, newsroom)
    contents = {path.name: path.read_bytes() for path in (root(issue) / "var" / "media").iterdir()}
    assert contents.keys() == seal.media.keys()
    assert sorted(map(len, map(rights_published, contents.values()))) == [0, len(ALL)]  # the advertisement says none
    (told,) = filter(None, map(rights_published, contents.values()))
    assert told == ALL
    assert not [secret for secret in SECRETS for content in contents.values() if secret.encode() in content]


def test_media_that_cannot_be_published_are_the_outside_world(sealed: Path) -> None:
    newsroom = load_newsroom(root(sealed))
    found = verdict(sealed, newsroom)
    assert isinstance(found, Sealed)
    (root(sealed) / "var" / "media").write_text("a file where a folder should be")
    with pytest.raises(
        OutsideWorld, match="of vendredi/2026-11-27 cannot be published in var/media: a file of that name is in the way"
    ):
        publish_media(found.seal, newsroom)


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
