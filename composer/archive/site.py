"""The files of the site, written where they are not what they are to be: by the daemon below ``var/archive/site/``.

Each is whole or the one before. One letter that cannot be made stops itself alone, and what stood of it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from functools import partial
from hashlib import sha256
from pathlib import Path

import structlog
from sqlalchemy import Engine

from composer.approval.atomic import put_file
from composer.archive.corrected import PageCorrection, page_corrections
from composer.archive.feeds import FEED_FILES, entries_of, sitemap
from composer.archive.pages import PageTemplates, Shelf, base, shelf_of, up_from, year_path
from composer.archive.permission import Permission, file_of_letter, permission
from composer.archive.reading import letter_reading
from composer.archive.search import write_index
from composer.archive.sent import SentLetter, sent_letters, templates_of
from composer.archive.statements import statement_links, statement_pages
from composer.archive.store import ArchivedLetter, ArchiveStore
from composer.database import read_only
from composer.errors import FiligraneError, OutsideWorld
from composer.file_modes import make_public
from composer.issue.online import ONLINE, online_name
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import unread_publications
from composer.rendering.templates import shipped

#: Where the daemon writes, below the newsroom: the site, what was made of letters, and the index of the search.
SITE, STORE, INDEX = "var/archive/site", "var/archive/pages.db", "var/archive/search.db"

#: What a page is made by, beside its inputs: changed with the modules of this room.
_FORM = "1"

_log = structlog.get_logger()

#: Path of a file of the site → what it is made from, and what makes it.
_Wanted = dict[str, tuple[str, Callable[[], bytes]]]


@dataclass
class Site:
    """A folder of the site, and what was made of its letters.

    ``searchable``: the folder is served by our pages, which answer the search. ``permissions``: file of an issue → its
    state when it was read, and what it says. ``copies``: each paid copy → what it was made from, by this process.
    """

    folder: Path
    store: ArchiveStore
    searchable: bool = False
    permissions: dict[Path, tuple[tuple[int, int], Permission]] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    settled: str | None = None  #: digest of what the files were last made from: a look at the same changes nothing
    indexed: str | None = None  #: the same of the search


def site_steps(site: Site, newsroom: Newsroom, engine: Engine, now: datetime) -> Iterator[str]:
    """Bring the site to what it is to be at ``now``; yield the path of each letter and of each file, once made.

    Raises ``OutsideWorld`` where the disk refuses, ``Refused`` where a template fails.
    """
    with read_only(engine).connect() as connection:
        letters = sent_letters(connection, newsroom)
    unread = set(unread_publications(newsroom)) - set(newsroom.publications)
    made = site.store.made()
    allowed = {letter.path: letter for letter in letters if _allowed(site, newsroom, letter, now, made)}
    for path in sorted(set(made) - set(allowed)):
        if _publication_of(path) not in unread:
            site.store.take_out(path)
            site.store.troubled(path, None)
            yield path
    due = [
        letter
        for path, letter in allowed.items()
        if made.get(path) != _made_from(site, newsroom, letter, made.get(path))
    ]
    for at in range(0, len(due), 20):
        with read_only(engine).connect() as connection:
            frozen = list(templates_of(connection, due[at : at + 20]))
        for letter, template in frozen:
            _make(site, newsroom, letter, template)
            yield letter.path
    letters_made_from = digest(site.store.made())
    now_made_from = digest(frame_of(newsroom), letters_made_from, sorted(unread))
    if now_made_from != site.settled or not all((site.folder / path).is_file() for path in site.store.files()):
        yield from _write(site, _wanted(site, newsroom), unread)
        site.settled = now_made_from
    if site.searchable and (site.indexed != letters_made_from or not (newsroom.root / INDEX).is_file()):
        write_index(site.store, newsroom.root / INDEX)
        site.indexed = letters_made_from


def _allowed(site: Site, newsroom: Newsroom, letter: SentLetter, now: datetime, made: Mapping[str, str]) -> bool:
    """Whether the issue's file lets ``letter`` stand on the web. Where it cannot be read, what stands stays."""
    try:
        holds = permission_of(site, newsroom, letter).holds(now)
    except FileNotFoundError:
        why = _("{file} is gone, and with it what says whether the letter may stand on the web: put it back")
        file = file_of_letter(newsroom, letter).relative_to(newsroom.root)
        return troubled(site, letter.path, why.format(file=file)) and letter.path in made
    except (FiligraneError, OSError) as error:
        return troubled(site, letter.path, str(error)) and letter.path in made
    if letter.path in made or not holds:
        site.store.troubled(letter.path, None)
    return holds


