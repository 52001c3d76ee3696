"""What each key, block name and enumerated value is called in English and in French.

Models, ``--json`` and ``Loc`` use English. Files may use either. One French word may stand for several
English ones (``titre``: a headline or a title); the model at that place decides which. ``Model.field`` overrides
``field`` where one English word needs another French one there.

>>> french("headline"), french("host", "Legal"), french("host", "Replay")
('titre', 'hebergeur', 'animateur')
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache

from composer.locale import Language

#: English key → French key, without accents; ``fold_key`` removes those of files.
KEYS: dict[str, str] = {
    # in issues
    "style": "style",
    "headline": "titre",
    "title": "titre",
    "body": "texte",
    "text": "texte",
    "id": "id",
    "url": "lien",
    "label": "rubrique",
    "standfirst": "chapo",
    "author": "auteur",
    "crossheads": "intertitres",
    "items": "liste",
    "names": "noms",
    "src": "fichier",
    "alt": "description",
    "source": "source",
    "latest": "derniers",
    "marker": "puce",
    "slot": "emplacement",
    "creative": "creation",
    "quotes": "citations",
    # style and theme
    "separator": "separateur",
    "lead_end": "fin_amorce",
    "box_end": "fin_encadre",
    "run_in_end": "fin_intertitre",
    "boxes": "encadres",
    "dates": "dates",
    "credits": "credits",
    "accent": "couleur",
    "accent_dark": "couleur_sombre",
    "paper": "papier",
    "paper_dark": "papier_sombre",
    "ink": "encre",
    "ink_dark": "encre_sombre",
    "text_fonts": "polices_texte",
    "label_fonts": "polices_rubriques",
    "width": "largeur",
    "logo": "logo",
    "logo_dark": "logo_sombre",
    # typography
    "typography": "typographie",
    "profile": "profil",
    "thin_space": "espace_fine",
    "colon": "deux_points",
    "high_marks": "ponctuation_haute",
    "guillemets": "guillemets",
    "Typography.quotes": "guillemets_droits",
    "apostrophes": "apostrophes",
    "ellipsis": "suspension",
    "thousands": "milliers",
    "percent": "pour_cent",
    "currency": "monnaie",
    "units": "unites",
    "abbreviations": "abreviations",
    "dashes": "tirets",
    # the newsroom
    "name": "nom",
    "language": "langue",
    "keys": "cles",
    "timezone": "fuseau",
    "database": "base",
    "public_url": "adresse_publique",
    "trusted_proxies": "mandataires_de_confiance",
    "verify_pictures": "verifier_images",
    "bounces": "retours",
    "returns": "reception",
    "relays": "relais",
    "retry": "nouveaux_essais",
    "dkim": "dkim",
    "alerts": "alertes",
    "webhook": "webhook",
    "ping": "ping",
    "hooks": "webhooks_entrants",
    "long_gap": "longue_interruption",
    "retention": "conservation",
    "addresses": "adresses",
    "Retention.rows": "lignes",
    "former_readers": "anciens_lecteurs",
    "join": "inscription",
    "choices": "choix",
    "outbox_per_hour": "messages_par_heure",
    "only_to": "seulement_a",
    "ownership": "actionnariat",
    "Relay.host": "serveur",
    "port": "port",
    "security": "securite",
    "user": "compte",
    "connections": "connexions",
    "per_connection": "par_connexion",
    "per_second": "par_seconde",
    "ehlo": "ehlo",
    "sends_from": "envoie_depuis",
    "Relay.provider": "operateur",
    "warm_up": "montee_en_charge",
    "first_day": "premier_jour",
    "growth": "croissance",
    "shape_providers": "menager_fournisseurs",
    "providers": "fournisseurs",
    "domains": "domaines",
    "domain": "domaine",
    "selector": "selecteur",
    "key": "cle",
    # a publication
    "tagline": "devise",
    "from": "expediteur",
    "from_name": "nom_expediteur",
    "reply_to": "repondre_a",
    "list_id": "id_de_liste",
    "schedule": "parution",
    "every": "jours",
    "at": "heure",
    "catch_up": "rattrapage",
    "window": "plage",
    "skip": "sauf",
    "expires": "perime_apres",
    "length": "longueur",
    "signs": "signes",
    "words": "mots",
    "remind": "rappels",
    "editors": "redaction",
    "canary": "canari",
    "archive": "archives",
    "welcome": "bienvenue",
    "to": "destinataires",
    "hold": "attente",
    "theme": "theme",
    "greeting": "salutation",
    "epigraph": "epigraphe",
    "intro": "introduction",
    "byline": "signature",
    "first_number": "premier_numero",
    "subscribe_url": "lien_abonnement",
    "price": "prix",
    "trial": "essai",
    "billing": "facturation",
    "terminate": "resilier",
    "withdraw": "renoncer",
    "people": "equipe",
    "role": "fonction",
    "short": "fonction_courte",
    "bio": "biographie",
    "email": "courriel",
    "legal": "mentions_legales",
    "publisher": "editeur",
    "address": "adresse",
    "phone": "telephone",
    "registration": "immatriculation",
    "director": "directeur",
    "editor": "redacteur_en_chef",
    "Legal.host": "hebergeur",
    "press_number": "numero_de_presse",
    "slots": "emplacements",
    "translations": "traductions",
    "Slot.label": "nom",
    "form": "format",
    # a sponsor
    "advertiser": "annonceur",
    "category": "categorie",
    "mention": "mention",
    "creatives": "creations",
    "image": "image",
    "dark": "sombre",
    "button": "bouton",
    "disclaimer": "mention_legale",
    "valid_until": "valable_jusqu_au",
    "bookings": "reservations",
    "publication": "publication",
    "date": "date",
}

#: English block name → French block name, in the order of the documentation; filled by ``issue.blocks``.
BLOCK_NAMES: dict[str, str] = {}

#: English enumerated value → French one.
VALUES: dict[str, str] = {
    "auto": "auto",
    "all": "tous",
    "free": "gratuit",
    "paid": "payant",
    "own-line": "a-la-ligne",
    "run-in": "a-la-suite",
    "bar": "bandeau",
    "rule": "filet",
    "pipes": "barres",
    "ruled": "filets",
    "tinted": "fond",
    "long": "longues",
    "short": "courtes",
    "caption": "legende",
    "grouped": "groupes",
    "full": "grand",
    "small": "petit",
    "daily": "quotidien",
    "magazine": "magazine",
    "french": "francais",
    "english": "anglais",
    "off": "sans",
    "nbsp": "insecable",
    "nnbsp": "fine-insecable",
    "space": "espace",
    "dot": "point",
    "comma": "virgule",
    "guillemets": "guillemets",
    "curly": "courbes",
    "character": "caractere",
    "keep": "inchange",
    "en-dash": "demi-cadratin",
    "em-dash": "cadratin",
    "fr": "fr",
    "en": "en",
    "starttls": "starttls",
    "tls": "tls",
    "none": "aucune",
    "publicite": "publicite",
    "communique": "communique",
    "general": "general",
    "finance": "finance",
    "credit": "credit",
    "crypto": "crypto",
    "insurance": "assurance",
    "alcohol": "alcool",
    "gambling": "jeux",
    "health": "sante",
    "energy": "energie",
    "political": "politique",
    "monday": "lundi",
    "tuesday": "mardi",
    "wednesday": "mercredi",
    "thursday": "jeudi",
    "friday": "vendredi",
    "saturday": "samedi",
    "sunday": "dimanche",
    "ses": "ses",
    "mailgun": "mailgun",
    "brevo": "brevo",
    "postmark": "postmark",
}


def learn(model: str, keys: Mapping[str, str], values: Mapping[str, str]) -> None:
    """Add the French names of the keys and enumerated values of one model.

    Raises ``ValueError`` where a value already has another name: a value has one name everywhere.
    """
    for key, name in keys.items():
        if KEYS.setdefault(key, name) != name:
            KEYS[f"{model}.{key}"] = name
    for value, name in values.items():
        if VALUES.setdefault(value, name) != name:
            raise ValueError(f"the value {value} is called {VALUES[value]}, not {name}")
    if keys:
        _forget()


def learn_block(name: str, other: str) -> None:
    """Add a block's names in English and in French."""
    BLOCK_NAMES[name] = other
    _forget()


