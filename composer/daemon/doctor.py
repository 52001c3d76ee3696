"""The checks of ``filigrane doctor``: is what sending needs there? Sends no message.

What it writes is one row of the database, as it was. What others see is looked up by ``composer.doctor``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import func, select

from composer import clock
from composer.approval.kept import abandoned
from composer.approval.messages import from_domain, return_domain
from composer.archive.site import STORE
from composer.archive.statements import gaps, open_publications
from composer.archive.store import known_troubles
from composer.daemon.database_check import look_at_database
from composer.daemon.hooks_check import look_at_hooks
from composer.daemon.mailbox_check import look_at_mailbox, look_at_returns
from composer.daemon.private_files import look_at_modes
from composer.daemon.welcome_check import look_at_welcome
from composer.database import connect as connect_database
from composer.database import parse_url, read_only, require_current
from composer.delivery.ledger import retention
from composer.delivery.ledger.labels import doubtful_words, due_words
from composer.delivery.ledger.readers import count_readers, readers_words
from composer.delivery.ledger.workers import any_alive
from composer.delivery.smtp.handshake import RelayUnreachable
from composer.delivery.smtp.reach import RelayAddress
from composer.delivery.smtp.session import Timeouts, connect
from composer.delivery.state import LIVE, NOT_OVER
from composer.delivery.tables import mailings
from composer.doctor.author_domain import common_domain
from composer.doctor.examining import Check as Check
from composer.doctor.examining import Outside, examined, outside_examinations
from composer.doctor.faults import Fault, Looked
from composer.doctor.last_mailing import identity
from composer.doctor.lookups import NotKnown
from composer.doctor.machine import look_at_clock, look_at_disk
from composer.doctor.public_address import FEW_DAYS, days_left
from composer.errors import FiligraneError, OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.message.dkim import public_record
from composer.newsroom.environment import (
    address_key_place,
    database_url,
    dkim_key,
    former_keys,
    pages_database_url,
    relay_password,
    secret_key,
)
from composer.newsroom.model import Newsroom, Relay
from composer.newsroom.unread import files_with_errors
from composer.proofreading.schemas import schema_line
from composer.schedule.gone import readers_of_gone
from composer.schedule.welcome import path_steps
from composer.subscribers.address_key import open_keyed, require_address_key

#: Seconds for each step of greeting a relay.
_GREETING = 20.0


def examinations(newsroom: Newsroom, outside: Outside | None = None) -> Iterator[Check]:
    """Yield the result of each check in turn; one that fails stops no other. The DNS and public_url are asked only with
    ``outside``.

    Names: configuration, database, mailings, retention, readers, secret, addresses, files, disk, clock, dkim, dns
    (without ``outside``), welcome (where there is a path), archive (where one is open), relay, returns, mailbox (where
    one is read), hooks (where a door is open), web, and ``identity`` with a publication's name; those of
    ``outside_examinations``. The first relay is ``relay``, each other one ``relay`` and its name or address.
    """
    checks: dict[str, Callable[[Newsroom], str | Looked]] = {
        "configuration": _configuration,
        "database": look_at_database,
        "mailings": _mailings,
        "retention": _retention,
        "readers": _readers,
        "secret": _secret,
        "addresses": _addresses,
        "files": look_at_modes,
        "disk": _disk,
        "clock": lambda newsroom: look_at_clock(),
        "dkim": _dkim,
    }
    if outside is None:
        checks["dns"] = _dns
    if any(path_steps(newsroom)):
        checks["welcome"] = look_at_welcome
    if open_publications(newsroom):
        checks["archive"] = _archive
    for position, relay in enumerate(newsroom.settings.relays):
        checks[f"relay {relay.key}" if position else "relay"] = partial(_relay, relay=relay)
    checks["returns"] = look_at_returns
    if newsroom.settings.returns.mailbox is not None:
        checks["mailbox"] = look_at_mailbox
    if newsroom.settings.hooks is not None and newsroom.settings.hooks.providers:
        checks["hooks"] = look_at_hooks
    checks["web"] = partial(_web, visited=outside is not None)
    for name in newsroom.publications:
        checks[f"identity {name}"] = partial(identity, publication_id=name)
    for name, check in checks.items():
        yield examined(name, partial(_looked, check, newsroom))
    if outside is not None:
        yield from outside_examinations(newsroom, outside)


def _looked(check: Callable[[Newsroom], str | Looked], newsroom: Newsroom) -> Looked:
    found = check(newsroom)
    return Looked(found) if isinstance(found, str) else found


def _configuration(newsroom: Newsroom) -> str:
    if files := files_with_errors(newsroom):
        message = _("there are mistakes in {files}: what needs them waits; “filigrane check --all” shows them")
        raise Refused(message.format(files=", ".join(files)))
    read = _("every file can be read")
    return read if (line := schema_line(newsroom)) is None else f"{read}\n{line}"


def _mailings(newsroom: Newsroom) -> str:
    """What is being sent. Raises ``Refused`` where no worker lives to send it."""
    try:
        engine = connect_database(database_url(newsroom), newsroom.root)
        require_current(engine)
    except FiligraneError as error:  # the check of the database reports it
        raise Refused(_("what is being sent is not known without the database")) from error
    with read_only(engine).connect() as connection:
        open_ = select(mailings.c.id, mailings.c.state).where(mailings.c.state.in_(NOT_OVER)).order_by(mailings.c.id)
        states, alive = dict(map(tuple, connection.execute(open_))), any_alive(connection)
    engine.dispose()
    ids = [id_ for id_, state in states.items() if state in LIVE]
    numbers = ", ".join(map(str, ids))
    paused = [str(id_) for id_, state in states.items() if state not in LIVE]
    stopped = ngettext(
        "mailing {ids} is paused: filigrane mailings says why, and how to go on",
        "mailings {ids} are paused: filigrane mailings says why, and how to go on",
        len(paused),
    ).format(ids=", ".join(paused))
    beside = f"\n{stopped}" if paused else ""
    if ids and not alive:
        told = ngettext(
            "mailing {ids} is being sent, and no worker is alive: filigrane run, or filigrane worker",
            "mailings {ids} are being sent, and no worker is alive: filigrane run, or filigrane worker",
            len(ids),
        )
        raise Refused(told.format(ids=numbers) + beside)
    if ids:
        told = ngettext(
            "mailing {ids} is being sent, and a worker is alive: filigrane mailings says how far it is",
            "mailings {ids} are being sent, and a worker is alive: filigrane mailings says how far they are",
            len(ids),
        )
        return told.format(ids=numbers) + beside
    idle = _("nothing is being sent; a worker is alive") if alive else _("nothing is being sent; no worker is alive")
    return idle + beside


def _retention(newsroom: Newsroom) -> str:
    try:
        engine = connect_database(database_url(newsroom), newsroom.root)
        require_current(engine)
    except FiligraneError as error:  # the check of the database reports it
        raise Refused(_("what is due to leave the ledger is not known without the database")) from error
    with read_only(engine).connect() as connection:
        times, due = retention.times(connection), retention.due(connection, newsroom)
    engine.dispose()
    due["folders"] = len(list(abandoned(newsroom, clock.now())))
    lines = [_("nothing is due to leave the ledger")]
    if words := due_words(due):
        lines = [_("{what}: due to leave the ledger").format(what=", ".join(words))]
    if times is None or not times.begun:
        when = "–" if times is None else f"{times.begins:%Y-%m-%d}"
        lines.append(_("nothing leaves before {date}; to begin now: filigrane db sweep").format(date=when))
    elif times.swept is None:
        lines.append(_("not swept yet: filigrane run does it once a day, when no letter is leaving"))
    else:
        lines.append(_("last swept on {date}").format(date=f"{times.swept:%Y-%m-%d}"))
    if due["doubtful"]:
        lines.append(doubtful_words(due["doubtful"]))
    return "\n".join(lines)


def _readers(newsroom: Newsroom) -> str:
    try:
        engine = connect_database(database_url(newsroom), newsroom.root)
        require_current(engine)
    except FiligraneError as error:  # the check of the database reports it
        raise Refused(_("how many readers there are is not known without the database")) from error
    with read_only(engine).connect() as connection:
        counts = {name: count_readers(connection, newsroom, name) for name in newsroom.publications}
        lost = readers_of_gone(connection, newsroom)
    engine.dispose()
    line = _("{name}: {says}")
    lines = [line.format(name=name, says=readers_words(count)) for name, count in counts.items()]
    lines += [each.sentence for each in lost]
    return "\n".join(lines) or _("there is no publication")


def _secret(newsroom: Newsroom) -> str:
    former_keys()  # a mistake in them keeps the readers' pages from starting
    return _("there, {bytes} bytes").format(bytes=len(secret_key(newsroom.root)))


def _addresses(newsroom: Newsroom) -> str:
    try:
        engine = open_keyed(database_url(newsroom), newsroom.root)
    except FiligraneError as error:  # the check of the database reports it
        raise Refused(_("whether the address key is the database’s is not known without the database")) from error
    try:
        require_address_key(engine)
    finally:
        engine.dispose()
    return _("the key in {place} is the one of the database").format(place=address_key_place())


def _dkim(newsroom: Newsroom) -> str:
    dkim, pem = newsroom.settings.dkim, dkim_key(newsroom)
    if dkim is None:
        raise Refused(
            _(
                "config/newsroom.yaml has no dkim: large providers refuse unsigned letters; docs/dns.md makes the key "
                "and the records"
            )
        )
    if pem is None:
        why = _("the key {file} is missing; make one: openssl genrsa -out {file} 2048")
        raise Refused(why.format(file=dkim.key))
    record = public_record(pem)
    line = _("an RSA key that can sign; the DNS must give, at {name}, the TXT record\n{record}")
    return line.format(name=f"{dkim.selector}._domainkey.{dkim.domain}", record=record)


def _dns(newsroom: Newsroom) -> str:
    """The records of SPF (RFC 7208) and DMARC (RFC 9989) that go with the key's; docs/dns.md has the same."""
    returns = sorted({return_domain(newsroom, name) for name in newsroom.publications})
    dkim = newsroom.settings.dkim
    own = [dkim.domain] if dkim else []
    senders = sorted(
        {
            common_domain(from_domain(newsroom, name), [return_domain(newsroom, name), *own])
            for name in newsroom.publications
        }
    )
    spf = _("{name}   TXT   v=spf1 include:… -all   (SPF; what to include, the relay’s provider says)")
    dmarc = _("{name}   TXT   v=DMARC1; p=none; rua=mailto:dmarc@{domain}   (DMARC, at first)")
    lines = [_("not looked up (--offline); beside the key’s, these are needed, and docs/dns.md says how")]
    lines += [spf.format(name=domain) for domain in returns]
    lines += [dmarc.format(name=f"_dmarc.{domain}", domain=domain) for domain in senders]
    raise NotKnown("\n".join([*lines, _("nor were asked: the key’s record, alignment, MX, PTR, the public address")]))


