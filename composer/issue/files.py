"""Paths of issues: ``issues/<publication>/<date>[-<slug>][.<language>].yaml``, from which the issue's key is read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

from composer.errors import Refused
from composer.issue.model import IssueKey
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import publication_of, unknown_publication, unread_publications, unread_sentence
from composer.source.paths import is_of_a_system
from composer.source.vocabulary import nearest_word

_NAME = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?:-(?P<slug>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?))?(?:\.(?P<language>fr|en))?\.yaml"
)
_DATES = (
    re.compile(r"(?P<y>\d{4})[-_. ]?(?P<m>\d{2})[-_. ]?(?P<d>\d{2})"),
    re.compile(r"(?P<y>\d{4})[-_. ](?P<m>\d{1,2})[-_. ](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?P<d>\d{2})[-_. ](?P<m>\d{2})[-_. ](?P<y>\d{4})"),
)

#: Hyphens and dashes that a text processor types instead of “-”.
_DASH = re.compile("[\u2010-\u2015\u2212]")


class BadName(Refused):
    """A file name that is not an issue's; ``better`` is the name it should probably have."""

    code: ClassVar[str] = "file-name"

    def __init__(self, message: str, better: str | None = None) -> None:
        super().__init__(message)
        self.better = better

    def shown(self) -> str:
        return f"{self}\n  → {self.better}" if self.better else str(self)


class UnreadPublication(BadName):
    """The file of the issue's publication has errors, so the issue's key cannot be determined."""

    code = "publication-unread"


@dataclass(frozen=True, order=True)
class IssueFile:
    path: Path
    key: IssueKey


def find_issues(newsroom: Newsroom, publication: str | None = None, day: date | None = None) -> tuple[IssueFile, ...]:
    """The issues of the newsroom, of one publication, or of one of its days, by path. Files with other names are left
    out; those of other days are not even looked at."""
    found: list[IssueFile] = []
    for path in issue_files(newsroom, publication, "*" if day is None else f"{day.isoformat()}*"):
        try:
            found.append(IssueFile(path, key_of(path, newsroom)))
        except BadName:
            continue
    return tuple(found)


def issue_files(newsroom: Newsroom, publication: str | None = None, named: str = "*") -> tuple[Path, ...]:
    """Every YAML file in the issues' folders, well named or not, sorted; folders of unknown publications included.
    ``named``: a pattern of names."""
    kept = newsroom.root / "issues"
    there = {folder.name for folder in kept.iterdir() if folder.is_dir()} if kept.is_dir() else set()
    folders = [publication] if publication is not None else sorted({*newsroom.publications, *there})
    return tuple(
        path
        for folder in folders
        for path in sorted((newsroom.root / "issues" / folder).glob(named))
        if path.suffix in (".yaml", ".yml") and path.is_file() and not is_of_a_system(path.name)
    )


def key_of(path: Path, newsroom: Newsroom) -> IssueKey:
    """The key of the issue at ``path``. Raises ``BadName``, with the right form, or ``UnreadPublication``."""
    publication = publication_of(path, newsroom)
    if publication is None:
        message = _("an issue is kept in issues/<publication>/: this file is in {folder}")
        raise BadName(message.format(folder=path.parent.as_posix()))
    if publication not in newsroom.publications:
        if (unread := unread_publications(newsroom).get(publication)) is not None:
            raise UnreadPublication(unread_sentence(unread))
        near = nearest_word(publication, newsroom.publications)
        message = unknown_publication(publication, newsroom.publications)
        raise BadName(message, f"issues/{near}/{path.name}" if near else None)
    match = _NAME.fullmatch(path.name)
    day = day_of(match["date"]) if match else None
    if match is None or day is None:
        better = _better(path.name)
        if better is not None and (first := path.with_name(f"{better[:10]}.yaml")).is_file() and first != path:
            message = _("{file} is there already for that date: if this one is a copy of it, delete one of the two")
            raise BadName(message.format(file=first.name))
        message = _("an issue's file is named by its date, year-month-day: 2026-11-28.yaml, or 2026-11-28-name.yaml")
        raise BadName(message, better)
    language = match["language"]
    return IssueKey(publication, day, match["slug"] or "", "fr" if language == "fr" else "en" if language else None)


