"""The sign-up form: which letters it is for, its words and their mark, and what is wrong with what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

from composer.errors import Refused
from composer.locale import translate
from composer.newsroom.join import Join
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import open_letters
from composer.subscribers.address import Address, read_address
from composer.subscribers.cell_address import meant_address, remark_on
from composer.subscribers.requests import JoinRequest

#: The number of this form; it grows when what is asked changes. Part of the proof of consent.
VERSION = 1

#: Letters that one form may ask for.
FORM_LETTERS = 50

#: The field that people do not see. Programs that fill in every field fill in this one.
TRAP = "website"

CONSENT = "I ask to receive this by email. Each letter has a link to leave at once; my address serves for nothing else."


@dataclass(frozen=True)
class DoorForm:
    """What one page offers. ``publication``: empty for the page of the house; ``consent``: the words above the button;
    ``mark``: version and digest of all of it, which comes back with the form."""

    publication: str
    letters: tuple[str, ...]
    language: str
    consent: str

    @property
    def mark(self) -> str:
        words = f"{self.language}\0{self.consent}"
        return f"{VERSION}:{sha256(words.encode()).hexdigest()[:32]}"


@dataclass(frozen=True)
class FormTrouble:
    """Why a form is not taken: a ``code``, the ``field`` that it is about, the address that was perhaps ``meant``."""

    code: str
    field: str = "email"
    meant: str = ""


#: What is said of each trouble.
TROUBLES = {
    "address": "Type one email address, such as name@example.org.",
    "mistyped": "Did you mean the address below? Send it as it is, or type yours again.",
    "role": "This address belongs to a function, not to a person: type your own.",
    "domain": "Mailboxes of this kind are not accepted here: type an address that you keep.",
    "letters": "Choose one letter at least.",
    "words": "The words of this form have changed since you opened it: read them again, then send it.",
}


def door_form(newsroom: Newsroom, publication: str, language: str | None) -> DoorForm | None:
    """The form of a publication, or of the house; None where its door is not open."""
    letters = open_letters(newsroom)
    if publication:
        found = newsroom.publications.get(publication)
        if publication not in letters or found is None or found.join is None:
            return None
        spoken, door, letters = language or found.language, found.join, (publication,)
    else:
        house = newsroom.settings.join
        if house is None or not house.open or not letters:
            return None
        spoken, door = language or newsroom.settings.language, house
    return DoorForm(publication, letters[:FORM_LETTERS], spoken, door.consent or translate(CONSENT, spoken))


def doors_of(newsroom: Newsroom, letters: tuple[str, ...]) -> list[Join]:
    """The settings that hold for a form about ``letters``: theirs, and the house's."""
    found = [newsroom.publications[letter].join for letter in letters] + [newsroom.settings.join]
    return [door for door in found if door is not None]


def origins_of(newsroom: Newsroom, letters: tuple[str, ...]) -> list[str]:
    """Other sites that may show, or post, a form about each of ``letters``."""
    house = newsroom.settings.join.origins if newsroom.settings.join else ()
    each = [{*house, *(door.origins if (door := newsroom.publications[name].join) else ())} for name in letters]
    return sorted(set.intersection(*each)) if each else sorted(house)


def read_fields(body: bytes) -> dict[str, list[str]] | None:
    """The fields of a posted form; None where the body is no form."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=FORM_LETTERS + 20)
    except ValueError:
        return None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def judged(
    newsroom: Newsroom, form: DoorForm, *, email: str, letters: list[str], mark: str, page: str, sure: str
) -> JoinRequest | FormTrouble:
    """The request, or the first trouble with it. Looks at the form alone: the same work for any address.

    ``sure``: the address that was shown as perhaps mistyped, and is meant as it was.
    """
    try:
        address = read_address(email[:320])
    except Refused:
        return FormTrouble("address")
    chosen = (
        form.letters if form.publication else tuple(dict.fromkeys(each for each in letters if each in form.letters))
    )
    if not chosen:
        return FormTrouble("letters", "letters")
    if trouble := _about(address, doors_of(newsroom, chosen), sure):
        return trouble
    if mark != form.mark:
        return FormTrouble("words", "form")
    return JoinRequest(address.email, chosen, form.language, form.mark, form.consent, source_page(page))


def _about(address: Address, doors: list[Join], sure: str) -> FormTrouble | None:
    domain = address.email.rpartition("@")[2].lower()
    if any(domain == each or domain.endswith(f".{each}") for door in doors for each in door.refused_domains):
        return FormTrouble("domain")
    if remark_on(address) == "role" and any(door.roles == "refuse" for door in doors):
        return FormTrouble("role")
    meant = meant_address(address)
    if meant is not None and sure.strip().lower() != address.email.lower():
        return FormTrouble("mistyped", meant=meant)
    return None


def source_page(text: str) -> str:
    """The address of the page that the form was on, 300 characters at most, without what follows a ``?``."""
    try:
        parts = urlsplit(text.strip()[:2000])
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc or not text.isprintable():
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:300]
