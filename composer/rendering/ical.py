"""The file of an event for calendars (RFC 5545): one VEVENT, its instants in UTC, the same bytes for the same event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date as Date
from datetime import datetime as DateTime
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from composer.issue.blocks.agenda import ResolvedEvent
from composer.issue.inline import plain
from composer.issue.key import IssueKey

#: RFC 5545 3.1: octets of a line, its end aside.
OCTETS = 75

#: Control characters, which no text may hold (3.3.11).
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def ical(event: ResolvedEvent, issue: IssueKey, public_url: str) -> bytes:
    """The file. Its UID holds the publication, the date and the title: told again next week, it is the same event."""
    title = plain(event.title)
    named = f"{issue.publication}\0{event.begins.isoformat()}\0{title}"
    uid = f"{sha256(named.encode()).hexdigest()[:32]}@{urlsplit(public_url).hostname or 'localhost'}"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Filigrane//Agenda//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{issue.date:%Y%m%d}T000000Z",
        *_instants(event),
        f"SUMMARY:{_text(title)}",
    ]
    if event.place:
        lines.append(f"LOCATION:{_text(event.place)}")
    if event.url:
        lines.append(f"URL:{_CONTROL.sub('', event.url)}")
    return "".join(f"{_folded(line)}\r\n" for line in (*lines, "END:VEVENT", "END:VCALENDAR")).encode()


def _instants(event: ResolvedEvent) -> Iterator[str]:
    """The beginning and the end; that of whole days is the day after the last (3.6.1)."""
    if isinstance(event.begins, DateTime):
        yield f"DTSTART:{event.begins:%Y%m%dT%H%M%SZ}"
        if isinstance(event.ends, DateTime) and event.ends > event.begins:
            yield f"DTEND:{event.ends:%Y%m%dT%H%M%SZ}"
        return
    yield f"DTSTART;VALUE=DATE:{_day(event.begins)}"
    if event.ends is not None and event.ends < Date.max:
        yield f"DTEND;VALUE=DATE:{_day(event.ends + timedelta(days=1))}"


def _day(day: Date) -> str:
    return day.isoformat().replace("-", "")


def _text(words: str) -> str:
    words = re.sub(r"([\\;,])", r"\\\1", words.replace("\r\n", "\n"))
    return _CONTROL.sub("", words.replace("\n", "\\n"))


def _folded(line: str) -> str:
    """``line`` in lines of 75 octets at most, no character cut in two; each but the first begins with a blank."""
    parts, size = [""], 0
    for character in line:
        octets = len(character.encode())
        if size + octets > OCTETS:
            parts.append(" ")
            size = 1
        parts[-1] += character
        size += octets
    return "\r\n".join(parts)
