"""The ledger of this machine, where it has one that answers: what left, is held or was skipped is known by it alone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from composer.database import DATABASE_TROUBLE, exists, open_database, parse_url
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.newsroom.environment import database_url
from composer.newsroom.model import Newsroom


@dataclass(frozen=True)
class LedgerHere:
    """``engine``, or in words that it is not known what left (``unknown``); ``trouble``: there is a database, and it
    cannot be read."""

    engine: Engine | None
    unknown: str | None = None
    trouble: OutsideWorld | None = None


def ledger_here(newsroom: Newsroom) -> LedgerHere:
    """The ledger of ``newsroom`` on this machine. Raises ``Refused`` where its database is of another version."""
    url = database_url(newsroom)
    if not exists(url, newsroom.root):  # a machine on which issues are only approved has no database
        told = _("there is no database {file} here: what has left, is held or was skipped is not known")
        return LedgerHere(None, told.format(file=parse_url(url).database))
    try:
        return LedgerHere(open_database(url, newsroom.root))
    except DATABASE_TROUBLE as error:  # the dates are in the folder
        told = _("the database cannot be read: what has left, is held or was skipped is not known")
        return LedgerHere(None, told, error)
