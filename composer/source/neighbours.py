"""What a word that is no key and no block name here was probably meant for: a misspelling, or another house's word.

Newsrooms and other letter programs have their own words for the same things: a « chapeau » is a ``standfirst``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from composer.locale import Language
from composer.source.vocabulary import fold_key, nearest_word

#: English key or block name → words that others use for it, of either language; folded (``fold_key``).
NEIGHBOURS: Mapping[str, str] = {
    # keys
    "subject": "sujet email_subject subject_line titre_du_message objet_du_mail",
    "preheader": "preview preview_text preentete pre_header texte_d_apercu accroche extrait excerpt",
    "headline": "heading titre_principal manchette name",
    "standfirst": "chapeau accroche sous_titre soustitre subtitle subheading deck dek excerpt extrait resume intro",
    "teaser": "accroche extrait excerpt resume preview",
    "label": "surtitre kicker eyebrow section etiquette categorie tag",
    "body": "corps contenu content texte_principal paragraphes text_body markdown papier",
    "text": "corps contenu content paragraphe markdown description",
    "items": "elements points entrees entries contenu content",
    "byline": "auteur auteure autrice auteurs author authors journaliste signe par by writer redacteur",
    "author": "signature auteure autrice auteurs byline signe par by",
    "figure": "image photo foto picture img visuel dessin",
    "src": "image photo foto picture img file path visuel nom",
    "photo": "foto photographe photographer copyright credit",
    "by": "auteur author artiste artist dessinateur",
    "alt": "alt_text texte_alternatif alternative texte_alt",
    "caption": "legend sous_titre sous_titrage",
    "credit": "credits copyright droits mention",
    "url": "adresse address href web site",
    "link": "url adresse href",
    "due": "date date_limite deadline jour",
    "access": "abonnes abonne paywall premium visibility visibilite reserve payant",
    "audience": "abonnes abonne visibility visibilite reserve lecteurs readers destinataires",
    "further": "lire_aussi a_lire voir_aussi see_also read_more en_savoir_plus aller_plus_loin",
    "also": "lire_aussi a_lire voir_aussi see_also au_menu",
    "summary": "resume table_des_matieres contents toc au_menu",
    "minutes": "temps_de_lecture reading_time lecture",
    "corrections": "erratum errata correctif rectification",
    "blocks": "contenu content sections articles",
    "from": "de sender adresse_expediteur from_address",
    "reply_to": "reponse adresse_de_reponse reply",
    "schedule": "frequence frequency periodicite calendrier planning",
    "at": "horaire time a",
    "every": "jour day days",
    "length": "calibrage taille size longueur_cible",
    # blocks
    "edito": "editorial",
    "article": "papier story post sujet dossier tribune",
    "briefs": "en_bref bref brief actus actualites news",
    "insight": "encart sidebar box focus",
    "quote": "exergue verbatim pullquote blockquote",
    "number": "chiffre_cle stat statistique key_figure nombre",
    "links": "a_lire lire_aussi lectures reading",
    "notice": "avis message info bandeau banner",
    "sponsor": "pub publi annonceur partenaire ad advert advertisement",
    "replay": "podcast emission audio video",
    "masthead": "credits colophon footer mentions pied signature",
}


class Meant(NamedTuple):
    """``name`` in English, and what it is called in the file's language."""

    name: str
    called: str


def meant(word: str, names: Sequence[str], language: Language, called: Callable[[str, Language], str]) -> Meant | None:
    """Which of the English ``names`` the ``word`` was probably meant for; ``called`` gives their names in a language.

    None where no word is near.
    """
    folded = fold_key(word)
    for name in names:
        if folded in _neighbours(name):
            return Meant(name, called(name, language))
    others: tuple[Language, ...] = ("fr", "en") if language == "fr" else ("en", "fr")
    for spoken in others:
        by_name = {called(name, spoken): name for name in reversed(names)}  # the first of two called alike
        near = nearest_word(word, by_name)
        if near is not None:
            return Meant(by_name[near], called(by_name[near], language))
    return None


def _neighbours(name: str) -> Iterable[str]:
    return NEIGHBOURS.get(name, "").split()
