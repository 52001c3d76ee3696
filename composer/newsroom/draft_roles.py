"""What a writer's styles and the words that begin a paragraph mean: the publication's own table for drafts."""

from __future__ import annotations

from typing import Literal

from composer.source.vocabulary import learn

#: What a passage of a draft becomes in an issue.
DraftRole = Literal[
    "subject",
    "preheader",
    "section-label",
    "headline",
    "standfirst",
    "signature",
    "crosshead",
    "paragraph",
    "point",
    "citation",
    "picture",
    "brief",
    "a_surveiller",
    "en_filigrane",
    "insight",
]

learn(
    "Publication",
    {"drafts": "brouillons"},
    {
        "subject": "objet",
        "preheader": "apercu",
        "section-label": "rubrique",
        "headline": "titre",
        "standfirst": "chapo",
        "signature": "signature",
        "crosshead": "intertitre",
        "paragraph": "paragraphe",
        "point": "puce",
        "citation": "citation",
        "picture": "image",
        "brief": "breve",
        "a_surveiller": "a_surveiller",
        "en_filigrane": "en_filigrane",
        "insight": "encadre",
    },
)
