"""The newsroom's sheet: six weeks by publication. Each date's issue and its state are those of ``filigrane calendar``.

What this machine cannot know (it has no database, or one that does not answer) is said to be unknown, and is never 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

from composer.approval.changes import Standing
from composer.approval.digests import creative_digest
from composer.approval.model import UnsealedReason
from composer.clock import now
from composer.database import read_only
from composer.delivery.ledger.progress import Progress, progress
from composer.delivery.ledger.readers import readers_words
from composer.delivery.state import NOT_OVER, MailingState
from composer.errors import FiligraneError
from composer.issue.files import find_issues, sealed_path
from composer.locale import gettext as _
from composer.locale import language, ngettext
from composer.locale.dates import dated, dated_hour
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import consequences
from composer.schedule import gone
from composer.schedule.calendar_words import due_name, due_state, due_to_do
from composer.schedule.ledger_here import LedgerHere
from composer.schedule.progress_words import mailing_name
from composer.schedule.standing_words import approval_standing, changes_words, standing_words
from composer.schedule.standstill import standstill
from composer.schedule.upcoming import Booked, Upcoming, upcoming
from composer.schedule.wording import short_hour
from composer.studio.draft_remarks import DraftCounts, DraftRemarks
from composer.studio.issue_facts import IssueFacts, KnownFacts, Promise
from composer.studio.live_reload import fingerprint
from composer.studio.sheet_acts import SheetAct, acts_on, orders_on
from composer.studio.under_way import MailingLine, mailing_line

#: Weeks ahead.
WEEKS = 6
#: How long after an issue its promises are still looked for.
_REMEMBERED = timedelta(weeks=53)
#: Drafts that are proofread for the sheet, the next to leave first; each takes a tenth of a second once it has changed.
_PROOFREAD = 20
#: States of a letter that needs a person.
_WAITS = frozenset(
    {
        *get_args(UnsealedReason),
        *("held", "missed", "several-files", "unreadable", "public-url-changed", "no-readers", "publication-unread"),
    }
) - {"not-sealed"}


@dataclass(frozen=True)
class Advertised:
    """A slot of the date: what is sold, and what is wrong with it."""

    slot: str
    advertiser: str | None
    trouble: str | None = None


@dataclass(frozen=True)
class Promised:
    """A promise that falls due: ``of`` is the day of its letter; ``followed``: this issue follows it up."""

    day: str
    title: str
    of: str
    address: str
    followed: bool


@dataclass(frozen=True)
class SheetRow:
    """One date. ``tone``: ``waits`` for a person, ``ready``, ``over``, or ``plain``."""

    name: str
    weekday: str
    day: str
    hour: str
    subject: str | None
    address: str | None
    translations: Sequence[tuple[str, str]]
    state: str
    tone: str
    remarks: str | None
    standing: str | None
    to_do: str | None
    mailing: MailingLine | None
    readers: str | None
    advertised: Sequence[Advertised]
    promised: Sequence[Promised]
    acts: Sequence[SheetAct]


@dataclass(frozen=True)
class SheetWeek:
    label: str
    rows: Sequence[SheetRow]


@dataclass(frozen=True)
class SheetOf:
    """The part of one publication."""

    id: str
    title: str
    weeks: Sequence[SheetWeek]


@dataclass(frozen=True)
class OtherMailing:
    """One that is not over, of a date that the sheet does not show; ``name`` is its issue's."""

    name: str
    line: MailingLine
    acts: Sequence[SheetAct]


@dataclass(frozen=True)
class Sheet:
    """``remarks``: what concerns no date, or is not known. ``moving``: a mailing is under way."""

    parts: Sequence[SheetOf]
    remarks: Sequence[str]
    others: Sequence[OtherMailing]
    moving: bool


