"""What is on: for each event its date, title, place, link, and a file for the reader's calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import date as Date
from datetime import datetime as DateTime
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from composer.issue.block import Block
from composer.issue.context import Context
from composer.issue.dates import written_day, written_hour
from composer.issue.field_types import InlineText
from composer.issue.inline import Spans
from composer.issue.resolved import Resolved
from composer.issue.resolving import BlockPosition, BlockType
from composer.locale import gettext as _
from composer.newsroom.model import Strict
from composer.newsroom.values import HttpUrl, Prose
from composer.source.finding import Severity
from composer.source.points import Pointed


class AgendaItem(Strict):
    point: ClassVar[Pointed] = Pointed("date", "title", url="url")
    french_keys: ClassVar[Mapping[str, str]] = {"date": "date", "place": "lieu", "end": "fin"}

    date: Date | DateTime = Field(description="Day, or day and hour: 2026-12-15, 2026-12-15T19:00")
    title: InlineText = Field(description="What it is")
    place: Prose | None = Field(None, description="Where")
    url: HttpUrl | None = Field(None, description="Where to read more, or to book")
    end: Date | DateTime | None = Field(None, description="Last day, or day and hour of its end")


class Agenda(Block):
    type: Literal["agenda"] = "agenda"
    main = "items"
    french = "agenda"
    described = "Dates to come, each with its place and its file for calendars"

    items: tuple[AgendaItem, ...] = Field(min_length=1, description="The events")
    label: Prose | None = Field(None, description="Section label; Agenda otherwise")


@dataclass(frozen=True)
class ResolvedEvent:
    """``when`` is its date as printed. ``begins``, ``ends``: days, or instants in UTC."""

    title: Spans
    when: Prose
    begins: Date
    ends: Date | None = None
    place: Prose | None = None
    url: HttpUrl | None = None


@dataclass(frozen=True)
class ResolvedAgenda(Resolved):
    template = "agenda"

    label: Prose
    items: tuple[ResolvedEvent, ...]


def resolve(context: Context, block: Agenda, at: BlockPosition) -> ResolvedAgenda:
    events = (_event(context, event, BlockPosition((*at.of("items"), n))) for n, event in enumerate(block.items))
    return ResolvedAgenda(block.label or context.say("Diary"), tuple(events))


def _event(context: Context, event: AgendaItem, at: BlockPosition) -> ResolvedEvent:
    zone = ZoneInfo(context.newsroom.settings.timezone)
    begins, ends = _local(event.date, zone), None if event.end is None else _local(event.end, zone)
    if ends is not None and (isinstance(ends, DateTime) != isinstance(begins, DateTime) or ends < begins):
        message = _("an end is written as the beginning is, a day or a day and an hour, and comes after it")
        context.add("agenda-end", message, at.of("end"))
        ends = None
    over = begins if ends is None else ends
    day = over.date() if isinstance(over, DateTime) else over
    if day < context.key.date:
        message = _("{date} is before the date of the issue: is it the right year?").format(date=day)
        context.add("past-date", message, at.of("date"), severity=Severity.WARNING)
    return ResolvedEvent(
        title=context.sentence(event.title),
        when=_when(context, begins, ends),
        begins=_universal(begins),
        ends=None if ends is None else _universal(ends),
        place=event.place,
        url=event.url,
    )


def _local(moment: Date, zone: ZoneInfo) -> Date:
    """A day as it is; an instant in the newsroom's time, in which it is typed where it names no other."""
    if not isinstance(moment, DateTime):
        return moment
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def _universal(moment: Date) -> Date:
    return moment.astimezone(UTC) if isinstance(moment, DateTime) else moment


def _when(context: Context, begins: Date, ends: Date | None) -> str:
    """« Mardi 15 décembre, 19 h – 21 h », « Jeudi 3 décembre – samedi 5 décembre »; the year where it is another."""
    first, last = _written(context, begins), "" if ends is None else _written(context, ends)
    if isinstance(begins, DateTime) and isinstance(ends, DateTime) and begins.date() == ends.date():
        last = written_hour(ends, context.language)
    whole = f"{first} – {last}" if last and last != first else first
    return whole[:1].upper() + whole[1:]


def _written(context: Context, moment: Date) -> str:
    year = moment.year != context.key.date.year
    day = written_day(moment, context.language, context.style.dates, year=year)
    return f"{day}, {written_hour(moment, context.language)}" if isinstance(moment, DateTime) else day


AGENDA = BlockType(Agenda, ResolvedAgenda, resolve)
