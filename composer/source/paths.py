"""Resolve files that an editor names (pictures, transcripts, logos), inside the newsroom only.

All such names go through ``inside``: no ``..``, no absolute path, no symbolic link that leads out, nothing below
``var/``.
"""

from __future__ import annotations

import os
import re
import unicodedata
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path, PurePosixPath, PureWindowsPath

from composer.errors import Refused
from composer.locale import gettext as _
from composer.source.characters import recomposed
from composer.source.document import Loc, Source
from composer.source.opening import PRIVATE, FileMissing, OutsideNewsroom, is_within

__all__ = ["FileMissing", "OutsideNewsroom", "inside", "renamed_line"]

#: From 0 to 1: how alike a file's name and the one asked for must be to be proposed.
_ALIKE = 0.6

#: How many files are looked at for one that lies in another folder.
_LOOKED = 20_000


def is_of_a_system(name: str) -> bool:
    """True for what a Mac, an office suite or a text editor writes beside a file: ``._lettre.yaml``, ``~$lettre.yaml``,
    and whatever is hidden.
    """
    return name.startswith((".", "~$"))


def inside(root: Path, folder: Path, name: str) -> Path:
    """The existing regular file ``name``, relative to ``folder``, with every symbolic link resolved.

    Raises ``OutsideNewsroom`` where it would leave ``root``, ``FileMissing`` where there is no such file; both
    messages address the editor.
    """
    if not name.strip() or any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        raise OutsideNewsroom(_("the name of a file is expected here"))
    if "\\" in name and not PureWindowsPath(name).drive:
        better = name.replace("\\", "/")
        message = _("“{name}”: folders are separated by / in a file's name: {better}")
        raise OutsideNewsroom(message.format(name=name, better=better), better)
    if "://" in name or name.startswith("//"):
        message = _("“{name}” is a web address, and nothing is fetched: put the file beside this one and give its name")
        alone = PurePosixPath(name.partition("?")[0]).name
        raise OutsideNewsroom(message.format(name=name), alone if alone and (folder / alone).is_file() else None)
    path = PurePosixPath(name)
    if path.is_absolute() or PureWindowsPath(name).drive or name.startswith("~"):
        message = _("“{name}” is the address of one machine: put the file beside this one and give its name alone")
        alone = PureWindowsPath(name).name
        raise OutsideNewsroom(message.format(name=name), alone if alone and (folder / alone).is_file() else None)
    if ".." in path.parts:
        message = _("“{name}” goes up a folder (..): put the file beside this one and give its name alone")
        raise OutsideNewsroom(message.format(name=name))
    whole = folder / path
    try:
        resolved = (whole if whole.exists() else _spelled_otherwise(folder, path)).resolve(strict=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of symbolic links
        raise FileMissing(*_missing(root, _spelled_otherwise(folder, path), name)) from error
    if not is_within(resolved, root.resolve()):
        message = _("“{name}” is a link that leads out of the newsroom, or below var/: put the file itself there")
        raise OutsideNewsroom(message.format(name=name))
    if not resolved.is_file():
        raise FileMissing(_("“{name}” is not a file").format(name=name))
    return resolved


def renamed_line(source: Source, refusal: Refused, name: str, loc: Loc, line: int | None = None) -> str | None:
    """The line of ``source`` at ``loc`` with the file that was meant for ``name``; None where it is not known."""
    better = refusal.better if isinstance(refusal, (FileMissing, OutsideNewsroom)) else None
    written = source.finding("file-missing", str(refusal), loc, line=line).excerpt or ""
    return written.replace(name, better) if better and written.count(name) == 1 else None


def _spelled_otherwise(folder: Path, path: PurePosixPath) -> Path:
    """``path`` below ``folder``, with the accents of each name as the disk has them; as it is where there is no file.

    A Mac parts accents from their letters.
    """
    for name in path.parts:
        wanted = recomposed(name)
        there = sorted(folder.iterdir()) if folder.is_dir() and not wanted.isascii() else []
        folder = next((entry for entry in there if recomposed(entry.name) == wanted), folder / name)
    return folder


def _are_alike(asked: str, there: str) -> bool:
    stems = PurePosixPath(asked).stem, PurePosixPath(there).stem
    return SequenceMatcher(None, *stems).ratio() >= _ALIKE


def _letters(name: str) -> str:
    """What tells two names apart to who types them: no accents, no kind of space or apostrophe."""
    return re.sub(r"[^a-z0-9.]", "", unicodedata.normalize("NFKD", name).lower())


def _missing(root: Path, whole: Path, name: str) -> tuple[str, str | None]:
    """What is said of a file that is not there, and the name of the one that was probably meant."""
    folder = whole.parent
    shown = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.name
    message = _("there is no file “{name}” in {folder}").format(name=whole.name, folder=shown)
    there = (
        {recomposed(entry.name).lower(): recomposed(entry.name) for entry in folder.iterdir()}
        if folder.is_dir()
        else {}
    )
    asked = recomposed(whole.name).lower()
    # Alike without their extensions too: vide.png is no misspelling of dossier.png.
    near = [each for each in there if _letters(each) == _letters(asked)]
    near += [each for each in get_close_matches(asked, there, cutoff=_ALIKE) if _are_alike(asked, each)]
    if near:
        better = (PurePosixPath(name).parent / there[near[0]]).as_posix()
        return message + _("; did you mean {better}?").format(better=better), better
    if (found := _elsewhere(root, asked)) is None:
        return message, None
    beside = folder if len(PurePosixPath(name).parts) == 1 else folder.parents[len(PurePosixPath(name).parts) - 2]
    if found.is_relative_to(beside):
        better = found.relative_to(beside).as_posix()
        return message + _("; did you mean {better}?").format(better=better), better
    place = found.parent.relative_to(root).as_posix()
    place = _("the newsroom's own folder") if place == "." else place
    return message + _("; there is one in {place}: move it to {folder}").format(place=place, folder=shown), None


def _elsewhere(root: Path, asked: str) -> Path | None:
    """A file of the name ``asked``, in small letters, anywhere in the newsroom but below what programs write."""
    looked = 0
    for folder, below, names in os.walk(root):
        below[:] = sorted(each for each in below if not is_of_a_system(each) and not each.endswith(".sealed"))
        if Path(folder) == root:
            below[:] = [each for each in below if each.casefold() != PRIVATE]
        looked += len(names)
        for each in names:
            if recomposed(each).lower() == asked:
                return Path(folder) / each
        if looked > _LOOKED:
            return None
    return None
