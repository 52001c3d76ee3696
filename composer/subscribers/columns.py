"""What the columns of a list mean: their names in French and English, and the values in them.

The names are those of our own export, of spreadsheets in newsrooms, and of the common senders' exports.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from composer.errors import Refused
from composer.locale import gettext as _

Field = Literal[
    "email",
    "name",
    "first_name",
    "last_name",
    "language",
    "publication",
    "tier",
    "paid_until",
    "subscribed_at",
    "source",
    "status",
    "opted_out",
    "opted_in",
]
FIELDS: tuple[Field, ...] = get_args(Field)

#: Names of columns, folded: lower case, no accents, letters and digits only.
NAMES: Mapping[Field, str] = {
    "email": "email emailaddress mail courriel adressemail adresseemail adresseelectronique adressecourriel",
    "name": "name fullname nomcomplet prenomnom prenometnom nometprenom",
    "first_name": "firstname prenom",
    "last_name": "lastname surname familyname nom nomdefamille",
    "language": "language lang langue",
    "publication": "publication lettre newsletter",
    "tier": "tier formule offre abonnement plan activesubscription",
    "paid_until": "paiduntil payejusquau payejusque echeance findabonnement dateecheance expiry expiration",
    "subscribed_at": "subscribedat subscribedon inscritle inscriptionle dateinscription datedinscription createdat "
    "creationdate optintime addedtime dateregistered subscriptiondate",
    "source": "source consentsource origine sourceduconsentement",
    "status": "status statut etat",
    "opted_out": "optedout emaildisabled emailblacklisted unsubscribedat unsubscriptiondate unsubtime cleantime "
    "desinscrit desinscritle desabonne desabonnele datedesinscription datededesinscription deletedat",
    "opted_in": "optedin subscribedtoemails",
}
_FIELD_OF = {name: field for field, names in NAMES.items() for name in names.split()}

_TIERS = {
    "free": "free gratuit gratuite false non no 0 inactive",
    "paid": "paid payant payante premium complet true oui yes 1 active",
}
_STATUSES = {
    "active": "active actif active subscribed enabled confirmed abonne abonnee inscrit inscrite",
    "unsubscribed": "unsubscribed inactive inactif disabled blocklisted blacklisted cleaned bounced complained "
    "desabonne desabonnee desinscrit desinscrite optout deleted archived "
    "suppressed",
}
_NO = frozenset({"", "no", "non", "n", "false", "faux", "0"})
_LANGUAGES = {"francais": "fr", "french": "fr", "fra": "fr", "anglais": "en", "english": "en", "eng": "en"}


def fold(text: str) -> str:
    """``text`` in lower case, without accents, letters and digits only."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum() and letter.isascii())


def locate(header: Sequence[str], mapping: Mapping[str, str]) -> dict[Field, int]:
    """Which cell of a record holds which field. ``mapping`` (field → column) wins; an empty column name means none.

    Raises ``Refused`` where no column holds addresses, two claim one field, or ``mapping`` names what is not there.
    """
    if any("@" in cell for cell in header):
        raise Refused(_("the first line holds an address; it must hold the names of the columns (email, name...)"))
    names = [fold(cell) for cell in header]
    found: dict[Field, int] = {}
    for field in FIELDS:
        if field in mapping:
            if mapping[field]:
                found[field] = _column(names, header, mapping[field])
            continue
        taken = [at for at, name in enumerate(names) if _FIELD_OF.get(name) == field]
        if len(taken) > 1:
            columns = ", ".join(header[at] for at in taken)
            raise Refused(
                _("several columns could be “{field}”: {columns}; say which one: --map {field}={first}").format(
                    field=field, columns=columns, first=header[taken[0]]
                )
            )
        if taken:
            found[field] = taken[0]
    if unknown := set(mapping) - set(FIELDS):
        raise Refused(
            _("--map knows no “{field}”; it knows: {fields}").format(field=min(unknown), fields=", ".join(FIELDS))
        )
    if "email" not in found:
        raise Refused(
            _("no column holds the addresses; the columns are: {columns}; say which one: --map email=...").format(
                columns=", ".join(header)
            )
        )
    return found


def _column(names: Sequence[str], header: Sequence[str], wanted: str) -> int:
    if fold(wanted) not in names:
        raise Refused(
            _("there is no column “{column}”; the columns are: {columns}").format(
                column=wanted, columns=", ".join(header)
            )
        )
    return names.index(fold(wanted))


@lru_cache(maxsize=1000)
def read_tier(text: str) -> str:
    """``free`` or ``paid``. Raises ``Refused``."""
    return _one_of(_TIERS, text, _("“{value}” is not a tier; write free or paid"))


@lru_cache(maxsize=1000)
def read_status(text: str) -> str:
    """``active`` or ``unsubscribed``. Raises ``Refused``: a status nobody knows may well be an opt-out."""
    return _one_of(_STATUSES, text, _("“{value}” is not a status; write active or unsubscribed"))


def is_no(text: str) -> bool:
    return text.strip().casefold() in _NO


@lru_cache(maxsize=1000)
def read_language(text: str) -> str:
    """Two letters (ISO 639-1); a region is dropped. Raises ``Refused``."""
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
    """``2026-12-31``, ``31/12/2026``, either with an hour, in ``zone`` unless it says another; in UTC.

    A date alone is its first instant; with ``end`` its last one (paid until a day includes that day). Raises
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
            day + away  # it is an instant by the clocks of every zone
        return day.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(
            _("“{value}” is not a date; write 2026-12-31 or 31/12/2026").format(value=text.strip())
        ) from error


def _one_of(values: Mapping[str, str], text: str, trouble: str) -> str:
    folded = fold(text)
    for value, names in values.items():
        if folded in names.split():
            return value
    raise Refused(trouble.format(value=text.strip()))