class Sheets:
    """The sheets of the newsroom at ``root``; what was read of an issue is remembered while its file is the same."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._facts, self.counts = KnownFacts(), DraftCounts(root)

    def of(self, newsroom: Newsroom, here: LedgerHere) -> Sheet:
        """The sheet as the folder and the ledger say it now."""
        entries = upcoming(newsroom, here.engine, now(), WEEKS)
        found = _Reading(newsroom, here, self._facts, fingerprint([self._root / "config"]))
        drafts = {id(entry) for entry in [each for each in entries if found.is_draft(each)][:_PROOFREAD]}
        counted = {key: self._count(entry, newsroom) for entry in entries if (key := id(entry)) in drafts}
        parts = []
        remarks = [*consequences(newsroom), *filter(None, [here.unknown, str(here.trouble) if here.trouble else None])]
        lines: Mapping[int, MailingLine] = {}
        others: list[OtherMailing] = []
        if here.engine is not None:
            shown = {entry.mailing for entry in entries if entry.mailing is not None}
            with read_only(here.engine).connect() as connection:
                of_dates = [progress(connection, mailing)[0] for mailing in sorted(shown)]
                not_over = [each for each in progress(connection, last=1) if each.mailing.state in NOT_OVER]
                remarks += [each.sentence for each in gone.waiting_for_gone(connection, newsroom)]
            not_over = [each for each in not_over if each.mailing.id not in shown]
            lines = {each.mailing.id: mailing_line(each, newsroom) for each in of_dates}
            others = [_other(each, newsroom) for each in not_over]
            hour = partial(short_hour, zone=ZoneInfo(newsroom.settings.timezone))
            remarks += standstill(here.engine, [*of_dates, *not_over], hour)
        for name in dict.fromkeys((*newsroom.publications, *(entry.publication for entry in entries))):
            own = [entry for entry in entries if entry.publication == name]
            title = newsroom.publications[name].title if name in newsroom.publications else name
            rows = [
                (entry.date, found.row(entry, counted.get(id(entry)), lines.get(entry.mailing or 0), own))
                for entry in own
            ]
            parts.append(SheetOf(name, title, _weeks(rows)))
        moving = any(line.moves for line in [*lines.values(), *(each.line for each in others)])
        return Sheet(parts, remarks, others, moving)

    def _count(self, entry: Upcoming, newsroom: Newsroom) -> DraftRemarks:
        return self.counts.of(newsroom.root / (entry.issue or ""), newsroom)


def _other(found: Progress, newsroom: Newsroom) -> OtherMailing:
    name, line = mailing_name(found), mailing_line(found, newsroom)
    return OtherMailing(name, line, list(orders_on(line, name)))


def _weeks(rows: Sequence[tuple[Date, SheetRow]]) -> list[SheetWeek]:
    """The rows by week, Monday first; of a publication with one date a week at most, without the week's label."""
    mondays = [day - timedelta(days=day.weekday()) for day, _row in rows]
    if len(set(mondays)) == len(mondays):
        return [SheetWeek("", [row for _day, row in rows])] if rows else []
    weeks = []
    for monday, week in groupby(rows, lambda pair: pair[0] - timedelta(days=pair[0].weekday())):
        label = _("Week of {day}").format(day=dated(monday, "d MMMM", language()))
        weeks.append(SheetWeek(label, [row for _day, row in week]))
    return weeks


