"""JSON as strangers write it: objects and texts are asked for by name, and anything else is not there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from composer.returns.hooks.believing import HookRefusal, NotBelieved

#: Characters of a text that are looked at.
_LONGEST_TEXT = 4_000


def read_object(body: bytes | str) -> Mapping[str, Any]:
    """The object that ``body`` holds. Raises ``NotBelieved`` for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise NotBelieved(HookRefusal.FORM) from None
    if not isinstance(found, dict):
        raise NotBelieved(HookRefusal.FORM)
    return found


def part(within: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of that name; empty where it is none."""
    found = within.get(name)
    return found if isinstance(found, dict) else {}


def items(within: Mapping[str, Any], name: str, most: int = 200) -> list[Any]:
    """The first items of the list of that name; none where it is no list."""
    found = within.get(name)
    return found[:most] if isinstance(found, list) else []


def text(within: Mapping[str, Any], name: str) -> str:
    """The text of that name, or a number as a text; empty where it is neither."""
    found = within.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    try:
        return str(found)[:_LONGEST_TEXT].encode("utf-8", "replace").decode()
    except ValueError:  # an integer of thousands of digits
        return ""
