"""Dialogues: what a relay does out of the ordinary, as data. ``tests/dialogs/README.md`` is their grammar."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

DIALOGS = Path(__file__).resolve().parents[2] / "dialogs"
STEPS = ("CONNECT", "EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "BODY", "DOT", "RSET", "QUIT")
ACTIONS = ("say", "raw", "take", "as", "wait", "slowly", "alone", "drop", "reset", "stall", "deaf")
SETTINGS = {
    "readers": "3",
    "modes": "sequential pipelined",
    "connections": "1",
    "per_connection": "100",
    "retry": "0s 0s 0s",
    "timeouts": "",
    "body": "2",
    "security": "none",
    "user": "",
    "certificate": "good",
    "writes": "whole",
    "ends": "idle",
    "kept": "nobody",
    "mailing": "done",
    "suppressed": "",
}
_RULE = re.compile(r"at (?P<step>[A-Z]+)(?: of (?P<reader>\d+))?(?: on (?P<on>\d+))?(?: (?P<times>once|\d+ times))?")


@dataclass(frozen=True)
class Rule:
    """``actions`` are (word, rest); ``times`` and the two selectors are None where any will do."""

    step: str
    reader: int | None
    connection: int | None
    times: int | None
    actions: tuple[tuple[str, str], ...]

    def fits(self, step: str, reader: int | None, connection: int) -> bool:
        return (
            self.step == step
            and self.reader in (None, reader)
            and (self.connection is None or self.connection == connection)
        )


@dataclass(frozen=True)
class Dialog:
    """``ledger`` gives (state, reply code) by reader."""

    name: str
    settings: dict[str, str]
    rules: tuple[Rule, ...]
    ledger: dict[int, tuple[str, int | None]]

    def __getitem__(self, setting: str) -> str:
        return self.settings[setting]

    def number(self, setting: str) -> int:
        return int(self.settings[setting])

    @property
    def modes(self) -> list[str]:
        return self["modes"].split()

    @property
    def kept(self) -> Counter[int]:
        return Counter() if self["kept"] == "nobody" else Counter(map(int, self["kept"].split()))

    @property
    def timeouts(self) -> dict[str, float]:
        words = self["timeouts"].split()
        return {name: float(seconds) for name, seconds in zip(words[::2], words[1::2], strict=True)}


@dataclass
class _Reading:
    settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))
    rules: list[Rule] = field(default_factory=list)
    ledger: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    block: str = ""


def read_dialog(path: Path) -> Dialog:
    """Raises ``ValueError`` with the line where the file says something that the grammar does not know."""
    reading = _Reading()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            _inner(reading, line.strip()) if line[0] == " " else _outer(reading, line.rstrip())
        except (ValueError, SyntaxError) as error:
            raise ValueError(f"{path.name}:{number}: {line.strip()!r}: {error}") from error
    if len(reading.ledger) != int(reading.settings["readers"]):
        raise ValueError(f"{path.name}: the ledger must name every reader")
    return Dialog(path.stem, reading.settings, tuple(reading.rules), reading.ledger)


def _outer(reading: _Reading, line: str) -> None:
    word, _, rest = line.partition(" ")
    reading.block = word
    if match := _RULE.fullmatch(line):
        if match["step"] not in STEPS:
            raise ValueError("no such step")
        times = None if match["times"] is None else 1 if match["times"] == "once" else int(match["times"].split()[0])
        reader, on = (int(match[name]) if match[name] else None for name in ("reader", "on"))
        reading.rules.append(Rule(match["step"], reader, on, times, ()))
    elif word in SETTINGS:
        reading.settings[word] = rest
    elif line != "ledger":
        raise ValueError("no such setting")


def _inner(reading: _Reading, line: str) -> None:
    word, _, rest = line.partition(" ")
    if reading.block == "at" and word in ACTIONS:
        rule = reading.rules.pop()
        said = str(ast.literal_eval(rest)) if word == "raw" else rest
        reading.rules.append(Rule(rule.step, rule.reader, rule.connection, rule.times, (*rule.actions, (word, said))))
    elif reading.block == "ledger":
        state, _, code = rest.partition(" ")
        reading.ledger[int(word)] = (state, int(code) if code else None)
    else:
        raise ValueError("no such action")


def read_dialogs() -> list[Dialog]:
    return [read_dialog(path) for path in sorted(DIALOGS.glob("*.dialog"))]
