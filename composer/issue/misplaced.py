"""Files that look like an issue, or like its approval, and are never read: nothing of them would ever leave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from composer.issue.files import issue_files
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.finding import Finding, Place, Severity
from composer.source.opening import relative, require_readable

#: A name that a text editor or a system made of an issue's: .yaml.txt, .YAML, .yml.
_LIKE = re.compile(r"(?P<stem>[^.~#].*)\.ya?ml(?:\.txt)?", re.IGNORECASE)
_DATED = re.compile(r"\d{4}-\d\d-\d\d.*\.ya?ml", re.IGNORECASE)


def misplaced(newsroom: Newsroom) -> Iterator[Finding]:
    """A finding on each such file, in the order of their paths."""
    kept = newsroom.root / "issues"
    read = set(issue_files(newsroom))
    loose = [path for path in newsroom.root.glob("*") if _DATED.fullmatch(path.name)]
    loose += [path for path in kept.glob("*") if _LIKE.fullmatch(path.name)]
    for path in sorted(path for path in loose if path.is_file()):
        message = _("an issue is kept in issues/<publication>/: move this file there")
        yield _finding(newsroom, path, message, Severity.ERROR)
    for path in sorted(kept.glob("*/*")):
        match = _LIKE.fullmatch(path.name)
        if path.suffix == ".sealed" and path.is_dir() and not path.with_suffix(".yaml").is_file():
            message = _("no issue stands beside this approval any more, and nothing leaves by it: delete this folder")
            yield _finding(newsroom, path, message, Severity.NOTE)
        elif match is not None and path not in read and path.is_file():
            message = _("the name of an issue ends with .yaml, in small letters: rename this file, which nobody reads")
            yield _finding(newsroom, path, message, Severity.ERROR, f"{match['stem']}.yaml")


def require_readable_issues(root: Path) -> None:
    """Raise ``OutsideWorld`` where this account may not list a folder of issues: it would pass for empty."""
    require_readable(root / "issues", root)
    for folder in sorted((root / "issues").glob("*")):
        if folder.is_dir():
            require_readable(folder, root)


def _finding(newsroom: Newsroom, path: Path, message: str, severity: Severity, better: str | None = None) -> Finding:
    return Finding("file-name", severity, Place(relative(path, newsroom.root), 1, 1), message, suggestion=better)
