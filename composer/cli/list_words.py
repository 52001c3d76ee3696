"""What the commands on lists of readers share: options, the open database, how an instant is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine

from composer.cli.configuration import load_newsroom
from composer.cli.params import Word
from composer.errors import WrongUsage
from composer.locale import gettext as _
from composer.newsroom import Newsroom
from composer.newsroom.environment import database_url
from composer.newsroom.unread import publication_named, unread_publications
from composer.subscribers.address_key import open_keyed
from composer.subscribers.codes import ListCode, split_code
from composer.subscribers.held_lines import local_instant
from composer.subscribers.labels import list_state_word, subscription_word
from composer.subscribers.standing import STATES

publication_option = click.option("--publication", required=True, metavar="ID", help="Which letter.")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
FILE = click.Path(dir_okay=False, path_type=Path)
TIER = Word(("free", "paid"), subscription_word)
STATE = Word(tuple(STATES.values()), list_state_word)
STATUS = Word(("active", "paused", "unsubscribed", "suppressed"), subscription_word)


def codes_typed(texts: Sequence[str]) -> list[ListCode]:
    """What ``--code`` says. Raises ``WrongUsage``."""
    found = []
    for text in texts:
        if (parts := split_code(text)) is None:
            message = _("--code is written COLUMN:VALUE=STATE; “{text}” is not")
            raise WrongUsage(message.format(text=text))
        word = STATE.convert(parts[2], None, click.get_current_context())
        standing = next(standing for standing, one in STATES.items() if one == word)
        found.append(ListCode(parts[0], parts[1], standing))
    return found


def open_for(folder: Path, publication: str | None = None) -> tuple[Newsroom, Engine]:
    """The newsroom and its database. Raises ``Refused`` for a publication that is not there."""
    newsroom = load_newsroom(folder)
    if publication is not None and publication not in unread_publications(newsroom):  # can be unsubscribed from, too
        publication_named(newsroom, publication)
    return newsroom, open_keyed(database_url(newsroom), newsroom.root)


def shown_instant(at: datetime | None, zone: ZoneInfo) -> str:
    """``at`` in the newsroom's zone, to the minute."""
    return "–" if at is None else local_instant(at, zone)
