"""Numbers: their thousands, per cent, money and units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from composer.issue.typography.setting import FIXED, NBSP, NNBSP, SP, Change, Setting
from composer.newsroom.model import Typography

#: Written so, and only so: these also take their space where none was typed.
_LONG_UNITS = (
    "km|cm|mm|nm|kg|mg|cl|dl|hl|kW|MW|GW|TW|kWh|MWh|GWh|TWh|kV|Hz|kHz|MHz|GHz|Ko|ko|Mo|Go|To|Po|hPa|kPa|dB|km/h|°C|°F"
)
_UNITS = rf"{_LONG_UNITS}|[km]?m[²³]|m/s|[mgLlhstWVAJKN]|min|ha|millions?|milliards?|billions?"

_NUMBER = re.compile(rf"(?<![\w.,+{FIXED}])(?<!\d{SP})[1-9]\d{{0,2}}(?:{SP}\d{{3}})+(?![\w{FIXED}]|{SP}\d)")
_PERCENT = re.compile(rf"(?<=\d)(?P<x>{SP}*)(?=[%‰](?![\w%{FIXED}]))")
_MONEY = re.compile(rf"(?<=\d)(?P<x>{SP}*)(?=(?:[kKM]|Mds?)?[€£¥$](?![\w{{{FIXED}]))")
_UNIT = re.compile(rf"(?<=\d)(?P<x>{SP}+)(?=(?:{_UNITS})(?![\w’'´{FIXED}]))")
_GLUED_UNIT = re.compile(rf"(?<![\w.,-])\d+(?:[.,]\d+)?(?P<x>)(?=(?:{_LONG_UNITS})(?![\w’'´{FIXED}]))")
_HOUR = re.compile(rf"(?<!\w)\d{{1,2}}{SP}+h(?P<x>{SP}+)(?=\d{{1,2}}(?!\d))")

_BETWEEN = {"dot": ".", "comma": ",", "none": ""}


def set_numbers(setting: Setting, profile: Typography) -> None:
    """Numbers typed in groups, and the spaces before what they count."""
    thin = NNBSP if profile.thin_space == "nnbsp" else NBSP
    if profile.thousands is not None and not setting.lacks("123456789"):
        setting.put([*_groups(setting.view, profile.thousands, thin)])
    for needed, pattern, choice in (("%‰", _PERCENT, profile.percent), ("€£¥$", _MONEY, profile.currency)):
        setting.sub(needed, pattern, partial(_space, choice))
    if profile.units == "space":
        for pattern in (_UNIT, _GLUED_UNIT, _HOUR):
            setting.sub("0123456789", pattern, NBSP)


def _groups(text: str, thousands: str, thin: str) -> Iterator[Change]:
    for number in _NUMBER.finditer(text):
        for space in re.finditer(SP, number[0]):
            place = number.start() + space.start()
            better = _BETWEEN.get(thousands, thin)
            yield place, place + 1, better


def _space(choice: str | None, match: re.Match[str]) -> str:
    """The space before a sign; one that is kept as typed is a no-break one all the same."""
    if choice == "keep":
        return NBSP if match["x"] else ""
    return NBSP if choice == "space" else ""
