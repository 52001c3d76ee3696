"""Find the issue that an ISSUE argument names."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from composer.errors import OutsideWorld, Refused
from composer.issue import key_of
from composer.issue.files import UnreadPublication, day_of, example_name, like_name
from composer.issue.misplaced import misplaced_of
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.model import Newsroom


def issue_named(newsroom: Newsroom, name: str) -> Path:
    """An issue by its file, relative to the newsroom, its issues/ or the current folder, or as publication/date; by its
    approval's folder too, which completion of a terminal may add.

    Raises ``Refused`` where there is no such issue, ``OutsideWorld`` where its folder cannot be looked into.
    """
    bare = name.strip().rstrip("/").removesuffix(".sealed")
    named = bare if bare.endswith((".yaml", ".yml")) else f"{bare}.yaml"
    try:
        for path in (newsroom.root / named, newsroom.root / "issues" / named, Path(named), Path(name)):
            if path.is_file():
                with suppress(UnreadPublication):  # loading the issue reports it, with all other findings
                    key_of(path, newsroom)
                return path
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be read: {why}").format(file=name, why=os_reason(error))) from error
    if (meant := misplaced_of(newsroom, bare)) is not None:
        raise Refused(_("there is no issue “{name}”.").format(name=name) + f"\n{meant}")
    message = _("there is no issue “{name}”. It is named by its file, or as publication/date: {example}")
    example = like_name(newsroom.root, name) or example_name(newsroom.root)
    raise Refused(message.format(name=name, example=example) + _to_begin(newsroom, bare))


def _to_begin(newsroom: Newsroom, name: str) -> str:
    """How to begin the issue ``name``, where a publication could have it."""
    publication, _slash, date = name.removeprefix("issues/").removesuffix(".yaml").rpartition("/")
    if publication not in newsroom.publications or day_of(date) is None:
        return ""
    message = _("To begin it: filigrane new {publication} --date {date}")
    return "\n" + message.format(publication=publication, date=date)
