"""The site in a folder of its own, for any web server that answers files: with the pictures, and without the search."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy import Engine

from composer.archive.site import Site, site_steps
from composer.archive.store import ArchiveStore
from composer.errors import OutsideWorld, Refused
from composer.file_modes import make_public
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.model import Newsroom

#: Stands in a folder that was made here: only such a folder is replaced.
MADE_HERE = ".filigrane-archive"


def build_site(newsroom: Newsroom, engine: Engine, folder: Path, now: datetime) -> tuple[int, dict[str, str]]:
    """Make the site anew in ``folder``, whole or not at all; return how many files, and why letters have no page.

    What an earlier build left there and is not wanted any more is gone. Raises ``Refused`` where the folder holds
    something else, where no archive is open or where no letter stands on the web; ``OutsideWorld`` where the disk
    refuses.
    """
    place = folder.absolute()  # "." has no name
    new = place.with_name(f".{place.name}.{token_hex(4)}")
    try:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise Refused(_("{folder} is no folder; name one").format(folder=folder))
        if folder.is_dir() and any(folder.iterdir()) and not (folder / MADE_HERE).is_file():
            message = _("{folder} holds something that is not of an earlier build: name an empty folder, or a new one")
            raise Refused(message.format(folder=folder))
        new.mkdir(parents=True)
        with closing(ArchiveStore(None)) as store:
            for _step in site_steps(Site(new, store), newsroom, engine, now):
                pass
            files, troubles = len(store.files()), store.troubles()
            if not files:
                raise Refused(_nothing(newsroom))
            files += _copy_media(newsroom, store.media(), new / "media")
        (new / MADE_HERE).touch()
        make_public(new)
        _put_in_place(new, place)
    except OSError as error:
        message = _("{folder} cannot be written: {why}")
        raise OutsideWorld(message.format(folder=folder, why=os_reason(error))) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return files, troubles


def _nothing(newsroom: Newsroom) -> str:
    if all(each.archive is None for each in newsroom.publications.values()):
        return _("no publication has its letters on the web: write archive: and a date in one's file")
    return _("no letter stands on the web yet: none since the date of archive: was accepted for a reader")


def _copy_media(newsroom: Newsroom, names: set[str], folder: Path) -> int:
    """Copy the published pictures; those that are gone from var/media are left out, as they are for our own pages."""
    source, copied = newsroom.root / "var" / "media", 0
    for name in sorted(names):
        file = source / name
        if file.is_file() and not file.is_symlink():
            if not copied:
                folder.mkdir()
                make_public(folder)
            shutil.copyfile(file, folder / name)
            make_public(folder / name)
            copied += 1
    return copied


def _put_in_place(new: Path, folder: Path) -> None:
    """A web server that answers from ``folder`` misses it between two renames at most."""
    old = folder.with_name(f".{folder.name}.{token_hex(4)}")
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
