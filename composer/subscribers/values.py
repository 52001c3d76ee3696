"""Parse the cells of a list: words in French and English, and the spellings of "empty"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from html import unescape

from composer.errors import Refused
from composer.locale import gettext as _

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_EMPTY = frozenset(
    {"", "null", r"\n", "none", "nil", "n/a", "na", "#n/a", "nan", "undefined", "(no value)", "(null)", "[]", "{}"}
    | {
        "-",
        "--",
        "–",
        "—",
        ".",
        "..",
        "...",
        "…",
        "/",
        "_",
        "nat",
        "<na>",
        "nc",
        "n.c.",
        "nd",
        "n.d.",
        "néant",
        "neant",
    }
    | {"invalid date", "(vide)", "(blank)", "(leer)", "(none)"}
    # errors of a spreadsheet's formula, in French, German, English and Spanish
    | {
        "#n/d",
        "#nv",
        "#ref!",
        "#bezug!",
        "#valeur!",
        "#value!",
        "#wert!",
        "#nom?",
        "#name?",
        "#div/0!",
        "#null!",
        "#nul!",
    }
    | {"#num!", "#nombre!", "#zahl!", "#¡ref!", "#¡valor!", "#####", "err:502", "err:504", "err:508", "err:509"}
)
#: Zero-width and soft signs that a page or a spreadsheet leaves in a cell.
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
#: How databases and spreadsheets write a missing date: MySQL, Go and .NET, and the same with the day first.
_NO_DATE = ("0000-00-00", "0001-01-01", "00/00/0000", "01/01/0001")
#: An empty cell that a formula of a spreadsheet made a date, and second 0 of Unix.
_DAY_ZERO = re.compile(
    r"(?:00[/.]01[/.]1900|0?1/0?0/1900|1900-01-00|30[/.]12[/.]1899|12/30/1899|1899-12-30"
    r"|0{1,2}/0{1,2}/0{2,4}|1970-01-01|01[/.]01[/.]1970)(?:[ T]0?[0-2]:00(?::00)?.*)?"
)

_TIERS = {
    "free": "free gratuit gratuite false f non no 0 inactive",
    "paid": "paid payant payante premium complet true t oui yes 1 active gift gifted cadeau offert offerte comp comped "
    "complimentary founding fondateur fondatrice lifetime monthly yearly annual mensuel mensuelle annuel annuelle "
    "freetrial trial iap iosapp",
}
#: Words for yes and no; ``f`` and ``t`` are PostgreSQL's, ``x`` is a box ticked by hand.
_YES_WORDS = (
    "yes y true t on 1 oui o vrai x ja j si sim wahr verdadero vero waar verdadeiro ok checked coche cochee "
    "+ ✓ ✔ ☑ ✅ 👍 да ναι はい 是 نعم כן"
)
_NO_WORDS = (
    "no n false f off 0 non faux nein nej nee nao falsch falso onwaar ko unchecked ✗ ✘ ✖ ❎ ☐ ❌ 🚫 ⛔ 👎 "
    "нет οχι όχι いいえ 否 لا לא"
)
YES, NO = frozenset(_YES_WORDS.split()), frozenset(_NO_WORDS.split())
_LANGUAGES = {"francais": "fr", "french": "fr", "fra": "fr", "anglais": "en", "english": "en", "eng": "en"}


#: "Plus" as a sign, where a French sentence says no more: ``ne + écrire``, ``n'est + abonné``, ``+ de mail``.
_NO_MORE = re.compile(
    r"(?:^|(?<=\bne )|(?<=\best )|(?<=\bveut )|(?<=\bsouhaite )|(?<=\breçoit )|(?<=\brecoit )|(?<=\bexiste ))"
    r"\+ ?(?=[^\W\d_])"
)


def _said(text: str) -> str:
    text = unescape(text).casefold()
    return _NO_MORE.sub("plus ", text) if "+" in text else text


def fold(text: str) -> str:
    """``text`` in lower case, without accents, letters and digits only; HTML's ``&eacute;`` is é, ``ne + écrire`` is
    said as "plus"."""
    plain = unicodedata.normalize("NFKD", _said(text))
    return "".join(letter for letter in plain if letter.isalnum() and letter.isascii())


_OTHER_SIGNS = re.compile("[^a-z0-9]+")


def plain(text: str) -> str:
    """``text`` in lower case, without accents, each run of other signs as one space."""
    text = _said(text) if "&" in text or "+" in text else text
    apart = text if text.isascii() else unicodedata.normalize("NFKD", text.casefold())
    return _OTHER_SIGNS.sub(
        " ", "".join(letter for letter in apart.lower() if not unicodedata.combining(letter))
    ).strip()


def has_control(text: str) -> bool:
    """Whether ``text`` holds a line break, another control character or half a surrogate pair."""
    return not text.isprintable() and _CONTROL.search(text) is not None


def is_empty(text: str) -> bool:
    """Whether ``text`` means "empty": blank, ``NULL``, ``\\N``, ``-``, ``N/A``, ``0000-00-00``."""
    if not text:
        return True
    text = text.strip().strip(_INVISIBLE).strip()
    return text.casefold() in _EMPTY or text.startswith(_NO_DATE) or _DAY_ZERO.fullmatch(text) is not None


def is_yes_or_no(text: str) -> bool:
    """Whether ``text`` is a word for yes or no. ``0`` and ``1`` are not counted: they may be quantities."""
    word = answer_key(text)
    return (word in YES | NO and not word.isdigit()) or first_word(text) in YES | NO


def first_word(text: str) -> str:
    """The first word of a longer answer (``Oui, le 12/03``); a letter alone or a figure is none."""
    word, _space, rest = text.strip().replace(",", " ", 1).partition(" ")
    return answer_key(word) if rest and len(word) > 1 and word.isalpha() else ""


@lru_cache(maxsize=1000)
def read_tier(text: str) -> str:
    """``free`` or ``paid``. Raises ``Refused``."""
    return _one_of(_TIERS, text, _("“{value}” is not a tier; write free or paid, or say --map tier=ignore"))


@lru_cache(maxsize=1000)
def read_language(text: str) -> str:
    """A language as two letters (ISO 639-1), without region. Raises ``Refused``."""
    value = text.strip().casefold()
    code = re.fullmatch(r"([a-z]{2})(?:[-_][a-z0-9]{2,4}){0,2}(?:\.utf-?8)?", value)
    if code:
        return code[1]
    name = fold(value.partition("(")[0])  # français (France)
    if name in _LANGUAGES:
        return _LANGUAGES[name]
    raise Refused(_("“{value}” is not a language; write fr or en").format(value=text.strip()))


def answer_key(text: str) -> str:
    """``text`` as a key of the tables above: folded; ✓ or a negative number unchanged; ``1.0``, ``1,0`` are ``1``, and
    ``xx`` is ``x``."""
    raw = text.strip().casefold().rstrip("\ufe0f")  # ✔️ is ✔ and a sign that it is a picture
    if whole := re.fullmatch(r"([0-9]{1,9})[.,]0{1,9}", raw):
        return whole[1]
    folded = fold(raw)
    if len(folded) < 9 and set(folded) == {"x"}:
        return "x"
    return raw if not folded or (folded.isdigit() and folded != raw) else folded


def _one_of(values: Mapping[str, str], text: str, trouble: str) -> str:
    folded = fold(text)
    for value, names in values.items():
        if folded in names.split():
            return value
    raise Refused(trouble.format(value=text.strip()))
