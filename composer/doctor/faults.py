"""What is wrong with what others see, and the record that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: What mailbox providers ask for, and ``terms.toml`` says what each does where it is missing.
Demand = Literal["spf", "dkim", "dmarc", "aligned", "ptr", "mx", "reports", "tls", "one-click", "site", "signal-spam"]

_LONGEST_STRING = 255  #: octets of one string of a TXT record (RFC 1035, section 3.3.14)


@dataclass(frozen=True)
class Fault:
    """``code`` identifies it, ``says`` is what is wrong and, where no record mends it, what does.

    ``demand``: what a provider asks for that is missing with it; None where none asks for it. ``record``: what to
    publish, one line of a zone file.
    """

    code: str
    says: str
    demand: Demand | None = None
    record: str | None = None


@dataclass(frozen=True)
class Looked:
    """The result of one check: its faults, and where there is none what was found."""

    says: str
    faults: tuple[Fault, ...] = ()


def txt_record(name: str, value: str) -> str:
    """A TXT record as a line of a zone file; ``value`` in strings of 255 octets at most, in quotation marks."""
    content = value.encode()
    parts = [content[start : start + _LONGEST_STRING] for start in range(0, len(content), _LONGEST_STRING)]
    quoted = (part.decode("utf-8", "replace").replace("\\", "\\\\").replace('"', '\\"') for part in parts)
    return f"{name}. IN TXT " + " ".join(f'"{part}"' for part in quoted)


def other_record(name: str, kind: str, value: str) -> str:
    """A record of another kind as a line of a zone file; a ``value`` that is a name ends with its dot."""
    return f"{name}. IN {kind} {value}"