def permission_of(site: Site, newsroom: Newsroom, letter: SentLetter) -> Permission:
    """What the issue's file says now, read again where it changed. Raises ``FiligraneError`` or ``OSError``."""
    path = file_of_letter(newsroom, letter)
    state = path.stat()
    known = site.permissions.get(path)
    if known is None or known[0] != (state.st_mtime_ns, state.st_size):
        known = (state.st_mtime_ns, state.st_size), permission(newsroom, path)
        site.permissions[path] = known
    return known[1]


def troubled(site: Site, path: str, why: str) -> bool:
    """Remember and log why a letter has no page, or not its present one; True."""
    if site.store.troubled(path, why):
        _log.warning("archive-letter-left", page=path, why=why)
    return True


def corrections_of(site: Site, newsroom: Newsroom, letter: SentLetter) -> tuple[PageCorrection, ...] | None:
    """Those of its page; None where the issue's file was never read."""
    known = site.permissions.get(file_of_letter(newsroom, letter))
    if known is None:
        return None
    return page_corrections(newsroom, letter.key.publication, letter.language, known[1].corrections)


def _made_from(site: Site, newsroom: Newsroom, letter: SentLetter, before: str | None = None) -> str:
    """Digest of what its page is made from; ``before`` where that cannot be known, so that what stands stays."""
    corrections = corrections_of(site, newsroom, letter)
    if corrections is None and before is not None:
        return before
    return digest(_FORM, letter, newsroom.settings.public_url, *(corrections or ()))


def _at(letter: SentLetter, corrections: Sequence[PageCorrection]) -> SentLetter:
    """``letter``, changed by its last correction."""
    days = [datetime.combine(each.date, time(), UTC) for each in corrections]
    changed = max((*days, *([letter.changed_at] if letter.changed_at else [])), default=None)
    return replace(letter, changed_at=changed and max(changed, letter.sent_at))


def _make(site: Site, newsroom: Newsroom, letter: SentLetter, template: bytes) -> None:
    root = base(newsroom)
    try:
        corrections = corrections_of(site, newsroom, letter) or ()
        reading = letter_reading(template, root + letter.path, root, up_from(letter.path), corrections, letter.language)
    except FiligraneError as error:
        troubled(site, letter.path, str(error))
    except Exception:  # noqa: BLE001 # reason: a defect of ours on one letter must not keep the others from the web
        _log.exception("archive-letter-left", page=letter.path)
        site.store.troubled(letter.path, _("an unexpected error; the log of `filigrane run` holds it"))
    else:
        made_from = _made_from(site, newsroom, letter)
        site.store.put(_at(letter, corrections), online_name(letter.key), made_from, reading)


def _wanted(site: Site, newsroom: Newsroom) -> _Wanted:
    """Every file that the site is to have."""
    letters = [each for each in site.store.letters() if each.publication in newsroom.publications]
    if not letters:
        return {}
    pages = PageTemplates(newsroom, statement_links(newsroom), searchable=site.searchable)
    frame = frame_of(newsroom)
    wanted: _Wanted = {}
    grouped: dict[tuple[str, str], list[ArchivedLetter]] = {}
    others: dict[tuple[str, str], dict[str, str]] = {}
    for letter in letters:
        grouped.setdefault((letter.publication, letter.language), []).append(letter)
        others.setdefault((letter.publication, letter.name), {})[letter.language] = letter.path
    shelves = [shelf_of(newsroom, name, language, tuple(those)) for (name, language), those in grouped.items()]
    shelves.sort(key=lambda shelf: (shelf.name, shelf.translated))
    for shelf in shelves:
        alike = tuple(each for each in shelves if each.name == shelf.name and each is not shelf)
        _want_shelf(wanted, site, newsroom, pages, shelf, frame, others, alike)
    listed = [(shelf.name, shelf.language, shelf.letters[-1].path) for shelf in shelves]
    wanted[f"{ONLINE}/index.html"] = digest(frame, listed), partial(pages.house, shelves)
    wanted["404.html"] = digest(frame, listed, pages.root), partial(pages.house, shelves, "absent", "", pages.root)
    for path, content in statement_pages(newsroom, pages, f"{ONLINE}/").items():
        wanted[f"{path}index.html"] = digest(frame, path), content
    addresses = [(base(newsroom) + letter.path, letter.changed_at or letter.sent_at) for letter in letters]
    above = [(base(newsroom) + shelf.path, None) for shelf in shelves]
    wanted["sitemap.xml"] = digest(frame, addresses, above), partial(sitemap, [*addresses, *above])
    wanted["robots.txt"] = digest(frame), partial(_robots, newsroom)
    return wanted


