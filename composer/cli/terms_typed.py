"""What is typed of a whole list, by ``subscribers import`` and ``move-in``: the options of both, as ``Terms``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict, Unpack

import click

from composer.cli.list_words import TIER
from composer.cli.params import Word, zone_named
from composer.clock import now
from composer.errors import WrongUsage
from composer.locale import gettext as _
from composer.newsroom import Newsroom
from composer.subscribers.csv_row import Bounced, Terms
from composer.subscribers.instants import DateOrder
from composer.subscribers.labels import bounce_word
from composer.subscribers.record import Tier
from composer.subscribers.sniffing import DELIMITERS
from composer.subscribers.standing import Stance

_DELIMITER_WORDS = {
    **{"tab": "\t", "tabulation": "\t", "\\t": "\t", "comma": ",", "virgule": ",", "semicolon": ";", "pipe": "|"},
    "point-virgule": ";",
}
_OPTIONS = (
    click.option("--source", metavar="TEXT", help="Where these readers consented; needed unless a column says it."),
    click.option("--tier", type=TIER, help="Their tier, where no column says it; free otherwise."),
    click.option("--bounced", type=Word(("everywhere", "letter"), bounce_word), help="What “bounced” closes."),
    click.option("--timezone", metavar="ZONE", help="Of times that name none; the newsroom's otherwise."),
    click.option("--date-order", type=click.Choice(("dmy", "mdy")), help="05/03/2024: 5 March (dmy), or 3 May (mdy)."),
)
delimiter_option = click.option("--delimiter", metavar="CHARACTER", help="What stands between cells: ; , | or tab.")


class Typed(TypedDict):
    """The values of ``of_the_list``'s options, by the names under which a command gets them."""

    source: str | None
    tier: Tier | None
    bounced: Bounced | None
    timezone: str | None
    date_order: DateOrder | None


def of_the_list(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give ``command`` the options that say something of all rows."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def terms_typed(newsroom: Newsroom, publication: str, state: Stance | None = None, **typed: Unpack[Typed]) -> Terms:
    """The options of ``of_the_list`` as ``Terms``; ``state``: what all rows are. Raises ``WrongUsage`` for a zone that
    is none."""
    return Terms(
        publication,
        typed["source"],
        typed["tier"],
        zone_named(typed["timezone"] or newsroom.settings.timezone),
        now(),
        date_order=typed["date_order"] or "dmy",
        bounced=typed["bounced"],
        state=state,
        said=[name for name, said in (("timezone", typed["timezone"]), ("date-order", typed["date_order"])) if said],
    )


def delimiter_typed(typed: str | None) -> str | None:
    """The delimiter that ``--delimiter`` says. Raises ``WrongUsage``."""
    if typed is None:
        return None
    found = _DELIMITER_WORDS.get(typed.lower(), typed)
    if len(found) != 1 or found not in DELIMITERS:
        raise WrongUsage(_("“{value}” is no delimiter; write ; , | or tab").format(value=typed))
    return found
