"""Convert the text of one scalar to the value its place expects.

Only four kinds of value are not text: true and false, integers (and decimal numbers where a setting wants one), ISO
dates, and one of a list of words. YAML 1.1's implicit types (``on``, ``1_000``, ``41:14``, ``0755``) are not applied.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from composer.locale import Language
from composer.locale import gettext as _
from composer.source.field_spec import Kind, ScalarSpec
from composer.source.late_pattern import late
from composer.source.vocabulary import find_value, fold_key, nearest_word, value_name


@dataclass(frozen=True)
class Misfit:
    """Why a text is not the value expected, and the nearest valid one."""

    code: str
    message: str
    better: str | None = None


def convert(text: str, specs: tuple[ScalarSpec, ...], language: Language) -> tuple[Any, ScalarSpec] | Misfit:
    """The value of ``text`` by the first of ``specs`` that accepts it, with that spec.

    Else why the first of them does not that says what to type instead; why the first does not where none says it.
    """
    misfit: Misfit | None = None
    is_dated = re.match(r"\d{4}-\d\d-\d\d[ T]", text) is not None  # what is wrong is the hour
    for spec in specs:
        value = _CONVERSIONS[spec.kind](text, spec, language)
        if not isinstance(value, Misfit):
            return value, spec
        if misfit is None or (value.better and not misfit.better) or (is_dated and spec.kind is Kind.DATETIME):
            misfit = value
    assert misfit is not None
    words = [value_name(each, language) for spec in specs for each in spec.choices]
    if words and misfit.code == "not-a-boolean":
        message = _("write true or false here, or {words}").format(words=", ".join(words))
        misfit = Misfit(misfit.code, message, misfit.better)
    return misfit


def _text(text: str, spec: ScalarSpec, language: Language) -> Any:
    return text


def _choice(text: str, spec: ScalarSpec, language: Language) -> Any:
    value = find_value(text, spec.choices)
    if value is not None:
        return value
    names = [value_name(each, language) for each in spec.choices]
    message = _("“{value}” is not possible here; choose one of: {choices}")
    better = nearest_word(text, names) or _begun(text, names) or _coded(text, names)
    if better is None and {"yes", "no"}.issuperset(spec.choices) and (meant := _BOOLS.get(fold_key(text))):
        better = value_name("yes" if meant == "true" else "no", language)
    return Misfit("unknown-value", message.format(value=text, choices=", ".join(names)), better)


def _begun(text: str, names: list[str]) -> str | None:
    """The only one of ``names`` that begins with ``text``, of three letters at least: ven., Fri."""
    start = fold_key(text.rstrip("."))
    found = [name for name in names if len(start) > 2 and fold_key(name).startswith(start)]
    return found[0] if len(found) == 1 else None


#: What other programs call one of our words.
_OTHERS = {"ssl": "tls", "smtps": "tls", "ssl_tls": "tls", "tls_ssl": "tls"}


def _coded(text: str, names: list[str]) -> str | None:
    """The code of a language of which ``text`` is the name, or the code with its country; another program's word."""
    word = fold_key(text)
    codes = [name for name in names if len(name) == 2 and word.startswith(name)]
    return codes[0] if len(codes) == 1 else _OTHERS[word] if _OTHERS.get(word) in names else None


#: What parts two words of a list; every one of them, as it is said of days.
_PARTED = re.compile(r" ?[,;/&+] ?| (?:et|and) ")
_EVERY = frozenset(["tous_les_jours", "chaque_jour", "quotidien", "every_day", "daily", "each_day"])


def listed(text: str, spec: ScalarSpec, language: Language) -> str | None:
    """``text`` as a list between brackets, where each of its words is, or nearly is, one of those of ``spec``."""
    if fold_key(text) in _EVERY:
        return f"[{', '.join(value_name(each, language) for each in spec.choices)}]"
    words = _PARTED.split(text.strip().strip("[]"))
    made = [_choice(word.strip(), spec, language) for word in words]
    names = [each.better if isinstance(each, Misfit) else value_name(each, language) for each in made]
    return f"[{', '.join(filter(None, names))}]" if len(words) > 1 and all(names) else None


#: Words for “all of it, by yourself”, and for none of it, where a field has a word for that, and one only.
_MEANT = {
    "auto": frozenset(["tout", "tous", "toutes", "all", "oui", "yes", "true", "vrai", "automatique", "automatic"]),
    "none": frozenset(["non", "no", "false", "faux", "off", "null", "nil", "n_a", "aucun", "aucune"]),
}


def only_word(text: str, specs: tuple[ScalarSpec, ...], language: Language) -> str | None:
    """The one word of ``specs`` that ``text``, which is none, stands for; None where they have several, or another."""
    choices = [each for spec in specs for each in spec.choices]
    meant = len(choices) == 1 and fold_key(text) in _MEANT.get(choices[0], ())
    return value_name(choices[0], language) if meant else None


_BOOLS = {
    "true": "true", "vrai": "true", "oui": "true", "yes": "true", "on": "true", "1": "true",
    "false": "false", "faux": "false", "non": "false", "no": "false", "off": "false", "0": "false",
}  # fmt: skip


def _bool(text: str, spec: ScalarSpec, language: Language) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return Misfit("not-a-boolean", _("write true or false here"), _BOOLS.get(fold_key(text)))


def _int(text: str, spec: ScalarSpec, language: Language) -> Any:
    if re.fullmatch(r"-?(?:0|[1-9]\d{0,14})", text, re.ASCII):
        return int(text)
    digits = re.sub(r"[\s_.,'’]", "", text)
    better = str(int(digits)) if re.fullmatch(r"\d{1,15}", digits, re.ASCII) else None
    numbers = re.findall(r"\d{1,15}", text[:100], re.ASCII)
    if better is None and len(numbers) == 1 and not re.search(r"[-.,]\d|\d[.,]\d", text):
        better = str(int(numbers[0]))  # 5 min, n° 214
    return Misfit("not-an-integer", _("a whole number is expected here, in digits alone"), better)