def _disk(newsroom: Newsroom) -> Looked:
    url = parse_url(database_url(newsroom))
    file = newsroom.root / url.database if url.get_backend_name() == "sqlite" and url.database else None
    return look_at_disk(newsroom.root / "var", file)


def _archive(newsroom: Newsroom) -> str:
    """Publications with letters on the web, which of these have no page, and what the statement pages cannot say."""
    if troubles := known_troubles(newsroom.root / STORE):
        line = _("{path}: {why}")
        lines = [line.format(path=path, why=why) for path, why in troubles.items()]
        raise Refused("\n".join([_("letters without their page, or with an old one:"), *lines]))
    since = _("{name}: letters of {date} and later are on the web")
    opened = {name: each.archive for name, each in newsroom.publications.items() if each.archive is not None}
    lines = [since.format(name=name, date=archive.since) for name, archive in opened.items()]
    if paid := [name for name, archive in opened.items() if archive.paid_copies]:
        _require_copies_granted(newsroom)
        copies = _("{name}: who pays opens the paid edition for seven days, by a link of the letter")
        lines += [copies.format(name=name) for name in paid]
    if missing := gaps(newsroom):
        lines.append(_("not filled in, so not on the pages about the house: {keys}").format(keys=", ".join(missing)))
    return "\n".join(lines)


