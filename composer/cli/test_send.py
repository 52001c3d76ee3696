"""test: send an issue to a few addresses, without the ledger."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import click

from composer.approval.messages import messages
from composer.approval.model import FrozenEdition, Seal
from composer.cli.configuration import load_newsroom
from composer.cli.issue import issue_named
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
from composer.locale import gettext as _
from composer.message import Envelope, Message
from composer.message.address import ascii_address
from composer.message.trial import trial_subject, trial_values
from composer.newsroom.environment import dkim_key, relay_password
from composer.newsroom.model import Newsroom, Relay
from composer.rendering import render
from composer.source.vocabulary import key_name
from composer.subscribers import read_address


@click.command()
@click.argument("issue", metavar="ISSUE")
@click.option("--to", "addresses", required=True, multiple=True, metavar="ADDRESS", help="Who gets it; repeatable.")
@click.option("--relay", "name", metavar="NAME", help="Through this relay alone; the first that takes it otherwise.")
@click.pass_obj
def test(folder: Path, issue: str, addresses: tuple[str, ...], name: str | None) -> None:
    """Send ISSUE as it stands to a few addresses, marked [test]: the free and the paid edition.

    Nothing is written in the ledger, and the unsubscribe link leads nowhere. Pictures show once the issue is approved
    and `filigrane web` answers.
    """
    newsroom = load_newsroom(folder)
    addresses = tuple(read_address(address).email for address in addresses)
    refused = [address for address in addresses if not allows(newsroom.settings.only_to, address)]
    if refused:
        key = key_name("only_to", newsroom.settings.keys)
        raise Refused(_("{key} does not let {address} be written to").format(key=key, address=", ".join(refused)))
    relays = _relays(newsroom, name)
    letters = _trials(newsroom, issue_named(newsroom, issue), addresses, now())
    for relay in relays:
        try:
            outcomes = asyncio.run(send_now(relay, relay_password(newsroom.settings, relay), letters))
        except OutsideWorld as error:
            if relay == relays[-1]:
                raise
            say(f"{relay.key}  {error}", err=True)
            continue
        for message, outcome in zip(letters, outcomes, strict=True):
            say(f"{message.envelope.rcpt_to}  {relay.key}  {state_word(outcome.state)}  {outcome}")
        if all(outcome.state is State.ACCEPTED for outcome in outcomes):
            return
        if any(outcome.scope not in (Scope.SITE, Scope.SESSION) for outcome in outcomes):
            break  # about the message or its recipient: the next relay would answer the same
    raise OutsideWorld(_("the relay did not accept every test message"))


def _relays(newsroom: Newsroom, name: str | None) -> list[Relay]:
    """The relays to try, in order."""
    relays = [relay for relay in newsroom.settings.relays if name in (None, relay.key)]
    if not relays:
        known = ", ".join(relay.key for relay in newsroom.settings.relays)
        raise WrongUsage(_("no relay is called {name}; there are: {known}").format(name=name, known=known))
    return relays


def _trials(newsroom: Newsroom, path: Path, addresses: tuple[str, ...], at: datetime) -> list[Message]:
    issue = load_issue(path, newsroom).require()
    publication, dkim = newsroom.publications[issue.key.publication], newsroom.settings.dkim
    signs = signer(dkim.domain, dkim.selector, dkim_key(newsroom)) if dkim else None
    words: dict[Audience, str] = {"free": _("free edition"), "paid": _("paid edition")}
    letters = []
    for position, (audience, word) in enumerate(words.items()):
        edition = compose(issue, newsroom, audience)
        rendering = render(edition, newsroom)
        subject = f"{trial_subject(rendering.subject)} ({word})"
        frozen = FrozenEdition(subject, rendering.html, rendering.text, rendering.slots)
        editions = {(audience, edition.language): frozen}
        unsealed = Seal(issue.key, "", "", at, subject, rendering.preheader, editions, {})
        (template,) = messages(unsealed, newsroom, issue.key.publication, issue.key, at).values()
        for address in addresses:
            # A microsecond later for the second edition: the Message-ID is made from address and time.
            content = template.fill(trial_values(address, at + timedelta(microseconds=position)))
            envelope = Envelope(ascii_address(publication.from_), address)
            letters.append(Message(envelope, signs.sign(content) if signs else content))
    return letters
