"""DMARC records and the tree walk that finds them (RFC 9989).

Own code: checkdmarc, the library that knows RFC 9989, asks through a resolver and a cache of its own for all it reports
and brings ten packages; the walk is two dozen lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from composer.doctor.lookups import Lookups, NotAnswered

#: Section 4.10: questions of a walk. A name of eight labels or more is cut to seven after the first.
MOST_WALKED = 8

POLICIES = ("none", "quarantine", "reject")

#: Tags of RFC 7489 that RFC 9989 took out (appendix C of the latter).
OLD_TAGS = ("pct", "rf", "ri")

_VERSION = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")


@dataclass(frozen=True)
class DmarcRecord:
    """A record at ``_dmarc.`` of ``domain``; ``tags`` by lower-case name, in the record's order."""

    domain: str
    text: str
    tags: Mapping[str, str]

    @property
    def applies(self) -> bool:
        """Section 4.7: whether a receiver takes a policy from it; without a valid one, ``rua`` makes it ``none``."""
        wrong = any(self.tags.get(tag, "none").lower() not in POLICIES for tag in ("p", "sp", "np"))
        return bool(self.tags.get("rua")) or not (wrong or "p" not in self.tags)

    @property
    def strict_dkim(self) -> bool:
        return self.tags.get("adkim", "r").lower() == "s"

    @property
    def strict_spf(self) -> bool:
        return self.tags.get("aspf", "r").lower() == "s"

    def says(self, **changed: str | None) -> str:
        """The text of the record with tags changed, or left out where None, and without the old ones."""
        tags = {name: value for name, value in self.tags.items() if name not in OLD_TAGS} | changed
        order = ("v", "p", "sp", "np", "t")
        names = sorted(tags, key=lambda name: order.index(name) if name in order else len(order))
        return "; ".join(f"{name}={tags[name]}" for name in names if tags[name] is not None)


@dataclass(frozen=True)
class TreeWalk:
    """A walk from ``start`` upwards. ``records``: those that were found, the longest domain first. ``several``: domains
    with records that were discarded because there were more than one. ``unanswered``: why a domain could not be asked.
    """

    start: str
    asked: tuple[str, ...]
    records: tuple[DmarcRecord, ...]
    several: tuple[str, ...]
    unanswered: tuple[str, ...]

    @property
    def organization(self) -> str:
        """The organizational domain of ``start`` (section 4.10.2)."""
        for record in self.records:
            psd = record.tags.get("psd", "u").lower()
            if psd == "n":
                return record.domain
            if psd == "y" and record.domain != self.start:
                return ".".join(self.start.split(".")[-record.domain.count(".") - 2 :])
        return self.records[-1].domain if self.records else self.start

    @property
    def policy(self) -> DmarcRecord | None:
        """The record that a receiver applies (section 4.10.1): of the author domain, of its organization, of the public
        suffix above it.
        """
        by_domain = {record.domain: record for record in self.records}
        found = by_domain.get(self.start) or by_domain.get(self.organization)
        suffix = next((each for each in self.records if each.tags.get("psd", "").lower() == "y"), None)
        return found or suffix


def tree_walk(lookups: Lookups, domain: str) -> TreeWalk:
    """Walk up from ``domain`` (section 4.10): eight questions at most. Raises ``NotAnswered`` where ``domain`` itself
    could not be asked about; a parent that cannot is in ``unanswered``.
    """
    start = domain.rstrip(".").lower()
    labels = start.split(".")
    cut = labels[1:] if len(labels) < MOST_WALKED else labels[-(MOST_WALKED - 1) :]
    targets = [start, *(".".join(cut[number:]) for number in range(len(cut)))]
    asked, records, several, unanswered = [], [], [], []
    for target in targets:
        asked.append(target)
        try:
            found = records_at(lookups, target)
        except NotAnswered as error:
            if target == start:
                raise
            unanswered.append(str(error))
            continue
        if len(found) > 1:
            several.append(target)
        elif found:
            records.append(found[0])
            if found[0].tags.get("psd", "u").lower() in (("n",) if target == start else ("n", "y")):
                break
    return TreeWalk(start, tuple(asked), tuple(records), tuple(several), tuple(unanswered))


def records_at(lookups: Lookups, domain: str) -> list[DmarcRecord]:
    """What begins as a DMARC record at ``_dmarc.`` of ``domain``; several count as none. Raises ``NotAnswered``."""
    texts = lookups.values(f"_dmarc.{domain}", "TXT")
    return [DmarcRecord(domain, text, read_tags(text)) for text in texts if _VERSION.match(text)]


def damaged_at(lookups: Lookups, domain: str) -> str | None:
    """A text there that was meant as a record and begins as none: receivers overlook it. Raises ``NotAnswered``."""
    texts = lookups.values(f"_dmarc.{domain}", "TXT")
    return next((each for each in texts if "dmarc1" in each.lower() and not _VERSION.match(each)), None)


def read_tags(text: str) -> dict[str, str]:
    """The tags of a tag list (RFC 6376, section 3.2), the first of a name; what is no tag is left out."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals and name.strip():
            tags.setdefault(name.strip().lower(), value.strip())
    return tags


def is_aligned(lookups: Lookups, domain: str, author: TreeWalk, *, strict: bool) -> bool:
    """Whether an authenticated ``domain`` is aligned with the author domain (section 4.4). Raises ``NotAnswered``."""
    domain = domain.rstrip(".").lower()
    if domain == author.start:
        return True
    return not strict and tree_walk(lookups, domain).organization == author.organization
