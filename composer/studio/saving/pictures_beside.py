"""Pictures kept beside an issue, under a name of ours: ``date-slug-hash.ext``. No file is written over.

The hash is that of the content, so a name says by itself whether the file is one that was kept here, as it was: that
is how a burst of changes finds the pictures that go into its commit, whatever ended the studio meanwhile.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import date as Date
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from composer.studio.saving.exchange import sync
from composer.studio.saving.saved_file import SavedFile, held_alone, opened_file

#: Words and letters of a slug.
_MOST_WORDS, _LONGEST_SLUG = 6, 40
_SHORT, _LONG = 8, 16  #: digits of the hash
_NAME = re.compile(
    r"\d{4}-\d{2}-\d{2}-[a-z0-9-]{1,60}-(?P<hash>[0-9a-f]{8}(?:[0-9a-f]{8})?)\.(?P<extension>png|jpg|gif)"
)
_NAMED = re.compile(r"[0-9a-z.-]{1,100}")
_ENDING = ".picture"
_OPEN = os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class KeptPicture:
    """``name`` of the file beside the issue; ``is_new``: it was written now."""

    name: str
    is_new: bool


def slug_of(words: str) -> str:
    """The first of ``words`` in small letters without accents, for a file's name; ``image`` for none."""
    letters = unicodedata.normalize("NFKD", words.lower().replace("œ", "oe").replace("æ", "ae"))
    plain = "".join(letter for letter in letters[:500] if not unicodedata.combining(letter))
    found = re.findall(r"[a-z0-9]{1,40}", plain)[:_MOST_WORDS]
    while len("-".join(found)) > _LONGEST_SLUG:
        found.pop()
    return "-".join(found) or "image"


def picture_name(day: Date, words: str, digest: str) -> str:
    """A picture's file name without its extension: date, slug of the description ``words``, beginning of the content's
    SHA-256 ``digest`` (hexadecimal)."""
    return f"{day.isoformat()}-{slug_of(words)}-{digest[:_SHORT]}"


def keep_beside(root: Path, path: Path, stem: str, content: bytes, extension: str) -> KeptPicture:
    """Keep ``content`` beside the issue at ``path``; the same content a second time is the file that is there.

    ``stem`` is as of ``picture_name``. The file gets the mode of the issue's own. Raises as ``opened_file`` does.
    """
    with opened_file(root, path) as saved, held_alone(saved):
        _drop_left(saved.folder, saved.name)
        there = _same(saved.folder, content, extension)
        if there is not None:
            return KeptPicture(there, False)
        written = _written(saved, content)
        digest = sha256(content).hexdigest()
        names = (f"{stem}.{extension}", f"{stem[:-_SHORT]}{digest[:_LONG]}.{extension}")
        try:
            for name in names:
                with suppress(FileExistsError):
                    _put(saved.folder, written, name)
                    sync(saved.folder, name)
                    return KeptPicture(name, True)
            raise FileExistsError(17, os.strerror(17), names[-1])
        finally:
            with suppress(FileNotFoundError):
                os.unlink(written, dir_fd=saved.folder)


def let_go(root: Path, path: Path, kept: KeptPicture) -> None:
    """Take away a picture that was just kept for a change that was then refused."""
    if kept.is_new:
        with opened_file(root, path) as saved, held_alone(saved), suppress(FileNotFoundError):
            os.unlink(kept.name, dir_fd=saved.folder)


def kept_in(saved: SavedFile, text: str) -> list[str]:
    """The pictures that ``text`` names and that were kept here: files beside it whose content is that of their name."""
    return [name for name in named_in(text) if _is_kept(saved, name)]


def named_in(text: str) -> list[str]:
    """The names in ``text`` that could be of pictures kept here."""
    return sorted({word for word in _NAMED.findall(text) if _NAME.fullmatch(word)})


def _is_kept(saved: SavedFile, name: str) -> bool:
    match = _NAME.fullmatch(name)
    content = _content(saved.folder, name)
    return match is not None and content is not None and sha256(content).hexdigest().startswith(match["hash"])


def _same(folder: int, content: bytes, extension: str) -> str | None:
    """The file of ``folder`` that holds ``content`` already."""
    for name in sorted(os.listdir(folder)):
        if name.endswith(f".{extension}") and not name.startswith("."):
            state = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISREG(state.st_mode) and state.st_size == len(content) and _content(folder, name) == content:
                return name
    return None


def _content(folder: int, name: str) -> bytes | None:
    """What a regular file holds; None for anything else."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _OPEN, dir_fd=folder)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read() if stat.S_ISREG(os.fstat(descriptor).st_mode) else None


def _written(saved: SavedFile, content: bytes) -> str:
    """A hidden file with ``content`` beside the issue, with the issue's mode."""
    mode = 0o600
    with suppress(FileNotFoundError):
        mode = stat.S_IMODE(os.stat(saved.name, dir_fd=saved.folder, follow_symlinks=False).st_mode) & 0o666
    new = f".{saved.name}.{token_hex(4)}{_ENDING}"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o600, dir_fd=saved.folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(descriptor, mode)
            file.flush()
            os.fsync(descriptor)
    except BaseException:  # reason: whatever ends it, no half-written file is left
        os.unlink(new, dir_fd=saved.folder)
        raise
    return new


def _put(folder: int, new: str, name: str) -> None:
    """Give the file ``new`` the name ``name``, which no file may have. Raises ``FileExistsError``."""
    try:
        os.link(new, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except PermissionError:  # a disk that knows no second names: the name is taken first, then the file put there
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o600, dir_fd=folder))
        os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)


def _drop_left(folder: int, issue: str) -> None:
    """What a studio that was killed left half-written."""
    for name in os.listdir(folder):
        if name.startswith(f".{issue}.") and name.endswith(_ENDING):
            os.unlink(name, dir_fd=folder)
