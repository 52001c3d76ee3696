"""Read the cells of a list that say which readers may be written to.

A word in none of the tables is refused with what to write instead: it is never guessed to mean yes or no. The words
of one platform (``Platform.words``) count before these: ``inactive`` has a different meaning on each.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers.instants import is_date, with_century
from composer.subscribers.platforms import Platform
from composer.subscribers.standing import Stance
from composer.subscribers.values import NO, YES, answer_key, first_word, is_empty, plain

_WORDS = {
    Stance.IN: "active actif aktiv activo attivo actief subscribed enabled confirmed abonne abonnee inscrit "
    "inscrite confirme confirmee valide validee optedin optin reabonne reabonnee granted allow allowed "
    "angemeldet aangemeld suscrito iscritto alta",
    Stance.UNPROVEN: "pending unconfirmed notconfirmed unactivated validating awaitingconfirmation nonsubscribed "
    "notsubscribed enattente nonconfirme nonconfirmee aconfirmer doubleoptinpending "
    "nonrenseigne nonrenseignee nonprecise nonprecisee nonspecifie inconnu inconnue unknown unspecified notset "
    "notspecified sansreponse nsp notactivated noconsent noninscrit noninscrite nonabonne nonabonnee",
    Stance.LEFT: "unsubscribed neversubscribed inactive inactif disabled blocklisted blacklisted optedout optout "
    "deleted archived removed blocked cancelled donotcontact softbounced softbounce desabonne desabonnee desinscrit "
    "desinscrite denied donotallow notallowed withdrawn revoked refused "
    "canceled refus refuse refusee jerefuse inaktiv inactivo inattivo inactief abgemeldet abbestellt uitgeschreven "
    "afgemeld baja dadodebaja desuscrito disiscritto resilie resiliee radie radiee supprime supprimee bloque bloquee "
    "retire retiree exclu exclue",
    Stance.SUPPRESSED: "suppressed usersuppressed ecarte ecartee",
    Stance.BOUNCED: "hardbounce hardbounced cleaned undeliverable invalidemail npai",
    Stance.COMPLAINED: "complained complaint complaints spam spamcomplaint markedasspam junk reportedasspam plainte "
    "abuse",
    Stance.BOUNCED_SOMEHOW: "bounced bounce bounces rebond rebondi",
}
_KNOWN = {word: standing for standing, words in _WORDS.items() for word in words.split()}
#: Words that mean something in a column of status only; in a column of yes and no they are no answer.
_STATUS_WORDS = (
    "active actif aktiv activo attivo actief enabled confirmed alta inaktiv inactivo inattivo inactief "
    "confirme confirmee valide validee inactive inactif disabled deleted archived removed blocked"
)
#: Words for a yes to a question of consent; in a column of opt-outs they are no answer.
_AGREED = frozenset(("accepte", "acceptee", "accepted", "jaccepte", "accorde", "accordee", "agreed", "consenti"))
#: A bounce or a complaint that was none; a reason that is none (``never`` is no answer to why).
_NEVER_WORDS = "jamais never aucun aucune rien nothing valid valide delivered ok ras so sansobjet nonrenseigne"
_NEVER = frozenset(_NEVER_WORDS.split())
#: ...the same in more words; "no such user" is one.
_NO_TROUBLE = re.compile(
    r"(?:no|non|not|pas de|aucune?|sans|zero|0) (?:hard |soft )?"
    r"(?:bounced?|bounces|rebonds?|erreurs?|errors?|plaintes?|complaints?|spam|signalements?|problemes?|retours?)"
)
#: A bounce of a day: out of this letter only, as the status of that name.
_FOR_A_DAY_WORDS = "soft mou temporary temporaire transient transitoire softbounce softbounced"
_FOR_A_DAY = frozenset(_FOR_A_DAY_WORDS.split())
_NONE = frozenset(["aucun", "aucune", "rien", "nothing"])
_OF_STATUS = frozenset(_STATUS_WORDS.split())
#: How a reader is written to: by email, which is consent to it, and otherwise.
_BY_EMAIL = frozenset(["mail", "email", "courriel", "mel", "electronique", "numerique", "digital"])
_OTHERWISE = frozenset(
    [
        "papier",
        "courrier",
        "poste",
        "postal",
        "voiepostale",
        "courrierpostal",
        "lettrepapier",
        "print",
        "paper",
        "post",
        "letter",
        "sms",
        "telephone",
        "phone",
        "aucun",
        "aucune",
        "none",
    ]
)
WAYS_OF_CONTACT = _BY_EMAIL | _OTHERWISE | {"both", "lesdeux"}


def is_way_of_contact(cell: str) -> bool:
    """Whether ``cell`` is one way in which a reader is written to, or several (papier + numérique)."""
    if answer_key(cell) in WAYS_OF_CONTACT:
        return True
    parts = [part for part in plain(cell).split() if part not in ("et", "and", "ou", "or")] if len(cell) < 60 else []
    return bool(parts) and WAYS_OF_CONTACT.issuperset(parts)


#: What a blank cell says, by field: nothing in a column of opt-outs, and no proof in a column of consent.
CONSENT_FIELDS = frozenset(("status", "opted_in", "lists"))


def says_none(text: str) -> bool:
    """Whether ``text`` is a no, or a word for none."""
    word = answer_key(text)
    return word in NO or word in _NONE


def is_gone(text: str) -> bool:
    """Whether ``text`` is a word for an unsubscribed, bounced or complaining reader."""
    word = answer_key(text)
    return word not in _OF_STATUS and _KNOWN.get(word, Stance.IN) >= Stance.LEFT


def is_off(text: str) -> bool:
    """Whether ``text`` is a word of a status that says that the reader left, or was shut out (disabled, archived)."""
    return _KNOWN.get(answer_key(text), Stance.IN) >= Stance.LEFT


def says_inactive(text: str) -> bool | None:
    """Whether ``text`` is the word of a status that says "not active"; None where it is the word of no status."""
    word = answer_key(text)
    if word in _AGREED:
        return False
    if (known := _word_of_status(text, word)) is None and not is_empty(text):
        return None
    return known not in (None, Stance.IN)


@lru_cache(maxsize=20_000)
def read_standing(field: str, text: str, platform: Platform | None = None) -> Stance:
    """The standing that a cell gives, by the ``field`` of its column. Raises ``Refused`` for an unknown word."""
    if is_empty(text):
        return Stance.UNPROVEN if field in CONSENT_FIELDS else Stance.IN
    word = answer_key(text)
    if platform is not None and field != "notes" and word in platform.words:
        return platform.words[word]
    found = _READERS[field](text, word)
    if found is Stance.IN and field in CONSENT_FIELDS - {"lists"} and text.rstrip().endswith("?") and len(word) > 1:
        raise Refused(
            _("“{value}” is a question; write yes or no, or active or unsubscribed").format(value=text.strip())
        )
    return Stance.BOUNCED if found is Stance.BOUNCED_SOMEHOW and platform and platform.bounces_hard else found


#: How offices write in a column of status that a subscription is over, whatever stands behind it (Clos le 3 mars).
_OVER = re.compile(
    r"(?:(?:abo|abonnement|inscription|compte|contrat|adhesion|subscription|account) )?"
    r"(?:clos(?:e|es|ed)?|clotur\w*|termin(?:e|ee|es|ees|ated)?|ended|finished|finie?s?|desab\w{0,8}|desin\w{0,8}"
    r"|resil\w{0,6}|arrete?e?s?|stopp?(?:e|ee|es|ees|ed)?|cess(?:e|ee|es|ees|ation)|interromp\w+|rompue?s?|retrait"
    r"|radiations?|retract\w+|desist\w+|oubliee?s?|gone|bann(?:ed|ie?s?)|sans suite|n habite plus|ex(?= |$)|fin$"
    r"|fin d?(?: |e )?abo\w*|unsub\w*)(?: |$).*"
)


def _word_of_status(text: str, word: str) -> Stance | None:
    for one in (word, word.removesuffix("s")):
        if one in _KNOWN:
            return _KNOWN[one]
    if (numbered := _NUMBERED.match(text)) is not None:
        label = text[numbered.end() :]
        return _word_of_status(label, answer_key(label))
    return Stance.LEFT if _is_over(text) else None


def _is_over(text: str) -> bool:
    return len(text) <= 500 and _OVER.fullmatch(plain(text)) is not None


#: The number of a choice in a list of choices: 2 - Désabonné, 03. Clos, 4) Actif.
_NUMBERED = re.compile(r"\s{0,9}\d{1,2}\s{0,9}[-–.):]\s{0,9}(?=[^\W\d])")


def denies_leaving(text: str) -> bool:
    """Whether a status says of its reader that he did not leave (Non résilié): neither word of it counts."""
    return len(text) <= 500 and _DENIED.match(plain(text)) is not None


_DENIED = re.compile(
    r"(?:non|pas|not|jamais|never|aucun\w*) (?:encore |yet |ete |been |de )?"
    r"(?:resili|desab|desin|unsubscri|clos|clotur|termin|radi[ea]|suppr|bloq|arret|stopp|exclu|annul|cancel|blacklist|bounce)"
)


def _status(text: str, word: str) -> Stance:
    if (known := _word_of_status(text, word)) is not None:
        return known
    if word in _AGREED:
        return Stance.IN
    raise Refused(
        _(
            "“{value}” is not a status; write what it means: active, unsubscribed, pending (never confirmed), "
            "undeliverable or complained; or say it of all such rows with --code"
        ).format(value=text.strip())
    )


def _opted_in(text: str, word: str) -> Stance:
    if word in YES or word in _AGREED:
        return Stance.IN
    if word in NO or word in ("jamais", "never"):
        return Stance.LEFT
    if word in _KNOWN and word not in _OF_STATUS:
        return _KNOWN[word]
    if is_some_date(text) or word in _BY_EMAIL:
        return Stance.IN
    if word in _OTHERWISE:
        return Stance.UNPROVEN
    if first_word(text) in NO or _KNOWN.get(first_word(text), Stance.IN) is Stance.LEFT:
        return Stance.LEFT
    if tells_of_agreeing(text):
        return Stance.IN
    if _is_over(text):
        return Stance.LEFT
    message = _("“{value}” is neither a yes, a no nor a date; write yes, no, or the day on which this reader consented")
    raise Refused(message.format(value=text.strip()))


@lru_cache(maxsize=20_000)
def tells_of_agreeing(cell: str) -> bool:
    """Whether a cell is what a form writes where its box was ticked; an unticked box is a blank."""
    words = plain(cell) if len(cell) <= 500 else ""
    return _AGREES.search(words) is not None and _NEGATED.search(words) is None


def _opted_out(text: str, word: str) -> Stance:
    if word in YES:
        return Stance.LEFT
    if word in NO:
        return Stance.IN
    if word in _KNOWN and word not in _OF_STATUS and _KNOWN[word] is not Stance.UNPROVEN:
        return _KNOWN[word]
    if is_some_date(text) or first_word(text) in YES or _SOME_TIME.fullmatch(plain(text)):
        return Stance.LEFT
    if _is_over(text):
        return Stance.LEFT
    message = _("“{value}” is neither a yes, a no nor a date; write yes, no, or the day on which this reader left")
    raise Refused(message.format(value=text.strip()))


#: A day as a spreadsheet counts it, from 1982 to 2036, with or without the time.
_NUMBER_OF_DAY = re.compile(r"[34]\d{4}(?:[.,]\d+)?")


_AGREES = re.compile(
    r"\bj accepte\b|\bje (?:souhaite|consens|m abonne|m inscris|desire|veux)\b"
    r"|\bi (?:agree|accept|consent|would like)\b"
    r"|\b(?:abonnez|inscrivez|tenez|informez|abonne|inscris) moi\b|\bm (?:inscrire|abonner)\b|\bsign me up\b"
    r"|\bkeep me \w+|\bsubscribe me\b|\bstay in touch\b|\brestons en contact\b|^recevoir (?:la|les|vos|des) "
    r"|^inscription (?:a la|aux) (?:news)?lett|^(?:newsletter|infolettre)s?$"
)
_NEGATED = re.compile(r"\b(?:ne|n|pas|plus|aucun\w*|not|no|don|never|jamais|sans)\b")
#: When a reader left, less exactly: a month, a year, a quarter, seconds since 1970, a date as JavaScript writes it.
_MONTH = "(?:jan|fev|feb|mar|avr|apr|mai|may|jui|jul|jun|aou|aug|sep|oct|nov|dec)[a-z]{0,6}"
_SOME_TIME = re.compile(
    r"(?:(?:le|en|l|d|de|in|on|since|about|depuis|vers|debut|mi|fin|courant|rentree|ete|hiver|printemps|automne"
    r"|summer|spring|autumn|winter|fall|noel|paques"
    rf"|trimestre|semestre|(?:[a-z]{{2,6}}di)|[tqs]\d|{_MONTH}|\d{{1,2}}) ){{0,3}}"
    r"(?:19|20)\d\d"
    r"|(?:19|20)\d\d (?:0?[1-9]|1[0-2])|\d{1,2} \d{1,2}"
    rf"|1\d{{9}}(?:\d{{3}})?|{_MONTH} \d\d|\d{{1,2}} {_MONTH}"
    r"|(?:[a-z]{3} )?[a-z]{3} \d\d 20\d\d .{0,40}"
    r"|(?:[a-z]{3} )?\d\d? [a-z]{3} 20\d\d .{0,40}"
)


_SECONDS = re.compile(r"1\d{9}(?:\d{3})?")
_MONTH_OF = re.compile(rf"{_MONTH} \d\d")


def is_some_date(text: str) -> bool:
    """Whether ``text`` is a date in any order, also with a year of two digits or as a spreadsheet's number.

    Here it only means "yes, then".
    """
    return is_some_day(text) or _NUMBER_OF_DAY.fullmatch(text.strip()) is not None


def is_some_day(text: str) -> bool:
    """The same but for a number; also a month alone (mars 2024, mars 24, 03/2024), and seconds since 1970."""
    if _SECONDS.fullmatch(text.strip()) or _MONTH_OF.fullmatch(plain(text)):
        return True
    text = with_century(text)
    return is_date(text) or is_date(text, "mdy") or is_date(f"1 {text}") or is_date(f"1/{text}")


def _reason(text: str, word: str) -> Stance:
    """Any text but a no; the words of a list such as ``[HARD_BOUNCE, SPAM_COMPLAINT]`` are looked up one by one."""
    if word in NO or word in _NONE:
        return Stance.IN
    return max(Stance.LEFT, *(_KNOWN.get(answer_key(part), Stance.LEFT) for part in re.split(r"[,;|]", text)))


def _unless_no(standing: Stance, text: str, word: str) -> Stance:
    """``standing``, unless the cell says that there was none, or only that the reader left."""
    well = _KNOWN.get(word) is Stance.IN and not word.startswith(("confirm", "validee"))
    if word in NO or word in _NEVER or well or _NO_TROUBLE.fullmatch(plain(text)):
        return Stance.IN
    return Stance.LEFT if word in _FOR_A_DAY or (is_gone(text) and _KNOWN[word] is Stance.LEFT) else standing


def _unconfirmed(text: str, word: str) -> Stance:
    if word in NO or (word in _KNOWN and _KNOWN[word] is Stance.IN):
        return Stance.IN
    return _KNOWN.get(word, Stance.UNPROVEN)


def _note(text: str, word: str) -> Stance:
    """The tags and words of a note one by one; one that is no word for leavers says nothing."""
    found = (_KNOWN.get(answer_key(part), Stance.IN) for part in _TAGS.split(text))
    return max((one for one in found if one is not Stance.UNPROVEN), default=Stance.IN)


_TAGS = re.compile(r"[,;|/#\n]|:::")


_READERS: dict[str, Callable[[str, str], Stance]] = {
    "status": _status,
    "opted_in": _opted_in,
    "opted_out": _opted_out,
    "opted_out_reason": _reason,
    "hard_bounced": lambda text, word: _unless_no(Stance.BOUNCED, text, word),
    "complained": lambda text, word: _unless_no(Stance.COMPLAINED, text, word),
    "unconfirmed": _unconfirmed,
    "notes": _note,
    "lists": lambda text, word: Stance.LEFT if word in ("nolists", "nolist", "aucuneliste") else Stance.IN,
}
#: Fields that say which readers may be written to. Each may stand for several columns.
STANDING_FIELDS = tuple(_READERS)