def _float(text: str, spec: ScalarSpec, language: Language) -> Any:
    if re.fullmatch(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?", text, re.ASCII):
        return float(text)
    better = text.replace(",", ".") if re.fullmatch(r"(?:0|[1-9]\d*),\d+", text, re.ASCII) else None
    return Misfit("not-a-number", _("a number is expected here, with a point for decimals"), better)


#: Longest text that is looked at as a date, in characters.
_LONGEST_DATE = 100

_MONTHS = (
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "january february march april may june july august september october november december",
)


def _month(written: str) -> int:
    """The number of a month by its name or the first letters of it; 0 for none."""
    for months in _MONTHS:
        found = [number for number, name in enumerate(months.split(), 1) if name.startswith(written)]
        if len(written) > 2 and len(found) == 1:
            return found[0]
    return 0


def guessed_date(text: str) -> str | None:
    """The ISO form of a date written another way: ``15/12/2026``, ``15 décembre 2026``, ``December 15, 2026``."""
    folded = fold_key(re.sub(r"[/.,]", "-", text))
    year, month, day = 0, 0, 0
    if match := re.fullmatch(r"(\d{4})_(\d{1,2})_(\d{1,2})", folded, re.ASCII):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := re.fullmatch(r"(\d{1,2})_(\d{1,2})_((?:20)?\d{2})", folded, re.ASCII):
        year, month, day = int(match[3]), int(match[2]), int(match[1])
        if month > 12 >= day:  # as Americans write it, where only that can be meant
            month, day = day, month
    elif match := re.fullmatch(
        r"(?:[a-z]+_){0,2}(\d{1,2})(?:er|st|nd|rd|th)?_(?:of_)?([a-z]+)_(\d{4})", folded, re.ASCII
    ):
        year, month, day = int(match[3]), _month(match[2]), int(match[1])
    elif match := re.fullmatch(r"(?:[a-z]+_)?([a-z]+)_(\d{1,2})(?:st|nd|rd|th)?_(\d{4})", folded, re.ASCII):
        year, month, day = int(match[3]), _month(match[1]), int(match[2])
    try:
        return date(year if year > 99 or not year else 2000 + year, month, day).isoformat()
    except ValueError:
        return None


#: An hour of its own: 7h, 7 h 30, 19.30, 7 am, à 7 heures.
_CLOCK = re.compile(
    r"(?:à |at )?(?P<hour>\d{1,2})(?: ?(?:[:h.]|heures?\b|hours?\b) ?(?P<minutes>\d{2})?)? ?(?P<half>[ap]\.?m\.?)?",
    re.IGNORECASE,
)
_NAMED_HOURS = {"midi": "12:00", "noon": "12:00", "midday": "12:00", "minuit": "00:00", "midnight": "00:00"}


def guessed_hour(text: str) -> str | None:
    """An hour written another way, in 24 hours: ``7h``, ``7 h 30``, ``7 am``, ``noon``."""
    match = _CLOCK.fullmatch(text.strip()) if len(text) <= _LONGEST_DATE else None
    return _NAMED_HOURS.get(fold_key(text)) if match is None else _hour(match)


#: An hour as it is spoken after a date: à 18h30, 18 h, at 6:30 pm, noon.
_HOUR = late(
    r"(?P<day>.+?)[ T,]+(?:à |at )?(?P<hour>\d{1,2})(?: ?[:h.] ?(?P<minutes>\d{2})?)? ?(?P<half>[ap]\.?m\.?)?",
    re.IGNORECASE,
)


def _hour(match: re.Match[str]) -> str | None:
    """The hour in 24, with its minutes; None for a number that is none."""
    hour, minutes, half = int(match["hour"]), match["minutes"] or "00", (match["half"] or "")[:1].lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02}:{minutes}" if hour < 24 and minutes < "60" else None


def _date(text: str, spec: ScalarSpec, language: Language) -> Any:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return Misfit("not-a-date", _("{date} is not in the calendar").format(date=text))
    return Misfit("not-a-date", _("a date is written year-month-day: 2026-12-15"), guessed_date(text))


def _datetime(text: str, spec: ScalarSpec, language: Language) -> Any:
    why = _("a date and an hour are written 2026-12-15 07:00")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?", text, re.ASCII):
        try:
            made = datetime.fromisoformat(text)
            if 1 < made.year < 9999:  # near the calendar's ends, some time zones cannot express it
                return made
        except ValueError:
            pass
        return Misfit("not-a-date", _("{date} is not in the calendar").format(date=text))
    text = text.strip()
    if len(text) > _LONGEST_DATE:
        return Misfit("not-a-date", why)
    day, hour = guessed_date(text), "07:00"
    match = _HOUR.fullmatch(text) if day is None else None
    if match is not None and (match["minutes"] or match["half"] or "h" in text[match.end("day") :].casefold()):
        day, hour = guessed_date(match["day"]), _hour(match) or ""
    return Misfit("not-a-date", why, f"{day} {hour}" if day and hour else None)


_CONVERSIONS: dict[Kind, Callable[[str, ScalarSpec, Language], Any]] = {
    Kind.CHOICE: _choice,
    Kind.BOOL: _bool,
    Kind.INT: _int,
    Kind.FLOAT: _float,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.WORDS: _text,
    Kind.LINES: _text,
    Kind.TEXT: _text,
}
