"""The example newsroom: it is correct, it is complete, and it is what ``docs/editors.md`` teaches."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
from PIL import Image
from pydantic import BaseModel

from composer.cli import COMMANDS
from composer.issue.blocks import BLOCKS, DIRECTIVES, TYPES, AnyBlock, Audience
from composer.issue.blocks.a_surveiller import ASurveiller
from composer.issue.blocks.figure import Credit, Figure
from composer.issue.body import Body
from composer.issue.compose import compose
from composer.issue.edition import PastIssue
from composer.issue.load import load_issue
from composer.issue.model import Correction, Front, Issue
from composer.issue.text_iter import texts
from composer.newsroom import load_newsroom
from composer.newsroom.colour import contrast
from composer.newsroom.model import Newsroom
from composer.newsroom.sponsor import REGULATED
from composer.newsroom.values import Clock, Duration
from composer.proofreading import proofread
from composer.rendering import render
from composer.source import load
from composer.source.vocabulary import find_block, find_key

ROOT = Path(__file__).resolve().parent.parent

#: Each issue, and words of it that free readers must not get.
PAID = {
    "issues/vendredi/2026-11-27.yaml": "Deux fois plus de siècles",
    "issues/samedi/2026-11-28.yaml": "Il fallait relever la rive suisse",
    "issues/vendredi/2026-12-04.yaml": "L’acier qui ne peut pas s’allonger pousse",
    "issues/samedi/2026-12-05.yaml": "Cassini redescend l’escalier",
}
ISSUES = tuple(PAID)

#: Words of an issue of each publication.
LENGTHS = {"vendredi": (1350, 1650), "samedi": (3300, 3800)}

AUDIENCES: tuple[Audience, ...] = ("free", "paid")
PAST = (PastIssue(date(2026, 11, 20), "Un numéro d’avant", "https://lettres.example.org/avant"),)

#: What the issues do not show, and why.
NOT_SHOWN = {
    (Front, "translation_of"),  # the English edition shows it, and its original cannot
    (Front, "ignore"),  # there is no warning to put aside
    (Front, "online"),  # the demonstration shows each letter on the web
    (Correction, "was"),  # corrects the page of a letter that was sent
    (Correction, "now"),
    (Credit, "none"),  # each picture has its author
    (Credit, "photo"),  # and is drawn
}
VALUES_NOT_SHOWN = {
    ("edition", "fr"),  # the letters are in French themselves
    ("label", "none"),  # each section has its label
    ("number", "auto"),  # it counts approvals, and an example is not approved
    ("dates", "short"),  # holds for a whole issue, and both are better with their weekday
    ("bars", "no"),  # as without it
    ("alt", "none"),  # no picture of ours is mere decoration
}


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return load_newsroom(ROOT)


@pytest.fixture(scope="module")
def issues(newsroom: Newsroom) -> tuple[Issue, ...]:
    return tuple(load_issue(ROOT / name, newsroom).require() for name in ISSUES)


def models(annotation: object) -> Iterator[type[BaseModel]]:
    """Every model that a value of this type may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models(field.annotation)
    for argument in get_args(annotation):
        yield from models(argument)


def shown() -> set[type[BaseModel]]:
    """Every model an issue is made of."""
    return {*models(Front), *models(AnyBlock)}


def literals(annotation: object) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from (value for value in get_args(annotation) if isinstance(value, str))
    for argument in get_args(annotation):
        yield from literals(argument)


