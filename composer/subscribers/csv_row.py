"""Read and validate one row of a list, without looking at the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import ascii_letters
from typing import Any, Literal
from zoneinfo import ZoneInfo

from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers import values
from composer.subscribers.address import Address
from composer.subscribers.cell_address import (
    addresses_among,
    addresses_of_gone,
    addresses_within,
    read_listed_address,
    remark_on,
)
from composer.subscribers.codes import ListCode
from composer.subscribers.consent_words import denies_leaving, read_standing, says_none
from composer.subscribers.csv_columns import Located
from composer.subscribers.csv_reader import CsvRow, bare
from composer.subscribers.instants import DateOrder, read_instant
from composer.subscribers.record import DETAILS, read_line
from composer.subscribers.standing import Stance, worst
from composer.subscribers.told import tells_beside_a_name, tells_of_leaving

_ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+")
#: Fast path: a cell that begins with one of these is neither quoted by ``safe`` nor a spelling of "empty".
_ORDINARY = frozenset(["", *ascii_letters, *"123456789"]) - frozenset("nNuUiI")
#: How programs and hurried offices mark a line that is not to be read; #12 is a number.
COMMENTED = re.compile(r"\s*(?:#\s*[^\W\d]|//)")
_READERS = tuple((name, detail.read) for name, detail in DETAILS.items())
#: Fields in which ``None`` or ``Nil`` may be a person's name and not a spelling of "empty".
_NAMES_OF_PEOPLE = frozenset(("name", "first_name", "last_name"))

#: Fields that are read, and in which a note may say that a reader left.
TOLD_IN = ("name", "first_name", "last_name")

#: What a "bounced" that does not say for how long means: suppressed everywhere, or out of this letter.
Bounced = Literal["everywhere", "letter"]


@dataclass(frozen=True)
class Terms:
    """What the operator states for a whole list. ``zone``: time zone of times that name none. ``now``: a consent dated
    later is refused. ``bounced``: what "bounced" means, ``state``: what all rows are, where the list does not tell."""

    publication: str
    source: str | None
    tier: str | None
    zone: ZoneInfo
    now: datetime
    date_order: DateOrder = "dmy"
    bounced: Bounced | None = None
    state: Stance | None = None
    #: Of "timezone" and "date-order" those that were said of this list, and are not what counts for every list.
    said: Collection[str] = ()
    #: What values of columns mean, where the list's own words are not known.
    codes: Sequence[ListCode] = ()


class RefusedRow(Refused):
    """A row that is refused. ``addresses``: those that no other row of the list may bring in, because this row may say
    that their readers left. ``gone``: those of which it says it, whatever else is wrong, and ``standing`` how.
    ``other``: the row is about another letter."""

    def __init__(
        self,
        reason: str,
        addresses: Sequence[Address] = (),
        gone: Sequence[Address] = (),
        standing: Stance = Stance.IN,
        *,
        other: bool = False,
    ) -> None:
        super().__init__(reason)
        self.addresses = tuple(addresses)
        self.gone, self.standing, self.other = tuple(gone), standing, other


class WhichBounce(Exception):
    """A row says "bounced", and neither the list nor the operator says whether for good."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def read_candidate(record: CsvRow, located: Located, terms: Terms, noted: Counter[str]) -> dict[str, Any]:
    """The values of one row by column of the staging table, with its ``address`` in place of the key; ``None`` where
    the list gives no value.

    ``noted`` counts what is accepted with a remark. Raises ``RefusedRow`` with the reason, ``WhichBounce`` where the
    operator must be asked first. A row that says that its reader left is accepted even where other cells are wrong:
    the opt-out must not be lost.
    """
    if record.trouble:
        held = [one for cell in record.cells if "@" in cell for one in addresses_within(cell)]
        raise RefusedRow(record.trouble, held, *_gone(record.cells, terms.state, "publication" in located.single))
    cells = {field: _cell(field, record.cells[at]) for field, at in located.single.items()}
    publication = cells.get("publication") or terms.publication
    other = not _is_about(publication, terms.publication)
    try:
        address, name = read_listed_address(cells["email"])
    except Refused as refusal:
        held = addresses_within(cells["email"])
        if any(map(tells_of_leaving, record.cells)):  # of a second table, with other columns
            held += addresses_among(list(record.cells))
        said_gone = Stance.LEFT if _says_gone_beside(cells["email"]) else _said_of_leaving(record, located, terms)
        all_gone = _gone([cells["email"]], said_gone, other and values.fold(publication) not in _EVERY_LETTER)
        raise RefusedRow(str(refusal), held, *all_gone) from refusal
    if COMMENTED.match(record.cells[0]):
        message = _("the line begins with “{value}”: is it one that counts no more? Take the mark, or the line, out")
        all_gone = _gone([address.email], terms.state, other)
        raise RefusedRow(message.format(value=record.cells[0].strip()), (address,), *all_gone)
    try:
        standing, paid = _standing(record, located, terms, address)
    except RefusedRow:
        if not other:
            raise
        standing, paid = Stance.IN, None
    if standing is Stance.IN and "publication" in cells and not cells["publication"]:
        standing = Stance.UNPROVEN  # the list says of each reader which letters, and of this one none
    if standing is Stance.IN and says_none(cells.get("source", "")):
        standing = Stance.UNPROVEN  # the list says where each consented, and that this one did nowhere
    told = any(map(tells_beside_a_name, (name, *(cells.get(field, "") for field in TOLD_IN))))
    if standing < Stance.LEFT and (told or tells_of_leaving(cells.get("language", ""))):
        standing = Stance.LEFT
        noted["told"] += 1
    if standing < Stance.LEFT and _says_so_of_the_letter(cells.get("publication", ""), terms.publication):
        standing, other = Stance.LEFT, False
        noted["told"] += 1
    if standing is Stance.LEFT and values.fold(publication) in _EVERY_LETTER:
        other = False
    if other and standing < Stance.BOUNCED:  # a complaint or a bounce is of every letter
        message = _(
            "a subscription to {other}, not to {publication} (are all rows for {publication}? --map publication=ignore)"
        )
        raise RefusedRow(message.format(other=publication, publication=terms.publication), other=True)
    try:
        said = _said(cells, located, terms, noted, paid, name)
    except Refused as refusal:
        if standing is Stance.IN:
            gone = any(map(tells_of_leaving, record.cells))
            raise RefusedRow(str(refusal), (address,) if gone else ()) from refusal
        said = dict.fromkeys((*DETAILS, "subscribed_at")) | {"source": ""}
    if (since := cells.get("subscribed_at")) and said["subscribed_at"] is None and _never_was(since):
        standing = max(standing, Stance.LEFT)
        noted["told"] += 1
    if standing is Stance.IN and not cells.get("subscribed_at", "1"):
        noted["undated"] += 1
    if standing is Stance.IN and (remark := remark_on(address)):
        noted[remark] += 1
    if standing is Stance.IN and said["tier"] is None and said["paid_until"] is not None:
        noted["until"] += 1
    said["line"], said["part"], said["address"], said["email"] = record.line, 0, address, address.email
    said["standing"] = int(standing)
    return said


