"""The question before what cannot be undone, at a terminal and on a page."""

from __future__ import annotations

from composer.locale import gettext as _


def question_words(what: str) -> str:
    """``what`` would happen, and whether it is to."""
    return _("{what}. Do it?").format(what=what)
