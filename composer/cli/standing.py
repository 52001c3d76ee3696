"""How the approvals of the issues just read stand, as ``filigrane check`` tells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from composer.approval.changes import Standing, readable, standing
from composer.errors import FiligraneError
from composer.issue import sealed_path
from composer.issue.model import Front
from composer.locale import gettext as _
from composer.newsroom import Newsroom
from composer.newsroom.environment import key_files
from composer.schedule.wording import day_and_hour
from composer.source import load
from composer.source.opening import relative


def standings(paths: Iterable[Path], newsroom: Newsroom) -> Iterator[tuple[str, Standing]]:
    """The issues that have an approval, by file. What cannot be read is reported by reading the issue itself."""
    for path in paths:
        if sealed_path(path).is_dir():
            with suppress(FiligraneError):
                secrets = key_files(newsroom.root, newsroom.settings)
                document = load(path, Front, root=newsroom.root, keys=newsroom.settings.keys, secrets=secrets)
                found = standing(path, newsroom, readable(document))
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


def standing_words(found: Standing, newsroom: Newsroom) -> str:
    """A paragraph: the approver, when, whether it holds; and what changed since, or what to type."""
    when = None if found.at is None else day_and_hour(found.at, newsroom)
    if found.reason is None:
        return _("Approved by {by}, {when}, and unchanged since.").format(by=found.by, when=when)
    if when is None:
        return found.sentence
    void = _("The approval by {by}, {when}, is void: {why}").format(by=found.by, when=when, why=found.sentence)
    if found.reason != "source-changed":
        return void
    if not found.changes:
        return f"{void}\n" + _("What changed is not in its words, or is not known: git diff shows it.")
    return f"{void}\n" + _("Changed since: {changes}.").format(changes=_("; ").join(found.changes))