def rows_of_gone(refusal: RefusedRow, line: int) -> list[dict[str, Any]]:
    """As ``read_candidate``, for each address of which a row that is refused says that its reader left."""
    nothing = dict.fromkeys((*DETAILS, "subscribed_at")) | {"source": "", "standing": int(refusal.standing)}
    return [
        nothing | {"line": line, "part": part, "address": address, "email": address.email}
        for part, address in enumerate(refusal.gone)
    ]


def _gone(cells: Sequence[str], standing: Stance | None, other: bool) -> tuple[Sequence[Address], Stance]:
    """The addresses in ``cells``, of a row that says that its readers left, and how. ``other``: it may be about another
    letter, of which only a bounce or a complaint counts here, too."""
    if standing is None or standing < (Stance.BOUNCED if other else Stance.LEFT):
        return (), Stance.IN
    return addresses_of_gone(cells), standing


def _says_gone_beside(cell: str) -> bool:
    """Whether words beside an address say that its reader left: ``zoe@example.org (désabonnée)``."""
    return "@" in cell and tells_of_leaving(_AN_ADDRESS.sub(" ", cell))


_AN_ADDRESS = re.compile(r"\S{0,320}@\S{0,320}")


def _said_of_leaving(record: CsvRow, located: Located, terms: Terms) -> Stance | None:
    """What the columns of consent say in a row of which the address cannot be read."""
    try:
        return _standing(record, located, terms, None)[0]
    except RefusedRow:
        return None


#: What a list writes for all of its letters at once.
_EVERY_LETTER_WORDS = (
    "all any every everything global tout tous toute toutes touteslettres toutesleslettres toutesnoslettres"
)
_EVERY_LETTER = frozenset(_EVERY_LETTER_WORDS.split())


def _is_about(cell: str, publication: str) -> bool:
    """Whether a cell of letters, separated by commas or the like, names this one."""
    return publication.casefold() in (part.strip().casefold() for part in re.split(r"[,;|\n]", cell))


def _says_so_of_the_letter(cell: str, publication: str) -> bool:
    """Whether a cell of letters says that its reader left: ``désabonné``, ``vendredi, désabonné``."""
    if not cell or cell.casefold() == publication.casefold():
        return False
    return tells_of_leaving(re.sub(re.escape(publication), " ", cell, flags=re.IGNORECASE).strip())


def _never_was(since: str) -> bool:
    """Whether a day of consent that is no date says that there was none, or no more: ``non``, ``désabonné en mars``."""
    try:
        return read_standing("opted_in", since) is not Stance.IN
    except Refused:
        return tells_of_leaving(since)


def _said(
    cells: Mapping[str, str], located: Located, terms: Terms, noted: Counter[str], paid: str | None, name: str
) -> dict[str, Any]:
    zone, order, said = terms.zone, terms.date_order, dict[str, Any]()
    for field, read in _READERS:
        text = cells.get(field)
        if field == "language" and text:
            said[field] = _language(text, noted)
        elif field == "tier" and text and located.platform:
            said[field] = located.platform.tiers.get(values.answer_key(text)) or read(text, zone, order)
        else:
            said[field] = read(text, zone, order) if text else None
    if not said["name"]:
        both = " ".join(filter(None, (cells.get("first_name"), cells.get("last_name"))))
        said["name"] = read_line(both or name) or None
    said["tier"] = ("paid" if paid == "paid" else said["tier"] or paid) or terms.tier
    said["subscribed_at"] = _past(cells.get("subscribed_at"), terms, noted)
    said["source"] = _source(cells.get("source") or terms.source)
    return said


