"""Words in French and English (gettext).

Two languages live side by side: the newsroom's, for editors and operators (``gettext``, set once by ``use``), and the
letter's, for readers (``translate``, always with the language named).

Message identifiers are the English texts. The French ones are in ``fr/<room>.po``, one catalogue a room, read as they
are: there is no compilation step to forget.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from functools import lru_cache
from typing import Literal

from composer.locale.catalogue import Messages, read_catalogues

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
def _messages(language: str) -> Messages:
    return {} if language == "en" else read_catalogues(language)


def gettext(message: str) -> str:
    """``message`` in the newsroom's language."""
    return translate(message, _language.get())


def ngettext(one: str, many: str, count: int) -> str:
    """``one`` or ``many`` in the newsroom's language, as ``count`` asks for. French counts 0 as one."""
    texts = _messages(_language.get()).get(one)
    if texts is None:
        return one if count == 1 else many
    return texts[count > 1]


def translate(message: str, language: str) -> str:
    """``message`` in ``language``: for what readers see."""
    return _messages(language).get(message, (message,))[0] if message else ""
