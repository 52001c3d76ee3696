"""A walk through a ``.docx`` before anything else reads it: how much there is, how deep, and nothing declared in it.

A document is a zip of XML parts. What would unpack to more than a text needs, what declares entities, and what is
nested as no text is, are refused here; the deadline and the limit of memory of the process are behind it.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

#: Files in the zip; bytes of one part that is read, and of all of them; elements of all, and how deep they stand.
_MOST_FILES, _MOST_PART, _MOST_READ = 4000, 12_000_000, 20_000_000
_MOST_ELEMENTS, _MOST_DEEP = 200_000, 80

_DOCUMENT = "word/document.xml"

#: What the standard library raises for a zip that is damaged, in its list of files or in what is packed.
_DAMAGED = (BadZipFile, EOFError, KeyError, zlib.error)


class Unreadable(Exception):
    """The draft is not read: ``code`` says why, in a word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def walked_parts(content: bytes) -> dict[str, bytes]:
    """The XML parts of a document, by their names. Pictures and fonts are not unpacked. Raises ``Unreadable``."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            return _read_parts(archive)
    except (*_DAMAGED, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise Unreadable("encrypted" if "encrypted" in str(error) else "not-docx") from error


def _read_parts(archive: ZipFile) -> dict[str, bytes]:
    files = archive.infolist()
    names = [each.filename for each in files]
    if len(files) > _MOST_FILES:
        raise Unreadable("too-many-files")
    if len(set(names)) < len(names) or any(each.startswith("/") or ".." in each.split("/") for each in names):
        raise Unreadable("odd-zip")
    if any(each.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for each in files):
        raise Unreadable("not-docx")  # packed as no word processor does: no other unpacker meets it
    if _DOCUMENT not in names and not any(name.endswith("document.xml") for name in names):
        raise Unreadable(_other_kind(archive, names))
    wanted = [each for each in files if each.filename.endswith((".xml", ".rels"))]
    if any(each.file_size > _MOST_PART for each in wanted) or sum(each.file_size for each in wanted) > _MOST_READ:
        raise Unreadable("unpacks-too-much")
    parts = {each.filename: _unpacked(archive, each) for each in wanted}
    left = _MOST_ELEMENTS
    for name, part in parts.items():
        left -= _walk(part, left, name == _DOCUMENT)
    return parts


def _other_kind(archive: ZipFile, names: list[str]) -> str:
    short = "mimetype" in names and archive.getinfo("mimetype").file_size < 200
    if short and b"opendocument" in archive.read("mimetype"):
        return "odt"
    if any(name.startswith("Index/") or name.endswith(".iwa") for name in names):
        return "pages"
    return "not-docx"


def _unpacked(archive: ZipFile, entry: ZipInfo) -> bytes:
    """A part, and no byte more than it says that it has."""
    if entry.flag_bits & 1:
        raise Unreadable("encrypted")
    with archive.open(entry) as part:
        content = part.read(_MOST_PART + 1)
    if len(content) > _MOST_PART:
        raise Unreadable("unpacks-too-much")
    return content


def _walk(part: bytes, most: int, needed: bool) -> int:
    """How many elements ``part`` has. Raises ``Unreadable`` for what is no plain XML."""
    count = depth = 0

    def begun(_name: str, _attributes: object) -> None:
        nonlocal count, depth
        count, depth = count + 1, depth + 1
        if depth > _MOST_DEEP:
            raise Unreadable("too-deep")
        if count > most:
            raise Unreadable("too-many-elements")

    def ended(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def declared(*_said: object) -> None:
        raise Unreadable("doctype")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begun, ended
    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        if needed or count:
            raise Unreadable("bad-xml") from error
    return count