def _forget() -> None:
    for cached in (_keys, _blocks, words, known):
        cached.cache_clear()


@lru_cache(maxsize=4096)
def fold_key(word: str) -> str:
    """``word`` without accents, case, or the difference between ``_``, ``-``, an apostrophe and a space."""
    letters = unicodedata.normalize("NFKD", word.strip().replace("œ", "oe").replace("’", "'"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()
    return re.sub(r"[\s_'-]+", "_", bare).strip("_")


def french(key: str, model: str = "") -> str:
    """The French name of an English key, by ``model``'s own entry where there is one."""
    return KEYS.get(f"{model}.{key}") or KEYS.get(key, key)


def key_name(key: str, language: Language, model: str = "") -> str:
    """The name of the English ``key`` in files in ``language``."""
    return french(key, model) if language == "fr" else key


def block_name(name: str, language: Language) -> str:
    """The name of the block ``name`` in files in ``language``."""
    return BLOCK_NAMES[name] if language == "fr" else name


def value_name(value: str, language: Language) -> str:
    """The name of the enumerated ``value`` in files in ``language``."""
    return VALUES.get(value, value) if language == "fr" else value


def find_key(word: str, keys: Iterable[str], model: str = "") -> str | None:
    """The English key among ``keys`` that ``word`` names, in either language."""
    return _keys(tuple(keys), model).get(fold_key(word))


def find_block(word: str, names: Iterable[str] | None = None) -> str | None:
    """The English block name, among ``names`` or all, that ``word`` names, in either language."""
    return _blocks(tuple(BLOCK_NAMES if names is None else names)).get(fold_key(word))


def find_value(word: str, values: Iterable[str]) -> str | None:
    """The English value among ``values`` that ``word`` names, in either language."""
    return _folded((value, VALUES.get(value, value)) for value in values).get(fold_key(word))


@lru_cache(maxsize=256)
def _keys(keys: tuple[str, ...], model: str) -> dict[str, str]:
    return _folded((key, french(key, model)) for key in keys)


@lru_cache(maxsize=16)
def _blocks(names: tuple[str, ...]) -> dict[str, str]:
    return _folded((name, BLOCK_NAMES[name]) for name in names)


def _folded(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Folded word → the English word of the first pair that contains it."""
    found: dict[str, str] = {}
    for english, other in pairs:
        for word in (english, other):
            found.setdefault(fold_key(word), english)
    return found


def nearest_word(word: str, words: Iterable[str], alike: float = 0.7) -> str | None:
    """The one of ``words`` that ``word`` probably misspells; None if none is ``alike``, from 0 to 1."""
    known = {fold_key(each): each for each in words}
    near = get_close_matches(fold_key(word), known, n=1, cutoff=alike)
    return known[near[0]] if near else None


def key_language(word: str, english: str, other: str) -> Language | None:
    """The language in which ``word`` is a name; None where it is the same in both."""
    if fold_key(english) == fold_key(other):
        return None
    return "en" if fold_key(word) == fold_key(english) else "fr"


@lru_cache
def words() -> dict[Language, frozenset[str]]:
    """The folded words used by one language only, by which a file's language is detected."""
    english = {fold_key(word.rpartition(".")[2]) for word in (*KEYS, *BLOCK_NAMES)}
    french = {fold_key(word) for word in (*KEYS.values(), *BLOCK_NAMES.values())}
    return {"en": frozenset(english - french), "fr": frozenset(french - english)}


@lru_cache
def known() -> frozenset[str]:
    """Every folded key and block name of either language."""
    names = {word.rpartition(".")[2] for word in KEYS} | {*KEYS.values(), *BLOCK_NAMES, *BLOCK_NAMES.values()}
    return frozenset(fold_key(name) for name in names)
