"""Which network a request comes from, and how many requests of one network are answered.

An IPv4 address is a network of its own; of an IPv6 address the first 64 bits are, since one line is given that many.
Behind a proxy every connection comes from the proxy: ``trusted_proxies`` says which ``X-Forwarded-For`` is believed.
Without it, addresses of private networks are not limited: they may be a proxy with every reader behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from time import monotonic

from starlette.types import Scope

#: Requests a second of one network, and how many at once after a silence. Pictures and valid one-click posts are not
#: counted: one address of a mailbox provider makes them for thousands of readers.
RATE, REQUEST_BURST = 20.0, 200.0

#: Networks remembered; the one not heard of for longest is forgotten.
_KNOWN = 4096


#: Sign-ups a second of all networks together, and how many at once after a silence: a flood fills no database.
SIGNUP_RATE, SIGNUP_BURST = 20.0, 200.0


class TokenBucket:
    """One limit for all networks together: ``rate`` a second, and ``burst`` at once after a silence; those of sign-ups
    where they are not given."""

    def __init__(self, rate: float | None = None, burst: float | None = None) -> None:
        self._rate = SIGNUP_RATE if rate is None else rate
        self._burst = SIGNUP_BURST if burst is None else burst
        self._left, self._since = self._burst, monotonic()

    @property
    def is_empty(self) -> bool:
        """Whether ``admits`` would say no."""
        return self._left + (monotonic() - self._since) * self._rate < 1

    def admits(self) -> bool:
        """Take a token; False where none is left."""
        now = monotonic()
        self._left = min(self._burst, self._left + (now - self._since) * self._rate)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class NetworkLimits:
    """A token bucket for each network."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = tuple(ip_network(each) for each in trusted)
        self._buckets: dict[str, tuple[float, float]] = {}  #: network → tokens left, when

    def network(self, address: str) -> str | None:
        """The network of a connection; None where it is a trusted proxy, or may be one, and so has no limit."""
        found = _parse(address)
        if found is None or self._is_trusted(found) or not (self._trusted or found.is_global):
            return None
        return _network(found)

    def requesting(self, scope: Scope) -> str | None:
        """The network a request comes from: the last address of ``X-Forwarded-For`` that is no trusted proxy."""
        peer = _parse(scope["client"][0]) if scope.get("client") else None
        if peer is None or not self._is_trusted(peer):
            return self.network(str(peer)) if peer else None
        for name, value in reversed(scope["headers"]):
            if name != b"x-forwarded-for":
                continue
            for part in reversed(value.decode("latin-1").split(",")):
                found = _parse(part.strip())
                if found is None:
                    return None  # not written by a proxy that is trusted
                if not self._is_trusted(found):
                    return _network(found)
        return None

    def admits(self, network: str | None) -> bool:
        """Take a token of the network; False where none is left."""
        if network is None:
            return True
        now = monotonic()
        left, since = self._buckets.pop(network, (REQUEST_BURST, now))
        left = min(REQUEST_BURST, left + (now - since) * RATE)
        self._buckets[network] = (max(left - 1, 0.0), now)  # at the end: the order is that of the last requests
        if len(self._buckets) > _KNOWN:
            del self._buckets[next(iter(self._buckets))]
        return left >= 1

    def _is_trusted(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


def _network(address: IPv4Address | IPv6Address) -> str:
    return str(address if address.version == 4 else IPv6Network((int(address), 64), strict=False))


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """An address as ``X-Forwarded-For`` and the system spell it; an IPv4 one mapped into IPv6 is that IPv4 one."""
    try:
        found = ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
