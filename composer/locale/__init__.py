"""Words in French and English (gettext).

Two languages live side by side: the newsroom's, for editors and operators (``gettext``, set once by ``use``), and the
letter's, for readers (``translate``, always with the language named).

Message identifiers are the English texts. The French ones are in ``fr/<room>.po``, one catalogue a room, read with
Babel as they are: there is no compilation step to forget.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO
from typing import Literal

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

#: The languages that exist here: of messages, of letters, and of the keys of a file.
Language = Literal["fr", "en"]

_language: ContextVar[Language] = ContextVar("language", default="en")


def use(language: Language) -> None:
    """Set the newsroom's language, for everything an editor or an operator reads from now on."""
    _language.set(language)


def said_in(settings: str) -> Language:
    """The language that the text of ``config/newsroom.yaml`` asks for, before anybody reads it as YAML."""
    english = re.search(r"^(?:language|langue)\s*:\s*[\"']?en\b", settings, re.MULTILINE | re.IGNORECASE)
    return "en" if english else "fr"


def language() -> Language:
    """The newsroom's language in force."""
    return _language.get()


@lru_cache
def _translations(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    whole = Catalog(locale=language)
    for entry in sorted(resources.files(__package__).joinpath(language).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".po"):
            for message in read_po(BytesIO(entry.read_bytes()), locale=language, abort_invalid=True):
                if message.id:
                    whole[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return GNUTranslations(compiled)


def gettext(message: str) -> str:
    """``message`` in the newsroom's language."""
    return _translations(_language.get()).gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """``one`` or ``many`` in the newsroom's language, as ``count`` asks for."""
    return _translations(_language.get()).ngettext(one, many, count)


def translate(message: str, language: str) -> str:
    """``message`` in ``language``: for what readers see."""
    return _translations(language).gettext(message) if message else ""