def _want_shelf(
    wanted: _Wanted,
    site: Site,
    newsroom: Newsroom,
    pages: PageTemplates,
    shelf: Shelf,
    frame: str,
    others: Mapping[tuple[str, str], dict[str, str]],
    translations: tuple[Shelf, ...],
) -> None:
    ends = (None, *shelf.letters, None)
    for before, letter, after in zip(ends, shelf.letters, ends[2:], strict=False):
        alike = others[letter.publication, letter.name]
        around = [each and (each.path, each.title) for each in (before, after)]

        def page(
            letter: ArchivedLetter = letter,
            alike: dict[str, str] = alike,
            around: tuple[ArchivedLetter | None, ArchivedLetter | None] = (before, after),
        ) -> bytes:
            return pages.letter(letter, site.store.page(letter.path), shelf, alike, around)

        wanted[f"{letter.path}index.html"] = digest(frame, letter, around, alike), page
    told = [(each.path, each.made_from) for each in shelf.letters]
    elsewhere = [each.path for each in translations]
    wanted[f"{shelf.path}index.html"] = digest(frame, told, elsewhere), partial(pages.index, shelf, None, translations)
    for year in shelf.years:
        said = [(each.path, each.made_from) for each in shelf.of_year(year)]
        wanted[f"{year_path(shelf, year)}index.html"] = digest(frame, said), partial(pages.index, shelf, year)
    for file, makes in FEED_FILES.items():

        def feed(makes: Callable[..., bytes] = makes) -> bytes:
            return makes(newsroom, shelf, entries_of(newsroom, shelf, site.store.content))

        wanted[f"{shelf.path}{file}"] = digest(frame, told), feed


def _write(site: Site, wanted: _Wanted, unread: set[str]) -> Iterator[str]:
    there = site.store.files()
    try:
        for path, (made_from, content) in wanted.items():
            file = site.folder / path
            if there.get(path) == made_from and file.is_file():
                continue
            _make_folder(file.parent, site.folder)
            put_file(file, content())
            make_public(file)
            site.store.wrote(path, made_from)
            yield path
        for path in sorted(set(there) - set(wanted)):
            if _publication_of(path) in unread:
                continue
            file = site.folder / path
            file.unlink(missing_ok=True)
            site.store.wrote(path, None)
            for folder in file.relative_to(site.folder).parents[:-1]:
                if any((site.folder / folder).iterdir()):
                    break
                (site.folder / folder).rmdir()
            yield path
    except OSError as error:
        message = _("the pages of the archive cannot be written in {folder}: {why}")
        raise OutsideWorld(message.format(folder=site.folder, why=os_reason(error))) from error


def _make_folder(folder: Path, top: Path) -> None:
    if not folder.is_dir():
        if folder != top:
            _make_folder(folder.parent, top)
        folder.mkdir(parents=True, exist_ok=True)
        make_public(folder)


def _publication_of(path: str) -> str | None:
    parts = path.split("/")
    return parts[1] if parts[0] == ONLINE and len(parts) > 2 else None


def _robots(newsroom: Newsroom) -> bytes:
    """Everything but readers' own links may be read. It counts where public_url is the root of its host.

    Paid copies are not named: what may not be fetched is listed by its address, token and all. They say ``noindex``.
    """
    path = "/" + base(newsroom).partition("://")[2].partition("/")[2]
    lines = ["User-agent: *", f"Disallow: {path}u/", f"Disallow: {path}search", f"Sitemap: {base(newsroom)}sitemap.xml"]
    return "\n".join([*lines, ""]).encode()


def frame_of(newsroom: Newsroom) -> str:
    """Digest of what every page is made from: the configuration, and the templates as they are on the disk."""
    folders = dict.fromkeys((shipped() / "archive", newsroom.root / "templates" / "archive"))
    templates = [
        (path.name, path.read_bytes())
        for folder in folders
        for path in (sorted(folder.glob("*.j2")) if folder.is_dir() else ())
        if path.is_file() and not path.is_symlink()
    ]
    settings = newsroom.settings
    return digest(
        *(_FORM, settings.name, settings.public_url, settings.language, settings.timezone, settings.retention),
        *(settings.ownership, dict(newsroom.publications), templates),
    )


def digest(*parts: object) -> str:
    """Of what something is made from: equal where all of it is."""
    return sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
