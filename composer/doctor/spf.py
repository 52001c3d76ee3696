"""SPF records (RFC 7208): read, followed, their look-ups counted.

Own code: of the libraries of PyPI, pyspf rests since 2020, and checkdmarc brings ten more and counts no void look-up of
a record that it does not fetch itself. What is needed here is less than a receiver: macros are told, not expanded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from composer.doctor.lookups import IpAddress, Lookups, host_addresses

#: Section 4.6.4: terms that look something up; such questions without an answer; names of one mx.
MOST_LOOKUPS, MOST_VOID, MOST_MX = 10, 2, 10

#: Look-ups that are still counted, so that what is over can be said.
_COUNTED = 30

_TERM = re.compile(r"([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?:([:/])(.*))?", re.IGNORECASE)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)")
_RESULTS = {"": "pass", "+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


@dataclass
class SpfWalk:
    """What following a record found. ``wrong``: (domain, term) that cannot be read. ``missing``: domains that an
    include or redirect leads to, without one record of their own. ``macros``: terms that were not followed.
    """

    lookups: int = 0
    void: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    macros: list[str] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether a receiver comes to a result other than ``permerror``."""
        over = self.lookups > MOST_LOOKUPS or self.void > MOST_VOID
        return not (over or self.wrong or self.missing)


def spf_records(lookups: Lookups, domain: str) -> list[str]:
    """The SPF records of ``domain``: there must be one (sections 3.2 and 4.5). Raises ``NotAnswered``."""
    return [each for each in lookups.values(domain, "TXT") if re.match(r"v=spf1(?: |$)", each, re.IGNORECASE)]


def counted(lookups: Lookups, domain: str) -> SpfWalk:
    """Follow the whole record of ``domain``, as for an address that nothing matches. Raises ``NotAnswered``."""
    walk = SpfWalk()
    _evaluate(lookups, domain, None, walk)
    return walk


def spf_result(lookups: Lookups, domain: str, address: IpAddress) -> str:
    """What a receiver finds for ``address``: pass, fail, softfail, neutral, none or permerror; ``unknown`` where a term
    with a macro would decide. Raises ``NotAnswered`` where that is temperror.
    """
    walk = SpfWalk()
    result = _evaluate(lookups, domain, address, walk)
    if not walk.valid:
        return "permerror"
    return "unknown" if walk.macros and result != "pass" else result


def _evaluate(lookups: Lookups, domain: str, address: IpAddress | None, walk: SpfWalk) -> str:
    records = spf_records(lookups, domain)
    if len(records) != 1:
        return "permerror" if records else "none"
    redirect = ""
    for term in records[0].split()[1:]:
        if walk.lookups > _COUNTED:
            return "permerror"
        if match := _TERM.fullmatch(term):
            found = _Mechanism(term, match[2].lower(), match[3] or "", match[4] or "")
            if _matches(lookups, domain, found, address, walk):
                return _RESULTS[match[1]]
        elif modifier := _MODIFIER.fullmatch(term):
            redirect = modifier[2] if modifier[1].lower() == "redirect" else redirect
        else:
            walk.wrong.append((domain, term))
    if redirect and _follow(redirect, f"redirect={redirect}", walk):
        walk.lookups += 1
        return _evaluate_other(lookups, redirect, address, walk)
    return "neutral"


@dataclass(frozen=True)
class _Mechanism:
    """A term: ``sign`` is : or / or empty, ``rest`` what follows it."""

    term: str
    name: str
    sign: str
    rest: str


def _evaluate_other(lookups: Lookups, domain: str, address: IpAddress | None, walk: SpfWalk) -> str:
    """The result of a record that another leads to; ``permerror``, and noted, where it is not one."""
    if walk.lookups > _COUNTED:
        return "permerror"
    if len(spf_records(lookups, domain)) != 1:
        walk.missing.append(domain)
        return "permerror"
    return _evaluate(lookups, domain, address, walk)


def _matches(lookups: Lookups, domain: str, given: _Mechanism, address: IpAddress | None, walk: SpfWalk) -> bool:
    """Whether a mechanism (section 5) matches; what cannot be read, and the numbers, are noted in ``walk``."""
    if given.name == "all" and not given.sign:
        return True
    if given.name in ("ip4", "ip6"):
        network = _network(given.rest, int(given.name[2])) if given.sign == ":" else None
        if network is None:
            walk.wrong.append((domain, given.term))
        return network is not None and address is not None and address in network
    target, slash, lengths = (given.rest if given.sign == ":" else domain).partition("/")
    if given.sign == "/":
        slash, lengths = "/", given.rest
    sizes = re.fullmatch(r"(?:/(\d{1,2}))?(?://(\d{1,3}))?", slash + lengths)
    named = given.name not in ("include", "exists", "all") or given.sign == ":"
    long = sizes is None or int(sizes[1] or 0) > 32 or int(sizes[2] or 0) > 128
    if given.name == "all" or not named or not target or sizes is None or long:
        walk.wrong.append((domain, given.term))
        return False
    walk.lookups += 1
    if given.name == "ptr" or walk.lookups > _COUNTED or not _follow(target, given.term, walk):
        return False
    if given.name == "include":
        return _evaluate_other(lookups, target, address, walk) == "pass"
    if given.name == "exists":
        found = lookups.values(target, "A")
        walk.void += not found
        return bool(found) and address is not None
    sent = _sent_by(lookups, given.name, target, walk)
    length = {4: sizes[1] or "32", 6: sizes[2] or "128"}
    near = (_network(f"{each}/{length[each.version]}", each.version) for each in sent)
    return address is not None and any(network is not None and address in network for network in near)


def _sent_by(lookups: Lookups, name: str, target: str, walk: SpfWalk) -> tuple[IpAddress, ...]:
    """The addresses that ``a`` or ``mx`` stands for."""
    if name == "a":
        found = host_addresses(lookups, target)
        walk.void += not found
        return found
    hosts = [each.partition(" ")[2] for each in lookups.values(target, "MX")]
    walk.void += not hosts
    return tuple(each for host in hosts[:MOST_MX] if host for each in host_addresses(lookups, host))


def _network(text: str, version: int) -> IPv4Network | IPv6Network | None:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network if network.version == version else None


def _follow(target: str, term: str, walk: SpfWalk) -> bool:
    """Whether ``target`` can be asked as it stands; a macro (section 7) is noted."""
    if "%" in target:
        walk.macros.append(term)
        return False
    return True
