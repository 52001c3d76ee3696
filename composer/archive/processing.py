"""The record of processing activities (GDPR, article 30), as far as the configuration knows it.

What only the house can know (its data protection officer, contracts, transfers) is named as to be filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from composer.database import parse_url
from composer.errors import OutsideWorld
from composer.locale import Language, translate
from composer.newsroom.environment import database_url
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import open_letters
from composer.newsroom.relay import Relay
from composer.outbox.queue import MESSAGE_KEPT
from composer.subscribers.signups import LINK_LASTS

_DAY = 86400
_HERE = ("localhost", "127.", "::1")

Translated = Callable[[str], str]


@dataclass(frozen=True)
class RegisterField:
    """One thing that the article asks for. Without ``values`` it is to be filled in; ``and_more``: so is the rest."""

    name: str
    values: tuple[str, ...] = ()
    and_more: str = ""


@dataclass(frozen=True)
class RegisterEntry:
    """The controller, one processing activity, or one processor."""

    title: str
    fields: tuple[RegisterField, ...]


def register_entries(newsroom: Newsroom, language: Language) -> list[RegisterEntry]:
    """The controller, the activities, the processors. Nothing is asked of the network or of the database."""
    _ = partial(translate, language=language)
    found = [_controller(newsroom, _), _sending(newsroom, _)]
    if open_letters(newsroom):
        found.append(_joining(newsroom, _))
    return [*found, _pages(newsroom, _), *_processors(newsroom, _)]


def register_lines(entries: list[RegisterEntry], newsroom: Newsroom, language: Language) -> Iterator[str]:
    """The record as Markdown."""
    _ = partial(translate, language=language)
    yield "# " + _("Record of processing activities (GDPR, article 30): {name}").format(name=newsroom.settings.name)
    blank, space = _("to be filled in"), "\u00a0" if language == "fr" else ""
    for entry in entries:
        yield f"\n## {entry.title}\n"
        for field in entry.fields:
            told = list(field.values)
            if field.and_more or not told:
                told.append(f"**[{blank}{f'{space}: {field.and_more}' if field.and_more else ''}]**")
            yield f"- {field.name}{space}: " + f"{space}; ".join(told)


def _controller(newsroom: Newsroom, _: Translated) -> RegisterEntry:
    notices = list(dict.fromkeys(each.legal for each in newsroom.publications.values()))
    names = [", ".join(filter(None, (each.publisher, each.registration, each.address))) for each in notices]
    contacts = [each for notice in notices for each in (notice.email, notice.phone) if each]
    return RegisterEntry(
        _("Controller"),
        (
            RegisterField(_("Name and address"), tuple(dict.fromkeys(names))),
            RegisterField(_("Contact"), tuple(dict.fromkeys(contacts))),
            RegisterField(_("Publication director"), tuple(dict.fromkeys(each.director for each in notices))),
            RegisterField(_("Data protection officer, or why there is none")),
            RegisterField(_("Joint controllers, representative in the Union, where there are any")),
        ),
    )


def _sending(newsroom: Newsroom, _: Translated) -> RegisterEntry:
    titles = ", ".join(each.title for each in newsroom.publications.values())
    retention = newsroom.settings.retention
    limits = [_("the address: as long as it receives a letter")]
    if retention.former_readers is not None:
        text = _(
            "the address of who left every letter, or whose mailbox bounced, and the words of their consent: {months} "
            "months after that"
        )
        limits.append(text.format(months=retention.former_readers))
    if retention.addresses is not None:
        text = _("addresses and replies in the record of letters sent: {months} months after the mailing")
        limits.append(text.format(months=retention.addresses))
    if retention.rows is not None:
        limits.append(_("the rest of that record: mere counts after {months} months").format(months=retention.rows))
    limits.append(_("of who left or was forgotten: a keyed digest of the address, against sending there again"))
    kept_for_ever = [
        what
        for what, months in (
            (_("addresses in the record of letters sent: no limit is set"), retention.addresses),
            (_("rows of the record of letters sent: no limit is set"), retention.rows),
            (_("how long after leaving a subscription and its proof of consent are kept"), retention.former_readers),
        )
        if months is None
    ]
    return RegisterEntry(
        _("Sending letters: {titles}").format(titles=titles),
        (
            RegisterField(_("Purposes"), (_("sending the letters asked for, and showing that they were"),)),
            RegisterField(
                _("Legal basis"),
                (_("consent, with its proof"),),
                _("that of paid subscriptions, and of lists that were imported"),
            ),
            RegisterField(_("Data subjects"), (_("subscribers, and former ones"),)),
            RegisterField(
                _("Data"),
                (
                    _("address; name where it was given; letters, language, edition, end of a payment"),
                    _("proof of consent: when, where, which words"),
                    _("when and how somebody left; why nothing may be sent to an address"),
                    _("of each letter: state of its delivery, reply of the mail server. Not whether it was opened"),
                ),
            ),
            RegisterField(
                _("Recipients"),
                (_("mail servers that pass the letters on (below); the readers’ mailbox providers"),),
                _("who of the house sees readers’ addresses"),
            ),
            RegisterField(_("Transfers to countries outside the Union, and their safeguards")),
            RegisterField(_("Time limits for erasure"), tuple(limits), "; ".join(kept_for_ever)),
            RegisterField(
                _("Security measures"),
                tuple(_measures(newsroom, _)),
                _("those of the machines, of accounts and of backups"),
            ),
        ),
    )


def _measures(newsroom: Newsroom, _: Translated) -> Iterator[str]:
    relays = newsroom.settings.relays
    clear = [each.host for each in relays if each.security == "none" and not _is_here(each)]
    if clear:
        yield _("letters go to {hosts} WITHOUT encryption").format(hosts=", ".join(clear))
    if any(each.security != "none" for each in relays):
        yield _("TLS with a verified certificate to the mail server")
    yield _("secrets outside the database; a key of their own for digests of addresses")
    yield _("no address of a reader in the logs; exports and copies for one account alone")
    yield _("pages for readers in a process that holds no mail password and no signing key")


def _joining(newsroom: Newsroom, _: Translated) -> RegisterEntry:
    names = ", ".join(newsroom.publications[each].title for each in open_letters(newsroom))
    days = _("{days} days: a request that is not confirmed; {messages} days: the message that was sent")
    return RegisterEntry(
        _("Sign-up by a form: {titles}").format(titles=names),
        (
            RegisterField(_("Purposes"), (_("subscribing who asks, after a confirmation by mail"),)),
            RegisterField(_("Legal basis"), (_("consent, with its proof"),)),
            RegisterField(_("Data subjects"), (_("who fills in the form, or whose address is typed there"),)),
            RegisterField(_("Data"), (_("address, letters and language chosen, the words seen, the page, when"),)),
            RegisterField(_("Recipients"), (_("the mail server that passes the confirmation on (below)"),)),
            RegisterField(
                _("Time limits for erasure"),
                (days.format(days=round(LINK_LASTS / _DAY), messages=round(MESSAGE_KEPT / _DAY)),),
            ),
        ),
    )


def _pages(newsroom: Newsroom, _: Translated) -> RegisterEntry:
    return RegisterEntry(
        _("Pages for readers: {url}").format(url=newsroom.settings.public_url),
        (
            RegisterField(_("Purposes"), (_("leaving, joining, reading online"),)),
            RegisterField(
                _("Data"),
                (_("addresses of networks, in memory alone, to bound how much one of them asks; no cookie, no count"),),
                _("what the web server in front of the pages writes into its log, and for how long"),
            ),
        ),
    )


def _processors(newsroom: Newsroom, _: Translated) -> Iterator[RegisterEntry]:
    """Who acts for the house: relays, the host of the pages, and where the database is."""
    contract = RegisterField(_("Contract (article 28), its date; sub-processors; country"))
    here = RegisterField(_("To whom it passes letters on, by what contract"))
    for relay in newsroom.settings.relays:
        name = _("Processor: {name}").format(name=relay.name or relay.host)
        service = _("passes letters on, with readers’ addresses: {host}, port {port}")
        if _is_here(relay):
            service = _("a mail server of this machine: {host}, port {port}")
        told = RegisterField(_("Service"), (service.format(host=relay.host, port=relay.port),))
        yield RegisterEntry(name, (told, here if _is_here(relay) else contract))
    for host in dict.fromkeys(each.legal.host for each in newsroom.publications.values()):
        where = ", ".join(filter(None, (host.name, host.address, host.phone)))
        yield RegisterEntry(
            _("Processor: {name}").format(name=host.name),
            (RegisterField(_("Service"), (_("hosts the pages: {where}").format(where=where),)), contract),
        )
    if server := _database_server(newsroom):
        told = RegisterField(_("Service"), (_("holds the database of readers: {host}").format(host=server),))
        yield RegisterEntry(_("Processor: {name}").format(name=server), (told, contract))


def _is_here(relay: Relay) -> bool:
    return relay.host.startswith(_HERE)


def _database_server(newsroom: Newsroom) -> str | None:
    """The host of a database that is on another machine."""
    try:
        host = parse_url(database_url(newsroom)).host
    except OutsideWorld:
        return None
    return host if host and not host.startswith((*_HERE, "/")) else None