def _language(text: str, noted: Counter[str]) -> str | None:
    """The language. One that cannot be read is the letter's: it costs no reader, and is counted."""
    try:
        return values.read_language(text)
    except Refused:
        noted["language"] += 1
        return None


def _cell(field: str, text: str) -> str:
    if text[:1] in _ORDINARY:
        return text.strip()
    text = bare(text).strip()
    return "" if field not in _NAMES_OF_PEOPLE and values.is_empty(text) else text


def _past(text: str | None, terms: Terms, noted: Counter[str]) -> datetime | None:
    """The day of consent. One that cannot be read is unknown: it costs no reader, and is counted."""
    if not text:
        return None
    try:
        at = read_instant(text, terms.zone, end=False, order=terms.date_order)
    except Refused:
        noted["date"] += 1
        return None
    if at > terms.now:
        message = _("subscribed in the future: {date}").format(date=at.astimezone(terms.zone).date().isoformat())
        if terms.date_order == "dmy" and _past_with_the_month_first(text, terms):
            message += _("; where the month comes first, add --date-order mdy")
        raise Refused(message)
    return at


def _past_with_the_month_first(text: str, terms: Terms) -> bool:
    try:
        return read_instant(text, terms.zone, end=False, order="mdy") <= terms.now
    except Refused:
        return False


def _source(text: str | None) -> str:
    if not text:
        raise Refused(_("where this reader consented is not said; fill the column, or add --source"))
    return read_line(text)


def _standing(record: CsvRow, located: Located, terms: Terms, address: Address | None) -> tuple[Stance, str | None]:
    """What the row says of its reader's consent, and the tier that its columns of consent and payment give.

    Exports often keep unsubscribed readers in the same list. Raises ``RefusedRow`` for a word that is not known,
    unless another cell says that the reader left.
    """
    found: list[Stance] = [] if terms.state is None else [terms.state]
    tier: str | None = None
    trouble: Refused | None = None
    others: list[Address] = []
    platform = located.platform
    for field, at in located.several:
        text = record.cells[at]
        if address is not None and (listed := _another(text, address)) is not None:
            message = _(
                "“{value}” is an address, in a column that says who left: put these readers in a list of their own"
            )
            others.append(listed)
            trouble = Refused(message.format(value=text.strip()))
            continue
        if at in located.codes and (meant := located.codes[at].get(values.answer_key(text))) is not None:
            found.append(meant)
            continue
        if field == "paid":
            tier = "paid" if tier == "paid" or _says_paid(text) else tier
            continue
        try:
            standing = read_standing(field, bare(text), platform)
        except Refused as refusal:
            if not tells_of_leaving(text) or (field == "status" and denies_leaving(text)):
                trouble = trouble or refusal
                continue
            standing = Stance.LEFT  # "ne plus écrire", "désabonnée par téléphone"
        if field in ("lists", "notes") and tells_of_leaving(text):
            standing = max(standing, Stance.LEFT)  # on a list of leavers, whichever others there are
        if standing is Stance.BOUNCED_SOMEHOW:
            if terms.bounced is None:
                raise WhichBounce(text.strip())
            standing = Stance.BOUNCED if terms.bounced == "everywhere" else Stance.LEFT
        if platform and platform.tiers and field == "status":
            tier = platform.tiers.get(values.answer_key(text), tier)
        found.append(standing)
    standing = worst(found)
    if trouble and standing < Stance.LEFT:
        raise RefusedRow(str(trouble), (*((address,) if address else ()), *others))
    return standing, tier


def _another(text: str, address: Address) -> Address | None:
    """The address that is all of a cell, where it is not this reader's: a column of those who left, beside."""
    if "@" not in text or not _ADDRESS.fullmatch(text.strip()):
        return None
    found = next(iter(addresses_within(text)), None)
    return None if found == address else found


def _says_paid(text: str) -> bool:
    text = text.strip()
    if values.is_empty(text) or values.answer_key(text) in _NOT_PAID or values.first_word(text) in values.NO:
        return False
    return _NOTHING_PAID.fullmatch(text) is None and not tells_of_leaving(text)


_NOT_PAID_WORDS = (
    "free gratuit gratuite unpaid impaye impayee nonpaye nonpayee pending enattente failed echec echoue refused refuse "
    "refunded rembourse remboursee draft brouillon due adue arelancer incomplete"
)
_NOT_PAID = values.NO | frozenset(_NOT_PAID_WORDS.split())
#: An amount of nothing: 0,00 €.
_NOTHING_PAID = re.compile(r"[€$£]?\s*0+(?:[.,]0+)?\s*(?:€|\$|£|EUR|USD|GBP|CHF)?", re.IGNORECASE)
