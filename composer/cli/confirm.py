"""Ask before what cannot be undone."""

from __future__ import annotations

import sys

from composer.cli.say import ask
from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale.asking import question_words


def confirm(yes: bool, what: str) -> None:
    """Return where ``yes`` (the option ``--yes``) or a person at a terminal says so. Raises ``Refused`` otherwise."""
    if yes:
        return
    if not (sys.stdin.isatty() and ask(question_words(what))):
        raise Refused(_("{what}; to do it: --yes").format(what=what))