def held(value: object) -> Iterator[BaseModel]:
    """Every model instance in ``value``, the boxes inside bodies included."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from held(getattr(value, name))
    elif isinstance(value, Body):
        yield from held(value.elements)
    elif isinstance(value, dict):
        yield from held(tuple(value.values()))
    elif isinstance(value, tuple):
        for each in value:
            yield from held(each)


def everything(newsroom: Newsroom, issues: tuple[Issue, ...]) -> Iterator[BaseModel]:
    for issue in issues:
        yield from held(issue.front)
    for publication in newsroom.publications.values():
        yield publication.style


def words(issue: Issue) -> int:
    whole = " ".join(text.source for _loc, text in texts(issue.front.blocks))
    return len(re.findall(r"\w[\w'’-]*", re.sub(r"^:.*$|\(\S+\)", "", whole, flags=re.MULTILINE)))


def test_an_issue_of_the_example_has_no_finding_at_all(newsroom: Newsroom) -> None:
    for name in ISSUES:
        document = load_issue(ROOT / name, newsroom)
        assert [str(finding) for finding in document.findings] == []
        assert [str(finding) for finding in proofread(document.require(), newsroom, PAST)] == []


def test_the_english_edition_is_whole_without_a_finding(newsroom: Newsroom) -> None:
    document = load_issue(ROOT / "issues/samedi/2026-11-28.en.yaml", newsroom)
    assert [str(finding) for finding in document.findings] == []
    issue = document.require()
    assert [str(finding) for finding in proofread(issue, newsroom, PAST)] == []
    assert issue.front.translation_of == "2026-11-28.yaml"
    assert words(issue) >= 3200
    free, paid = (render(compose(issue, newsroom, audience, PAST), newsroom) for audience in AUDIENCES)
    assert '<html lang="en"' in paid.html
    assert "To raise or to lower does" in paid.text
    assert "To raise or to lower does" not in free.text


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_two_editions_link_to_each_other(audience: Audience, newsroom: Newsroom) -> None:
    for name, other, url in (("2026-11-28", "en", "/2026-11-28/en"), ("2026-11-28.en", "fr", "/2026-11-28")):
        issue = load_issue(ROOT / f"issues/samedi/{name}.yaml", newsroom).require()
        letter = render(compose(issue, newsroom, audience, PAST), newsroom)
        assert f'<a href="https://lettres.example.org/meandre{url}" hreflang="{other}"' in letter.html
        assert f"https://lettres.example.org/meandre{url}\n" in letter.text


def test_every_issue_renders_for_both_audiences(newsroom: Newsroom, issues: tuple[Issue, ...]) -> None:
    for issue in issues:
        editions = [render(compose(issue, newsroom, audience, PAST), newsroom) for audience in AUDIENCES]
        assert editions[0].html != editions[1].html
        for rendering in editions:
            assert issue.front.subject in rendering.text
            assert rendering.media


def test_no_paid_paragraph_reaches_free_readers(newsroom: Newsroom, issues: tuple[Issue, ...]) -> None:
    for issue, paid in zip(issues, PAID.values(), strict=True):
        free, whole = (
            " ".join(render(compose(issue, newsroom, audience, PAST), newsroom).text.split()) for audience in AUDIENCES
        )
        assert paid in whole
        assert paid not in free


def test_the_issues_use_every_block(issues: tuple[Issue, ...]) -> None:
    used = {TYPES[type(block)].name for issue in issues for block in issue.front.blocks}
    assert used == set(BLOCKS)


def test_the_issues_use_every_field_of_every_block(newsroom: Newsroom, issues: tuple[Issue, ...]) -> None:
    used = {(kind, name) for each in everything(newsroom, issues) for kind in type(each).__mro__ for name in _set(each)}
    expected = {(owner(model, name), name) for model in shown() for name in model.model_fields if name != "type"}
    assert expected - NOT_SHOWN - used == set()


def _set(value: BaseModel) -> set[str]:
    return value.model_fields_set


def owner(model: type[BaseModel], name: str) -> type[BaseModel]:
    """``audience`` and ``style`` are the same field on every block, those of an article the same on an interview."""
    return next(each for each in reversed(model.__mro__) if issubclass(each, BaseModel) and name in each.model_fields)


def test_the_issues_use_every_enumerated_value(newsroom: Newsroom, issues: tuple[Issue, ...]) -> None:
    used = {
        (name, value)
        for each in everything(newsroom, issues)
        for name in type(each).model_fields
        if isinstance(value := getattr(each, name), str)
    }
    expected = {
        (name, value)
        for model in shown()
        for name, field in model.model_fields.items()
        if name != "type"
        for value in literals(field.annotation)
    }
    assert expected - VALUES_NOT_SHOWN - used == set()


def test_the_bodies_use_every_box_and_every_option_of_a_box(issues: tuple[Issue, ...]) -> None:
    boxes = [
        box
        for issue in issues
        for block in issue.front.blocks
        for _loc, text in texts(block)
        if isinstance(text, Body)
        for box in held(text)
    ]
    for name, model in DIRECTIVES.items():
        alike = [box for box in boxes if type(box) is model]
        options = set(model.model_fields) - {"type", "style", "audience"}
        assert options - {option for box in alike for option in _set(box)} == set(), name
    credits = {name for box in boxes if isinstance(box, Figure) and box.credit is not None for name in _set(box.credit)}
    assert credits == {"source", "ai", "by", "credit"}
    assert any("audience" in _set(box) for box in boxes)


def test_dates_fall_on_the_day_of_their_publication(newsroom: Newsroom, issues: tuple[Issue, ...]) -> None:
    for issue in issues:
        publication = newsroom.publications[issue.key.publication]
        assert issue.key.date.strftime("%A").lower() in publication.schedule.every
        skipped = {f"{day:%A}".lower() for day in publication.schedule.skip}
        assert skipped == set(publication.schedule.every), "skipping a day without an issue would mean nothing"


def test_the_letters_have_the_length_they_say(newsroom: Newsroom, issues: tuple[Issue, ...]) -> None:
    minutes: dict[str, list[int]] = {}
    for issue in issues:
        least, most = LENGTHS[issue.key.publication]
        assert least <= words(issue) <= most, issue.key
        minutes.setdefault(issue.key.publication, []).append(compose(issue, newsroom, "paid", PAST).minutes)
    assert max(minutes["vendredi"]) <= 6 < min(minutes["samedi"])


def test_what_an_issue_promised_comes_back_in_a_later_one(issues: tuple[Issue, ...]) -> None:
    boxes = [(issue.key.date, box) for issue in issues for box in held(issue.front) if isinstance(box, ASurveiller)]
    promised = {box.id: day for day, box in boxes if box.id}
    followed = [(promised[box.follows], day) for day, box in boxes if box.follows]
    assert len(followed) >= 3
    assert all(before < after for before, after in followed)


def test_keys_are_french_in_every_file() -> None:
    found = 0
    for path in [*ROOT.glob("config/**/*.yaml"), *ROOT.glob("issues/**/*.yaml")]:
        text = path.read_text(encoding="utf-8")
        found += len(re.findall(r"^ *-? ?(?:titre|texte|nom|objet):", text, re.MULTILINE))
        assert not re.search(r"^ *-? ?(?:headline|body|text|title|label|name|subject|items|url):", text, re.MULTILINE)
    assert found > 50


def test_prose_is_set_with_the_spaces_and_signs_of_french() -> None:
    for name in ISSUES:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "'" not in text
        assert not re.search(r"[^ \n\"-] [;!?»]|« |\w [:](?= )", text)


def test_accents_pass_in_the_light_and_in_the_dark(newsroom: Newsroom) -> None:
    themes = [publication.theme for publication in newsroom.publications.values()]
    assert len({theme.accent for theme in themes}) == len({theme.paper for theme in themes}) == 2
    for theme in themes:
        assert contrast(theme.accent, theme.paper) >= 4.5
        assert contrast(theme.accent_dark, "#16181b") >= 4.5


def test_the_two_publications_differ_in_style(newsroom: Newsroom) -> None:
    friday, saturday = (newsroom.publications[name].style for name in ("vendredi", "samedi"))
    assert (friday.boxes, saturday.boxes) == ("run-in", "ruled")
    assert friday.separator != saturday.separator


def test_advertisers_are_booked_on_every_slot_of_every_issue(newsroom: Newsroom, issues: tuple[Issue, ...]) -> None:
    wanted = {
        (i.key.publication, i.key.date, slot) for i in issues for slot in newsroom.publications[i.key.publication].slots
    }
    booked = {(b.publication, b.date, b.slot) for sponsor in newsroom.sponsors.values() for b in sponsor.bookings}
    assert wanted <= booked
    assert {sponsor.mention for sponsor in newsroom.sponsors.values()} == {"publicite", "communique"}
    for issue in issues:
        advertisers = {
            b.creative: s for s in newsroom.sponsors.values() for b in s.bookings if b.date == issue.key.date
        }
        assert len(advertisers) == 2


def test_a_regulated_advertiser_carries_its_disclaimer_and_what_expired_is_not_booked(
    newsroom: Newsroom,
) -> None:
    regulated = [sponsor for sponsor in newsroom.sponsors.values() if sponsor.category in REGULATED]
    assert regulated
    assert all(creative.disclaimer for sponsor in regulated for creative in sponsor.creatives.values())
    expired = 0
    for sponsor in newsroom.sponsors.values():
        for name, creative in sponsor.creatives.items():
            dates = [booking.date for booking in sponsor.bookings if booking.creative == name]
            assert creative.valid_until
            assert all(day <= creative.valid_until for day in dates)
            expired += not dates and creative.valid_until < date(2026, 11, 27)
    assert expired == 1


def test_pictures_are_light_and_have_their_source() -> None:
    pictures = [*ROOT.glob("issues/*/*.png"), *ROOT.glob("config/sponsors/*.png")]
    assert len(pictures) >= 8
    for path in pictures:
        assert path.stat().st_size < 80_000, path
        with Image.open(path) as image:
            assert image.width in (1280, 704), path  # the whole column, or a small one beside its text
        assert (path.parent / "sources" / f"{path.stem}.svg").is_file(), path


def test_the_transcript_reads_in_order_and_holds_misspellings_that_the_lexicon_knows(
    newsroom: Newsroom,
) -> None:
    lines = (ROOT / "issues/samedi/2026-11-28-transcription.txt").read_text(encoding="utf-8").splitlines()
    times = [int(line[:2]) * 60 + int(line[3:5]) for line in lines]
    assert all(first < second for first, second in pairwise(times))
    wrong = [each for misspelt in newsroom.lexicon.names.values() for each in misspelt]
    assert sum(any(each in line for each in wrong) for line in lines) >= 3


@pytest.fixture(scope="module")
def guide() -> str:
    return (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")


def test_the_whole_issue_of_the_guide_loads_without_a_finding(guide: str, newsroom: Newsroom, tmp_path: Path) -> None:
    example = max(re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL), key=len)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    path = tmp_path / "issues" / "vendredi" / "2026-12-04.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(example, encoding="utf-8")
    shutil.copy(ROOT / "issues/vendredi/2026-11-27-secondes.png", path.with_name("pont.png"))
    copy = load_newsroom(tmp_path)
    document = load_issue(path, copy)
    assert [str(finding) for finding in document.findings] == []
    for audience in AUDIENCES:
        assert render(compose(document.require(), copy, audience, PAST), copy).text


def test_the_guide_names_every_block_in_french_and_no_block_or_key_that_does_not_exist(guide: str) -> None:
    named = re.findall(r"`([a-z_]+)`", guide)
    assert {find_block(word) for word in named} >= set(BLOCKS)
    keys = {name for model in shown() for name in model.model_fields}
    table = re.findall(r"^\| `(\w+)` \|(.*)\|$", guide, re.MULTILINE)
    assert {find_block(word) for word, _rest in table} == set(BLOCKS)
    for block, rest in table:
        name = find_block(block)
        assert name
        own = {field for model in models(BLOCKS[name]) for field in model.model_fields} | keys
        for word in re.findall(r"`([a-z_]+)`", rest):
            known = any(find_key(word, own, model.__name__) for model in {*models(BLOCKS[name])})
            assert known or word in ("auto",), (block, word)


def test_the_guide_names_commands_that_exist(guide: str) -> None:
    named = set(re.findall(r"filigrane ([a-z][a-z-]*)", guide))
    assert {"new", "preview", "check", "approve"} <= named <= set(COMMANDS)


def test_the_configuration_of_the_example_prints_as_typed(newsroom: Newsroom) -> None:
    hour: Clock = newsroom.publications["samedi"].schedule.at
    late: Duration = newsroom.publications["samedi"].schedule.catch_up
    assert f"{hour:%H:%M}" == "07:00"
    assert late.total_seconds() == 12 * 3600
    assert newsroom.settings.keys == newsroom.settings.language == "fr"
    assert newsroom.settings.relays[0].security == "none"
    assert load(ROOT / "config/newsroom.yaml", type(newsroom.settings), root=ROOT).findings == ()
