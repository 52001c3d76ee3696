"""Pictures of a letter, read from files, checked, made at their printed size; and other files. Nothing is fetched."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import PIL

from composer.errors import FiligraneError
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.rendering.cache import Cache, code, key
from composer.rendering.model import Medium
from composer.rendering.picture import Made, Picture, UnusablePicture, UnusablePictures
from composer.rendering.rights import Rights
from composer.source.opening import content_of

MOST_BYTES = 50_000_000

#: Recent pictures by source, box and name: the studio and both editions of an issue use the same ones.
_made: dict[tuple[str, int, int, str], Made] = {}
_MOST_MADE = 100

#: Our modules that decide the result: part of the cache key.
_MODULES = ("making.py", "images.py", "gif.py", "png.py", "rights.py", "iim.py", "xmp.py", "embedding.py")
_CODE = tuple(str(Path(__file__).with_name(name)) for name in _MODULES)


class Pictures:
    """Collects the pictures used while one letter is rendered, each once."""

    def __init__(self, public_url: str, root: Path | None = None, cache: Cache | None = None) -> None:
        self._root = root
        self._cache = cache
        self._address = public_url.rstrip("/") + "/media/"
        self._media: dict[str, Medium] = {}
        #: What the file of each picture says of its rights.
        self.rights: dict[Path, Rights] = {}
        #: The file of each picture, with the name of each medium made of it, each pair once.
        self.files: dict[tuple[Path, str], None] = {}
        self._unusable: dict[Path, UnusablePicture] = {}

    def place(self, path: Path, width: int, height: int = 10_000) -> Picture:
        """The picture at ``path``, made to fit ``width`` x ``height`` pixels, never enlarged.

        A file that is not a picture which every mail client shows is kept for ``check``, which tells all at once.
        """
        try:
            made = made_picture(path, width, height, self._root, self._cache)
        except UnusablePicture as refusal:
            self._unusable[path] = refusal
            return Picture(self._address, 1, 1)
        self._media.setdefault(made.medium.name, made.medium)
        self.rights[path] = made.rights
        self.files[path, made.medium.name] = None
        return Picture(self._address + made.medium.name, made.width, made.height, made.medium.is_clear)

    def publish(self, content: bytes, extension: str, type_: str) -> str:
        """The address of a file of another kind, which goes into the letter's media."""
        name = f"{sha256(content).hexdigest()[:32]}.{extension}"
        self._media.setdefault(name, Medium(name, content, type_))
        return self._address + name

    def check(self) -> None:
        """Raises ``UnusablePictures`` where the letter has any."""
        if self._unusable:
            raise UnusablePictures(tuple(self._unusable.values()))

    def media(self) -> tuple[Medium, ...]:
        return tuple(self._media.values())


def made_picture(
    path: Path, width: int, height: int = 10_000, root: Path | None = None, cache: Cache | None = None
) -> Made:
    """The picture at ``path`` for a box of ``width`` x ``height`` pixels of the page, in the newsroom ``root``.

    Without ``root``, in any folder. Raises ``Refused``.
    """
    content = _content(path, root or path.parent)
    asked = (sha256(content).hexdigest(), width, height, path.name)
    if (made := _made.get(asked)) is None:
        made = _kept(path, content, width, height, cache)
        if len(_made) >= _MOST_MADE:
            _made.clear()
        _made[asked] = made
    return made


def _kept(path: Path, content: bytes, width: int, height: int, cache: Cache | None) -> Made:
    """The picture from ``cache``, or else made and cached."""
    entry = "" if cache is None else key("picture", code(*_CODE), PIL.__version__, f"{width}x{height}", content)
    if cache is not None and (kept := cache.get(entry)) is not None:
        facts, _line, published = kept.partition(b"\n")
        name, type_, width, height, said, lost, is_guessed = json.loads(facts)
        rights = Rights({field: tuple(values) for field, values in said.items()}, tuple(lost))
        return Made(Medium(name, published, type_, path.name), width, height, rights, is_guessed)
    # Imported here: if every picture is cached, Pillow's image library is not imported at all (60 ms).
    from composer.rendering.making import picture_of

    made = picture_of(path, content, width, height)
    if cache is not None:
        medium, rights = made.medium, made.rights
        known = [medium.name, medium.type, made.width, made.height, rights.said, rights.lost, made.is_guessed]
        cache.put(entry, json.dumps(known).encode() + b"\n" + medium.content)
    return made


def _content(path: Path, root: Path) -> bytes:
    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            message = _("picture {name}: {size} MB are too many; export it 1280 pixels wide")
            raise UnusablePicture(path, message, size=size // 1_000_000)
        content = content_of(path, root)
    except (OSError, FiligraneError) as error:
        if isinstance(error, UnusablePicture):
            raise
        why = os_reason(error) if isinstance(error, OSError) else error
        raise UnusablePicture(path, _("picture {name}: it cannot be read ({why})"), why=why) from error
    if not content:
        raise UnusablePicture(path, _("picture {name}: the file is empty; export it again"))
    return content
