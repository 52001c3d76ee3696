"""Links to choices, mailed; and what readers choose behind them. The pages are not trusted: all is looked at again."""

from __future__ import annotations

import re
from contextvars import copy_context
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from composer.doors.forgetting import forget_at_once
from composer.doors.writing import put
from composer.errors import Refused
from composer.locale import use
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import ADDRESS, CHOICES, absolute, front_door, open_letters
from composer.outbox import put_within, written_message
from composer.returns import tables as _returns  # noqa: F401 # reason: ``held_about`` looks into every room's tables
from composer.subscribers import read_address
from composer.subscribers.address import Address, stored_address
from composer.subscribers.address_key import address_keys
from composer.subscribers.choices import choose_letters, email_of, leave_all, pause_ends, pause_letters, speak
from composer.subscribers.held import held_about
from composer.subscribers.held_lines import held_lines
from composer.subscribers.links import DueLink, leave_answer, mailed_link, note_link, use_link
from composer.subscribers.moving import begin_move
from composer.subscribers.requests import ChoiceRequest, LinkRequest
from composer.subscribers.signups import ADDRESS_PAUSE

_HASH = re.compile(r"[0-9a-f]{64}")


def answer_link(connection: Connection, newsroom: Newsroom, asked: LinkRequest) -> str:
    """Write down that a link was asked for."""
    if not newsroom.settings.choices or asked.language not in ("fr", "en"):
        return "dropped"
    try:
        address = read_address(asked.email)
    except Refused:
        return "dropped"
    return "links" if note_link(connection, address, asked.language) else "dropped"


def write_link(connection: Connection, newsroom: Newsroom, link: DueLink, now: datetime) -> str:
    """The message: the link to the choices of this address's reader, or that it has none; or one of the two
    links of a change of address, in which neither address stands."""
    token = mailed_link(connection, link)
    kind = link.purpose if token else "stranger"
    door = front_door(newsroom)
    again = absolute(newsroom, door) if door else ""
    url = absolute(newsroom, (f"{CHOICES}/" if kind == "choices" else ADDRESS) + token) if token else ""
    content = written_message(newsroom, kind, "", link.language, now, url=url, again=again)
    put(connection, newsroom, kind, link.email, link.address_key, content)
    return kind


def answer_choice(connection: Connection, newsroom: Newsroom, asked: ChoiceRequest, at: datetime, now: datetime) -> str:
    """Do what the reader chose ``at`` a time, and use the link's token up: ``void`` where it is no good."""
    if not newsroom.settings.choices or not _HASH.fullmatch(asked.following):
        return "void"
    used = use_link(connection, asked.token, asked.following)
    if used is None:
        return "void"
    reader, language = used
    email = email_of(connection, reader)
    if email is None:
        return "void"
    if asked.act == "forget":
        forget_at_once(connection, stored_address(email))
        leave_answer(connection, asked.following, language)
        return "forgotten"
    if asked.act == "held":
        return _write_held(connection, newsroom, stored_address(email), language, now)
    if asked.act == "move":
        return _begin_move(connection, reader, email, asked.email, language)
    if asked.act == "leave":
        leave_all(connection, reader)
        return "chosen"
    choose_letters(connection, reader, asked.letters, newsroom.publications, open_letters(newsroom))
    pause_letters(connection, reader, pause_ends(at, newsroom.settings.timezone) if asked.pause else None)
    if asked.language in ("fr", "en", "own"):
        speak(connection, reader, None if asked.language == "own" else asked.language)
    return "chosen"


def _begin_move(connection: Connection, reader: int, former: str, wanted: str, language: str) -> str:
    try:
        address = read_address(wanted)
    except Refused:
        return "dropped"
    return "chosen" if begin_move(connection, reader, stored_address(former), address, language) else "dropped"


def _write_held(connection: Connection, newsroom: Newsroom, address: Address, language: str, now: datetime) -> str:
    """Mail all that is held about the reader to the reader, once an hour."""
    key = address_keys(connection)(address)
    if put_within(connection, "held", key, ADDRESS_PAUSE):
        return "dropped"
    held = held_about(connection, address)
    zone = ZoneInfo(newsroom.settings.timezone)

    def told() -> list[str]:
        use("en" if language == "en" else "fr")
        return list(held_lines(held, zone))

    lines = copy_context().run(told)  # in the reader's language, and nothing else after it
    content = written_message(newsroom, "held", "", language, now, lines=lines, zone=zone.key)
    put(connection, newsroom, "held", address.email, key, content)
    return "held"
