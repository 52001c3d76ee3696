"""Parse the cells of a list: words in French and English, dates, and the spellings of "empty".

A word in none of the tables is refused with what to write instead: it is never guessed to mean yes or no.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from composer.errors import Refused
from composer.locale import gettext as _

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_EMPTY = frozenset(
    {"", "null", r"\n", "none", "nil", "n/a", "na", "#n/a", "nan", "undefined", "(no value)", "(null)", "[]", "{}"}
    | {"-", "--", "–", "—", "invalid date"}
)
#: How databases write a missing date: MySQL, then Go.
_NO_DATE = ("0000-00-00", "0001-01-01")

_TIERS = {
    "free": "free gratuit gratuite false f non no 0 inactive",
    "paid": "paid payant payante premium complet true t oui yes 1 active",
}
_STATUSES = {
    "active": "active actif active subscribed enabled confirmed abonne abonnee inscrit inscrite",
    "unsubscribed": "unsubscribed inactive inactif disabled blocklisted blacklisted cleaned bounced complained "
    "desabonne desabonnee desinscrit desinscrite optout deleted archived "
    "suppressed",
}
#: Words for yes and no (``f`` and ``t`` are PostgreSQL's, ``x`` is a box ticked by hand), and the states that email
#: services write instead.
_ANSWERS = {
    "yes": "yes y true t on 1 oui o vrai x ja j si ok checked coche cochee ✓ ✔ ☑ ✅",
    "no": "no n false f off 0 non faux nein nej unchecked ✗ ✘ ☐ ❌",
    "subscribed": "subscribed optedin optin abonne abonnee inscrit inscrite reabonne reabonnee",
    "gone": "unsubscribed neversubscribed optedout optout bounced hardbounce hardbounced softbounced cleaned "
    "complained spamcomplaint blacklisted blocklisted suppressed usersuppressed donotcontact "
    "desabonne desabonnee desinscrit desinscrite plainte rebond npai",
}
_YES, _NO, _SUBSCRIBED, _GONE = (frozenset(words.split()) for words in _ANSWERS.values())
_LANGUAGES = {"francais": "fr", "french": "fr", "fra": "fr", "anglais": "en", "english": "en", "eng": "en"}


def fold(text: str) -> str:
    """``text`` in lower case, without accents, letters and digits only."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum() and letter.isascii())


def has_control(text: str) -> bool:
    """Whether ``text`` holds a line break, another control character or half a surrogate pair."""
    return _CONTROL.search(text) is not None


def is_empty(text: str) -> bool:
    """Whether ``text`` means "empty": blank, ``NULL``, ``\\N``, ``-``, ``N/A``, ``0000-00-00``."""
    text = text.strip()
    return text.casefold() in _EMPTY or text.startswith(_NO_DATE)


def is_yes_or_no(text: str) -> bool:
    """Whether ``text`` is a word for yes or no. ``0`` and ``1`` are not counted: they may be quantities."""
    word = _word(text)
    return word in _YES | _NO and not word.isdigit()


def is_gone(text: str) -> bool:
    """Whether ``text`` is a word for an unsubscribed, bounced or complaining reader."""
    return _word(text) in _GONE


@lru_cache(maxsize=1000)
def read_tier(text: str) -> str:
    """``free`` or ``paid``. Raises ``Refused``."""
    return _one_of(_TIERS, text, _("“{value}” is not a tier; write free or paid"))


@lru_cache(maxsize=1000)
def read_status(text: str) -> str:
    """``active`` or ``unsubscribed``. Raises ``Refused`` for an unknown status, which may be an opt-out."""
    return _one_of(_STATUSES, text, _("“{value}” is not a status; write active or unsubscribed"))


@lru_cache(maxsize=10_000)
def read_opted_in(text: str) -> bool:
    """Whether a consent cell holds a yes or a date; an empty one is a no. Raises ``Refused`` for other text."""
    if is_empty(text):
        return False
    word = _word(text)
    if word in _YES or word in _SUBSCRIBED:
        return True
    if word in _NO or word in _GONE:
        return False
    if _is_date(text):
        return True
    message = _("“{value}” is neither a yes, a no nor a date; write yes, no, or the day on which this reader consented")
    raise Refused(message.format(value=text.strip()))


