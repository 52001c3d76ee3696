"""What each large mailbox provider does where something that it asks for is missing (``terms.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

from composer.doctor.faults import Demand, Fault
from composer.locale import gettext as _

_TABLE = Path(__file__).with_name("terms.toml")

#: Providers of which something is said for each fault, by their names in ``providers.toml``.
ASKED_PROVIDERS: Mapping[str, str] = {
    "gmail": "Gmail",
    "yahoo": "Yahoo",
    "outlook": "Microsoft",
    "orange": "Orange",
    "laposte": "La Poste",
    "sfr": "SFR",
}


@dataclass(frozen=True)
class ProviderTerm:
    """What ``provider`` does without ``demand``: ``does``, ``code``, ``daily`` and ``source`` as in the table."""

    provider: str
    demand: Demand
    does: str
    code: str
    daily: int
    source: str


@cache
def shipped_terms() -> Sequence[ProviderTerm]:
    """The table, a row for each pair of provider and demand. Raises ``ValueError`` for a word that it does not know."""
    rows = [
        ProviderTerm(row["provider"], demand, row["does"], row.get("code", ""), row["daily"], row["source"])
        for row in tomllib.loads(_TABLE.read_text(encoding="utf-8"))["term"]
        for demand in row["demand"]
    ]
    for row in rows:
        if row.provider not in ASKED_PROVIDERS or row.demand not in get_args(Demand) or row.does not in _deeds():
            raise ValueError(f"{_TABLE.name}: {row}")
    return rows


def term_of(provider: str, demand: Demand) -> ProviderTerm | None:
    """The row of a pair; None where nothing is published about it."""
    return next((row for row in shipped_terms() if (row.provider, row.demand) == (provider, demand)), None)


def provider_consequences(fault: Fault) -> dict[str, str]:
    """What each provider does for ``fault``, in the newsroom's language, by provider."""
    demand = fault.demand
    return {provider: _sentence(term_of(provider, demand) if demand else None) for provider in ASKED_PROVIDERS}


def consequence_lines(fault: Fault) -> list[str]:
    """The same as lines: providers that do the same together, and those that publish nothing last."""
    together: dict[str, list[str]] = {}
    for provider, sentence in provider_consequences(fault).items():
        together.setdefault(sentence, []).append(ASKED_PROVIDERS[provider])
    silent = together.pop(_sentence(None), None)
    line = _("{providers}: {does}")
    lines = [line.format(providers=", ".join(names), does=does) for does, names in together.items()]
    if silent and lines:
        lines.append(line.format(providers=", ".join(silent), does=_sentence(None)))
    return lines or [_("no large provider publishes that it refuses a letter for it")]


def _sentence(term: ProviderTerm | None) -> str:
    if term is None:
        return _("publishes nothing about it")
    said = _deeds()[term.does]
    if term.code:
        said = _("{does} ({code})").format(does=said, code=term.code)
    if term.daily:
        said = _("{does}, from {daily} messages a day").format(does=said, daily=term.daily)
    return said


def _deeds() -> dict[str, str]:
    return {
        "refuses": _("refuses the letter"),
        "delays": _("refuses for now, then for good"),
        "may-refuse": _("may refuse the letter"),
        "requires": _("requires it, and does not say what happens otherwise"),
        "junks": _("puts the letter with unwanted mail, or applies the published policy"),
        "asks": _("asks for it, or counts it in favour of the letter"),
    }
