"""Create a new newsroom. Existing files are never overwritten, except generated schemas."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from importlib import resources
from pathlib import Path

from pydantic import BaseModel

from composer.errors import FiligraneError, OutsideWorld, Refused
from composer.file_modes import make_shared, share
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.model import Lexicon, Publication, Settings, Sponsor
from composer.newsroom.schema_files import SCHEMAS, write_schemas

#: Kind of file → its model. The command line adds the model of issues, a room above this one.
KINDS: dict[str, type[BaseModel]] = {
    "newsroom": Settings,
    "publication": Publication,
    "sponsor": Sponsor,
    "lexicon": Lexicon,
}

_GITIGNORE = "# The database, the keys and whatever a program makes.\nvar/\n"


def ignore_var(folder: Path) -> None:
    """Keep git from ``var/``, where ``folder`` has no .gitignore: it holds readers' addresses and the keys."""
    with suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="utf-8") as file:
        file.write(_GITIGNORE)


def write_new(path: Path, text: str) -> None:
    """Create a file atomically. Raises ``Refused`` where it exists, ``OutsideWorld`` where the disk refuses."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        make_shared(path.parent)
        draft.write_text(text, encoding="utf-8")
        share(draft)
        path.hardlink_to(draft)
    except FileExistsError as error:
        taken = path if path.exists() else path.parent
        raise Refused(_("{file} is already there; nothing was written").format(file=taken)) from error
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=path, why=error.strerror)) from error
    finally:
        with suppress(OSError):
            draft.unlink()


def start(folder: Path, kinds: Mapping[str, type[BaseModel]], language: Language) -> list[Path]:
    """Create a newsroom in an empty folder; on an error, remove what was written.

    Raises ``Refused`` where the folder holds anything but ``.git``, ``OutsideWorld`` where the disk refuses.
    """
    try:
        was_there = folder.is_dir()
        if folder.exists() and not was_there:
            raise Refused(_("{folder} is not a folder; nothing was written").format(folder=folder))
        if was_there and any(entry.name != ".git" for entry in folder.iterdir()):
            message = _("the folder {folder} is not empty: name a new one; nothing was written")
            raise Refused(message.format(folder=folder))
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=folder, why=error.strerror)) from error
    starter = resources.files("composer.newsroom") / "starter" / language
    publication = "lettre" if language == "fr" else "letter"
    files = {
        "config/newsroom.yaml": starter.joinpath("newsroom.yaml").read_text(encoding="utf-8"),
        f"config/publications/{publication}.yaml": starter.joinpath("publication.yaml").read_text(encoding="utf-8"),
        ".gitignore": _GITIGNORE,
    }
    try:
        for name, text in files.items():
            write_new(folder / name, text)
        make_shared(folder / "issues" / publication)
        return [*(folder / name for name in files), *write_schemas(folder / SCHEMAS, kinds, language)]
    except (OSError, FiligraneError) as error:
        _undo(folder, was_there)
        if isinstance(error, FiligraneError):
            raise
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=folder, why=error.strerror)) from error


def _undo(folder: Path, was_there: bool) -> None:
    """Remove what a failed ``start`` wrote: the folder was empty, or did not exist."""
    for made in ("config", "issues", SCHEMAS) if was_there else (".",):
        shutil.rmtree(folder / made, ignore_errors=True)
    with suppress(OSError):
        (folder / ".gitignore").unlink()
