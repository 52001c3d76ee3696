"""Files that look like an issue, or like its approval, and are never read: nothing of them would ever leave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from composer.issue.files import issue_files
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.finding import Finding, Place, Severity
from composer.source.opening import relative, require_readable

#: A name that a text editor or a system made of an issue's: .yaml.txt, .YAML, .yml.
_LIKE = re.compile(r"(?P<stem>[^.~#].*)\.ya?ml(?:\.txt)?", re.IGNORECASE)
_DATED = re.compile(r"\d{4}-\d\d-\d\d.*\.ya?ml", re.IGNORECASE)
#: What iCloud leaves of a file that it took away.
_AWAY = re.compile(r"\.(?P<name>.*\.ya?ml)\.icloud", re.IGNORECASE)
#: A text that a text editor named, and a document of another program, by a date.
_TEXT = re.compile(r"\d{4}-\d\d-\d\d[^.]*(?:\.(?:txt|text|md))?", re.IGNORECASE)
_DOCUMENT = re.compile(r"(?P<date>\d{4}-\d\d-\d\d)[^.]*(?:\.ya?ml)?\.(?:docx?|odt|rtf|pages)", re.IGNORECASE)
#: The key of the blocks, at the beginning of a line: also in a text in UTF-16.
_BLOCKS = re.compile(rb"(?:^|\n)\0?b\0?l\0?o\0?(?:c|c\0?k)\0?s\0? ?\0?:")
#: How much of a text is searched for it, in bytes.
_HEAD = 65_536


def misplaced(newsroom: Newsroom) -> Iterator[Finding]:
    """A finding on each such file, in the order of their paths."""
    kept = newsroom.root / "issues"
    read = set(issue_files(newsroom))
    loose = [path for path in newsroom.root.glob("*") if _DATED.fullmatch(path.name)]
    loose += [path for path in kept.glob("*") if _LIKE.fullmatch(path.name)]
    loose += [path for path in kept.glob("*/*/*") if _DATED.fullmatch(path.name) and path.parent.suffix != ".sealed"]
    for path in sorted(path for path in loose if path.is_file()):
        message = _("an issue is kept in issues/<publication>/: move this file there")
        yield _finding(newsroom, path, message, Severity.ERROR)
    for path in sorted(kept.glob("*/*")):
        match = _LIKE.fullmatch(path.name)
        if path.suffix == ".sealed" and path.is_dir() and not path.with_suffix(".yaml").is_file():
            message = _("no issue stands beside this approval any more, and nothing leaves by it: delete this folder")
            yield _finding(newsroom, path, message, Severity.NOTE)
        elif (away := _AWAY.fullmatch(path.name)) is not None:
            message = _("{file} is in iCloud and not on this machine: open its folder in the Finder and download it")
            yield _finding(newsroom, path, message.format(file=away["name"]), Severity.ERROR)
        elif path in read or not path.is_file():
            continue
        elif match is not None or _is_issue(path):
            yield _misnamed(newsroom, path, match["stem"] if match is not None else path.name.partition(".")[0])
        elif (document := _DOCUMENT.fullmatch(path.name)) and not path.with_name(f"{document['date']}.yaml").exists():
            message = _("nothing reads this file: an issue is a plain text, {file}, made by “filigrane new”")
            message = message.format(file=f"{document['date']}.yaml")
            yield _finding(newsroom, path, message, Severity.NOTE)


def _misnamed(newsroom: Newsroom, path: Path, stem: str) -> Finding:
    if path.with_name(better := f"{stem}.yaml").exists():
        message = _("{file} is there already for that date: if this one is a copy of it, delete one of the two")
        return _finding(newsroom, path, message.format(file=better), Severity.WARNING)
    message = _("the name of an issue ends with .yaml, in small letters: rename this file, which nobody reads")
    return _finding(newsroom, path, message, Severity.ERROR, better)


def _is_issue(path: Path) -> bool:
    """True for a text named by a date, without an ending or with another, in which the blocks of an issue begin."""
    if not _TEXT.fullmatch(path.name):
        return False
    try:
        with path.open("rb") as file:
            return _BLOCKS.search(file.read(_HEAD)) is not None
    except OSError:
        return False


def misplaced_of(newsroom: Newsroom, name: str) -> Finding | None:
    """The finding on a file that was meant to be the issue ``name``, publication/date; None where there is none."""
    publication, _slash, stem = name.removeprefix("issues/").removesuffix(".yaml").rpartition("/")
    if not publication or not _DATED.fullmatch(f"{stem}.yaml"):
        return None
    for finding in misplaced(newsroom):
        path = PurePosixPath(finding.place.file)
        if path.suffix != ".sealed" and path.name.lstrip(".").startswith(stem) and f"/{publication}/" in f"/{path}":
            return finding
    return None


def require_readable_issues(root: Path) -> None:
    """Raise ``OutsideWorld`` where this account may not list a folder of issues: it would pass for empty."""
    require_readable(root / "issues", root)
    for folder in sorted((root / "issues").glob("*")):
        if folder.is_dir():
            require_readable(folder, root)


def _finding(newsroom: Newsroom, path: Path, message: str, severity: Severity, better: str | None = None) -> Finding:
    return Finding("file-name", severity, Place(relative(path, newsroom.root), 1, 1), message, suggestion=better)
