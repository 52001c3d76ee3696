"""What an issue's own file says of its page: whether there may be one, and from when on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from composer.archive.sent import SentLetter
from composer.errors import Refused
from composer.issue.files import issue_path
from composer.issue.key import IssueKey
from composer.issue.marked import Embargo, marked
from composer.issue.model import Correction, Front
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source import load
from composer.source.opening import relative


@dataclass(frozen=True)
class Permission:
    """``online``: the file does not forbid a page. ``until``: the last embargo in it, None without one.

    ``corrections``: those in the file.
    """

    online: bool
    until: datetime | None
    corrections: tuple[Correction, ...] = ()

    def holds(self, now: datetime) -> bool:
        return self.online and (self.until is None or self.until <= now)


def file_of_letter(newsroom: Newsroom, letter: SentLetter) -> Path:
    """The file of the issue that ``letter`` was made from, whether or not it is there."""
    key = letter.key
    spoken = IssueKey(key.publication, key.date, key.slug, "fr" if letter.language == "fr" else "en")
    paths = [issue_path(newsroom, each) for each in ([key, spoken] if letter.original else [spoken])]
    return next((path for path in paths if path.is_file()), paths[0])


def permission(newsroom: Newsroom, path: Path) -> Permission:
    """Read it from the issue's file. Raises ``FiligraneError`` where it cannot be read: nothing is assumed then."""
    front = load(path, Front, root=newsroom.root, keys=newsroom.settings.keys).value
    if front is None:
        message = _("{file} has mistakes, so that nothing says whether it may stand on the web: filigrane check {file}")
        raise Refused(message.format(file=relative(path, newsroom.root)))
    zone = ZoneInfo(newsroom.settings.timezone)
    instants: list[datetime] = [each.value for each in marked(front, Embargo)]
    aware = [each if each.tzinfo else each.replace(tzinfo=zone) for each in instants]
    return Permission(front.online, max(aware, default=None), front.corrections)
