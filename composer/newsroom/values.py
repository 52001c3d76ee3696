"""Types of single values in configuration files.

The loader gives every YAML scalar as a string: these types parse times, durations, colours and addresses, and raise
``PydanticCustomError`` with the finding's code as its type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from composer.locale import gettext as _
from composer.source.scalars import guessed_hour

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


def _line(value: str) -> str:
    if _CONTROL.search(value):
        raise PydanticCustomError("control-character", "{why}", {"why": _("one line is expected here")})
    if not value.strip():
        raise PydanticCustomError("empty-value", "{why}", {"why": _("a text is expected here")})
    return value.strip()


#: One line of text, without control characters (they would end a header).
Line = Annotated[str, AfterValidator(_line)]


def _paragraphs(value: str) -> str:
    for paragraph in value.split("\n"):
        if _CONTROL.search(paragraph):
            raise PydanticCustomError(
                "control-character", "{why}", {"why": _("a text without control characters is expected")}
            )
    if not value.strip():
        raise PydanticCustomError("empty-value", "{why}", {"why": _("a text is expected here")})
    return value.strip()


#: The number of an issue, printed with its date.
IssueNumber = Annotated[int, Field(ge=1, le=99_999)]

#: Text of several paragraphs, an empty line between two.
Paragraphs = Annotated[str, AfterValidator(_paragraphs)]


@dataclass(frozen=True)
class Typeset:
    """Marks a type of text to which house typography is applied.

    ``header``: the text is in a message header; mail clients may show U+202F there as a box.
    """

    header: bool = False


@dataclass(frozen=True)
class Unprinted:
    """Marks a value that is not printed: it does not count as reading time."""


@dataclass(frozen=True)
class Named:
    """Marks the name of something that the newsroom has; text editors offer those there are."""

    what: Literal["slot", "creative", "publication", "promise", "name"]


#: One line of text without Markdown, written by the newsroom for readers: house typography is applied.
Prose = Annotated[str, AfterValidator(_line), Typeset()]


def _single_spaced(value: str) -> str:
    return re.sub(r"[ \t]+", " ", value)


#: The same, in a message header, where nothing else would make one space of two.
HeaderProse = Annotated[str, AfterValidator(_line), AfterValidator(_single_spaced), Typeset(header=True)]

#: Target of a link: http, https, mailto, tel, or ``#id`` of a block in the same letter.
Target = Annotated[str, "a link"]

#: Text printed exactly as typed: an advertiser's copy, a bullet.
Verbatim = Annotated[str, "as typed"]

#: A name for cross-references: lower-case letters, digits, hyphens and underscores.
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]

#: The identifier of an advertising slot of a publication.
SlotId = Annotated[Identifier, Named("slot")]

#: A name of the lexicon, as printed.
NameText = Annotated[Prose, Named("name")]


def _address(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        context = {"why": _("not an email address"), "better": _guessed_address(value)}
        raise PydanticCustomError("bad-address", "{why}", context) from error


_AT = re.compile(r" ?[\[(](?:at|arobase|chez)[\])] ?", re.IGNORECASE)
_WITHIN = re.compile(r"[^\s<>,;:()\[\]\"«»@]{1,64}@[^\s<>,;:()\[\]\"«»@]{1,253}")


def _guessed_address(text: str) -> str:
    """The one address in ``text``, ``Anne <anne@example.org>``, ``anne[at]example.org``; empty where it has several."""
    found = _WITHIN.findall(_AT.sub("@", text[:400]))
    return found[0] if len(found) == 1 and found[0] != text else ""


#: An email address (RFC 5321), normalised.
EmailAddress = Annotated[str, AfterValidator(_address)]


def _allowed(value: str) -> str:
    domain = value.strip().removeprefix("@")
    try:
        _address(f"a@{domain}" if value.startswith("@") else value)
    except PydanticCustomError as error:
        why = _("an address, or a domain after @, is expected: anne@example.org, @example.org")
        better = f"@{domain}" if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", domain) else ""
        context = {"why": why, "better": better or _guessed_address(value)}
        raise PydanticCustomError("bad-address", "{why}", context) from error
    return value


#: An email address, or every address of ``@example.org``.
AllowedAddress = Annotated[str, AfterValidator(_allowed)]


def _server(value: str) -> str:
    found = re.fullmatch(r"(?:[a-z]+://)?(?P<name>[^\s/:@]+)(?::\d+)?/?", value.strip(), re.IGNORECASE)
    if re.search(r"[\s/@]|^[^:]*:\d*$", value):
        why = _("the name of a server alone is expected here, without its port: mail.example.org")
        raise PydanticCustomError("bad-value", "{why}", {"why": why, "better": found["name"] if found else ""})
    return value


#: The name or the address of a server.
ServerName = Annotated[str, AfterValidator(_server)]


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        _port = parts.port
    except ValueError as error:
        why = _("the host or the port of this address cannot be understood")
        raise PydanticCustomError("bad-url", "{why}", {"why": why}) from error
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise PydanticCustomError("bad-url", "{why}", {"why": _("an address that begins with https:// is expected")})
    if match := re.search(r"[\s<>\"]", value):
        why = _("an address holds no “{character}”: type {escaped} in its place")
        why = why.format(character=match[0], escaped=quote(match[0]))
        raise PydanticCustomError("bad-url", "{why}", {"why": why})
    return value


@dataclass(frozen=True)
class Leads:
    """Marks an address that readers may be led to."""


#: An absolute http(s) address.
HttpUrl = Annotated[str, AfterValidator(_url), Leads()]

#: Names of this machine as a URL's host.
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _outgoing(value: str) -> str:
    parts = urlsplit(_url(value))
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        why = _("what is said there would be read on the way: an address that begins with https:// is expected")
        raise PydanticCustomError("bad-url", "{why}", {"why": why})
    return value


#: A URL that Filigrane itself sends requests to: https, or http on this machine.
OutgoingUrl = Annotated[str, AfterValidator(_outgoing)]


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as error:
        why = _("an address or a network is expected here: 127.0.0.1, 10.0.0.0/8, 2001:db8::/32")
        raise PydanticCustomError("bad-network", "{why}", {"why": why}) from error


#: An IP address, or a network with its prefix length.
IpNetwork = Annotated[str, AfterValidator(_network)]


def _host(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError as error:
        why = _("an address is expected here: 192.0.2.25, 2001:db8::25")
        raise PydanticCustomError("bad-network", "{why}", {"why": why}) from error


#: An IP address.
IpHost = Annotated[str, AfterValidator(_host)]

#: A colour in the form ``#rrggbb``.
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]

#: Longest duration, so that adding it to a date or subtracting it stays within ``datetime``'s range.
_LONGEST = timedelta(days=99_999)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "j": 86400}


_SPELLED = re.compile(
    r"(?P<number>\d{1,6}) ?(?:(?P<unit>s|mi?n|h|j|d)[a-zé]{0,7}\.?|(?P<weeks>semaines?|weeks?)"
    r"|h ?(?P<minutes>[0-5]\d)(?: ?mi?n)?)",
    re.IGNORECASE,
)


def _guessed_duration(text: str) -> str:
    """A duration written another way, ``6 heures``, ``90 min``, ``1h30``; empty for anything else."""
    match = _SPELLED.fullmatch(text.strip())
    if match is None:
        return ""
    number = int(match["number"])
    if match["weeks"]:
        return f"{7 * number}d"
    return f"{60 * number + int(match['minutes'])}m" if match["minutes"] else f"{number}{match['unit'][0].lower()}"


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d{1,6}) ?([smhdj])", str(value))
    if match is None:
        why = _("a duration is a number and s, m, h or d: 90s, 30m, 6h, 2d")
        raise PydanticCustomError("bad-duration", "{why}", {"why": why, "better": _guessed_duration(str(value))})
    length = timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    if length > _LONGEST:
        raise PydanticCustomError("bad-duration", "{why}", {"why": _("a duration is at most 99999d")})
    return length


_duration_schema = {"type": "string", "pattern": r"^\d{1,6} ?[smhdj]$"}

#: ``90s``, ``30m``, ``6h``, ``2d`` (``2j`` in French).
Duration = Annotated[timedelta, BeforeValidator(_duration), WithJsonSchema(_duration_schema)]


def _months(value: Any) -> int | None:
    if value is None or isinstance(value, int):
        return value
    if value in ("never", "jamais"):
        return None
    match = re.fullmatch(r"(\d{1,3}) ?(?:(months?|mois)|years?|ans?)", str(value))
    if match is None or int(match[1]) == 0:
        why = _("a time to keep is a number of months or years, or never: 12 months, 3 years")
        raise PydanticCustomError("bad-months", "{why}", {"why": why})
    return int(match[1]) * (1 if match[2] else 12)


_months_schema = {"type": "string", "pattern": r"^([1-9]\d{0,2} ?(months?|mois|years?|ans?)|never|jamais)$"}

#: ``12 months``, ``3 years`` (``12 mois``, ``3 ans``) as months; ``never`` (``jamais``) is None.
Months = Annotated[int | None, BeforeValidator(_months), WithJsonSchema(_months_schema)]


_HOUR = re.compile(r"([01]?\d|2[0-3])[:h]([0-5]\d)")
#: What parts two hours.
_BETWEEN = re.compile(r" ?[-–—→/] ?| (?:à|to|until) ")


def _clock(value: Any) -> time:
    if isinstance(value, time):
        return value
    match = _HOUR.fullmatch(str(value))
    if match is None:
        better = guessed_hour(str(value)) or ""
        raise PydanticCustomError("bad-hour", "{why}", {"why": _('an hour is written "07:00"'), "better": better})
    return time(int(match[1]), int(match[2]))


#: A time of day, ``07:00`` or ``7h00``.
Clock = Annotated[
    time, BeforeValidator(_clock), WithJsonSchema({"type": "string", "pattern": r"^([01]?\d|2[0-3])[:h][0-5]\d$"})
]


@dataclass(frozen=True)
class Hours:
    """Part of a day, from ``opens`` to ``closes``, both included."""

    opens: time
    closes: time

    def __contains__(self, hour: time) -> bool:
        return self.opens <= hour <= self.closes


def _window(value: Any) -> Hours:
    if isinstance(value, Hours):
        return value
    why = _("a window is written 06:00-21:00, in one day")
    parts = [each.strip() for each in str(value).split("-")]
    if len(parts) != 2 or not all(map(_HOUR.fullmatch, parts)):
        guessed = [
            guessed_hour(each) or "" for each in _BETWEEN.split(re.sub(r"^(?:de|from) ", "", str(value).strip()))
        ]
        better = "-".join(guessed) if len(guessed) == 2 and all(guessed) and guessed[0] < guessed[1] else ""
        raise PydanticCustomError("bad-window", "{why}", {"why": why, "better": better})
    hours = Hours(*map(_clock, parts))
    if hours.opens >= hours.closes:
        raise PydanticCustomError("bad-window", "{why}", {"why": why})
    return hours


#: ``06:00-21:00``.
Window = Annotated[Hours, BeforeValidator(_window), WithJsonSchema({"type": "string"})]
