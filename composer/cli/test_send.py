"""test: send an issue to a few addresses, or write it as files, without the ledger and without a key of production."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from composer.approval.history import past_issues
from composer.approval.messages import messages
from composer.approval.model import FrozenEdition, Seal
from composer.cli.configuration import load_newsroom
from composer.cli.issue import issue_named
from composer.cli.output_files import write_files
from composer.cli.params import several_addresses
from composer.cli.say import say
from composer.clock import now
from composer.delivery.ledger.allowlist import allows
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.messages import signer
from composer.delivery.smtp.reply import Scope
from composer.delivery.smtp.session import send_now
from composer.delivery.state import State
from composer.errors import OutsideWorld, Refused, WrongUsage
from composer.issue import compose, load_issue
from composer.issue.blocks import Audience
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.message import CarriedPicture, Envelope, Message, Template
from composer.message.address import ascii_address
from composer.message.trial import trial_subject, trial_values
from composer.newsroom.environment import dkim_key, relay_password
from composer.newsroom.model import Newsroom, Relay
from composer.rendering import Rendering, render
from composer.source.vocabulary import key_name
from composer.subscribers import read_address

#: Outcomes after which nothing is tried again. There is no queue here.
_FINAL = (State.ACCEPTED, State.REJECTED, State.IN_DOUBT)

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
        _write(out, _editions(newsroom, issue_named(newsroom, issue), now()), addresses[0] if addresses else _NOBODY)
        return
    if not addresses:
        raise WrongUsage(_("to whom? --to you@example.org; or --out var/test, which sends nothing and writes files"))
    _require_allowed(newsroom, addresses)
    relays = _relays(newsroom, name, port)
    letters = _letters(newsroom, _editions(newsroom, issue_named(newsroom, issue), now()), addresses)
    doubtful = False
    for relay in relays:
        try:
            outcomes = asyncio.run(send_now(relay, relay_password(newsroom.settings, relay), letters))
        except OutsideWorld as error:
            if relay == relays[-1]:
                without = _("{why}\nWithout a relay: --out var/test writes the letters as files, for a mail program")
                raise OutsideWorld(without.format(why=error)) from error
            say(f"{relay.key}  {error}", err=True)
            continue
        for message, outcome in zip(letters, outcomes, strict=True):
            word = state_word(outcome.state) if outcome.state in _FINAL else _("not sent")
            say(f"{message.envelope.rcpt_to}  {relay.key}  {word}  {outcome}")
        doubtful = doubtful or any(outcome.state is State.IN_DOUBT for outcome in outcomes)
        letters = [
            message
            for message, outcome in zip(letters, outcomes, strict=True)
            if outcome.state not in (State.ACCEPTED, State.IN_DOUBT)  # none is sent twice
        ]
        if not letters and not doubtful:
            return
        if not letters:
            break
        if any(outcome.scope not in (Scope.SITE, Scope.SESSION) for outcome in outcomes):
            break  # about the message or its recipient: the next relay would answer the same
    raise OutsideWorld(_("the relay did not accept every test message"))


def _require_allowed(newsroom: Newsroom, addresses: tuple[str, ...]) -> None:
    refused = [address for address in addresses if not allows(newsroom.settings.only_to, address)]
    if refused:
        message = _(
            "{key} does not let {address} be written to: add it there, in config/newsroom.yaml, as one more line “- "
            "{address}”"
        )
        key = key_name("only_to", newsroom.settings.keys)
        raise Refused(message.format(key=key, address=refused[0]))


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


@dataclass(frozen=True)
class _Edition:
    """What one audience would get; ``at`` is its Date, and makes its Message-ID."""

    key: IssueKey
    audience: Audience
    template: Template
    at: datetime

    def content(self, address: str) -> bytes:
        return self.template.fill(trial_values(address, self.at))


def _editions(newsroom: Newsroom, path: Path, at: datetime) -> list[_Edition]:
    """The free edition and the paid one, their pictures inside."""
    issue = load_issue(path, newsroom).require()
    past = past_issues(newsroom, issue.key)
    words: dict[Audience, str] = {"free": _("free edition"), "paid": _("paid edition")}
    editions = []
    for position, (audience, word) in enumerate(words.items()):
        edition = compose(issue, newsroom, audience, past)
        rendering = render(edition, newsroom)
        subject = f"{trial_subject(rendering.subject)} ({word})"
        frozen = FrozenEdition(subject, rendering.html, rendering.text, rendering.slots)
        unsealed = Seal(issue.key, "", "", at, subject, rendering.preheader, {(audience, edition.language): frozen}, {})
        carried = _carried(newsroom, rendering)
        (template,) = messages(unsealed, newsroom, issue.key.publication, issue.key, at, carried).values()
        # A microsecond later for the second edition: the Message-ID is made from address and time.
        editions.append(_Edition(issue.key, audience, template, at + timedelta(microseconds=position)))
    return editions


def _carried(newsroom: Newsroom, rendering: Rendering) -> list[CarriedPicture]:
    published = newsroom.settings.public_url.rstrip("/") + "/media/"
    return [
        CarriedPicture(published + medium.name, medium.name, medium.type, medium.content) for medium in rendering.media
    ]


def _letters(newsroom: Newsroom, editions: list[_Edition], addresses: tuple[str, ...]) -> list[Message]:
    sign, sender = _signature(newsroom), newsroom.publications[editions[0].key.publication].from_
    return [
        Message(Envelope(ascii_address(sender), address), sign(edition.content(address)))
        for edition in editions
        for address in addresses
    ]


def _signature(newsroom: Newsroom) -> Callable[[bytes], bytes]:
    """Signs with the DKIM key where it is on this machine; says so where it is not."""
    dkim, pem = newsroom.settings.dkim, dkim_key(newsroom)
    if dkim is None or pem is None:
        say(_("unsigned: there is no DKIM key on this machine, and some mailboxes file such a test as spam"), err=True)
        return lambda content: content
    signs = signer(dkim.domain, dkim.selector, pem)
    assert signs is not None
    return signs.sign


def _write(out: Path, editions: list[_Edition], address: str) -> None:
    words: dict[Audience, str] = {"free": _("free"), "paid": _("paid")}
    files = {
        f"{str(edition.key).replace('/', '-')}-{words[edition.audience]}.eml": edition.content(address)
        for edition in editions
    }
    write_files(out, files)
    for file in files:
        say(out / file)
    say(_("nothing was sent; a mail program opens these files, pictures included"), err=True)
