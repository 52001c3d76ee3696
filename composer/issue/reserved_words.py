"""Recognise words, French or English, announcing that a text is for paying readers alone.

Matching is on folded words: lower case, without accents, marks, or inclusive endings. Expressions have bounded repeats,
and are tried on short texts only.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from composer.source.late_pattern import late

#: ``reserved``: for paying readers alone. ``addressed``: “for our subscribers”. ``badge``: “Subscribers”, “Premium”.
#: ``perhaps``: a word that is as often something else (“Members”).
Announcement = Literal["reserved", "addressed", "badge", "perhaps"]

#: A longer line, in characters, is prose.
SHORT = 160

#: One of these is in every announcement; most lines of a letter contain none.
_STEM = late(
    r"abonn|adh[eé]|membre|souscri|payant|premium|subscri|member|paid|paying|paywall|connectez|identifiez"
    r"|(?:log|sign) in",
    re.IGNORECASE,
)
#: A part of each of these words, in lower case; of i and s, whatever Unicode takes for the same letter.
_PARTS = (
    "abonn", "adh", "memb", "ouscr", "ou\u017fcr", "pay", "prem", "ubscr", "ub\u017fcr", "paid", "pa\u0131d",
    "pai\u0307d", "connecte", "dentif", "dent\u0131f", "denti\u0307f", "log ", "gn ",
)  # fmt: skip
_LINK = late(r"\[([^\[\]]*)\]\([^()\s]*\)")
_INCLUSIVE = late(
    r"\b(abonne|adherent|reserve)[·•⋅./(-]{1,2}(?:es|e|s)\)?(?:[·•⋅./(-]?s\)?)?(?!\w)|\b(abonne|adherent)s?/\2e?s?\b"
)
_HYPHEN = late(r"(?<=\w)[-‐](?=\w)")
_APART = late(r"[|•·—–()\[\]{}]| - ")
_ENDS = " \t.,;:!?…*_~#>+=-–—/\\|•·\"'«»“”‘’()[]{}<>%§^&"

# French
_ABONNES = (
    r"(?:(?:les|nos|tous|toutes|ses|seuls|seules|l'ensemble de) ){0,3}"
    r"(?:abonnee?s?|adherente?s?|membres?|souscripteurs|lecteurs (?:abonnes|adherents|payants|premium)|payants)"
    r"(?: (?:et|ou|&) (?:abonnee?s|adherente?s|membres))?(?: (?:payants|premium))?"
    r"(?: (?:seulement|uniquement|exclusivement))?"
)
_OF = r"(?: (?:(?:de|du|des|a|au) |d')[^,;.!?:]{1,40})?"
_DET = r"(?:(?:toute?|la|le|les|ce|cet|cette|ces|notre|nos|un|une) |l'){0,2}"
_REST = r"(?:suite|reste|fin|integralite)"
_PIECE = (
    rf"(?:{_REST}|article|texte|contenu|lecture|enquete|dossier|analyse|entretien|interview|reportage|recit|portrait"
    r"|chronique|tribune|billet|rubrique|section|partie|passage|paragraphe|encadre|page|version|acces|podcast|video|bonus)"
)
_TEXT = rf"(?:{_PIECE}|lettre|newsletter|infolettre|numero|edition)s?"
_FOLLOWING = (
    r"(?: (?:completee?|integrale?|entiere?|longue|premium|payante?|qui suit|qui suivent|ci dessous|suivante?s?)){0,2}"
)
_PART = rf"(?: (?:de |du |des |d')(?:(?:la|le|les|ce|cet|cette|ces|notre|nos) |l')?{_TEXT})?"
_THE_REST = rf"(?:{_DET}{_REST}{_PART}|(?:tout )?ce qui suit)"
_SUBJECT = rf"(?:{_DET}{_TEXT}{_FOLLOWING}{_PART}|(?:tout )?ce qui suit)"
_ASIDE = r"(?:, [^,.!?]{1,80},)?"
_HERE = r"(?:(?:a partir d'ici|a partir de la|d'ici|desormais|des maintenant|ci dessous),? )?"
_IS = r"(?:(?:est|sont|reste|restent|demeure|sera|seront) (?:(?:desormais|toujours|ici|maintenant) )?)?"
_ONLY = (
    r"(?:(?:strictement|uniquement|exclusivement|seulement) )?"
    r"(?:reservee?s?|exclusif|exclusifs|exclusives?|exclusivement|exclusivite|exclu|uniquement|seulement|en exclusivite"
    r"|accessibles?|disponibles?|lisibles?|visibles?)"
    r"(?: (?:reservee?s?|exclusivement|uniquement|seulement))?"
)
_VERB = (
    r"(?:lire|decouvrir|connaitre|voir|consulter|poursuivre|continuer|debloquer|acceder|lisent|acces|accedent"
    r"|continuer a lire|avoir acces)"
)
_OBJECT = rf"(?: (?:a|au))? (?:{_DET}{_PIECE}{_FOLLOWING}{_OF}|plus|tout)"
_CALL = (
    r"(?:abonnez vous|abonne toi|s'abonner|je m'abonne|devenez (?:abonne|membre|adherent)e?s?|adherez|connectez vous"
    r"|identifiez vous|(?:il faut|vous devez) (?:etre|devenir) (?:abonne|membre|adherent)e?s?)"
)
_FRENCH = (
    rf"{_HERE}(?:{_SUBJECT}{_ASIDE} )?{_IS}{_ONLY} (?:(?:aux?|a|pour|des) )?{_ABONNES}{_OF}",
    rf"{_HERE}{_THE_REST}{_ASIDE},? {_IS}(?:(?:aux?|a|pour) )?{_ABONNES}{_OF}",
    rf"{_ABONNES} (?:seulement|uniquement|exclusivement)",
    rf"{_ABONNES} (?:(?:peuvent|pourront|ont) )?{_VERB}{_OBJECT}(?: (?:ici|ci dessous))?",
    r"(?:article|texte|contenu|partie|passage) (?:payante?|premium)",
    rf"(?:pour|afin de) {_VERB}{_OBJECT},? {_CALL}[^.!?]{{0,60}}",
    rf"{_CALL}(?: [^.!?,]{{1,30}})? pour {_VERB}{_OBJECT}",
)

# English
_READERS = (
    r"(?:(?:our|the|all|paid|paying|premium|full) ){0,3}(?:subscribers?|members?|(?:paid|paying|premium) readers)"
)
_ENDING = r"(?: (?:only|alone|exclusively))?(?: (?:of|to) [^,;.!?:]{1,40})?"
_STORY = (
    r"(?:rest|remainder|end|article|story|post|text|content|issue|edition|newsletter|letter|section|part|analysis"
    r"|interview|dossier|column|essay|piece|report|chapter|page|archive|podcast|video)s?"
)
_WHICH = (
    rf"(?:(?:(?:the|this|our|a|an|full) ){{0,2}}{_STORY}(?: of (?:the |this |our ){_STORY})?"
    r"|(?:everything |the text |the part )?(?:what follows|that follows|below))"
)
_CONTINUES = r"(?:is|are|remains?|continues?|stays?)"
_ALONE = (
    r"(?:(?:only|exclusively|strictly) )?(?:only|just|exclusive|exclusively|reserved|restricted|limited|available"
    r"|accessible)(?: (?:only|exclusively))? (?:for|to)"
)
_READ_ON = (
    r"(?:keep reading|continue reading|continue|read on|read more|read (?:the|this) (?:rest|remainder|full|whole"
    r"|article|story|post|piece|interview|report)(?: (?:article|story|post|piece|text))?|(?:see|unlock|access)"
    rf" (?:the|this) {_STORY}|finish (?:the|this) {_STORY})(?: of [^,.!?]{{1,40}})?"
)
_JOIN = r"(?:please )?(?:subscribe|become a (?:paid |paying )?(?:member|subscriber)|upgrade to paid|log in|sign in)"
_ENGLISH = (
    rf"(?:from here(?: on)?,? )?(?:{_WHICH}{_ASIDE} )?(?:{_CONTINUES} )?{_ALONE} {_READERS}{_ENDING}",
    rf"{_WHICH}{_ASIDE} {_CONTINUES} (?:for|to) {_READERS}{_ENDING}",
    rf"(?:the )?(?:rest|remainder)(?: of (?:the |this ){_STORY})? for {_READERS}{_ENDING}",
    rf"for {_READERS} (?:only|alone|exclusively)",
    r"(?:subscribers?|members?|premium|paid|paying readers)(?:' | )(?:only|exclusives?|exclusively)",
    rf"(?:only )?{_READERS} (?:only )?(?:can )?{_READ_ON}",
    rf"to {_READ_ON},? {_JOIN}[^.!?]{{0,60}}",
    rf"{_JOIN}(?: (?:now|today|here))? to {_READ_ON}",
)

_RESERVED = late("|".join((*_FRENCH, *_ENGLISH)))
_ADDRESSED = late(
    rf"(?:(?:contenu|article|texte|dossier|edition|espace|zone|acces|special|version) )?pour {_ABONNES}{_OF}"
    r"|(?:contenu|article|edition|espace|zone|acces|special|version) (?:abonnee?s?|adherents|membres)"
    rf"|for {_READERS}{_ENDING}|(?:subscribers?|members?) (?:content|area|edition|version|access)"
)
_BADGE = late(r"abonnee?s?|subscribers?|paid subscribers|premium|payante?s?|paywall")
_PERHAPS = late(r"membres?|adherente?s?|members?|paid")
#: Members of something else than the readership, unless a text is said to be theirs.
_OTHERS = late(r"\b(?:membres?|members?|adherente?s?) (?:(?:de|du|des|of|au?|to) |d')")
_OF_TEXT = late(rf"(?:{_SUBJECT}|{_WHICH})\b")
#: Anywhere in a label, which is short.
_IN_LABEL = late(
    r"(?:reservee?s?|exclusivement|uniquement|seulement) (?:aux?|pour|a) (?:les |nos |tous nos )?"
    r"(?:abonn|adherent|membre|lecteurs payant)"
    r"|(?:abonnee?s?|adherents?|membres) (?:uniquement|seulement)|(?:article|texte|contenu) (?:payant|premium)"
    r"|(?:exclusif|exclusive|exclu|exclusivite|reserve|reservee) abonnee?s?\b"
    r"|\b(?:subscribers?|members?|paid|paying readers|premium) only\b"
    r"|\b(?:only|exclusively|reserved) (?:for|to) (?:our |paying ){0,3}(?:subscribers|members|readers)"
    r"|\bfor (?:our |paying ){0,3}(?:subscribers|members) only\b"
)
_CALLS = late(rf"(?:{_CALL}|{_JOIN})[^.!?]{{0,60}}")
_SENTENCE = late(r"(?<=[.!?])\s+")


def _speaks(text: str) -> bool:
    """Whether one of the words stands in ``text`` that every announcement holds."""
    return any(map(text.lower().__contains__, _PARTS)) and _STEM.search(text) is not None


def _fold(text: str) -> str:
    """``text`` in lower case, without accents, marks of emphasis, addresses of links, and inclusive endings."""
    words = _LINK.sub(r"\1", text) if "](" in text else text
    letters = unicodedata.normalize("NFKD", words.casefold().replace("’", "'"))
    bare = "".join(
        " " if unicodedata.category(each) == "So" else each  # a drawing
        for each in letters
        if each not in "*_`" and unicodedata.category(each) not in ("Mn", "Cf")
    )
    bare = _INCLUSIVE.sub(lambda found: f"{found[1] or found[2]}s", bare)
    return " ".join(_HYPHEN.sub(" ", bare).split())


def announcement(text: str) -> Announcement | None:
    """What ``text``, a title or a short line, announces as a whole or between dashes, bars or brackets."""
    if len(text) > SHORT or not _speaks(text):
        return None
    words = _fold(text)
    parts = [words, *(_APART.split(words) if _APART.search(words) else ())]
    levels = {_level(part.strip(_ENDS)) for part in parts}
    sentences = [each.strip(_ENDS) for each in _SENTENCE.split(words)]
    if any(map(_is_reserved, sentences)) and all(_is_reserved(each) or _CALLS.fullmatch(each) for each in sentences):
        return "reserved"
    known: tuple[Announcement, ...] = ("reserved", "addressed", "badge", "perhaps")
    return next((each for each in known if each in levels), None)


def in_label(label: str) -> Announcement | None:
    """What a label announces, anywhere in it; one of mere padlocks is a badge."""
    if "🔒" in label and not any(letter.isalnum() for letter in label):
        return "badge"
    if _speaks(label) and _IN_LABEL.search(_fold(label[:SHORT])):
        return "reserved"
    return announcement(label)


def in_prose(text: str, *, last: bool = False) -> bool:
    """True if a sentence of ``text``, or what stands before its first colon, says that a text is reserved.

    ``last``: nothing follows ``text``; its last sentence is then left out, as no text is announced by it.
    """
    if not _speaks(text):
        return False
    sentences = _SENTENCE.split(_fold(text))
    before, colon, after = sentences[0].partition(":")
    if colon and after.strip(_ENDS) and _is_reserved(before):
        return True
    return any(map(_is_reserved, sentences[:-1] if last else sentences))


def is_call(text: str) -> bool:
    """True if ``text`` only invites to subscribe."""
    if len(text) > SHORT or not _speaks(text):
        return False
    return all(_CALLS.fullmatch(each.strip(_ENDS)) for each in _SENTENCE.split(_fold(text)))


def _is_reserved(words: str) -> bool:
    return len(words) <= SHORT and _level(words.strip(_ENDS)) == "reserved"


def _level(words: str) -> Announcement | None:
    others = _OTHERS.search(words) and not _OF_TEXT.match(words)
    if _RESERVED.fullmatch(words):
        return "badge" if others else "reserved"
    if _BADGE.fullmatch(words):
        return "badge"
    if _PERHAPS.fullmatch(words):
        return "perhaps"
    return "addressed" if not others and _ADDRESSED.fullmatch(words) else None
