"""A small newsroom and issues made in memory, for tests of composing and of what comes after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from PIL import Image

from composer.issue.model import Front, Issue, IssueKey
from composer.newsroom.model import Lexicon, Newsroom, Publication, Settings, Sponsor
from composer.source.document import Source

DAY = date(2026, 11, 28)  # a Saturday

PUBLICATION: dict[str, Any] = {
    "title": "Le Samedi",
    "from": "lettre@samedi.example.org",
    "schedule": {"every": ["saturday"], "at": "07:00"},
    # Off, so that what is composed can be compared with what was typed; typography has its own tests.
    "typography": {"profile": "off"},
    "greeting": "Bienvenue dans {title}, {date}. {autre}",
    "subscribe_url": "https://abonnement.example.org/",
    "epigraph": "« Tout commence par une *phrase*. »",
    "intro": "Chaque samedi, [le tour](https://example.org/) de la semaine.",
    "people": {
        "ines": {
            "name": "Inès Valmont",
            "role": "directrice",
            "bio": "Inès dirige.\n\nElle lit.",
            "email": "ines@example.org",
        },
        "paul": {"name": "Paul Garnier", "role": "reporter"},
    },
    "legal": {
        "publisher": "Les Éditions du Samedi",
        "address": "1 rue de l'Exemple, 75000 Paris",
        "director": "Inès Valmont",
        "host": {"name": "Hébergeur Exemple", "address": "2 rue de l'Exemple, 75000 Paris"},
    },
    "slots": {"principal": {"label": "Grand format"}, "ligne": {"form": "small"}},
}

SPONSOR: dict[str, Any] = {
    "advertiser": "Verger & Fils",
    "category": "finance",
    "creatives": {
        "automne": {
            "headline": "100 % pommes",
            "body": "Des pommes : **rien** d'autre.",
            "button": {"text": "Goûter", "url": "https://verger.example/"},
            "disclaimer": "Les pommes passées ne préjugent pas des pommes futures.",
            "valid_until": "2026-12-31",
        },
        "perime": {"headline": "Trop tard", "disclaimer": "Rien.", "valid_until": "2026-11-27"},
        "nu": {"headline": "Sans mention"},
    },
    "bookings": [
        {"publication": "samedi", "date": "2026-11-28", "slot": "principal", "creative": "automne"},
        {"publication": "samedi", "date": "2026-11-28", "slot": "ligne", "creative": "automne"},
    ],
}


def newsroom(root: Path, *, publication: Mapping[str, Any] = {}, sponsor: Mapping[str, Any] = {}) -> Newsroom:
    """The newsroom in the folder ``root``, with pictures beside its issues; keywords replace parts of it."""
    issues = root / "issues" / "samedi"
    issues.mkdir(parents=True, exist_ok=True)
    for name in ("carte.png", "sombre.png", "portrait.jpg"):
        if not (issues / name).exists():
            Image.new("RGB", (16, 9), (120, 90, 60)).save(issues / name)
    return Newsroom(
        root=root,
        settings=Settings(name="Exemple", public_url="https://lettres.example.org"),
        publications={"samedi": Publication.model_validate({**PUBLICATION, **publication})},
        sponsors={"verger": Sponsor.model_validate({**SPONSOR, **sponsor})},
        lexicon=Lexicon(names={"Orphéon": ("Orpheon",), "Microlab": (), "Microlab AI": (), "Alice & Bob": ()}),
        sources={},
    )


def issue(blocks: Sequence[Mapping[str, Any]], **front: Any) -> Issue:
    """An issue of ``blocks``, each with its ``type``; ``front`` replaces parts of its front matter."""
    data = {"subject": "Le canal rouvre", "blocks": list(blocks), **front}
    source = Source(f"issues/samedi/{DAY.isoformat()}.yaml", "")
    return Issue(IssueKey("samedi", DAY), Front.model_validate(data), source)
