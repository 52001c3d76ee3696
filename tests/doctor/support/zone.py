"""A DNS of a table, and the newsroom whose domain it answers for: healthy, before a test breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from composer.doctor.lookups import NotAnswered, RecordKind
from composer.message.dkim import new_key, public_record
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from tests.support.newsrooms import write_newsroom

#: Of the documentation's networks (RFC 5737, RFC 3849): the relay's address.
RELAY = "192.0.2.25"
RELAY_POINTER = "25.2.0.192.in-addr.arpa"
KEY_NAME = "gazette._domainkey.example.org"


@dataclass
class Zone:
    """Records by name and kind. ``silent``: names that do not answer. ``asked`` in order."""

    records: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def values(self, name: str, kind: RecordKind) -> tuple[str, ...]:
        self.asked.append((name, kind))
        if name in self.silent:
            raise NotAnswered(f"{name}: no answer")
        return self.records.get((name, kind), ())

    def put(self, changed: Mapping[tuple[str, str], tuple[str, ...]]) -> None:
        """Publish ``changed``; nothing where a value is empty."""
        self.records |= changed


@cache
def key() -> bytes:
    return new_key()


@cache
def other_key() -> bytes:
    return new_key()


def healthy() -> Zone:
    """A domain with which no provider finds a fault, as docs/dns.md makes it."""
    return Zone(
        {
            (KEY_NAME, "TXT"): (public_record(key()),),
            ("bounces.example.org", "TXT"): ("v=spf1 include:spf.example.net -all",),
            ("bounces.example.org", "MX"): ("10 mail.example.org",),
            ("spf.example.net", "TXT"): (f"v=spf1 ip4:{RELAY} -all",),
            ("_dmarc.example.org", "TXT"): ("v=DMARC1; p=quarantine; np=reject; t=y; rua=mailto:dmarc@example.org",),
            ("example.org", "MX"): ("10 mail.example.org",),
            ("example.org", "A"): ("192.0.2.80",),
            ("mail.example.org", "A"): ("192.0.2.10",),
            (RELAY_POINTER, "PTR"): ("relay.example.net",),
            ("relay.example.net", "A"): (RELAY,),
        }
    )


def newsroom_of_zone(root: Path, **settings: object) -> Newsroom:
    """A newsroom that sends from example.org, signs for it, and has the private key."""
    relay = {"host": "127.0.0.1", "port": 1, "security": "none", "sends_from": [RELAY], "ehlo": "relay.example.net"}
    given: dict[str, object] = {
        "relays": [relay],
        "bounces": "bounces.example.org",
        "dkim": {"domain": "example.org", "selector": "gazette"},
        "verify_pictures": False,
    }
    write_newsroom(root, **(given | settings))  # type: ignore[arg-type] # reason: passed on
    (root / "var").mkdir(exist_ok=True)
    (root / "var" / "dkim.pem").write_bytes(key())
    return load_newsroom(root)
