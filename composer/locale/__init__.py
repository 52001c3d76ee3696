"""Translations in French and English (gettext).

Two languages are in use at once: the newsroom's, for editors and operators (``gettext``, set once by ``use``), and the
letter's, for readers (``translate``, always with an explicit language).

Message identifiers are the English texts. The French ones are in ``fr/<room>.po``, one catalogue a room, read without a
compilation step.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from functools import lru_cache
from typing import Literal

from composer.locale.catalogue import Messages, read_catalogues

#: The supported languages: of messages to operators, of letters, and of the keys of files.
Language = Literal["fr", "en"]

_language: ContextVar[Language] = ContextVar("language", default="en")


def use(language: Language) -> None:
    """Set the newsroom's language, for all later messages to editors and operators."""
    _language.set(language)


def said_in(settings: str) -> Language:
    """The language set in the text of ``config/newsroom.yaml``, found without parsing the YAML; French by default."""
    english = re.search(r"^(?:language|langue)\s*:\s*[\"']?en\b", settings, re.MULTILINE | re.IGNORECASE)
    return "en" if english else "fr"


def language() -> Language:
    """The newsroom's current language."""
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
    """``message`` in ``language``, for text that readers see."""
    return _messages(language).get(message, (message,))[0] if message else ""
