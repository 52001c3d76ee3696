"""Create a new newsroom. Existing files are never overwritten, except generated schemas."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from importlib import resources
from pathlib import Path

from pydantic import BaseModel

from composer.errors import FiligraneError, OutsideWorld, Refused
from composer.file_modes import make_shared, share
from composer.locale import Language, translate
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.model import Lexicon, Publication, Settings, Sponsor
from composer.newsroom.schema_files import SCHEMAS, write_schemas

#: Kind of file → its model. The command line adds the model of issues, a room above this one.
KINDS: dict[str, type[BaseModel]] = {
    "newsroom": Settings,
    "publication": Publication,
    "sponsor": Sponsor,
    "lexicon": Lexicon,
}

#: Extensions that VS Code offers to install in the newsroom: this one reads the schemas.
_EXTENSIONS = '{\n  "recommendations": ["redhat.vscode-yaml"]\n}\n'


#: What a disk without hard links says: a memory stick, a folder of a cloud.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def surroundings(language: Language) -> dict[str, str]:
    """Files of a newsroom for git and text editors: name → text. git is kept from ``var/``: readers, and the keys."""
    never = translate("The readers, the keys, and what programs make: never in git.", language)
    return {".gitignore": f"# {never}\nvar/\n", ".vscode/extensions.json": _EXTENSIONS}


def write_surroundings(folder: Path, language: Language) -> None:
    """Write the ``surroundings`` that ``folder`` does not have."""
    for name, text in surroundings(language).items():
        make_shared((folder / name).parent)
        with suppress(FileExistsError), (folder / name).open("x", encoding="utf-8") as file:
            file.write(text)


def write_new(path: Path, text: str) -> None:
    """Create a file atomically. Raises ``Refused`` where it exists, ``OutsideWorld`` where the disk refuses."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        make_shared(path.parent)
        draft.write_text(text, encoding="utf-8")
        share(draft)
        try:
            path.hardlink_to(draft)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except FileExistsError as error:
        taken = path if path.exists() else path.parent
        raise Refused(_("{file} is already there; nothing was written").format(file=taken)) from error
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=path, why=os_reason(error))) from error
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
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=folder, why=os_reason(error))) from error
    starter = resources.files("composer.newsroom") / "starter" / language
    publication, sponsor = ("lettre", "exemple") if language == "fr" else ("letter", "example")
    files = {
        "config/newsroom.yaml": starter.joinpath("newsroom.yaml").read_text(encoding="utf-8"),
        f"config/publications/{publication}.yaml": starter.joinpath("publication.yaml").read_text(encoding="utf-8"),
        f"config/sponsors/{sponsor}.yaml": starter.joinpath("sponsor.yaml").read_text(encoding="utf-8"),
    } | surroundings(language)
    try:
        for name, text in files.items():
            write_new(folder / name, text)
        make_shared(folder / "issues" / publication)
        return [*(folder / name for name in files), *write_schemas(folder / SCHEMAS, kinds, language)]
    except (OSError, FiligraneError) as error:
        _undo(folder, was_there)
        if isinstance(error, FiligraneError):
            raise
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=folder, why=os_reason(error))) from error


def _undo(folder: Path, was_there: bool) -> None:
    """Remove what a failed ``start`` wrote: the folder was empty, or did not exist."""
    for made in ("config", "issues", ".vscode", SCHEMAS) if was_there else (".",):
        shutil.rmtree(folder / made, ignore_errors=True)
    with suppress(OSError):
        (folder / ".gitignore").unlink()
