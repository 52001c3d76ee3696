"""db, backup, restore: the database, and everything that cannot be made again."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import click
from babel.numbers import format_decimal
from sqlalchemy import Engine

from composer import clock
from composer.backup import back_up
from composer.backup import restore as restore_newsroom
from composer.cli.configuration import load_newsroom
from composer.cli.confirm import confirm
from composer.cli.say import say
from composer.cli.secret import telling_of_address_key
from composer.database import connect, exists, parse_url, read_only, revision
from composer.database.migrate import upgrade as upgrade_schema
from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale import language, ngettext
from composer.newsroom.environment import ADDRESS_KEY_FILE, database_url
from composer.newsroom.model import Newsroom
from composer.subscribers.address_key import open_keyed, require_address_key

#: Seconds between two steps of a sweep, in which other processes can write.
_PAUSE = 0.01


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
@click.option("--yes", is_flag=True, help="Yes, where it would ask.")
@click.pass_obj
def upgrade(folder: Path, yes: bool) -> None:
    """Bring the database to what this version of Filigrane needs; make it, where it is not there."""
    from composer.approval.kept import approvals
    from composer.delivery.ledger.workers import any_alive

    newsroom = load_newsroom(folder)
    url = database_url(newsroom)
    new = not exists(url, newsroom.root) or revision(connect(url, newsroom.root)) is None
    if new and (count := approvals(newsroom)):
        known = ngettext(
            "{n} issue is approved here, and a new database would not know which readers have it already: those who "
            "have it could get it again; where there was a database, restore a backup, or var/rescued-….db",
            "{n} issues are approved here, and a new database would not know which readers have them already: those "
            "who have them could get them again; where there was a database, restore a backup, or var/rescued-….db",
            count,
        )
        confirm(yes, known.format(n=count))
    engine = connect(url, newsroom.root, create=True)
    with telling_of_address_key(newsroom.root) as key:
        before, rewritten = upgrade_schema(engine, key)
    after = revision(engine)
    if before == after:
        told = _("The database is at revision {after} already.")
    else:
        told = _("The database went from revision {before} to {after}.")
    say(told.format(before=before or "-", after=after), err=True)
    if before not in (None, after):
        with read_only(engine).connect() as connection:
            running = any_alive(connection)
        if running:
            say(
                _(
                    "A process of the version before sends beside it, and ends within some seconds, or goes on in the "
                    "old way: start all of them again, as systemctl restart filigrane 'filigrane-worker@*' does."
                ),
                err=True,
            )
    if rewritten:
        told = ngettext(
            "{n} row of an address is now under the address key.",
            "{n} rows of addresses are now under the address key.",
            rewritten,
        )
        say(told.format(n=rewritten), err=True)
    require_address_key(open_keyed(url, newsroom.root))  # on another host of the newsroom it has yet to be given


@db.command()
@click.option("--dry-run", is_flag=True, help="Only say what would leave.")
@click.option("--yes", is_flag=True, help="Yes, where it would ask.")
@click.pass_obj
def sweep(folder: Path, dry_run: bool, yes: bool) -> None:
    """Take out of the ledger, now, what retention says is due; from then on the daemon does it every day.

    Addresses, replies and rows of old mailings do not come back, nor do readers who left long ago. What is in doubt,
    suppressions, consents, approvals and published pictures stay.
    """
    from composer.approval.kept import abandoned
    from composer.approval.kept import sweep as sweep_folders
    from composer.delivery.ledger import retention
    from composer.delivery.ledger.labels import doubtful_words, due_words

    newsroom = load_newsroom(folder)
    engine = open_keyed(database_url(newsroom), newsroom.root)
    with read_only(engine).connect() as connection:
        due = retention.due(connection, newsroom)
    due["folders"] = len(list(abandoned(newsroom, clock.now())))
    if due["doubtful"]:
        say(doubtful_words(due["doubtful"]), err=True)
    words = ", ".join(due_words(due))
    if not words:
        say(_("nothing is due to leave the ledger"), err=True)
    if dry_run:
        if words:
            say(_("{what}: due to leave the ledger").format(what=words), err=True)
        return
    if words:
        what = _("{what} would leave the ledger, for good").format(what=words)
        confirm(yes, what)
    with engine.begin() as connection:
        retention.begin(connection)
    total: retention.Swept = Counter()
    for swept in retention.steps(engine, newsroom):
        total += swept
        time.sleep(_PAUSE)
    while purged := _purge_returned(engine):
        total["returned"] += purged
    total["former"] = _forget_former(engine, newsroom)
    total["folders"] = sweep_folders(newsroom, clock.now())
    with engine.begin() as connection:
        retention.finished(connection)
    if done := due_words(total):
        say(_("{what}: left the ledger").format(what=", ".join(done)), err=True)


def _forget_former(engine: Engine, newsroom: Newsroom) -> int:
    from composer.delivery.ledger.retention import BATCH, former_before
    from composer.doors.forgetting import forget_former_readers

    with read_only(engine).connect() as connection:
        before = former_before(connection, newsroom)
    after, total = (None if before is None else 0), 0
    while before is not None and after is not None:
        after, forgotten = forget_former_readers(engine, before, after, BATCH)
        total += forgotten
        time.sleep(_PAUSE)
    return total


def _purge_returned(engine: Engine) -> int:
    from composer.delivery.ledger.retention import BATCH
    from composer.returns.purging import purge_returned

    with engine.begin() as connection:
        return purge_returned(connection, BATCH)


@db.command()
@click.option("--yes", is_flag=True, help="Yes, where it would ask.")
@click.pass_obj
def here(folder: Path, yes: bool) -> None:
    """Say that this newsroom, a copy or one that was moved, is the one that sends now.

    Until then a copy holds what falls due: where it was copied from may be sending the same.
    """
    from composer.delivery.ledger.place import may_be_settled, settle_here

    newsroom = load_newsroom(folder)
    engine = open_keyed(database_url(newsroom), newsroom.root)
    with read_only(engine).connect() as connection:
        copy = may_be_settled(connection)
    if not copy:
        say(_("It was not copied since a process last sent from it: it sends at its hours as it is."), err=True)
        return
    confirm(yes, _("what falls due leaves from here: twice, where the newsroom that was copied still runs"))
    with engine.begin() as connection:
        settle_here(connection)
    told = _(
        "What falls due from now on leaves from here. What is held or paused already still asks: filigrane calendar, "
        "filigrane mailings."
    )
    say(told, err=True)


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(folder: Path, file: Path) -> None:
    """Write FILE: a consistent copy of the database, the configuration, the issues and their approvals.

    It may be made while letters are leaving. It holds every reader’s address and no key, only their fingerprints: keep
    the keys apart. A PostgreSQL database needs pg_dump.
    """

    newsroom = load_newsroom(folder)
    url = database_url(newsroom)
    if not exists(url, newsroom.root):  # else a new, empty one would be backed up
        message = _(
            "there is no database {file}: nothing is kept. Where the daemon is given another one in "
            "FILIGRANE_DATABASE_URL, give it here too"
        )
        raise Refused(message.format(file=parse_url(url).database))
    manifest = back_up(newsroom, connect(url, newsroom.root), file, clock.now())
    count = len(manifest.files) - 1
    told = ngettext(
        "{file}: {count} file and the database, {size} MB", "{file}: {count} files and the database, {size} MB", count
    )
    size = format_decimal(file.stat().st_size / 1e6, "0.0", locale=language())
    say(told.format(file=file, count=count, size=size), err=True)
    if manifest.keys["secret"] is None:
        told = _(
            "It does not know the secret key, which is not given here: to restore it will not say whether it is back."
        )
        say(told, err=True)


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("into", metavar="FOLDER", type=click.Path(path_type=Path))
def restore(file: Path, into: Path) -> None:
    """Make the newsroom of the backup FILE in FOLDER, a new one. Nothing is overwritten, and nothing leaves by itself.

    What was being sent is paused, what fell due since is held: readers may have had it. You decide, letter by letter.
    """
    from composer.cli.newsroom import say_renewed

    done = restore_newsroom(file, into, clock.now())
    when = f"{done.taken_at:%Y-%m-%d %H:%M} UTC"
    say(_("{folder} is the newsroom of {when}.").format(folder=into, when=when), err=True)
    if doubt := {
        "no-key": _(
            "Whether it is as it was made is not known without the secret key (FILIGRANE_SECRET_KEY): trust it as you "
            "trust the place where it was kept."
        ),
        "other-key": _(
            "Whether it is as it was made is not known: its secret key is not the one that is given here. Trust it as "
            "you trust the place where it was kept."
        ),
        "no-mac": _(
            "It carries no proof of being as it was made (an earlier version made it, or it was made without the "
            "secret key, or somebody changed it): trust it as you trust the place where it was kept."
        ),
    }.get(done.proof):
        say(doubt, err=True)
    if done.left_out:
        told = _("Left out, for it is none of Filigrane’s: {names}")
        say(told.format(names=", ".join(done.left_out)), err=True)
    for mailing in done.paused:
        told = _("Mailing {id} is paused: filigrane mailings resume {id}, or cancel {id}")
        say(told.format(id=mailing), err=True)
    if done.new_address_key:
        told = _(
            "It was made before there was an address key: a new one is in {file}. Keep a copy with the other secrets; "
            "every host of this newsroom needs the same one."
        )
        say(told.format(file=into / ADDRESS_KEY_FILE), err=True)
    for name in done.missing:
        told = {
            "secret": _("Put the secret key back (var/secret.key): links already sent depend on it"),
            "dkim": _("Put the DKIM key back: what was begun with it goes on with it"),
            "addresses": _(
                "Put the address key back (var/address.key): without it nobody who was forgotten or suppressed is "
                "recognised, and neither run nor worker starts"
            ),
        }[name]
        say(told, err=True)
    say(_("Who left, or was suppressed, since then is on the list again: see the log of your relay."), err=True)
    say_renewed(load_newsroom(into))
