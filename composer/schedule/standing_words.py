"""How the approval of an issue stands, in words: for the command line and the studio."""

from __future__ import annotations

from pathlib import Path

from composer.approval.changes import Standing, readable, standing
from composer.issue import sealed_path
from composer.issue.model import Front
from composer.locale import gettext as _
from composer.newsroom.environment import key_files
from composer.newsroom.model import Newsroom
from composer.schedule.wording import day_and_hour, state_of_due_date
from composer.source import load


def approval_standing(path: Path, newsroom: Newsroom) -> Standing | None:
    """How the approval of the issue at ``path`` stands; None without one. Raises what reading the issue raises."""
    if not sealed_path(path).is_dir():
        return None
    secrets = key_files(newsroom.root, newsroom.settings)
    document = load(path, Front, root=newsroom.root, keys=newsroom.settings.keys, secrets=secrets)
    return standing(path, newsroom, readable(document))


def standing_words(found: Standing, newsroom: Newsroom) -> str:
    """A paragraph: the approver, when, whether it holds; and what changed since, or what to type."""
    when = None if found.at is None else day_and_hour(found.at, newsroom)
    if found.reason is None:
        return _("Approved by {by}, {when}, and unchanged since.").format(by=found.by, when=when)
    if when is None:
        return found.sentence
    void = _void(found, newsroom, found.sentence)
    if found.reason != "source-changed":
        return void
    if not found.changes:
        return f"{void}\n" + _("What changed is not in its words, or is not known: git diff shows it.")
    return f"{void}\n" + changes_words(found)


def standing_line(found: Standing, newsroom: Newsroom) -> str:
    """The same without what to type: where the approval is given is beside it."""
    if found.reason is None or found.at is None:
        return standing_words(found, newsroom)
    void = _void(found, newsroom, state_of_due_date(found.reason))
    return "\n".join(filter(None, [f"{void}.", changes_words(found)]))


def _void(found: Standing, newsroom: Newsroom, why: str) -> str:
    assert found.at is not None
    when = day_and_hour(found.at, newsroom)
    return _("The approval by {by}, {when}, is void: {why}").format(by=found.by, when=when, why=why)


def changes_words(found: Standing) -> str:
    """What changed since the approval, in prose; empty where that is not known."""
    return _("Changed since: {changes}.").format(changes=_("; ").join(found.changes)) if found.changes else ""
