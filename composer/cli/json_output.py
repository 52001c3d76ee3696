"""Values of the ledger, and long lists of them, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date

from composer.errors import FiligraneError, Mistakes


def plain(value: object) -> str:
    """A date or an instant as ISO 8601; for ``json.dumps(default=...)``."""
    return value.isoformat() if isinstance(value, date) else str(value)  # a datetime is a date


def failure(error: FiligraneError) -> str:
    """The document in place of the one that was asked for: ``error``, ``exit_code``, and of mistakes their findings."""
    said: dict[str, object] = {"error": str(error), "exit_code": error.exit_code}
    if isinstance(error, Mistakes):
        said["findings"] = [each.as_json() for each in error.findings]
    return json.dumps(said, ensure_ascii=False, indent=2, default=plain)


def json_array(items: Iterable[dict[str, object]]) -> Iterator[str]:
    """One JSON document in pieces: what ``json.dumps(indent=2)`` and a line break make of the whole list.

    The closing bracket comes last: a document that is cut short is invalid.
    """
    between = "[\n"
    for item in items:
        yield between + "  " + json.dumps(item, ensure_ascii=False, indent=2, default=plain).replace("\n", "\n  ")
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"
