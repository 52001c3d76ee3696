"""docs/logs.md says what is logged: every event of the code with its levels and fields, and no other."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from composer.delivery.state import State
from composer.doors.answering import ANSWERS
from composer.returns.hooks.receiving import HOOK_ENDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "exception": "error"}

#: Where the event is not written out: what it may be there, and with which fields.
COMPUTED = {
    "composer/delivery/worker/outcome_writer.py": {
        **{state.value: {"info"} for state in (State.DEFERRED, State.REJECTED, State.IN_DOUBT, State.QUEUED)},
        State.SUPPRESSED.value: {"info"},
        State.ACCEPTED.value: {"debug"},
        "mailing-paused": {"error"},
    }
}
COMPUTED_FIELDS = {"mailing", "delivery", "attempt", "scope", "reply"}
#: Given as a mapping: the fields of ``schedule.tick.Event``; what every line about a single message says.
SPREAD = {
    "occurrence": {"publication", "due_date", "state", "reason", "mailing_id"},
    "doors": {*ANSWERS},
    "hooks": {*HOOK_ENDS},
    "single-message": {"message", "kind", "state"},
}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """File, level and call, of each that logs."""
    for path in sorted((ROOT / "composer").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = path.relative_to(ROOT).as_posix()
            match node.func:
                case ast.Attribute(value=ast.Name(id="log" | "_log"), attr=level) if level in LEVELS:
                    yield name, LEVELS[level], node
                case ast.Name(id="say") if name in COMPUTED:
                    yield name, "", node


def logged() -> dict[str, tuple[set[str], set[str]]]:
    """Event → levels, fields."""
    levels: defaultdict[str, set[str]] = defaultdict(set)
    fields: defaultdict[str, set[str]] = defaultdict(set)
    for name, level, call in calls():
        match call.args:
            case [ast.Constant(value=str(event))]:
                levels[event].add(level)
                spread = SPREAD[event] if any(keyword.arg is None for keyword in call.keywords) else set()
                fields[event] |= {keyword.arg for keyword in call.keywords if keyword.arg} | spread
            case _:
                for event, at in COMPUTED[name].items():
                    levels[event] |= at
                    fields[event] |= COMPUTED_FIELDS
    return {event: (levels[event], fields[event]) for event in levels}


def documented() -> dict[str, tuple[set[str], set[str]]]:
    rows = re.findall(r"^\| `([\w-]+)` \| ([\w, ]+) \| ([^|]*)\| [^|]+ \|$", PAGE, re.MULTILINE)
    found = {event: (set(levels.split(", ")), set(re.findall(r"`(\w+)`", fields))) for event, levels, fields in rows}
    assert len(found) == len(rows) == PAGE.count("\n| `")
    return found


def test_every_event_is_documented_with_its_levels_and_fields_and_every_line_is_an_event() -> None:
    assert documented() == logged()


def test_no_field_is_for_an_address() -> None:
    fields = set().union(*(fields for _levels, fields in documented().values()))
    assert not fields & {"email", "address", "to", "recipient", "reader", "rcpt_to", "subscriber"}
