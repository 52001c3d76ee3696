"""The initial file of a new issue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date as Date

from composer.issue.blocks import BLOCKS
from composer.issue.files import find_issues
from composer.issue.load import load_issue
from composer.issue.model import Correction, Front
from composer.locale import Language, translate
from composer.newsroom.model import Newsroom
from composer.newsroom.schema_files import SCHEMAS
from composer.newsroom.unread import unread_sponsors
from composer.source.field_spec import RecordField, record_of
from composer.source.quoting import literal, quoted, spelled
from composer.source.vocabulary import block_name, key_name


def skeleton(newsroom: Newsroom, publication: str, date: Date, errata: Sequence[Correction] = ()) -> str:
    """The text of a new issue, by its publication's settings: keys in the newsroom's language, values to fill in.

    ``errata``: corrections of the issue before, to be printed in this one.
    """
    language = newsroom.settings.keys
    booked = {
        booking.slot
        for sponsor in newsroom.sponsors.values()
        for booking in sponsor.bookings
        if (booking.publication, booking.date) == (publication, date)
    }

    def key(name: str) -> str:
        return key_name(name, language, Front.__name__)

    def block(name: str) -> str:
        return block_name(name, language)

    def sponsor(slot: str) -> str:
        sold = "" if slot in booked or unread_sponsors(newsroom) else "# "
        return f"{sold}- {block('sponsor')}: {slot}"

    slots = [sponsor(slot) for slot in newsroom.publications[publication].slots]
    # One slot goes after the article; of several, the last goes before the masthead.
    upper, lower = (slots[:-1], slots[-1:]) if len(slots) > 1 else (slots, [])
    lines = [
        f"# yaml-language-server: $schema=../../{SCHEMAS}/issue.{language}.json",
        f"# {newsroom.publications[publication].title}, {date.isoformat()}",
        "",
        f"{key('subject')}:",
        f"{key('preheader')}:",
        "",
        *_errata(errata, key("corrections"), language),
        f"{key('blocks')}:",
        *block_lines("edito", language),
        "",
        *block_lines("article", language),
        "",
        *(f"{line}\n" for line in upper),
        f"# {translate('A brief is one point: - **Its headline** Its text.', language)}",
        *block_lines("briefs", language),
        "",
        *(f"{line}\n" for line in lower),
        *block_lines("masthead", language),
    ]
    return "\n".join(lines) + "\n"


def errata_before(newsroom: Newsroom, publication: str, date: Date) -> tuple[Correction, ...]:
    """Corrections of the last issue before ``date`` that its readers do not know yet: those made to its page."""
    earlier = [each for each in find_issues(newsroom, publication) if each.key.date < date and not each.key.language]
    last = max(earlier, key=lambda each: (each.key.date, each.key.slug), default=None)
    issue = load_issue(last.path, newsroom).value if last else None
    return tuple(each for each in issue.front.corrections if each.was is not None) if issue else ()


def _errata(errata: Sequence[Correction], label: str, keys: Language) -> list[str]:
    if not errata:
        return []
    date, text = (key_name(name, keys, Correction.__name__) for name in ("date", "text"))
    lines = [f"{label}:"]
    for each in errata:  # JSON's quotes are YAML's
        lines += [f"- {date}: {each.date.isoformat()}", f"  {text}: {json.dumps(each.text.source, ensure_ascii=False)}"]
    return [*lines, ""]


def block_lines(name: str, language: Language, words: Mapping[str, str] | None = None) -> list[str]:
    """The lines of a new block: its dash and its name, then the keys that it cannot do without, to be filled in.

    A text of several lines, or a list that may be written as one, gets its ``|``. ``words`` are what is already known
    of its fields, by their English keys.
    """
    record = record_of(BLOCKS[name])
    main = record.fields.get(record.main or "")
    words = words or {}
    fields = [each for each in record.fields.values() if each.required or words.get(each.key)]
    if not fields and main is not None and main.shape.takes_points and main.default == ():
        fields = [main]
    fields.sort(key=lambda each: each is main)  # a text of many lines stands last
    if not fields or fields == [main]:
        return _keyed(f"- {block_name(name, language)}:", fields[0] if fields else None, words)
    lines = [f"- {block_name(name, language)}:"]
    for each in fields:
        lines += _keyed(f"    {key_name(each.key, language, each.model)}:", each, words)
    return lines


def _keyed(head: str, field: RecordField | None, words: Mapping[str, str]) -> list[str]:
    """The lines of a key, or of a block's head, with what ``words`` says for its text, ``field``."""
    text = words.get(field.key, "").strip() if field is not None else ""
    if field is not None and (field.shape.holds_lines or field.shape.takes_points):
        return literal(head, text).split("\n") if text else [f"{head} |"]
    if text and text != "auto" and field is not None and field.shape.items is not None and not field.shape.holds_text:
        return [f"{head} [{', '.join(quoted(each.strip()) for each in text.split(','))}]"]
    return [f"{head} {spelled(' '.join(text.split()))}" if text else head]
