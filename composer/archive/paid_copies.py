"""The paid editions of the last seven days as pages: ``var/archive/paid``, beside the site and no part of it.

The pages' process answers one to a paying reader (``copy_reader``). Folder and files are for the account alone: no web
server that answers files reads them. A page is the same for each reader, and holds no reader's token.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine

from composer.approval.atomic import put_file
from composer.archive.copy_reader import COPY_LASTS
from composer.archive.pages import PageTemplates, base
from composer.archive.reading import letter_reading
from composer.archive.sent import SentLetter, sent_letters, templates_of
from composer.archive.site import Site, corrections_of, digest, frame_of, permission_of, troubled
from composer.archive.statements import statement_links
from composer.database import read_only
from composer.errors import FiligraneError, OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.model import Newsroom

#: Where they are, below the newsroom.
COPIES = "var/archive/paid"

#: Most bytes of a page that is answered.
_LONGEST = 8 * 1024 * 1024

#: After the path of a letter: what is known of trouble with its paid copy.
_PAID = "paid copy"

_log = structlog.get_logger()


def copy_steps(site: Site, newsroom: Newsroom, engine: Engine, now: datetime) -> Iterator[str]:
    """Bring the copies to what they are to be at ``now``; yield the name of each once made, or taken away.

    There is one for a letter that stands on the web, where ``paid_copies`` is open, until ``COPY_LASTS`` after its
    date. Raises ``OutsideWorld`` where the disk refuses, ``Refused`` where a template fails.
    """
    folder = newsroom.root / COPIES
    try:
        letters = _wanted(site, newsroom, engine, now)
        yield from _sweep(site, folder, {copy_name(each.mailing_id, each.language): each.path for each in letters})
        if not letters:
            return
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        pages = PageTemplates(newsroom, statement_links(newsroom), searchable=True)
        frame = frame_of(newsroom)
        for letter in letters:
            name = copy_name(letter.mailing_id, letter.language)
            made_from = digest(frame, letter, corrections_of(site, newsroom, letter))
            if site.copies.get(name) == made_from and (folder / name).is_file():
                continue
            with read_only(engine).connect() as connection:
                frozen = list(templates_of(connection, [letter]))
            for _letter, template in frozen:
                _make(site, newsroom, pages, letter, template)
                site.copies[name] = made_from
                yield name
    except OSError as error:
        message = _("the pages of the archive cannot be written in {folder}: {why}")
        raise OutsideWorld(message.format(folder=folder, why=os_reason(error))) from error


def copy_name(mailing_id: int, language: str) -> str:
    """The name of the file of a mailing's paid edition."""
    return f"{mailing_id}.{language}.html"


def read_copy(root: Path, mailing_id: int, language: str) -> bytes | None:
    """The page, as it is now; None where there is none."""
    try:
        opened = os.open(root / COPIES / copy_name(mailing_id, language), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(opened, "rb") as file:
        state = os.fstat(opened)
        return file.read() if stat.S_ISREG(state.st_mode) and state.st_size <= _LONGEST else None


def _wanted(site: Site, newsroom: Newsroom, engine: Engine, now: datetime) -> list[SentLetter]:
    opened = {name for name, each in newsroom.publications.items() if each.archive and each.archive.paid_copies}
    if not opened:
        return []
    with read_only(engine).connect() as connection:
        letters = sent_letters(connection, newsroom, "paid", now - COPY_LASTS)
    return [each for each in letters if each.key.publication in opened and _allowed(site, newsroom, each, now)]


def _allowed(site: Site, newsroom: Newsroom, letter: SentLetter, now: datetime) -> bool:
    """As for the free edition's page, with which trouble is told: where the file cannot be read, what stands stays."""
    try:
        return permission_of(site, newsroom, letter).holds(now)
    except (FiligraneError, OSError):
        return copy_name(letter.mailing_id, letter.language) in site.copies


def _sweep(site: Site, folder: Path, wanted: dict[str, str]) -> Iterator[str]:
    """Take away what is not ``wanted`` (name → path of its letter): too old, taken down, closed, or left by a crash."""
    told = {f"{path} {_PAID}" for path in wanted.values()}
    for trouble in site.store.troubles():
        if trouble.endswith(_PAID) and trouble not in told:
            site.store.troubled(trouble, None)
    if not folder.is_dir() or folder.is_symlink():
        return
    for file in sorted(folder.iterdir()):
        if file.name not in wanted:
            file.unlink()
            site.copies.pop(file.name, None)
            yield file.name


def _make(site: Site, newsroom: Newsroom, pages: PageTemplates, letter: SentLetter, template: bytes) -> None:
    """Write the copy of ``letter``; with trouble, the one before stays, and it is told."""
    about = f"{letter.path} {_PAID}"
    root = base(newsroom)
    corrections = corrections_of(site, newsroom, letter) or ()
    try:
        reading = letter_reading(template, root + letter.path, root, pages.root, corrections, letter.language)
        content = pages.paid_copy(letter, reading, letter.sent_at + COPY_LASTS)
    except FiligraneError as error:
        troubled(site, about, str(error))
        return
    except Exception:  # noqa: BLE001 # reason: a defect of ours on one letter must not keep the others from their pages
        _log.exception("archive-letter-left", page=about)
        site.store.troubled(about, _("an unexpected error; the log of `filigrane run` holds it"))
        return
    file = newsroom.root / COPIES / copy_name(letter.mailing_id, letter.language)
    put_file(file, content)
    file.chmod(0o600)
    site.store.troubled(about, None)
