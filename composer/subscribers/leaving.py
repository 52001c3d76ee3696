"""Detect unread columns of a list that may hold opt-outs, by their name or their values.

Ignoring an opt-out means mailing a person against their will (GDPR, articles 7.3 and 21), so the import stops and asks
the operator. Cells are checked as they are read: at most ``_DISTINCT`` different values of a column are kept.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.subscribers.csv_columns import Located
from composer.subscribers.values import fold, is_empty, is_gone, is_yes_or_no

#: Parts of folded column names that suggest an opt-out. Not ``abonnement``, a paid offer, nor ``subscribed``, which
#: may be a date.
_SMELL = re.compile(
    "unsub|optout|optedout|optin|optedin|doublopt|bounce|rebond|npai|blacklist|blocklist|listenoire|blocked|suppress"
    "|complain|plainte|spam|donot|nepas|neplus|stopmail|stopemail|consent|accepts|accepte"
    "|desabonn|desinscri|abonnee?s?(?!ment)|inscrital|inscritnews|opposition|opposant|rgpd|gdpr|rejet"
    "|unreachable|undeliverable|cancel|resili|revoked|withdrawn|left$|leftat|subscribedto|issubscribed"
    "|statut|status|confirmed|nonconfirme|confirmee?$|permission"
)
#: Column names of common exports that match, or hold yes and no, and are not about email consent.
_HARMLESS = (
    "acceptssmsmarketing smsblacklisted smsmarketingconsent smsmarketingconsenttimestamp smssubscriberstatus "
    "taxexempt complimentaryplan preferdigests isbestseller marketingcontactstatus leadstatus delinquent "
    "bouncecount numberofbounces bouncescore sendthissubscriberhtmlemails didthissubscribermanuallyconfirm "
    "numeroabonne noabonne nabonne numerodabonne idabonne codeabonne"
)
#: Columns that accompany a consent (its IP address, date, URL...) and are not the consent itself.
_PROOF = re.compile(r"(?:optin|consent|confirm)[a-z]*(?:ip|source|timestamp|url|text|version|method)$")
#: Names of columns in which "no" means an opt-out.
_IN = re.compile("optin|optedin|consent|accept|abonne|inscrit|subscribe|confirm|permission")
_OUT = re.compile("unsub|optout|optedout|desabonn|desinscri|nepas|neplus|donot|unconfirmed|nonconfirme")
_DISTINCT = 50


@dataclass(frozen=True)
class Suspect:
    """A column that may hold opt-outs. ``field``: the likeliest one for ``--map``; ``words``: values seen in it."""

    column: str
    field: str
    words: tuple[str, ...]

    @property
    def option(self) -> str:
        return option(self.column, self.field)


class UnreadColumns(Refused):
    """A list has unread columns that may hold opt-outs; nothing was imported."""

    def __init__(self, file: str, suspects: Sequence[Suspect]) -> None:
        lines = [
            ngettext(
                "{file}: {count} column is not understood and may say which readers left; nothing was imported.",
                "{file}: {count} columns are not understood and may say which readers left; nothing was imported.",
                len(suspects),
            ).format(file=file, count=len(suspects))
        ]
        for suspect in suspects:
            seen = f" ({', '.join(suspect.words)})" if suspect.words else ""
            name = suspect.column
            lines += [
                _("“{column}”{seen}: say what it is, with one of these:").format(column=name, seen=seen),
                _("  {option}   yes, or a date: this reader left").format(option=option(name, "opted_out")),
                _("  {option}   no, or nothing: this reader left").format(option=option(name, "opted_in")),
                _("  {option}   any text: this reader left").format(option=option(name, "opted_out_reason")),
                _("  {option}   it says nothing of leaving").format(option=option(name)),
            ]
            if suspect.field == "status":
                lines.append(_("  {option}   active, or unsubscribed").format(option=option(name, "status")))
        super().__init__("\n".join(lines))
        self.suspects = tuple(suspects)


def option(column: str, field: str | None = None) -> str:
    """The shell-quoted option that maps ``column`` to ``field``, or that ignores it where no field is given."""
    return shlex.join(["--map", f"{field}={column}"] if field else ["--ignore", column])


class Watch:
    """Collects, row by row, the values of the columns that are not read."""

    def __init__(self, located: Located) -> None:
        asked = [at for at in located.ignored if at not in located.dropped]
        self._located = located
        names = {at: fold(located.header[at]) for at in asked}
        harmless = _HARMLESS.split()
        self._names = {at: name for at, name in names.items() if name not in harmless and not _PROOF.search(name)}
        self._named = {at for at, name in self._names.items() if _SMELL.search(name)}
        self._values: dict[int, dict[str, None]] = {at: {} for at in self._names}
        self._gone: dict[int, str] = {}

    def see(self, cells: Sequence[str]) -> None:
        many = []
        for at, seen in self._values.items():
            cell = cells[at]
            if cell in seen:
                continue
            seen[cell] = None
            if at not in self._gone and is_gone(cell):
                self._gone[at] = cell.strip()
            if len(seen) > _DISTINCT:
                many.append(at)
        for at in many:
            del self._values[at]

    def judge(self, file: str) -> None:
        """Raise ``UnreadColumns`` where a column may hold opt-outs, by its name or the values seen so far."""
        suspects: list[Suspect] = []
        status_read = "status" in self._located.single
        for at, name in self._names.items():
            told = [cell.strip() for cell in self._values.get(at, ()) if not is_empty(cell)]
            answers = bool(told) and all(map(is_yes_or_no, told))
            if at not in self._named and at not in self._gone and not answers:
                continue
            words = told[:3] if answers else [self._gone[at]] if at in self._gone else []
            field = "opted_in" if _IN.search(name) and not _OUT.search(name) else "opted_out"
            if "stat" in name and not status_read:
                field, status_read = "status", True
            suspects.append(Suspect(self._located.label(at), field, tuple(words)))
        if suspects:
            raise UnreadColumns(file, suspects)
