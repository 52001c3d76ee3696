"""All that is asked outside of this machine, together: a name that hangs holds up its own check alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address

from composer.approval.messages import from_domain, return_domain
from composer.doctor.author_domain import look_at_alignment, look_at_dmarc
from composer.doctor.faults import Fault, Looked
from composer.doctor.large_sender import look_at_orange
from composer.doctor.last_mailing import provider_shares
from composer.doctor.lookups import IpAddress, Lookups, NotAnswered, NotKnown
from composer.doctor.mail_hosts import look_at_mx, look_at_ptr
from composer.doctor.public_address import look_at_public_address
from composer.doctor.sender_policy import look_at_spf
from composer.doctor.signing_key import look_at_dkim
from composer.doctor.terms import consequence_lines
from composer.errors import FiligraneError, Refused
from composer.locale import gettext as _
from composer.message import ascii_address
from composer.message.dkim import public_record
from composer.newsroom.environment import dkim_key
from composer.newsroom.model import Newsroom, Relay

#: Checks that run at once; each asks one thing at a time.
_AT_ONCE = 8


@dataclass(frozen=True)
class Outside:
    """What is asked with: the DNS by ``lookups``. ``received``: addresses that a test came from, beside the relays'
    ``sends_from``.
    """

    lookups: Lookups
    received: tuple[IpAddress, ...] = ()


@dataclass(frozen=True)
class Check:
    """The result of the check ``name``. ``ok``: None where it is not known; ``unanswered``: since nothing answered."""

    name: str
    ok: bool | None
    says: str
    faults: tuple[Fault, ...] = ()
    unanswered: bool = False


OutsideCheck = Callable[[], Looked]


def outside_examinations(newsroom: Newsroom, outside: Outside) -> Iterator[Check]:
    """Yield the result of each check in turn: published, ptr of each relay, orange, public, and spf, dmarc, alignment
    and mx with each publication's name.
    """
    checks = _checks(newsroom, outside)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        under_way = {
            name: pool.submit(copy_context().run, partial(examined, name, look)) for name, look in checks.items()
        }
        for future in under_way.values():
            yield future.result()


def examined(name: str, look: OutsideCheck) -> Check:
    """Run one check; what it raises is its result."""
    try:
        found = look()
    except NotAnswered as error:
        return Check(name, None, _("not known: {why}").format(why=error), unanswered=True)
    except NotKnown as error:
        return Check(name, None, str(error))
    except FiligraneError as error:
        return Check(name, False, str(error))
    lines = [*map(fault_words, found.faults), *filter(None, [found.says])]
    return Check(name, not found.faults, "\n".join(lines), found.faults)


def fault_words(fault: Fault) -> str:
    """What is wrong, what to publish, which provider does what for it."""
    lines = [fault.says]
    if fault.record:
        lines.append(_("publish: {record}").format(record=fault.record))
    return "\n".join([*lines, *(consequence_lines(fault) if fault.demand or fault.record else [])])


def _checks(newsroom: Newsroom, outside: Outside) -> dict[str, OutsideCheck]:
    lookups, relays = outside.lookups, newsroom.settings.relays
    sends = tuple(dict.fromkeys((*outside.received, *(each for relay in relays for each in _addresses(relay)))))
    key = _public_key(newsroom)
    checks: dict[str, OutsideCheck] = {"published": partial(_published, newsroom, lookups, key)}
    for name in newsroom.publications:
        checks[f"spf {name}"] = partial(_spf, newsroom, lookups, name, sends)
        checks[f"dmarc {name}"] = partial(_dmarc, newsroom, lookups, name)
        checks[f"alignment {name}"] = partial(_alignment, newsroom, lookups, name, key)
        checks[f"mx {name}"] = partial(_mx, newsroom, lookups, name)
    for position, relay in enumerate(relays):
        given = _addresses(relay) or ((outside.received) if position == 0 else ())
        checks[f"ptr {relay.key}" if position else "ptr"] = partial(_ptr, newsroom, lookups, relay, given)
    checks["orange"] = partial(_orange, newsroom, lookups)
    checks["public"] = partial(_public, newsroom)
    return checks


def _addresses(relay: Relay) -> tuple[IpAddress, ...]:
    return tuple(map(ip_address, relay.sends_from))


def _public_key(newsroom: Newsroom) -> str | None:
    """The value of the key's record; None where there is no key that can sign, which another check reports."""
    try:
        pem = dkim_key(newsroom)
        return public_record(pem) if pem is not None else None
    except FiligraneError:
        return None


def _published(newsroom: Newsroom, lookups: Lookups, key: str | None) -> Looked:
    if newsroom.settings.dkim is None:
        raise NotKnown(_("config/newsroom.yaml has no dkim: there is no key to look for"))
    return look_at_dkim(lookups, newsroom.settings.dkim, key)


def _spf(newsroom: Newsroom, lookups: Lookups, name: str, sends: tuple[IpAddress, ...]) -> Looked:
    return look_at_spf(lookups, return_domain(newsroom, name).lower(), from_domain(newsroom, name).lower(), sends)


def _dmarc(newsroom: Newsroom, lookups: Lookups, name: str) -> Looked:
    dkim = newsroom.settings.dkim
    others = [return_domain(newsroom, name), *([dkim.domain] if dkim else [])]
    return look_at_dmarc(lookups, from_domain(newsroom, name).lower(), others)


def _alignment(newsroom: Newsroom, lookups: Lookups, name: str, key: str | None) -> Looked:
    author, returns = from_domain(newsroom, name).lower(), return_domain(newsroom, name)
    return look_at_alignment(lookups, author, returns, newsroom.settings.dkim, key)


def _mx(newsroom: Newsroom, lookups: Lookups, name: str) -> Looked:
    reply = newsroom.publications[name].reply_to
    domains = {return_domain(newsroom, name).lower(): "returns"}
    domains.setdefault(from_domain(newsroom, name).lower(), "from")
    if reply:
        domains.setdefault(ascii_address(reply).rpartition("@")[2].lower(), "replies")
    return look_at_mx(lookups, domains)


def _ptr(newsroom: Newsroom, lookups: Lookups, relay: Relay, sends: tuple[IpAddress, ...]) -> Looked:
    if not sends:
        raise NotKnown(
            _(
                "not known: say from which addresses the relay passes letters on, “sends_from: [192.0.2.25]” under "
                "relays, or give a test as it arrived, --received FILE"
            )
        )
    local = relay.host == "localhost" or relay.host.replace(".", "").isdigit() or ":" in relay.host
    publications = [from_domain(newsroom, name) for name in newsroom.publications] or ["example.org"]
    return look_at_ptr(lookups, sends, (relay.ehlo or f"mail.{publications[0]}") if local else relay.host)


def _orange(newsroom: Newsroom, lookups: Lookups) -> Looked:
    return look_at_orange(lookups, newsroom, provider_shares(newsroom))


def _public(newsroom: Newsroom) -> Looked:
    settings = newsroom.settings
    if not settings.verify_pictures:
        raise NotKnown(
            _("{url} is not visited: verify_pictures says that this host does not reach it").format(
                url=settings.public_url
            )
        )
    if not settings.public_url.startswith("https://"):
        raise Refused(_("{url}: one-click unsubscribe (RFC 8058) wants https").format(url=settings.public_url))
    return look_at_public_address(newsroom)