@lru_cache(maxsize=10_000)
def read_opted_out(text: str) -> bool:
    """Whether an opt-out cell holds a yes or a date; an empty one is a no. Raises ``Refused`` for other text."""
    if is_empty(text):
        return False
    word = _word(text)
    if word in _YES or word in _GONE:
        return True
    if word in _NO or word in _SUBSCRIBED:
        return False
    if _is_date(text):
        return True
    message = _("“{value}” is neither a yes, a no nor a date; write yes, no, or the day on which this reader left")
    raise Refused(message.format(value=text.strip()))


@lru_cache(maxsize=10_000)
def read_opted_out_reason(text: str) -> bool:
    """Whether a cell gives a reason for leaving: anything that is neither empty nor a no."""
    return not is_empty(text) and _word(text) not in _NO


@lru_cache(maxsize=1000)
def read_language(text: str) -> str:
    """A language as two letters (ISO 639-1), without region. Raises ``Refused``."""
    value = text.strip().casefold()
    code = re.fullmatch(r"([a-z]{2})(?:[-_][a-z]{2,4})?", value)
    if code:
        return code[1]
    if fold(value) in _LANGUAGES:
        return _LANGUAGES[fold(value)]
    raise Refused(_("“{value}” is not a language; write fr or en").format(value=text.strip()))


_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ](?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\d*"
    r"(?: ?(?P<offset>Z|UTC|[+-]\d\d:?\d\d)(?: [A-Z]{2,5})?)?)?"
)
_FRENCH = re.compile(
    r"(?P<day>\d\d?)[/.-](?P<month>\d\d?)[/.-](?P<year>\d{4})(?: (?:à )?(?P<clock>\d\d?[:h]\d\d(?::\d\d)?))?"
)


@lru_cache(maxsize=10_000)
def read_instant(text: str, zone: ZoneInfo, *, end: bool) -> datetime:
    """Parse ``2026-12-31`` or ``31/12/2026``, with or without a time, in ``zone`` unless it names one; return UTC.

    A date alone means its first instant; with ``end`` its last one (paid until a day includes that day). Raises
    ``Refused``.
    """
    match = _ISO.fullmatch(text.strip()) or _FRENCH.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        day = datetime(int(match["year"]), int(match["month"]), int(match["day"]), tzinfo=zone)
        if match["clock"]:
            clock = time.fromisoformat(match["clock"].replace("h", ":").rjust(5, "0"))
            day = datetime.combine(day.date(), clock, zone)
            offset = match.groupdict().get("offset")
            if offset:
                written = datetime.strptime("+0000" if offset in ("Z", "UTC") else offset.replace(":", ""), "%z")
                day = day.replace(tzinfo=written.tzinfo)
        elif end:
            day = datetime.combine(day.date() + timedelta(days=1), time(), zone).astimezone(UTC)
            day -= timedelta(microseconds=1)
        for away in (timedelta(days=1), timedelta(days=-1)):
            day + away  # raises OverflowError where the local time of some zone is out of range
        return day.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(
            _("“{value}” is not a date; write 2026-12-31 or 31/12/2026").format(value=text.strip())
        ) from error


def _is_date(text: str) -> bool:
    try:
        read_instant(text, ZoneInfo("UTC"), end=False)
    except Refused:
        return False
    return True


def _word(text: str) -> str:
    """``text`` as a key of the tables above: folded; ✓ or a negative number unchanged; ``1.0`` becomes ``1``."""
    raw = text.strip().casefold()
    if whole := re.fullmatch(r"([0-9]{1,9})\.0{1,9}", raw):
        return whole[1]
    folded = fold(raw)
    return raw if not folded or (folded.isdigit() and folded != raw) else folded


def _one_of(values: Mapping[str, str], text: str, trouble: str) -> str:
    folded = fold(text)
    for value, names in values.items():
        if folded in names.split():
            return value
    raise Refused(trouble.format(value=text.strip()))