def _require_copies_granted(newsroom: Newsroom) -> None:
    """Raise ``Refused`` where the pages' role may not ask whether a reader pays: the grants are of an older version."""
    engine = connect_database(pages_database_url(newsroom), newsroom.root)
    try:
        if engine.dialect.name != "postgresql":
            return
        require_current(engine)
        with read_only(engine).connect() as connection:
            asked = func.has_function_privilege("paid_copy(bigint, bigint)", "EXECUTE")
            granted = connection.execute(select(asked)).scalar_one()
    finally:
        engine.dispose()
    if not granted:
        raise Refused(
            _(
                "the readers’ pages may not ask whether a reader pays, and open no paid copy: sudo -u postgres psql "
                "--dbname filigrane --file deploy/database-pages.sql"
            )
        )


def _relay(newsroom: Newsroom, relay: Relay) -> Looked:
    async def greet() -> tuple[dict[RelayAddress, str], str]:
        session = await connect(relay, relay_password(newsroom.settings, relay), Timeouts(connect=_GREETING))
        await session.quit()
        return session.failed, session.certified_until

    try:
        failed, until = asyncio.run(greet())
    except RelayUnreachable as error:
        raise OutsideWorld(str(error)) from error
    how = {
        "starttls": _("STARTTLS, certificate verified"),
        "tls": _("TLS, certificate verified"),
        "none": _("no encryption: right only for a server on this machine"),
    }[relay.security]
    line = _("{host}:{port} answers; {how}")
    other = _("its address {address} serves nobody: {why}; letters go through the next one")
    lines = [other.format(address=address[1][0], why=why) for address, why in failed.items()]
    faults: list[Fault] = []
    if until and (days := days_left(until)) < FEW_DAYS:
        ends = _("the relay’s certificate ends in {days} days, and then no letter leaves: renew it there")
        faults.append(Fault("relay-certificate", ends.format(days=days)))
    elif until:
        lines.append(_("its certificate is good for {days} days").format(days=days_left(until)))
    return Looked("\n".join([line.format(host=relay.host, port=relay.port, how=how), *lines]), tuple(faults))


def _web(newsroom: Newsroom, *, visited: bool) -> str:
    url = newsroom.settings.public_url
    if not url.startswith("https://"):
        raise Refused(_("{url}: one-click unsubscribe (RFC 8058) wants https").format(url=url))
    unseen = _("{url} (not visited: it is for readers, and may not be reachable from here)").format(url=url)
    said = url if visited else unseen
    if not newsroom.settings.trusted_proxies:
        said += "\n" + _(
            "no trusted_proxies: requests that come through a proxy on a private network are not limited by reader; "
            "where there is one, write trusted_proxies: [127.0.0.1] in config/newsroom.yaml"
        )
    return said
