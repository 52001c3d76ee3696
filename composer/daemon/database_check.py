"""The check of ``filigrane doctor`` that is about the database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, text

from composer.database import connect as connect_database
from composer.database import read_only, refuse_strays, require_current, undamaged, written_and_read
from composer.delivery.ledger.place import unsettled_copy
from composer.errors import FiligraneError, OutsideWorld, Refused
from composer.locale import gettext as _
from composer.newsroom.environment import database_url, pages_database_url
from composer.newsroom.model import Newsroom
from composer.schedule.clocks import SKEW, skew, skewed_hosts
from composer.schedule.rolled_back import copy_words, newest_rescued

#: Seconds for which a SQLite file is looked through for damage: about a gigabyte.
_CHECK = 10.0


def look_at_database(newsroom: Newsroom) -> str:
    """The check ``database`` of ``filigrane doctor``: it is written, read back, looked through, and asked for what it
    may lose. Raises ``FiligraneError`` where something is wrong."""
    engine = connect_database(database_url(newsroom), newsroom.root)
    sqlite = engine.dialect.name == "sqlite"
    try:
        if sqlite:
            refuse_strays(engine)
        require_current(engine)
        written_and_read(engine)
        whole = undamaged(engine, _CHECK)
        ahead, hosts = skew(engine), skewed_hosts(engine)
        with read_only(engine).connect() as connection:
            copy = unsettled_copy(connection)
        lossy = [] if sqlite else _lossy(engine)
    finally:
        engine.dispose()
    lines = [
        _("answers, is written and read back, and its tables are current ({kind})").format(kind=engine.dialect.name)
    ]
    if sqlite:
        sound = _("the file is not damaged")
        partly = _("no damage was found in {seconds} s, which was not enough for the whole file")
        if (rescued := newest_rescued(newsroom.root, timedelta(days=365))) is not None:
            told = _(
                "{file} is what a worker still had open when the database was taken away: put it in the database’s "
                "place if that was not done (docs/running.md says how), else delete it"
            )
            lines.append(told.format(file=rescued))
        lines.append(sound if whole else partly.format(seconds=int(_CHECK)))
    elif pages_database_url(newsroom) == database_url(newsroom):
        told = _(
            "FILIGRANE_PAGES_DATABASE_URL is not set: the readers’ pages have every right of this role in the "
            "database; docs/running.md gives them one of their own"
        )
        lines.append(told)
    else:
        _require_pages_let_in(newsroom)
    if lossy:
        told = _(
            "{settings}: off on the server, which loses its last commits in a crash, and with them who has had a "
            "letter; docs/running.md says what it must keep"
        )
        lines.append(told.format(settings=", ".join(lossy)))
    if abs(ahead) >= SKEW:
        wrong = _(
            "answers; but the clock of this host differs from the database’s by {seconds} s: timedatectl set-ntp true"
        )
        raise Refused(wrong.format(seconds=f"{ahead:+.0f}"))
    if copy and not newsroom.settings.only_to:
        raise Refused("\n".join([*lines, copy_words()]))
    if hosts:
        lines.append(_("the clock was wrong within a day on: {hosts}").format(hosts=", ".join(hosts)))
    return "\n".join(lines)


def _lossy(engine: Engine) -> list[str]:
    """Settings of the server that are off, without which a commit that was answered may be lost."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    off = text("SELECT name FROM pg_settings WHERE name = ANY(:names) AND setting = 'off' ORDER BY name")
    with read_only(engine).connect() as connection:
        return list(connection.execute(off, {"names": list(names)}).scalars())


def _require_pages_let_in(newsroom: Newsroom) -> None:
    """Raise ``OutsideWorld`` where the readers' pages cannot use the database in the role that they are given."""
    try:
        engine = connect_database(pages_database_url(newsroom), newsroom.root)
        try:
            require_current(engine)
        finally:
            engine.dispose()
    except FiligraneError as error:
        told = _(
            "answers, but not the readers’ pages, by FILIGRANE_PAGES_DATABASE_URL: no link of a letter lets anybody "
            "leave. {why}"
        )
        raise OutsideWorld(told.format(why=error)) from error
