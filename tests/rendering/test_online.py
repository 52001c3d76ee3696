"""Where a letter is read online: its address is in the sealed bytes, of open archives only."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from composer.issue.blocks import Audience
from composer.issue.compose import compose
from composer.issue.key import IssueKey
from composer.issue.load import load_issue
from composer.issue.online import online_address, online_path
from composer.newsroom.public_paths import choices_address, join_address
from composer.rendering import Rendering, render
from composer.rendering.templates import shipped
from tests.issue.support.sample_issue import DAY, issue, newsroom

ADDRESS = f"https://lettres.example.org/a/samedi/{DAY}/"


def letter(
    root: Path,
    audience: Audience = "free",
    *,
    since: Date | None = DAY,
    join: object = None,
    paid_copies: bool = False,
    **front: Any,
) -> Rendering:
    given = {"archive": {"since": since, "paid_copies": paid_copies} if since else None, "join": join}
    house = newsroom(root, publication={name: value for name, value in given.items() if value is not None})
    return render(compose(issue([{"type": "masthead"}], **front), house, audience), house)


@pytest.mark.parametrize(
    ("audience", "words"),
    [("free", "Lire cette lettre en ligne"), ("paid", "L’édition gratuite de cette lettre, en ligne")],
)
def test_a_letter_of_an_open_archive_says_where_it_is_read(tmp_path: Path, audience: Audience, words: str) -> None:
    made = letter(tmp_path, audience)
    assert f'<a href="{ADDRESS}"' in made.html
    assert f">{words}</a>" in made.html
    assert words in made.text
    assert f"\n{ADDRESS}\n" in made.text
    assert f"body=Le%20canal%20rouvre%0A{ADDRESS.replace(':', '%3A')}" in made.html, "who forwards it sends the page"


@pytest.mark.parametrize(
    "closed",
    [{"since": None}, {"since": Date(DAY.year + 1, 1, 1)}, {"online": False}],
    ids=["no archive", "later", "not this one"],
)
def test_any_other_letter_says_nothing_of_it(tmp_path: Path, closed: dict[str, Any]) -> None:
    made = letter(tmp_path, **closed)
    assert "/a/samedi/" not in made.html + made.text
    assert "en ligne" not in made.html + made.text


def test_who_pays_reads_the_paid_edition_behind_a_slot_and_others_what_they_did(tmp_path: Path) -> None:
    made = letter(tmp_path, "paid", paid_copies=True)
    sentinel = made.slots["paid_copy"]
    assert re.fullmatch(r"PAIDCOPY[0-9a-f]{32}", sentinel)
    assert f'<a href="https://lettres.example.org/copy/{sentinel}"' in made.html
    assert f"\nhttps://lettres.example.org/copy/{sentinel}\n" in made.text
    assert "Lire cette lettre en ligne, pendant sept jours" in made.html
    assert f'<a href="{ADDRESS}"' not in made.html
    assert quote(ADDRESS) in made.html, "who passes it on passes on the free edition"
    assert letter(tmp_path, paid_copies=True) == letter(tmp_path)
    for closed in ({"since": Date(DAY.year + 1, 1, 1)}, {"online": False}):
        assert set(letter(tmp_path, "paid", paid_copies=True, **closed).slots) == {"unsubscribe"}


def test_own_templates_that_print_no_link_declare_no_slot(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    for name in ("foot.mjml.j2", "letter.txt.j2"):
        whole = (shipped() / name).read_text(encoding="utf-8")
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(whole.replace("if paid_copy_url", "if false"), encoding="utf-8")
    made = letter(tmp_path, "paid", paid_copies=True)
    assert set(made.slots) == {"unsubscribe"}
    assert "L’édition gratuite de cette lettre, en ligne" in made.html


def test_a_letter_of_a_closed_archive_is_byte_for_byte_what_it_was(tmp_path: Path) -> None:
    """The token's place too: it is a digest of the letter's words, and the archive adds none."""
    assert letter(tmp_path, since=None) == letter(tmp_path, online=False)
    assert letter(tmp_path, since=None) == letter(tmp_path, since=None, online=False)


@pytest.mark.parametrize("audience", ["free", "paid"])
@pytest.mark.parametrize("since", [DAY, None], ids=["online", "no archive"])
def test_a_letter_of_an_open_door_says_where_one_joins(tmp_path: Path, audience: Audience, since: Date | None) -> None:
    made = letter(tmp_path, audience, since=since, join={"open": True})
    assert '<a href="https://lettres.example.org/join/samedi"' in made.html
    assert ">S’inscrire</a>" in made.html
    assert made.text.count("S’inscrire :\nhttps://lettres.example.org/join/samedi\n".replace(" :", "\u00a0:")) == 1
    beside = re.search(r"en ligne</a>(.{1,3})<a [^>]*/join/samedi", made.html)
    assert (beside is not None) == (since is not None)


@pytest.mark.parametrize("join", [None, {"open": False}], ids=["no door", "shut"])
def test_a_letter_of_a_shut_door_says_nothing_of_it(tmp_path: Path, join: object) -> None:
    made = letter(tmp_path, join=join)
    assert "/join/" not in made.html + made.text
    assert made == letter(tmp_path)


def test_an_edition_in_another_language_leads_to_the_form_in_it(tmp_path: Path) -> None:
    house = newsroom(tmp_path, publication={"join": {"open": True}})
    assert join_address(house, "samedi", "fr") == "https://lettres.example.org/join/samedi"
    assert join_address(house, "samedi", "en") == "https://lettres.example.org/join/samedi?language=en"


def test_the_foot_leads_to_the_choices_where_that_door_is_open(tmp_path: Path) -> None:
    shut = newsroom(tmp_path)
    house = replace(shut, settings=shut.settings.model_copy(update={"choices": True}))
    address = "https://lettres.example.org/choices"
    for each, there in ((shut, False), (house, True)):
        made = render(compose(issue([{"type": "masthead"}]), each, "free"), each)
        assert (f'href="{address}"' in made.html) is there
        assert (f"Lettres, adresse, pause :\n{address}\n" in made.text.replace("\u00a0", " ")) is there
    assert choices_address(house, "en") == f"{address}?language=en"


@pytest.mark.parametrize(
    ("name", "language", "path"),
    [
        ("", None, "a/samedi/"),
        ("2026", None, "a/samedi/2026/"),
        ("2026-11-28", None, "a/samedi/2026-11-28/"),
        ("2026-11-28-rivieres", "en", "a/samedi/2026-11-28-rivieres/en/"),
        ("", "en", "a/samedi/en/"),
    ],
)
def test_the_address_follows_from_publication_name_and_language(name: str, language: str | None, path: str) -> None:
    assert online_path("samedi", name, language) == path


def test_an_edition_in_the_publication_s_own_language_has_no_language_in_its_address(tmp_path: Path) -> None:
    house = newsroom(tmp_path)
    assert online_address(house, IssueKey("samedi", DAY, "", "fr")) == ADDRESS
    assert online_address(house, IssueKey("samedi", DAY, "", "en")) == f"{ADDRESS}en/"


def test_an_issue_says_it_in_either_language(tmp_path: Path) -> None:
    house = newsroom(tmp_path)
    path = tmp_path / "issues" / "samedi" / f"{DAY}.yaml"
    for line in ("en_ligne: false", "online: false"):
        keys = ("objet", "blocs", "ours") if "ligne" in line else ("subject", "blocks", "masthead")
        path.write_text(f"{keys[0]}: Le canal rouvre\n{line}\n{keys[1]}:\n  - {keys[2]}: auto\n", encoding="utf-8")
        assert not load_issue(path, house).require().front.online
    path.write_text("subject: Le canal rouvre\nonline: no\nblocks:\n  - masthead: auto\n", encoding="utf-8")
    (finding,) = load_issue(path, house).findings
    assert finding.code == "not-a-boolean"
    assert finding.suggestion == "online: false"
