"""How the approvals of the issues just read stand, as ``filigrane check`` tells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from composer.approval.changes import Standing
from composer.errors import FiligraneError
from composer.newsroom import Newsroom
from composer.schedule.standing_words import approval_standing
from composer.source.opening import relative


def standings(paths: Iterable[Path], newsroom: Newsroom) -> Iterator[tuple[str, Standing]]:
    """The issues that have an approval, by file. What cannot be read is reported by reading the issue itself."""
    for path in paths:
        with suppress(FiligraneError):
            found = approval_standing(path, newsroom)
            if found is not None:
                yield relative(path, newsroom.root), found


def as_json(file: str, found: Standing) -> dict[str, object]:
    return {
        "issue": file,
        "valid": found.reason is None,
        "reason": found.reason,
        "says": found.sentence or None,
        "by": found.by,
        "at": found.at and found.at.isoformat(),
        "changes": list(found.changes),
    }
