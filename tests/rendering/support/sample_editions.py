"""Editions made by hand, without YAML: every printed block, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from PIL import Image, ImageDraw

from composer.issue.blocks.box import ResolvedBox
from composer.issue.body import Paragraph
from composer.issue.edition import Edition
from composer.issue.inline import Span, Text
from composer.issue.model import IssueKey
from composer.issue.resolved import Resolved
from composer.newsroom.model import HOUSE_STYLE, Host, Legal, Lexicon, Newsroom, Publication, Schedule, Settings, Style

NBSP = "\u00a0"


def words(text: str) -> tuple[Span, ...]:
    return (Text(text),)


def paragraph(*spans: Span | str) -> Paragraph:
    return Paragraph(tuple(Text(span) if isinstance(span, str) else span for span in spans))


def publication(**fields: object) -> Publication:
    given: dict[str, object] = {
        "title": "La Marée du vendredi",
        "from": "lettre@maree.example",
        "schedule": Schedule(every=("friday",), at="07:00"),
        "subscribe_url": "https://maree.example/abonnement?de=lettre&pour=ami",
        "reply_to": "redaction@maree.example",
        "price": "5 € par mois",
        "trial": "le premier offert",
        "legal": Legal(
            publisher="Éditions de la Marée",
            address="12, quai des Brumes, 29000 Quimper",
            email="redaction@maree.example",
            registration="RCS Quimper 000 000 000",
            director="Solène Kervadec",
            editor="Yann Le Goff",
            host=Host(name="Hébergeur Exemple", address="1, rue du Serveur, 75000 Paris", phone="01 00 00 00 00"),
            press_number="CPPAP 0000 X 00000",
        ),
    }
    return Publication.model_validate(given | fields)


def newsroom(root: Path, **publications: Publication) -> Newsroom:
    settings = Settings(name="La Marée", public_url="https://lettres.maree.example/")
    return Newsroom(root, settings, publications, {}, Lexicon(), {})


def picture(path: Path, width: int = 1280, height: int = 720, colour: str = "#4a6b7c") -> Path:
    """A picture file, made here."""
    image = Image.new("RGB", (width, height), colour)
    draw = ImageDraw.Draw(image)
    for step in range(0, width, max(1, width // 8)):
        draw.line((step, height, width - step // 2, 0), fill="#d8e0e4", width=3)
    image.save(path)
    return path


def edition(*blocks: Resolved, **fields: object) -> Edition:
    plain = Edition(
        key=IssueKey("vendredi", date(2026, 11, 27)),
        publication=publication(),
        audience="paid",
        language="fr",
        subject="Le port de Kerlouan change de mains",
        preheader="Et trois façons de mesurer la houle",
        also=(),
        summary_label=None,
        summary=(),
        date_line="Vendredi 27 novembre 2026",
        minutes=5,
        greeting=None,
        epigraph=(),
        intro=(),
        blocks=blocks,
        corrections=(),
        style=HOUSE_STYLE,
    )
    return replace(plain, **fields)  # type: ignore[arg-type] # reason: a test names fields of Edition


def box(kind: str, label: str, style: Style = HOUSE_STYLE, **fields: object) -> ResolvedBox:
    made = ResolvedBox(
        kind=kind,  # type: ignore[arg-type] # reason: a test writes one of the three
        label=label,
        title=words("Une concession sans appel"),
        text=(paragraph("Le contrat court jusqu’en 2061, soit deux générations de pêcheurs."),),
        style=style,
    )
    return replace(made, **fields)  # type: ignore[arg-type] # reason: a test names fields of ResolvedBox
