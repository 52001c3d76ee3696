"""A broadcast to listen to again: what is printed of it, and in what order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from composer.issue.blocks.replay import ResolvedReplay
from composer.issue.compose import compose
from composer.issue.inline import plain
from composer.issue.load import load_issue
from composer.issue.time_links import url_at
from composer.newsroom.model import Newsroom
from composer.rendering import render
from tests.issue.support.sample_issue import issue, newsroom
from tests.rendering.support.sample_editions import picture

REPLAY = {"type": "replay", "show": "La rive", "aired": "2026-11-20", "url": "https://youtu.be/abc?si=x"}


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


def composed(house: Newsroom, **fields: Any) -> ResolvedReplay:
    edition = compose(issue([REPLAY | fields]), house, "free")
    return next(block for block in edition.blocks if isinstance(block, ResolvedReplay))


def said(at: str, checked: object = True, **more: str) -> dict[str, object]:
    return {"at": at, "speaker": "Zoé Lac", "text": f"À {at}.", "checked": checked, **more}


def test_quotations_and_chapters_are_in_order_of_time(house: Newsroom) -> None:
    quotes = [said("1:00:01"), said("59:59"), said("09:00", False), said("2:03", "by-ear", by="Odile")]
    replay = composed(house, quotes=quotes, chapters={"100:00": "C", "02:59": "A", "28:05": "B"})
    assert [each.at for each in replay.quotes] == ["2:03", "59:59", "1:00:01"]
    assert [plain(title) for _at, title in replay.chapters] == ["A", "B", "C"]


def test_each_time_printed_leads_to_it(house: Newsroom) -> None:
    replay = composed(house, quotes=[said("1:00:01")], chapters={"02:59": "A"})
    assert replay.plays == {
        "1:00:01": "https://youtu.be/abc?si=x&t=3601s",
        "02:59": "https://youtu.be/abc?si=x&t=179s",
    }


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://www.youtube.com/watch?v=abc&t=12", "https://www.youtube.com/watch?v=abc&t=179s"),
        ("https://m.youtube.com/live/abc", "https://m.youtube.com/live/abc?t=179s"),
        ("https://www.youtube.com/@chaine", None),
        ("https://youtu.be/", None),
        ("https://vimeo.com/12345", "https://vimeo.com/12345#t=179s"),
        ("https://vimeo.com/une-maison", None),
        ("https://soundcloud.com/radio/episode", "https://soundcloud.com/radio/episode#t=2:59"),
        ("https://soundcloud.com/radio", None),
        ("https://www.dailymotion.com/video/x1", "https://www.dailymotion.com/video/x1?start=179"),
        ("https://radio.example/a.MP3?jeton=1#t=3", "https://radio.example/a.MP3?jeton=1#t=179"),
        ("https://radio.example/emission", None),
        ("https://notyoutube.com/watch?v=abc", None),
        ("https://youtube.com.example/watch?v=abc", None),
    ],
)
def test_an_address_leads_to_a_time_where_it_can(url: str, there: str | None) -> None:
    assert url_at(url, 179) == there


def test_the_letter_says_what_is_known_of_the_episode(house: Newsroom) -> None:
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    picture(path.parent / "quai.png")
    path.write_text(
        """objet: Le pont attendra
blocs:
- reecoute:
    emission: La rive
    titre: À qui le *quai* ?
    texte: |
      Une mareyeuse répond.
    diffusion: 2026-11-20
    duree: "54:10"
    lien: https://radio.example/quai.mp3
    illustration: {fichier: quai.png, description: Un quai, credit: {photo: Zoé}}
    invites:
    - {nom: Anaïg Péron, fonction: mareyeuse, organisation: Criée}
    - {nom: Tudi Morvan}
    chapitres: {"02:59": La criée}
    lien_transcription: https://radio.example/quai/texte
""",
        encoding="utf-8",
    )
    document = load_issue(path, house)
    assert document.findings == ()
    letter = render(compose(document.require(), house, "free"), house)
    for words in ("vendredi 20 novembre 2026", "54\u00a0min", "Une mareyeuse répond.", "Un quai", "La rive"):
        assert words in letter.html
        assert words in letter.text
    assert 'href="https://radio.example/quai.mp3#t=179"' in letter.html
    assert "https://radio.example/quai.mp3#t=179\n" in letter.text
    assert letter.html.count("<li") == 2
    assert "https://radio.example/quai/texte" in letter.html
    assert "https://radio.example/quai/texte" in letter.text


def test_who_listened_is_named(house: Newsroom) -> None:
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(
        """objet: Le pont attendra
blocs:
- reecoute:
    emission: La rive
    diffusion: 2026-11-20
    lien: https://radio.example/quai
    citations:
    - {minutage: "02:59", intervenant: Zoé, texte: Oui., verifie: a-l-oreille}
""",
        encoding="utf-8",
    )
    [finding] = load_issue(path, house).findings
    assert (finding.code, finding.place.line) == ("no-listener", 8)


def test_a_quotation_typed_between_quotation_marks_has_one_pair(house: Newsroom) -> None:
    quotes = [said("02:59") | {"text": "«\u00a0La digue a tenu.\u00a0»"}]
    (quote,) = composed(house, quotes=quotes).quotes
    assert plain(quote.text.spans) == "La digue a tenu."
