"""Questions to the DNS, each asked once, with a deadline for each and one for all of them.

The resolver is injected: tests give a table, ``filigrane doctor`` the system's name servers. Its library is dnspython,
which email-validator needs already.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Lock
from time import monotonic
from typing import Literal, Protocol

import dns.exception
import dns.resolver
from dns.rdtypes.txtbase import TXTBase

from composer.errors import Refused
from composer.locale import gettext as _

RecordKind = Literal["A", "AAAA", "MX", "PTR", "TXT"]
IpAddress = IPv4Address | IPv6Address

#: Seconds for one question, and for all questions of a run: a name that hangs costs its own check the former.
DNS_SECONDS, WHOLE_RUN = 4.0, 40.0

#: Most questions of a run: a record that leads to ever new names ends there.
MOST_QUESTIONS = 600


class NotAnswered(Exception):
    """A name could not be asked about: no server, no answer in time, a server that fails. Never that it is not there.

    The text says which name and why.
    """


class NotKnown(Exception):
    """What would have to be looked at is not given, or cannot be: neither right nor wrong. The text says why."""


class Lookups(Protocol):
    """What the checks ask."""

    def values(self, name: str, kind: RecordKind) -> tuple[str, ...]:
        """The records of ``name``, as text; empty where the name, or this kind of record, does not exist.

        TXT: the strings of a record joined (RFC 7208, section 3.3). MX: preference, space, name. Names have no final
        dot. Raises ``NotAnswered``.
        """


class NameServers:
    """The name servers of this system, or ``servers``: addresses, each with ``:port`` where it is not 53."""

    def __init__(self, servers: Sequence[str] = (), *, seconds: float = DNS_SECONDS, whole: float = WHOLE_RUN) -> None:
        self._servers = [_server(each) for each in servers]
        self._seconds = seconds
        self._whole = whole
        self._ends = monotonic() + whole
        self._lock = Lock()
        self._asked: dict[tuple[str, RecordKind], Future[tuple[str, ...]]] = {}

    def values(self, name: str, kind: RecordKind) -> tuple[str, ...]:
        key = name.rstrip(".").lower(), kind
        with self._lock:
            answer = self._asked.get(key)
            first = answer is None
            if answer is None:
                answer = self._asked[key] = Future()
            number = len(self._asked)
        if first:
            try:
                answer.set_result(self._ask(*key, number))
            except NotAnswered as error:
                answer.set_exception(error)
        return answer.result()

    def _ask(self, name: str, kind: RecordKind, number: int) -> tuple[str, ...]:
        left = self._ends - monotonic()
        if left <= 0:
            raise NotAnswered(
                _("{name}: not asked, the time is over ({seconds:g} s)").format(name=name, seconds=self._whole)
            )
        if number > MOST_QUESTIONS:
            raise NotAnswered(
                _("{name}: not asked, {most} questions are enough").format(name=name, most=MOST_QUESTIONS)
            )
        seconds = min(self._seconds, left)
        try:
            found = self._resolver().resolve(f"{name}.", kind, lifetime=seconds, search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return ()
        except dns.resolver.LifetimeTimeout:
            raise NotAnswered(_("{name}: no answer within {seconds:g} s").format(name=name, seconds=seconds)) from None
        except dns.resolver.NoNameservers:
            raise NotAnswered(_("{name}: the name servers fail to answer").format(name=name)) from None
        except dns.resolver.NoResolverConfiguration:
            raise NotAnswered(_("{name}: this system has no name server").format(name=name)) from None
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise NotAnswered(f"{name}: {error or type(error).__name__}") from None
        return tuple(sorted(map(_text, found.rrset or ())))

    def _resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = [str(address) for address, _port in self._servers]
            resolver.nameserver_ports = {str(address): port for address, port in self._servers}
        resolver.timeout = self._seconds
        return resolver


def host_addresses(lookups: Lookups, host: str) -> tuple[IpAddress, ...]:
    """The addresses of ``host``, IPv4 first. Raises ``NotAnswered``."""
    return tuple(ip_address(each) for kind in ("A", "AAAA") for each in lookups.values(host, kind))


def _text(record: object) -> str:
    if isinstance(record, TXTBase):
        return b"".join(record.strings).decode("utf-8", "replace")
    return str(record).rstrip(".")


def _server(given: str) -> tuple[IpAddress, int]:
    host, port = given, "53"
    if given.startswith("["):
        host, _bracket, port = given[1:].partition("]:")
    elif given.count(":") == 1:
        host, _colon, port = given.partition(":")
    try:
        return ip_address(host.rstrip("]")), int(port or "53")
    except ValueError:
        message = _("{server}: the address of a name server, and perhaps its port: 192.0.2.53, [2001:db8::53]:5353")
        raise Refused(message.format(server=given)) from None
