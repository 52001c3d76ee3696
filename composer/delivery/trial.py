"""A test letter: an issue as it stands, marked, to a few addresses, without the ledger and without a live token."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from composer.approval.history import past_issues
from composer.approval.messages import messages
from composer.approval.model import FrozenEdition, Seal
from composer.delivery.ledger.allowlist import allows
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.messages import signer
from composer.delivery.smtp.reply import Scope
from composer.delivery.smtp.session import send_now
from composer.delivery.state import State
from composer.errors import OutsideWorld, Refused
from composer.issue import compose, load_issue
from composer.issue.blocks import Audience
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.message import CarriedPicture, Envelope, Message, Template
from composer.message.address import ascii_address
from composer.message.trial import trial_subject, trial_values
from composer.newsroom.environment import dkim_key, relay_password
from composer.newsroom.model import Newsroom
from composer.newsroom.relay import Relay
from composer.rendering import Rendering, render
from composer.source.vocabulary import key_name

#: Outcomes after which nothing is tried again. There is no queue here.
_FINAL = (State.ACCEPTED, State.REJECTED, State.IN_DOUBT)


@dataclass(frozen=True)
class TrialEdition:
    """What one audience would get; ``at`` is its Date, and makes its Message-ID."""

    key: IssueKey
    audience: Audience
    template: Template
    at: datetime

    def content(self, address: str) -> bytes:
        return self.template.fill(trial_values(address, self.at))


@dataclass(frozen=True)
class TrialLetters:
    """The messages, and what is to be said of them: that they are not signed."""

    messages: list[Message]
    remark: str | None


@dataclass(frozen=True)
class TrialSaid:
    """A line about one message, or about a relay that did not answer (``trouble``)."""

    line: str
    trouble: bool = False


def require_allowed(newsroom: Newsroom, addresses: Sequence[str]) -> None:
    """Raise ``Refused``, saying what to write where, for an address that ``only_to`` leaves out."""
    refused = [address for address in addresses if not allows(newsroom.settings.only_to, address)]
    if refused:
        message = _(
            "{key} does not let {address} be written to: add it there, in config/newsroom.yaml, as one more line “- "
            "{address}”"
        )
        key = key_name("only_to", newsroom.settings.keys)
        raise Refused(message.format(key=key, address=refused[0]))


def trial_editions(newsroom: Newsroom, path: Path, at: datetime) -> list[TrialEdition]:
    """The free edition and the paid one, their pictures inside. Raises ``Mistakes`` where the issue has errors."""
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
        editions.append(TrialEdition(issue.key, audience, template, at + timedelta(microseconds=position)))
    return editions


def _carried(newsroom: Newsroom, rendering: Rendering) -> list[CarriedPicture]:
    published = newsroom.settings.public_url.rstrip("/") + "/media/"
    return [
        CarriedPicture(published + medium.name, medium.name, medium.type, medium.content) for medium in rendering.media
    ]


def trial_letters(newsroom: Newsroom, editions: Sequence[TrialEdition], addresses: Sequence[str]) -> TrialLetters:
    """Each edition to each address, signed where the DKIM key is on this machine."""
    dkim, pem = newsroom.settings.dkim, dkim_key(newsroom)
    signs = None if dkim is None or pem is None else signer(dkim.domain, dkim.selector, pem)
    sender = newsroom.publications[editions[0].key.publication].from_
    made = [
        Message(
            Envelope(ascii_address(sender), address),
            edition.content(address) if signs is None else signs.sign(edition.content(address)),
        )
        for edition in editions
        for address in addresses
    ]
    unsigned = _("unsigned: there is no DKIM key on this machine, and some mailboxes file such a test as spam")
    return TrialLetters(made, unsigned if signs is None else None)


def hand_over(newsroom: Newsroom, relays: Sequence[Relay], letters: list[Message]) -> Iterator[TrialSaid]:
    """Hand ``letters`` to the first of ``relays`` that takes them, and say what became of each. None is sent twice.

    Raises ``OutsideWorld`` where one was not accepted.
    """
    doubtful = False
    for relay in relays:
        try:
            outcomes = asyncio.run(send_now(relay, relay_password(newsroom.settings, relay), letters))
        except OutsideWorld as error:
            if relay == relays[-1]:
                raise
            yield TrialSaid(f"{relay.key}  {error}", trouble=True)
            continue
        for message, outcome in zip(letters, outcomes, strict=True):
            word = state_word(outcome.state) if outcome.state in _FINAL else _("not sent")
            yield TrialSaid(f"{message.envelope.rcpt_to}  {relay.key}  {word}  {outcome}")
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
    raise NotAccepted(_("the relay did not accept every test message"))


class NotAccepted(OutsideWorld):
    """A relay answered, and did not take every message."""
