"""test: send an issue to a few addresses, or write it as files, without the ledger and without a key of production."""

from __future__ import annotations

from pathlib import Path

import click

from composer.cli.configuration import load_newsroom
from composer.cli.issue import issue_named
from composer.cli.output_files import write_files
from composer.cli.params import several_addresses
from composer.cli.say import say
from composer.clock import now
from composer.delivery.trial import (
    NotAccepted,
    TrialEdition,
    hand_over,
    require_allowed,
    trial_editions,
    trial_letters,
)
from composer.errors import OutsideWorld, WrongUsage
from composer.issue.blocks import Audience
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom, Relay
from composer.subscribers import read_address

#: The address in the files of --out where no --to is given.
_NOBODY = "reader@example.org"


@click.command()
@click.argument("issue", metavar="ISSUE")
@click.option("--to", "addresses", multiple=True, metavar="ADDRESS", help="Who gets it; repeatable.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Send nothing: write both editions there, .eml files that a mail program opens.",
)
@click.option("--relay", "name", metavar="NAME", help="Through this relay alone; the first that takes it otherwise.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="N",
    help="Through the server of this machine that listens on this port, without TLS or password.",
)
@click.pass_obj
def test(
    folder: Path, issue: str, addresses: tuple[str, ...], out: Path | None, name: str | None, port: int | None
) -> None:
    """Send ISSUE as it stands to a few addresses, marked [test]: the free and the paid edition.

    Nothing is written in the ledger, and the unsubscribe link leads nowhere. The pictures are in the message, approved
    or not. No key is needed: where the DKIM key is not on this machine, the test leaves unsigned, and that is said.
    """
    newsroom = load_newsroom(folder)
    addresses = tuple(read_address(each).email for given in addresses for each in several_addresses(given))
    if out is not None:
        if name or port or len(addresses) > 1:
            raise WrongUsage(_("--out sends nothing: neither --relay nor --port goes with it, and one --to at most"))
        _write(
            out, trial_editions(newsroom, issue_named(newsroom, issue), now()), addresses[0] if addresses else _NOBODY
        )
        return
    if not addresses:
        raise WrongUsage(_("to whom? --to you@example.org; or --out var/test, which sends nothing and writes files"))
    require_allowed(newsroom, addresses)
    relays = _relays(newsroom, name, port)
    editions = trial_editions(newsroom, issue_named(newsroom, issue), now())
    letters = trial_letters(newsroom, editions, addresses)
    if letters.remark is not None:
        say(letters.remark, err=True)
    try:
        for told in hand_over(newsroom, relays, letters.messages):
            say(told.line, err=told.trouble)
    except NotAccepted:
        raise
    except OutsideWorld as error:
        without = _("{why}\nWithout a relay: --out var/test writes the letters as files, for a mail program")
        raise OutsideWorld(without.format(why=error)) from error


def _relays(newsroom: Newsroom, name: str | None, port: int | None) -> list[Relay]:
    """The relays to try, in order."""
    if port is not None:
        if name is not None:
            raise WrongUsage(_("--relay, or --port: not both"))
        return [Relay.model_validate({"host": "localhost", "port": port, "security": "none"})]
    relays = [relay for relay in newsroom.settings.relays if name in (None, relay.key)]
    if not relays:
        known = ", ".join(relay.key for relay in newsroom.settings.relays)
        raise WrongUsage(_("no relay is called {name}; there are: {known}").format(name=name, known=known))
    return relays


def _write(out: Path, editions: list[TrialEdition], address: str) -> None:
    words: dict[Audience, str] = {"free": _("free"), "paid": _("paid")}
    files = {
        f"{str(edition.key).replace('/', '-')}-{words[edition.audience]}.eml": edition.content(address)
        for edition in editions
    }
    write_files(out, files)
    for file in files:
        say(out / file)
    say(_("nothing was sent; a mail program opens these files, pictures included"), err=True)
