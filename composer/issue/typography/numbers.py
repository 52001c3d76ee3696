"""Rules for numbers: thousands, per cent, money and units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from composer.issue.typography.edit_buffer import FIXED, NBSP, NNBSP, SP, Change, Rule, rule
from composer.newsroom.model import Typography

#: Unambiguous symbols: these get a space before them even if none was typed.
_LONG_UNITS = (
    "km|cm|mm|nm|kg|mg|cl|dl|hl|kW|MW|GW|TW|kWh|MWh|GWh|TWh|kV|Hz|kHz|MHz|GHz|Ko|ko|Mo|Go|To|Po|hPa|kPa|dB|km/h|°C|°F"
)
_UNITS = rf"{_LONG_UNITS}|[km]?m[²³]|m/s|[mgLlhstWVAJKN]|min|ha|millions?|milliards?|billions?"

_NUMBER = re.compile(rf"(?<![\w.,+{FIXED}])(?<!\d{SP})[1-9]\d{{0,2}}(?:{SP}\d{{3}})+(?![\w{FIXED}]|{SP}\d)")
_PERCENT = re.compile(rf"(?<=\d)(?P<x>{SP}*)(?=[%‰](?![\w%{FIXED}]))")
_MONEY = re.compile(rf"(?<=\d)(?P<x>{SP}*)(?=(?:[kKM]|Mds?)?[€£¥$](?![\w{{{FIXED}]))")
_UNIT = re.compile(rf"(?<=\d)(?P<x>{SP}+)(?=(?:{_UNITS})(?![\w‘’'´{FIXED}]))")
_GLUED_UNIT = re.compile(rf"(?<![\w.,-])\d+(?:[.,]\d+)?(?P<x>)(?=(?:{_LONG_UNITS})(?![\w‘’'´{FIXED}]))")
_HOUR = re.compile(rf"(?<!\w)\d{{1,2}}{SP}+h(?P<x>{SP}+)(?=\d{{1,2}}(?!\d))")

# Hints: patterns necessary for any match of the rules (see Rule).
_IN_GROUPS = re.compile(rf"\d{SP}\d{{3}}")
_SPACED = re.compile(rf"\d{SP}")
_HOURS = re.compile(rf"\d{SP}+h")
_GLUED = re.compile(rf"\d(?:{_LONG_UNITS})")

_BETWEEN = {"dot": ".", "comma": ",", "none": ""}


def number_rules(profile: Typography) -> Iterator[Rule]:
    """The rules for numbers typed in groups, and for the spaces before units."""
    thin = NNBSP if profile.thin_space == "nnbsp" else NBSP
    if profile.thousands is not None:
        between = _BETWEEN.get(profile.thousands, thin)
        yield Rule(frozenset("123456789"), lambda buffer: buffer.put([*_groups(buffer.view, between)]), _IN_GROUPS)
    yield rule("%‰", _PERCENT, partial(_space, profile.percent))
    yield rule("€£¥$", _MONEY, partial(_space, profile.currency))
    if profile.units == "space":
        yield rule("0123456789", _UNIT, NBSP, _SPACED)
        yield rule("0123456789", _GLUED_UNIT, NBSP, _GLUED)
        yield rule("h", _HOUR, NBSP, _HOURS)


def _groups(text: str, between: str) -> Iterator[Change]:
    for number in _NUMBER.finditer(text):
        for space in re.finditer(SP, number[0]):
            place = number.start() + space.start()
            yield place, place + 1, between


def _space(choice: str | None, match: re.Match[str]) -> str:
    """The space before a sign; where the profile keeps it as typed, it still becomes a no-break space."""
    if choice == "keep":
        return NBSP if match["x"] else ""
    return NBSP if choice == "space" else ""
