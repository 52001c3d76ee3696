"""Rules for numbers: thousands, telephones, per cent, money and units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from composer.issue.typography.edit_buffer import FIXED, NBSP, NNBSP, SP, Change, EditBuffer, Rule, rule
from composer.newsroom.model import Typography
from composer.source.late_pattern import late

#: Unambiguous symbols: these get a space before them even if none was typed.
_LONG_UNITS = (
    "km|cm|mm|nm|kg|mg|[µμ][mgs]|cl|dl|hl|kW|MW|GW|TW|kWh|MWh|GWh|TWh|kV|Hz|kHz|MHz|GHz|Ko|ko|Mo|Go|To|Po|hPa|kPa|dB"
    "|[kMG]?[\u03a9\u2126]|[kc]m[23]|km/h|[°º][CF]"
)
_UNITS = rf"{_LONG_UNITS}|[km]?m[²³]|m[23]|m/s|[mgLlhjstWVAJKN]|min|ha|millions?|milliards?|billions?"

#: €, and every other sign of money.
_SIGNS = "€£¥$¢฿៛" + "".join(map(chr, range(0x20A0, 0x20C1)))

_NUMBER = late(rf"(?<![\w.,+{FIXED}])(?<!\d{SP})[1-9]\d{{0,2}}(?:{SP}\d{{3}})+(?![\w{FIXED}]|{SP}\d)")
_PERCENT = late(rf"(?<=\d)(?P<x>{SP}*)(?=[%‰‱](?![\w%{FIXED}]))")
_PERCENT_SIGN = late(rf"(?<=[^\W\d_]|{FIXED})(?P<x>{SP}+)(?=[%‰‱](?![\w%{FIXED}]))")
_MONEY = late(rf"(?<=\d)(?P<x>{SP}*)(?=(?:[kKM]|Mds?)?[{_SIGNS}](?![\w{{{FIXED}]))")
_UNIT = late(rf"(?<=\d)(?P<x>{SP}+)(?=(?:{_UNITS})(?![\w‘’'´{FIXED}]))")
_GLUED_UNIT = late(rf"(?<![\w.,-])\d+(?:[.,]\d+)?(?P<x>)(?=(?:{_LONG_UNITS})(?![\w‘’'´{FIXED}]))")
#: Hours, minutes, degrees and what follows of them: 7 h 30, 37 min 54 s, 8° 18′ 30″.
_HOUR = late(rf"(?<![\w.,])\d{{1,3}}(?:{SP}+(?:h|min)|{SP}*[°º′])(?P<x>{SP}+)(?=\d{{1,2}}(?!\d))")
#: A French telephone number in groups, with the country's or without.
_TELEPHONE = late(
    rf"(?<![\w.,+/{FIXED}-])(?<!\d{SP})"
    rf"(?:(?:\+33{SP}(?:\(0\){SP}?)?|0)[1-9](?:{SP}\d\d){{4}}|0{SP}8\d\d(?:(?:{SP}\d{{3}}){{2}}|(?:{SP}\d\d){{3}}))(?![\w{FIXED}]|{SP}\d)"
)

# Hints: patterns necessary for any match of the rules (see Rule).
_IN_GROUPS = late(rf"\d{SP}\d{{3}}")
_SPACED = late(rf"\d{SP}")
_HOURS = late(rf"\d(?:(?<=[hn°º′]{SP}\d)|(?<={SP}{SP}\d))")
_IN_PAIRS = late(rf"\d\d{SP}\d\d{SP}\d\d|0{SP}8\d\d{SP}")
_GLUED = late(rf"\d(?:{_LONG_UNITS})")

_BETWEEN = {"dot": ".", "comma": ",", "none": ""}


def number_rules(profile: Typography) -> Iterator[Rule]:
    """The rules for numbers typed in groups, and for the spaces before units."""
    thin = NNBSP if profile.thin_space == "nnbsp" else NBSP
    if profile.thousands is not None:
        between = _BETWEEN.get(profile.thousands, thin)
        yield Rule(frozenset("123456789"), lambda buffer: buffer.put([*_groups(_NUMBER, buffer, between)]), _IN_GROUPS)
    yield rule("%‰‱", _PERCENT, partial(_space, profile.percent))
    yield rule("%‰‱", _PERCENT_SIGN, NBSP)
    yield rule(_SIGNS, _MONEY, partial(_space, profile.currency))
    if profile.units == "space":
        yield rule("0123456789", _UNIT, NBSP, _SPACED)
        yield rule("0123456789", _GLUED_UNIT, NBSP, _GLUED)
        yield rule("hn°º′", _HOUR, NBSP, _HOURS)
        if profile.profile == "french":
            yield Rule(frozenset("0+"), lambda buffer: buffer.put([*_groups(_TELEPHONE, buffer, NBSP)]), _IN_PAIRS)


def _groups(pattern: re.Pattern[str], buffer: EditBuffer, between: str) -> Iterator[Change]:
    for number in pattern.finditer(buffer.view):
        for space in re.finditer(SP, number[0]):
            place = number.start() + space.start()
            yield place, place + 1, between


def _space(choice: str | None, match: re.Match[str]) -> str:
    """The space before a sign; where the profile keeps it as typed, it still becomes a no-break space."""
    if choice == "keep":
        return NBSP if match["x"] else ""
    return NBSP if choice == "space" else ""