def example_name(root: Path) -> str:
    """How an issue is named, for a message: the last of the newsroom at ``root``, else one that could be."""
    there = [path for path in (root / "issues").glob("*/*.yaml") if _NAME.fullmatch(path.name)]
    if last := max(there, key=lambda path: path.name, default=None):
        return f"{last.parent.name}/{last.stem}"
    publication = min((path.stem for path in (root / "config/publications").glob("*.yaml")), default="vendredi")
    return f"{publication}/2026-11-27"


def like_name(root: Path, name: str) -> str | None:
    """The issue of the newsroom at ``root`` that ``name`` probably means: by its date, or by its letters."""
    there = {f"{path.parent.name}/{path.stem}": path for path in sorted((root / "issues").glob("*/*.y*ml"))}
    typed = name.removeprefix("issues/").removesuffix(".yaml").replace("\\", "/").replace(" ", "")
    dated = [each for each in there if each.rpartition("/")[2] == typed.rpartition("/")[2]]
    near = dated[0] if len(dated) == 1 else nearest_word(typed, there)
    return None if near is None else near if there[near].suffix == ".yaml" else f"{near}{there[near].suffix}"


def issue_path(newsroom: Newsroom, key: IssueKey) -> Path:
    """The path of the issue ``key``, whether or not it exists."""
    language = f".{key.language}" if key.language else ""
    slug = f"-{key.slug}" if key.slug else ""
    return newsroom.root / "issues" / key.publication / f"{key.date.isoformat()}{slug}{language}.yaml"


def language_of(newsroom: Newsroom, key: IssueKey) -> Language:
    """The language of the issue: the publication's, unless its file name gives another."""
    return key.language or newsroom.publications[key.publication].language


def translations(newsroom: Newsroom, key: IssueKey) -> tuple[IssueFile, ...]:
    """The files of the same date and name as ``key`` in other languages than the publication's, by language."""
    own = newsroom.publications[key.publication].language
    return tuple(
        file
        for file in find_issues(newsroom, key.publication, key.date)
        if file.key.slug == key.slug and language_of(newsroom, file.key) != own
    )


def sealed_path(path: Path) -> Path:
    """The folder that holds the approval of the issue at ``path``."""
    return path.with_suffix(".sealed")


def sealed_before(root: Path, key: IssueKey) -> frozenset[tuple[str, str]]:
    """The date and the slug of each issue of the publication of ``key`` that has an approval and comes before it."""
    folder = root / "issues" / key.publication
    names = (
        _NAME.fullmatch(f"{path.stem}.yaml")
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.suffix == ".sealed"
    )
    found = {(match["date"], match["slug"] or "") for match in names if match is not None}
    return frozenset(each for each in found if each < (key.date.isoformat(), key.slug))


def date_and_name(written: str) -> tuple[date, str] | None:
    """Date and name of an issue in its publication's language, written ``2026-11-28`` or ``2026-11-28-name``."""
    match = _NAME.fullmatch(f"{written}.yaml")
    day = day_of(match["date"]) if match and not match["language"] else None
    return None if match is None or day is None else (day, match["slug"] or "")


def day_of(written: str) -> date | None:
    """The date of an issue, written ``2026-11-28``; None if invalid.

    Years are 1000 to 8999: days and hours are added to dates, and Python's end with 9999.
    """
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if 1000 <= day.year < 9000 else None


def _better(name: str) -> str | None:
    name = _DASH.sub("-", name)
    for form in _DATES:
        match = form.search(name)
        if match and (day := day_of(f"{match['y']}-{match['m']:0>2}-{match['d']:0>2}")) is not None:
            rest = re.sub(r"(?:\.ya?ml){1,3}$", "", name[: match.start()] + " " + name[match.end() :])
            language = re.search(r"\.(fr|en)$", rest)
            slug = re.sub(r"[^a-z0-9]+", "-", _bare(rest[: language.start() if language else None])).strip("-")
            return f"{day.isoformat()}{'-' + slug if slug else ''}{language[0] if language else ''}.yaml"
    return None


def _bare(words: str) -> str:
    """``words`` in small letters without accents."""
    letters = unicodedata.normalize("NFKD", words.lower().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
