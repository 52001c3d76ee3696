"""Read a list written as JSON: an array of objects or of addresses, an object that holds one (Mailman's REST
interface), or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from composer.errors import Refused
from composer.locale import gettext as _

#: Largest file, in bytes: all of it is read at once.
_LARGEST = 50_000_000
#: Objects within one another in which a list is looked for.
_DEEPEST = 5
#: Most characters of a text beside a list that is part of its title.
_LONGEST_TITLE = 60


@dataclass(frozen=True)
class JsonList:
    """``title``: the names on the way to the list, and the texts beside it. ``header``: the names of the fields;
    ``rows``: the objects, as texts. ``total``: how many readers there are in all, where the file says so, else 0."""

    title: str
    header: list[str]
    rows: Iterator[list[str]]
    total: int = 0


def read_json_list(path: Path) -> JsonList:
    """The list of a file.

    Raises ``Refused``, also where there are several lists: which of them left is in their names.
    """
    if path.stat().st_size > _LARGEST:
        raise Refused(_("{path}: a list in JSON may have 50 MB; write this one as CSV").format(path=path))
    try:
        content = _content(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused(_("{path}: this is not JSON: {why}").format(path=path, why=error)) from error
    lists = _lists(content)
    if len(lists) > 1:
        message = _("{path}: several lists in this JSON ({names}); write each to a file of its own")
        raise Refused(message.format(path=path, names=", ".join(lists)))
    title, objects = next(iter(lists.items()), ("", []))
    if not objects:
        raise Refused(_("{path}: no list of readers in this JSON").format(path=path))
    header = list(dict.fromkeys(key for one in objects for key in one))
    rows = ([_text(one.get(key)) for key in header] for one in objects)
    total = _total(content)
    return JsonList(title, header, rows, total if total > len(objects) else 0)


def _content(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for line in lines):
            raise
        return [json.loads(line) for line in lines]


def _lists(content: Any, name: str = "", depth: int = 0) -> dict[str, list[dict[str, Any]]]:
    """The lists of objects, or of addresses, by their names; one that is the whole file has none."""
    if isinstance(content, list):
        rows = _objects(content)
        return {name: rows} if rows else {}
    if not isinstance(content, dict) or depth > _DEEPEST:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    beside = [one for one in content.values() if isinstance(one, str) and len(one) <= _LONGEST_TITLE]
    for key, value in content.items():
        if key in _LINKS:
            continue
        inner = " ".join(filter(None, (name, key)))
        found |= _lists(value, " ".join((inner, *beside)) if isinstance(value, list) else inner, depth + 1)
    return found


def _objects(content: list[Any]) -> list[dict[str, Any]]:
    if content and all(isinstance(one, dict) for one in content):
        return content
    return [{"email": one} for one in content] if any(isinstance(one, str) and "@" in one for one in content) else []


#: What stands beside the list in the answers of programs: where more of it is.
_LINKS = ("links", "_links")
#: What says there how many there are in all.
_TOTALS = ("total", "total_items", "total_size", "total_results", "total_count", "totalCount", "totalItems")


def _total(content: Any, depth: int = 0) -> int:
    if not isinstance(content, dict) or depth > _DEEPEST:
        return 0
    here = [value for key, value in content.items() if key in _TOTALS and type(value) is int]
    return max([0, *here, *(_total(value, depth + 1) for value in content.values())])


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def looks_like_json(start: bytes) -> bool:
    """Whether a file begins as JSON does, whatever it is called."""
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    inside = start[1:].lstrip()[:1]
    return (start[:1] == b"{" and inside == b'"') or (start[:1] == b"[" and inside in (b"{", b'"', b"["))
