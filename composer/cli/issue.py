"""Find the issue that an ISSUE argument names."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from composer.errors import Refused
from composer.issue import key_of
from composer.issue.files import UnreadPublication, example_name
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom


def issue_named(newsroom: Newsroom, name: str) -> Path:
    """An issue by its file, relative to the newsroom, its issues/ or the current folder, or as publication/date.

    Raises ``Refused`` where there is no such issue.
    """
    inside = newsroom.root / "issues" / (name if name.endswith(".yaml") else f"{name}.yaml")
    for path in (newsroom.root / name, inside, Path(name)):
        if path.is_file():
            with suppress(UnreadPublication):  # loading the issue reports it, with all other findings
                key_of(path, newsroom)
            return path
    message = _("there is no issue {name}. It is named by its file, or as publication/date: {example}")
    raise Refused(message.format(name=name, example=example_name(newsroom.root)))
