"""What a letter of real length weighs: issue 3,500 words long, and every sample."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from composer.issue.compose import compose
from composer.issue.files import find_issues
from composer.issue.load import load_issue
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom, Theme
from composer.rendering import Rendering, render
from composer.rendering.weight import findings, weight
from composer.subscribers.tokens import unsubscribe_token
from tests.issue.support.sample_issue import issue, newsroom

ROOT = Path(__file__).parents[2]
#: Bytes: what an issue of 3,500 words may weigh, what a sample of 4,000 may, and what ``<style>`` may in any.
LETTER, SAMPLE, STYLE = 60_000, 66_000, 8_192

_TEXT = (
    "une échelle posée contre le quai dit la hauteur de l’eau et non sa profondeur car son zéro fut choisi par des"
    " ingénieurs prudents qui ne voulaient pas écrire de nombre négatif dans leurs registres et l’on compte depuis"
)
_WORDS = _TEXT.split()


def _words(count: int) -> str:
    return " ".join(islice(cycle(_WORDS), count)).capitalize() + "."


def _article(number: int) -> dict[str, Any]:
    """640 words as an article holds them: two crossheads, points, a picture, a box of each kind, three links."""
    return {
        "type": "article",
        "id": f"article-{number}",
        "label": "Grand angle",
        "headline": "Trente centimètres d’eau, et des péniches dessus",
        "standfirst": _words(25),
        "byline": ["ines", "paul"],
        "figure": {"src": "carte.png", "dark": "sombre.png", "alt": _words(18), "caption": _words(15)}
        | {"credit": {"photo": "Inès Valmont"}},
        "body": "\n\n".join(
            [
                _words(55),
                f"{_words(35)} [{_words(5)[:-1]}](https://example.org/lettre/{number}/une-adresse-assez-longue)",
                "## Lire entre les traits",
                *(_words(50) for _ in range(2)),
                "\n".join(f"- **Le lieu.** {_words(28)}" for _ in range(3)),
                "## L’autre bout de la règle",
                *(_words(50) for _ in range(3)),
                f":::en_filigrane Derrière la règle\n{_words(50)}\n:::",
                f":::a_surveiller L’hiver qui recharge\n:due: 2027-03-31\n{_words(35)}\n:::",
            ]
        ),
        "further": [f"[{_words(6)[:-1]}](https://example.org/{number}/{each})" for each in ("avant", "apres")],
    }


def _issue() -> list[dict[str, Any]]:
    return [
        {"type": "edito", "headline": "D’où l’on compte", "standfirst": _words(20), "author": "ines"}
        | {"body": "\n\n".join(_words(60) for _ in range(4))},
        _article(1),
        {"type": "sponsor", "slot": "principal"},
        _article(2),
        {"type": "quote", "text": _words(18), "author": "Une batelière"},
        _article(3),
        {"type": "figure", "src": "carte.png", "dark": "sombre.png", "alt": _words(15), "credit": {"photo": "Paul"}},
        _article(4),
        {
            "type": "briefs",
            "names": ["Kaub", "Bâle"],
            "items": [{"headline": _words(6), "url": f"https://example.org/{n}", "text": _words(55)} for n in range(5)],
        },
        {"type": "insight", "label": "La bonne échelle", "title": "Dix centimètres", "text": _words(45)},
        {"type": "sponsor", "slot": "ligne"},
        {"type": "masthead"},
    ]


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    for name in ("carte.png", "sombre.png"):
        path = tmp_path / "issues" / "samedi" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (1280, 720), "#7cc3d1").save(path)
    return newsroom(tmp_path)


@pytest.mark.parametrize("name", ["daily", "magazine"])
def test_3500_words_weigh_60_kilobytes(name: str, house: Newsroom) -> None:
    one = house.publications["samedi"].model_copy(update={"theme": Theme.model_validate({"name": name})})
    house.publications["samedi"] = one  # type: ignore[index] # reason: the example newsroom holds a dict
    letter = render(compose(issue(_issue()), house, "paid"), house)
    assert 3450 <= len(letter.text.split()) <= 3750
    assert weight(letter).html <= LETTER
    assert weight(letter).style <= STYLE


@pytest.mark.parametrize("path", sorted(ROOT.glob("issues/*/*.yaml")), ids=lambda path: path.stem)
def test_no_sample_comes_near_what_gmail_cuts(path: Path) -> None:
    house = load_newsroom(ROOT)
    assert path in {file.path for file in find_issues(house)}
    for audience in ("free", "paid"):
        document = load_issue(path, house)
        letter = render(compose(document.require(), house, audience), house)
        assert weight(letter).html <= SAMPLE
        assert weight(letter).style <= STYLE
        assert not {"heavy", "too-heavy", "heavy-style"} & {found.code for found in findings(letter, document.source)}


def test_a_slot_filled_weighs_no_more_than_its_sentinel() -> None:
    """So that a letter which passes here passes once each reader's token stands in it."""
    token = unsubscribe_token(2**48 - 1, b"key")
    letter = Rendering("", "", "", "", {"unsubscribe": "UNSUBSCRIBE" + "0" * 32}, ())
    assert len(token) <= len(letter.slots["unsubscribe"])
