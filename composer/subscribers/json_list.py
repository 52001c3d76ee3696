"""Read a list written as JSON: an array of objects, or an object that holds one (Mailman's REST interface)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from composer.errors import Refused
from composer.locale import gettext as _

#: Largest file, in bytes: all of it is read at once.
_LARGEST = 50_000_000


def read_json_list(path: Path) -> tuple[str, list[str], Iterator[list[str]]]:
    """The name of the list, the names of the fields, as a header, and the objects as rows of texts.

    Raises ``Refused``, also where there are several lists: which of them left is in their names.
    """
    if path.stat().st_size > _LARGEST:
        raise Refused(_("{path}: a list in JSON may have 50 MB; write this one as CSV").format(path=path))
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
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
    return title, header, ([_text(one.get(key)) for key in header] for one in objects)


def _lists(content: Any) -> dict[str, list[dict[str, Any]]]:
    """The lists of objects, by their names; one that is the whole file has none."""
    named = content if isinstance(content, dict) else {"": content}
    return {
        name: value
        for name, value in named.items()
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value) and name not in _LINKS
    }


#: What stands beside the list in the answers of programs: where more of it is.
_LINKS = ("links", "_links")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
