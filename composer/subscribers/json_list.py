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


def read_json_list(path: Path) -> tuple[list[str], Iterator[list[str]]]:
    """The names of the fields, as a header, and the objects as rows of texts. Raises ``Refused``."""
    if path.stat().st_size > _LARGEST:
        raise Refused(_("{path}: a list in JSON may have 50 MB; write this one as CSV").format(path=path))
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused(_("{path}: this is not JSON: {why}").format(path=path, why=error)) from error
    objects = _objects(content)
    if not objects:
        raise Refused(_("{path}: no list of readers in this JSON").format(path=path))
    header = list(dict.fromkeys(key for one in objects for key in one))
    return header, ([_text(one.get(key)) for key in header] for one in objects)


def _objects(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, dict):
        content = next((value for value in content.values() if isinstance(value, list)), [])
    found = content if isinstance(content, list) else []
    return found if all(isinstance(one, dict) for one in found) else []


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
