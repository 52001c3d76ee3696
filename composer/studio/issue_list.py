"""The issues of a newsroom, the next ones first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date as Date
from pathlib import Path

from composer import locale
from composer.errors import Refused
from composer.issue.files import day_of, example_name, language_of, sealed_path
from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.issue.typography import ruleset, set_text
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.locale.dates import dated
from composer.newsroom.model import Newsroom
from composer.source.finding import Severity
from composer.source.paths import FileMissing, inside

_PUBLICATION = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?:-[a-z0-9_-]+)?(?:\.[a-z]{2})?")
#: Past issues listed; older ones still have their address.
_PAST = 20


@dataclass(frozen=True)
class Entry:
    """An issue of the list. ``unsent``: its day is past and it was never approved, so it never left."""

    address: str
    date: Date
    day: str
    publication: str
    subject: str
    trouble: str | None
    unsent: bool = False


def issue_file(root: Path, publication: str, name: str) -> Path:
    """The file of an issue named by an address. Raises ``Refused`` for anything that is not an issue's name."""
    if not _PUBLICATION.fullmatch(publication) or not _NAME.fullmatch(name):
        raise FileMissing(_("there is no such issue"))
    inside(root, root / "issues", f"{publication}/{name}.yaml")
    return root / "issues" / publication / f"{name}.yaml"  # as typed: a link is of the publication where it stands


def address(path: Path) -> str:
    """Where the studio shows the issue at ``path``."""
    return f"/issue/{path.parent.name}/{path.stem}"


def named(root: Path, name: str) -> Path:
    """The issue that a person names: its path, or publication/date. Raises ``Refused``."""
    parts = Path(name.removesuffix(".yaml")).parts[-2:]
    if len(parts) == 2:
        try:
            return issue_file(root, *parts)
        except FileMissing as error:
            raise Refused(_("{name}: {why}").format(name=name, why=error)) from error
    message = _("{name}: name an issue by its path or as publication/date: {example}")
    raise Refused(message.format(name=name, example=example_name(root)))


def entries(newsroom: Newsroom, today: Date) -> tuple[list[Entry], list[Entry]]:
    """The issues to come, the next first, and the past ones, the latest first."""
    files = [
        (day, path)
        for path in sorted((newsroom.root / "issues").glob("*/*.yaml"))
        if (match := _NAME.fullmatch(path.stem))
        and _PUBLICATION.fullmatch(path.parent.name)
        and (day := day_of(match[1])) is not None
    ]
    coming = sorted(pair for pair in files if pair[0] >= today)
    past = sorted((pair for pair in files if pair[0] < today), reverse=True)[:_PAST]
    behind = [replace(_entry(day, path, newsroom), unsent=not sealed_path(path).exists()) for day, path in past]
    return [_entry(*pair, newsroom) for pair in coming], behind


def _entry(day: Date, path: Path, newsroom: Newsroom) -> Entry:
    document = load_issue(path, newsroom)
    mistakes = sum(finding.severity is Severity.ERROR for finding in document.findings)
    titles: Mapping[str, str] = {name: publication.title for name, publication in newsroom.publications.items()}
    return Entry(
        address=address(path),
        date=day,
        day=dated(day, "full", locale.language()),
        publication=titles.get(path.parent.name, path.parent.name),
        subject=subject_set(document.value, newsroom) if document.value else path.name,
        trouble=ngettext("{n} mistake", "{n} mistakes", mistakes).format(n=mistakes) if mistakes else None,
    )


def subject_set(issue: Issue, newsroom: Newsroom) -> str:
    """The subject as readers get it, with house typography."""
    publication = newsroom.publications[issue.key.publication]
    rules = ruleset(publication, language_of(newsroom, issue.key), tuple(newsroom.lexicon.names))
    return issue.front.subject if rules.profile is None else set_text(issue.front.subject, rules.for_headers)
