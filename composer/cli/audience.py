"""Say to how many readers a publication's letter goes, where this machine can know it."""

from __future__ import annotations

from composer.database import exists, open_database, read_only
from composer.delivery.ledger.readers import ReaderCount, count_readers, readers_words
from composer.errors import FiligraneError
from composer.locale import gettext as _
from composer.newsroom.environment import database_url
from composer.newsroom.model import Newsroom
from composer.source.vocabulary import key_name


def count_here(newsroom: Newsroom, publication: str, languages: tuple[str, ...] = ()) -> ReaderCount | None:
    """The readers in this machine's database; None where it has none, as a laptop may, or it does not answer."""
    if publication not in newsroom.publications:
        return None
    try:
        url = database_url(newsroom)
        if not exists(url, newsroom.root):
            return None
        engine = open_database(url, newsroom.root)
        try:
            with read_only(engine).connect() as connection:
                return count_readers(connection, newsroom, publication, languages)
        finally:
            engine.dispose()
    except FiligraneError:
        return None


def rehearsal_line(newsroom: Newsroom, publication: str | None = None) -> str | None:
    """That ``only_to`` is set, and how many readers of ``publication`` it leaves; None where it is not."""
    if not newsroom.settings.only_to:
        return None
    count = None if publication is None else count_here(newsroom, publication)
    if count is not None:
        return readers_words(count)
    return _("rehearsal: only the addresses of “{key}” in config/newsroom.yaml are written to").format(
        key=key_name("only_to", newsroom.settings.keys)
    )
