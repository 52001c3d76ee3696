"""The number of a mailing, as somebody types it."""

from __future__ import annotations

from composer.errors import WrongUsage
from composer.locale import gettext as _

#: The column is an INTEGER, of 32 bits on PostgreSQL: a greater number is an error there, not a row that is not found.
_GREATEST = 2**31 - 1


def mailing_number(word: str) -> int:
    """Raises ``WrongUsage`` for what no mailing can be called."""
    if not (word.isdecimal() and len(word) <= 10 and int(word) <= _GREATEST):
        raise WrongUsage(_("“{word}” is no mailing's number; `filigrane mailings` lists them").format(word=word))
    return int(word)