class _Reading:
    """One reading of the folder: what the rows of a sheet have in common."""

    def __init__(self, newsroom: Newsroom, here: LedgerHere, facts: KnownFacts, settings: str) -> None:
        self._newsroom, self._here, self._facts, self._settings = newsroom, here, facts, settings
        self._promises: dict[str, list[Promise]] = {}
        self._days: dict[str, list[Date]] = {}

    def is_draft(self, entry: Upcoming) -> bool:
        """Whether the issue may still be written in before it leaves, and is not approved as it stands."""
        state = entry.reason if entry.state in ("held", "missed") else entry.state
        return entry.issue is not None and entry.mailing is None and state not in ("sealed", "no-readers", "past")

    def row(
        self, entry: Upcoming, remarks: DraftRemarks | None, line: MailingLine | None, own: Sequence[Upcoming]
    ) -> SheetRow:
        newsroom, path = self._newsroom, None if entry.issue is None else self._newsroom.root / entry.issue
        facts = self._facts.of(path, newsroom, self._settings) if path else None
        left = entry.mailing is not None and entry.state != "rehearsed"
        standing = self._standing(path) if path else None
        return SheetRow(
            name=due_name(entry),
            weekday=dated_hour(entry.at, "EEEE", language()),
            day=dated_hour(entry.at, "d MMM", language()),
            hour=dated_hour(entry.at, "HH:mm", language()),
            subject=None if path is None else (facts and facts.subject) or path.name,
            address=None if path is None else f"/issue/{due_name(entry)}",
            translations=[(code, f"/issue/{_named(file)}") for code, file in entry.translations.items()],
            state=due_state(entry, newsroom.settings.keys),
            tone=_tone(entry),
            remarks=None if remarks is None else _remarks(remarks),
            standing=None if standing is None or left else _standing_words(standing, newsroom),
            to_do=due_to_do(entry),
            mailing=line,
            readers=self._readers(entry),
            advertised=list(self._advertised(entry, facts)),
            promised=list(self._promised(entry, facts, own)),
            acts=acts_on(entry, line, standing, ledger=self._here.engine is not None),
        )

    def _standing(self, path: Path) -> Standing | None:
        """The approval beside the issue; None without one, and where it cannot be read, which the issue's page says."""
        try:
            return approval_standing(path, self._newsroom)
        except FiligraneError:
            return None

    def _readers(self, entry: Upcoming) -> str | None:
        if entry.state in ("mailed", "rehearsed", "missed", "skipped"):
            return None
        if entry.readers is not None:
            return readers_words(entry.readers)
        return _("how many readers is not known on this machine") if entry.issue else None

    def _advertised(self, entry: Upcoming, facts: IssueFacts | None) -> Iterator[Advertised]:
        publication = self._newsroom.publications.get(entry.publication)
        label = {name: slot.label or name for name, slot in publication.slots.items()} if publication else {}
        booked = {each.slot for each in entry.sponsors}
        for each in entry.sponsors:
            trouble = None
            if not _has_copy(self._newsroom, entry, each):
                trouble = _("copy missing")
            elif facts is not None and each.slot not in facts.slots:
                trouble = _("not placed in the issue")
            yield Advertised(label.get(each.slot, each.slot), each.advertiser, trouble)
        for slot in sorted((facts.slots if facts else frozenset()) - booked):
            yield Advertised(label.get(slot, slot), None)

    def _promised(self, entry: Upcoming, facts: IssueFacts | None, own: Sequence[Upcoming]) -> Iterator[Promised]:
        """The promises of letters before that fall due after the date before this one, and not after this date."""
        if entry.state in ("off-schedule", "second"):
            return
        if entry.publication not in self._promises:
            self._promises[entry.publication] = list(self._promises_of(entry.publication))
        since = max((each.date for each in own if each.date < entry.date), default=entry.date - timedelta(days=7))
        for promise in self._promises[entry.publication]:
            if promise.issue.date < entry.date and since < promise.due <= entry.date:
                yield Promised(
                    day=dated(promise.due, "d MMM", language()),
                    title=promise.title,
                    of=dated(promise.issue.date, "d MMM", language()),
                    address=f"/issue/{promise.issue}",
                    followed=bool(facts and promise.id and promise.id in facts.follows),
                )

    def _promises_of(self, publication: str) -> Iterator[Promise]:
        if publication not in self._newsroom.publications:
            return
        earliest = now().date() - _REMEMBERED
        for file in find_issues(self._newsroom, publication):
            if file.key.date < earliest or file.key.language is not None or not sealed_path(file.path).is_dir():
                continue  # what no reader was given is not promised
            facts = self._facts.of(file.path, self._newsroom, self._settings)
            yield from facts.promises if facts is not None else ()


def _has_copy(newsroom: Newsroom, entry: Upcoming, booked: Booked) -> bool:
    """Whether the creative that was sold is there, and may be printed on that day."""
    same = (entry.publication, entry.date, booked.slot, booked.creative)
    return any(
        creative_digest(newsroom, f"{sponsor}/{each.creative}", entry.date) is not None
        for sponsor, of in newsroom.sponsors.items()
        for each in of.bookings
        if (each.publication, each.date, each.slot, each.creative) == same and of.advertiser == booked.advertiser
    )


def _named(file: str) -> str:
    return file.removeprefix("issues/").removesuffix(".yaml")


def _standing_words(found: Standing, newsroom: Newsroom) -> str | None:
    """The approver and the hour; or what changed since, in prose: the state says that it is void."""
    return standing_words(found, newsroom) if found.reason is None else changes_words(found) or None


def _remarks(found: DraftRemarks) -> str:
    told = ngettext("{n} remark", "{n} remarks", found.all).format(n=found.all)
    if not found.mistakes:
        return told
    wrong = ngettext("{n} mistake", "{n} mistakes", found.mistakes).format(n=found.mistakes)
    return _("{remarks}, of which {mistakes}").format(remarks=told, mistakes=wrong)


def _tone(entry: Upcoming) -> str:
    if entry.mailing_state == MailingState.PAUSED or entry.state in _WAITS or entry.reason == "past":
        return "waits"
    if entry.state in ("mailed", "rehearsed", "skipped"):
        return "over"
    return "ready" if entry.state in ("sealed", "planned") else "plain"
