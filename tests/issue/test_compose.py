"""An issue becomes an edition: audiences, sponsors, credits, dates, names, references."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from composer import locale
from composer.errors import Mistakes
from composer.issue.blocks import Audience
from composer.issue.blocks.article import ResolvedArticle
from composer.issue.blocks.box import ResolvedBox
from composer.issue.blocks.briefs import ResolvedBriefs
from composer.issue.blocks.edito import ResolvedEdito
from composer.issue.blocks.figure import ResolvedFigure
from composer.issue.blocks.links import ResolvedLinks
from composer.issue.blocks.masthead import ResolvedMasthead
from composer.issue.blocks.notice import ResolvedNotice
from composer.issue.blocks.replay import ResolvedReplay
from composer.issue.blocks.sponsor import ResolvedSponsor
from composer.issue.blocks.teasers import ResolvedTeasers
from composer.issue.compose import compose, composed
from composer.issue.edition import Edition, PastIssue
from composer.issue.inline import Link, Strong, Text, plain
from composer.issue.measure import in_all
from composer.issue.model import Issue, IssueKey
from composer.newsroom.model import Newsroom
from tests.issue.support.sample_issue import DAY, issue, newsroom

ARTICLE: dict[str, Any] = {"type": "article", "headline": "Le pont", "body": "Une phrase."}


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


def only(edition: Edition, kind: type) -> Any:
    (found,) = [block for block in edition.blocks if isinstance(block, kind)]
    return found


def codes(blocks: list[dict[str, Any]], house: Newsroom, audience: Audience = "free") -> list[str]:
    with pytest.raises(Mistakes) as caught:
        compose(issue(blocks), house, audience)
    return [finding.code for finding in caught.value.findings]


# Free and paid


def test_an_audience_gets_its_blocks(house: Newsroom) -> None:
    blocks = [{"type": "notice", "text": name, "audience": name} for name in ("all", "free", "paid")]
    free = compose(issue(blocks), house, "free")
    paid = compose(issue(blocks), house, "paid")
    assert [plain(block.text) for block in free.blocks if isinstance(block, ResolvedNotice)] == ["all", "free"]
    assert [plain(block.text) for block in paid.blocks if isinstance(block, ResolvedNotice)] == ["all", "paid"]


CUT = {**ARTICLE, "body": "Libre.\n\n===\n\nPayant.", "teaser": "La suite.", "further": ["[ici](https://a.example/)"]}


def test_a_cut_article_is_locked_and_teased_for_free_readers_only(house: Newsroom) -> None:
    free: ResolvedArticle = only(compose(issue([CUT]), house, "free"), ResolvedArticle)
    assert (free.locked, plain(free.teaser), len(free.body), free.further) == (True, "La suite.", 1, ())
    paid: ResolvedArticle = only(compose(issue([CUT]), house, "paid"), ResolvedArticle)
    assert (paid.locked, paid.teaser, len(paid.body), len(paid.further)) == (False, (), 2, 1)


def test_an_article_paid_for_whole_prints_its_teaser_alone(house: Newsroom) -> None:
    block = {**ARTICLE, "access": "paid", "teaser": "La suite.", "standfirst": "Chapô.", "byline": "paul"}
    free: ResolvedArticle = only(compose(issue([block]), house, "free"), ResolvedArticle)
    assert (free.locked, free.body, free.standfirst, plain(free.teaser)) == (True, (), (), "La suite.")
    assert [each.name for each in free.signatures] == ["Paul Garnier"]


@pytest.mark.parametrize("body", ["Tout est payant.", "===\n\nTout est payant."])
def test_free_readers_get_something_of_every_article_they_are_shown(house: Newsroom, body: str) -> None:
    assert codes([{**ARTICLE, "access": "paid", "body": body}], house) == ["missing-teaser"]
    assert compose(issue([{**ARTICLE, "access": "paid", "body": body}]), house, "paid")


def test_automatic_teasers_name_what_free_readers_do_not_get(house: Newsroom) -> None:
    blocks = [
        {"type": "teasers"},
        {**CUT, "id": "cut"},
        {**ARTICLE, "headline": "Rien que pour eux", "audience": "paid", "body": "Caché."},
        ARTICLE,
    ]
    teasers: ResolvedTeasers = only(compose(issue(blocks), house, "free"), ResolvedTeasers)
    assert teasers.label == "En exclusivité pour les abonnés"
    assert [plain(item) for item in teasers.items] == ["Le pont • La suite.", "Rien que pour eux"]
    assert teasers.items[0][0] == Strong((Link("#cut", (Text("Le pont"),)),))
    assert not [block for block in compose(issue(blocks), house, "paid").blocks if isinstance(block, ResolvedTeasers)]
    assert not compose(issue([{"type": "teasers"}, ARTICLE]), house, "free").blocks[1:]


def test_a_reference_to_what_this_edition_does_not_hold_is_words(house: Newsroom) -> None:
    blocks = [
        {**ARTICLE, "body": "Voir [là](#cache) et [ici](#ouvert).", "further": ["cache", "ouvert"]},
        {**ARTICLE, "id": "cache", "headline": "Caché", "audience": "paid"},
        {**ARTICLE, "id": "ouvert", "headline": "Ouvert"},
    ]
    free = compose(issue(blocks, also=["[Le dessous](#cache)"]), house, "free").blocks[0]
    paid = compose(issue(blocks), house, "paid").blocks[0]
    assert isinstance(free, ResolvedArticle)
    assert isinstance(paid, ResolvedArticle)
    assert free.body[0] != paid.body[0]
    assert [(plain(each.spans), each.url) for each in free.further] == [("Ouvert", "#ouvert")]
    assert [each.url for each in paid.further] == ["#cache", "#ouvert"]
    assert "#cache" not in repr(compose(issue(blocks, also=["[Le dessous](#cache)"]), house, "free"))


# Sponsors


def test_the_booking_of_the_day_fills_the_slot(house: Newsroom) -> None:
    edition = compose(
        issue([{"type": "sponsor", "slot": "principal"}, {"type": "sponsor", "slot": "ligne"}]), house, "free"
    )
    full, small = [block for block in edition.blocks if isinstance(block, ResolvedSponsor)]
    assert full.mention == "Publicité · Un message de Verger & Fils"
    assert small.mention == "Publicité · Présenté par Verger & Fils"
    assert (full.form, small.form) == ("full", "small")
    assert full.creative == "verger/automne"
    assert full.headline == "100 % pommes"  # the advertiser's own spaces


@pytest.mark.parametrize(
    ("mention", "language", "words"),
    [
        ("communique", "fr", "Communiqué · Un message de Verger & Fils"),
        ("publicite", "en", "Advertisement · A message from Verger & Fils"),
        ("communique", "en", "Advertorial · A message from Verger & Fils"),
    ],
)
def test_the_legal_mention_is_in_the_language_of_the_letter(
    tmp_path: Path, mention: str, language: str, words: str
) -> None:
    house = newsroom(tmp_path, publication={"language": language}, sponsor={"mention": mention})
    found: ResolvedSponsor = only(
        compose(issue([{"type": "sponsor", "slot": "principal"}]), house, "paid"), ResolvedSponsor
    )
    assert found.mention == words


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ({"slot": "principale"}, "unknown-slot"),
        ({"slot": "principal", "creative": "verger/hiver"}, "unknown-creative"),
        ({"slot": "principal", "creative": "potager/automne"}, "unknown-creative"),
        ({"slot": "principal", "creative": "verger/perime"}, "expired-creative"),
        ({"slot": "principal", "creative": "verger/nu"}, "missing-disclaimer"),
    ],
)
def test_an_advertisement_that_may_not_be_printed(house: Newsroom, block: dict[str, str], code: str) -> None:
    assert codes([{"type": "sponsor", **block}], house) == [code]


def test_a_slot_nobody_booked_says_which_date(tmp_path: Path) -> None:
    house = newsroom(tmp_path, sponsor={"bookings": []})
    with pytest.raises(Mistakes) as caught:
        compose(issue([{"type": "sponsor", "slot": "principal"}]), house, "free")
    assert caught.value.findings[0].code == "unbooked-slot"
    assert "2026-11-28" in str(caught.value)
    twice = [{"publication": "samedi", "date": "2026-11-28", "slot": "ligne", "creative": "automne"}] * 2
    assert codes([{"type": "sponsor", "slot": "ligne"}], newsroom(tmp_path, sponsor={"bookings": twice})) == [
        "double-booking"
    ]


def test_a_category_that_is_not_regulated_needs_no_disclaimer(tmp_path: Path) -> None:
    house = newsroom(tmp_path, sponsor={"category": "general"})
    assert compose(issue([{"type": "sponsor", "slot": "principal", "creative": "verger/nu"}]), house, "free").blocks


# Pictures


@pytest.mark.parametrize(
    ("credit", "mention"),
    [
        ({"photo": "Agence Rive"}, "Photo\u00a0: Agence Rive"),
        ({"source": "Office des eaux"}, "Source\u00a0: Office des eaux"),
        ({"ai": "o3 Pro"}, "Image générée par IA (o3 Pro)"),
        ({"ai": "o3 Pro", "by": "P. G."}, "Image générée par IA (o3 Pro), P. G."),
        ({"by": "Zoé Lac"}, "Dessin\u00a0: Zoé Lac"),
        ({"source": "Office des eaux", "by": "Zoé Lac"}, "Source\u00a0: Office des eaux • Dessin\u00a0: Zoé Lac"),
    ],
)
def test_a_credit_is_printed_in_words(house: Newsroom, credit: dict[str, str], mention: str) -> None:
    block = {"type": "figure", "src": "carte.png", "alt": "Une carte", "credit": credit, "dark": "sombre.png"}
    found: ResolvedFigure = only(compose(issue([block]), house, "free"), ResolvedFigure)
    assert found.mention == mention
    assert found.path.read_bytes()
    assert found.dark is not None


@pytest.mark.parametrize(("src", "code"), [("absente.png", "file-missing"), ("../carte.png", "outside-newsroom")])
def test_a_picture_that_is_not_there(house: Newsroom, src: str, code: str) -> None:
    block = {"type": "figure", "src": src, "alt": "x", "credit": {"photo": "y"}}
    assert codes([block], house) == [code]
    assert codes([{**ARTICLE, "body": f":::figure {src}\n:alt: x\n:photo: y\n:::"}], house) == [code]


def test_grouped_credits_say_what_this_edition_shows(tmp_path: Path) -> None:
    house = newsroom(tmp_path, publication={"style": {"credits": "grouped"}})
    figure = ":::figure {}\n:alt: x\n:{}: {}\n:::\n\n"
    text = figure.format("carte.png", "photo", "A") + figure.format("sombre.png", "ai", "o3")
    blocks = [
        {"type": "masthead"},
        {**ARTICLE, "body": f"{text}===\n\n" + figure.format("portrait.jpg", "photo", "B")},
    ]
    free: ResolvedMasthead = only(compose(issue(blocks), house, "free"), ResolvedMasthead)
    paid: ResolvedMasthead = only(compose(issue(blocks), house, "paid"), ResolvedMasthead)
    assert free.photo_credits == "Crédit photo\u00a0: A • Image générée par IA (o3)"
    assert paid.photo_credits == "Crédits photo\u00a0: A – B • Image générée par IA (o3)"
    one_by_one = newsroom(tmp_path)
    signed = [*blocks, {**ARTICLE, "byline": "ines"}]
    assert only(compose(issue(signed), one_by_one, "paid"), ResolvedMasthead).photo_credits is None


# Furniture


@pytest.mark.parametrize(
    ("language", "dates", "day", "line"),
    [
        ("fr", "long", DAY, "Samedi 28 novembre 2026"),
        ("fr", "short", DAY, "28/11/2026"),
        ("fr", "long", date(2026, 8, 1), "Samedi 1er août 2026"),
        ("en", "long", DAY, "Saturday 28 November 2026"),
        ("en", "long", date(2026, 8, 1), "Saturday 1 August 2026"),
    ],
)
def test_the_date_is_printed_in_words_or_in_figures(
    tmp_path: Path, language: str, dates: str, day: date, line: str
) -> None:
    house = newsroom(tmp_path, publication={"language": language, "style": {"dates": dates}})
    found = issue([ARTICLE])
    edition = compose(Issue(IssueKey("samedi", day), found.front, found.source), house, "free")
    assert edition.date_line == line


def test_only_date_and_title_are_filled_in_the_greeting(house: Newsroom) -> None:
    edition = compose(issue([ARTICLE]), house, "free")
    assert edition.greeting == "Bienvenue dans Le Samedi, samedi 28 novembre 2026. {autre}"


@pytest.mark.parametrize(
    ("block", "french", "english"),
    [
        ({"type": "briefs", "items": [{"headline": "A", "text": "B"}]}, "En bref", "In brief"),
        ({"type": "links", "items": ["[A](https://a.example/)"]}, "Pour aller plus loin", "Further reading"),
    ],
)
def test_a_label_that_is_not_typed_is_in_the_letter_s_language(
    block: dict[str, object], french: str, english: str, house: Newsroom
) -> None:
    found = issue([block])
    said = (Issue(IssueKey("samedi", DAY, language=language), found.front, found.source) for language in ("fr", "en"))
    labels = [getattr(each, "label", None) for one in said for each in compose(one, house, "free").blocks]
    assert labels == [french, english]


def test_the_language_of_the_file_wins_over_the_publication_s(house: Newsroom) -> None:
    found = issue([{"type": "briefs", "items": [{"headline": "A", "text": "B"}]}])
    english = Issue(IssueKey("samedi", DAY, language="en"), found.front, found.source)
    locale.use("fr")
    try:
        edition = compose(english, house, "free")
    finally:
        locale.use("en")
    assert edition.language == "en"
    assert only(edition, ResolvedBriefs).label == "In brief"
    assert edition.date_line == "Saturday 28 November 2026"


def test_advertisements_are_not_reading_time(tmp_path: Path) -> None:
    creatives = {"long": {"headline": "X", "body": "mot " * 3000, "disclaimer": "y"}}
    booked = [{"publication": "samedi", "date": "2026-11-28", "slot": "principal", "creative": "long"}]
    house = newsroom(tmp_path, sponsor={"creatives": creatives, "bookings": booked})
    edition = compose(issue([{"type": "sponsor", "slot": "principal"}, ARTICLE]), house, "free")
    assert edition.minutes == 1


def test_the_reading_time_is_that_of_the_words_check_counts(house: Newsroom) -> None:
    long = {"type": "notice", "text": "mot " * 400}
    edition = compose(issue([ARTICLE, long], also=["mot " * 290]), house, "free")
    assert edition.minutes == round(in_all(edition).words / 300) == 1


@pytest.mark.parametrize("audience", ["free", "paid"])
def test_the_editor_s_reading_time_is_printed_in_place_of_the_one_that_is_counted(
    house: Newsroom, audience: Audience
) -> None:
    assert compose(issue([ARTICLE]), house, audience).minutes == 1
    assert compose(issue([ARTICLE], minutes=9), house, audience).minutes == 9


def test_the_preheader_is_the_editor_s_or_the_first_words(house: Newsroom) -> None:
    assert compose(issue([ARTICLE], preheader="Vite"), house, "free").preheader == "Vite"
    assert compose(issue([ARTICLE], also=["Un", "**Deux**"]), house, "free").preheader == "Un • Deux"
    assert compose(issue([{**ARTICLE, "standfirst": "Chapô."}]), house, "free").preheader == "Chapô."


# Style


def test_the_nearest_style_wins_key_by_key(tmp_path: Path) -> None:
    house = newsroom(tmp_path, publication={"style": {"lead_end": "A", "box_end": "A", "marker": "A"}})
    body = "Texte.\n\n:::en_filigrane T\n:box_end: •\nTexte.\n:::\n\n:::en_filigrane T\nTexte.\n:::"
    block = {**ARTICLE, "body": body, "style": {"box_end": "C"}, "crossheads": "run-in"}
    edition = compose(issue([block], style={"box_end": "B", "lead_end": "B"}), house, "free")
    article: ResolvedArticle = only(edition, ResolvedArticle)
    assert (article.style.marker, article.style.lead_end, article.style.box_end) == ("A", "B", "C")
    assert (article.style.crossheads, article.style.boxes) == ("run-in", "run-in")
    assert [each.style.box_end for each in article.body if isinstance(each, ResolvedBox)] == [" • ", "C"]
    assert edition.style.box_end == "B"


# People and names


def test_an_edito_is_signed_by_the_first_person_unless_it_says(house: Newsroom) -> None:
    edito: dict[str, Any] = {"type": "edito", "headline": "Mot", "body": "Texte."}
    by_default: ResolvedEdito = only(compose(issue([edito]), house, "free"), ResolvedEdito)
    assert [each.name for each in by_default.signatures] == ["Inès Valmont"]
    several = {**edito, "author": ["paul", {"name": "Zoé Lac", "role": "hydrologue"}]}
    named: ResolvedEdito = only(compose(issue([several]), house, "free"), ResolvedEdito)
    assert [(each.name, each.role) for each in named.signatures] == [
        ("Paul Garnier", "reporter"),
        ("Zoé Lac", "hydrologue"),
    ]


@pytest.mark.parametrize("block", [{"type": "masthead"}, {"type": "links", "label": "Les derniers", "latest": 3}])
def test_what_would_hold_nothing_prints_no_label_and_no_rule(house: Newsroom, block: dict[str, Any]) -> None:
    """The first letter of a newsroom: nobody signs, no picture, no issue before it."""
    assert [each.template for each in compose(issue([ARTICLE, block]), house, "free").blocks] == ["article"]


def test_automatic_biographies_are_of_who_signs_this_edition(house: Newsroom) -> None:
    blocks = [{"type": "masthead"}, {**ARTICLE, "byline": ["ines", "paul"], "audience": "paid"}]
    assert not any(isinstance(block, ResolvedMasthead) for block in compose(issue(blocks), house, "free").blocks)
    (bio,) = only(compose(issue(blocks), house, "paid"), ResolvedMasthead).bios
    assert plain(bio.bio) == "Inès dirige.  Elle lit."


def test_names_are_found_in_the_briefs_and_sorted_by_surname(house: Newsroom) -> None:
    items = [
        {"headline": "Microlab AI", "text": "Inès Valmont cite **Orphéon**."},
        {"headline": "Rien", "text": "Alice & Bob, Paul Garnier, Microlabs."},
    ]
    briefs: ResolvedBriefs = only(
        compose(issue([{"type": "briefs", "names": "auto", "items": items}]), house, "free"), ResolvedBriefs
    )
    assert briefs.names == ("Alice & Bob", "Paul Garnier", "Microlab AI", "Orphéon", "Inès Valmont")


# The rest


def test_latest_issues_are_those_sent_before(house: Newsroom) -> None:
    past = [PastIssue(date(2026, 11, day), str(day), f"https://a.example/{day}") for day in (7, 21, 14, 28)]
    found = issue(
        [{"type": "links", "latest": 2}, {"type": "masthead", "latest": 5}, {"type": "links", "items": ["2026-11-14"]}]
    )
    edition = compose(found, house, "free", past)
    latest, masthead, links = edition.blocks
    assert isinstance(latest, ResolvedLinks)
    assert isinstance(masthead, ResolvedMasthead)
    assert isinstance(links, ResolvedLinks)
    assert [plain(each.spans) for each in latest.items] == ["21", "14"]
    assert [plain(each.spans) for each in masthead.latest] == ["21", "14", "7"]
    assert [each.url for each in links.items] == ["https://a.example/14"]


def test_a_notice_stops_after_its_last_day(house: Newsroom) -> None:
    blocks = [{"type": "notice", "text": day, "until": day} for day in ("2026-11-27", "2026-11-28")]
    edition, findings = composed(issue(blocks), house, "free")
    assert [plain(block.text) for block in edition.blocks if isinstance(block, ResolvedNotice)] == ["2026-11-28"]
    assert [each.code for each in findings] == ["notice-over"]


def test_only_checked_words_are_quoted(house: Newsroom) -> None:
    quotes = [
        {"at": "16:27", "speaker": "?", "text": "Entendu de travers."},
        {"at": "17:00", "speaker": "Zoé Lac", "text": "Juste.", "checked": True},
    ]
    block = {
        "type": "replay",
        "show": "La rive",
        "aired": "2026-11-20",
        "url": "https://a.example/",
        "quotes": quotes,
        "chapters": {"02:59": "Le *pont*", "28:05": "La halle"},
    }
    edition = compose(issue([block]), house, "free")
    replay: ResolvedReplay = only(edition, ResolvedReplay)
    assert [said.text.plain for said in replay.quotes] == ["Juste."]
    assert [(at, plain(title)) for at, title in replay.chapters] == [("02:59", "Le pont"), ("28:05", "La halle")]
    assert "travers" not in repr(edition)
