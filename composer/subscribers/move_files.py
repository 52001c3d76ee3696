"""The files of a move, looked at before any of them is read: what they are, and that they belong together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.subscribers.codes import ListCode
from composer.subscribers.csv_columns import is_report
from composer.subscribers.csv_reader import open_csv
from composer.subscribers.origins import Origin, origin_of
from composer.subscribers.platforms import recognise
from composer.subscribers.raw_rows import count_rows
from composer.subscribers.sniffing import is_text
from composer.subscribers.standing import Stance

#: Bytes in which a list has an address.
_BEGINNING = 262_144


@dataclass(frozen=True)
class SaidOfFile:
    """What the operator says of one file: see ``composer.subscribers.importing.import_list``."""

    mapping: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ignore: Sequence[str] = ()
    state: Stance | None = None
    codes: Sequence[ListCode] = ()
    delimiter: str | None = None


@dataclass(frozen=True)
class MovedFile:
    """A file to move in. ``digest``: SHA-256 of its bytes, in hexadecimal. ``rows``: counted from these bytes."""

    path: Path
    digest: str
    header: Sequence[str]
    delimiter: str
    backslash: bool
    origin: Origin | None
    rows: int
    size: int


def lists_in(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of ``folder`` that may be lists, and the others: pictures, archives, texts without an address in
    their first bytes. Hidden files and folders are neither. Raises ``OutsideWorld`` where the folder cannot be read."""
    lists, others = list[Path](), list[Path]()
    try:
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                (lists if _may_be_list(path) else others).append(path)
    except OSError as error:
        raise OutsideWorld(f"{folder}: {os_reason(error)}") from error
    return lists, others


def _may_be_list(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(_BEGINNING) if is_text(file) else b""
            return b"@" in start or (start != b"" and len(start.splitlines()) < 2)  # of an empty list, its first line
    except OSError:
        return True  # to be named, and its trouble told


def look_at(paths: Sequence[Path], delimiters: Sequence[str | None]) -> list[MovedFile]:
    """The files, each counted. Raises ``Refused`` where one is empty, twice there, cut short or not a list, where they
    are of two platforms, and where one is about money alone; ``OutsideWorld`` where the disk fails."""
    found: list[MovedFile] = []
    for path, delimiter in zip(paths, delimiters, strict=True):
        one = _look(path, delimiter)
        for other in found:
            if one.digest == other.digest:
                message = _(
                    "{path} and {other} are the same file: give it once. Is one of them to be another export, such as "
                    "that of who left? Download it again"
                )
                raise Refused(message.format(path=path, other=other.path))
        found.append(one)
    _of_one_platform(found)
    return found


def _look(path: Path, delimiter: str | None) -> MovedFile:
    try:
        size = path.stat().st_size
        if not size:
            message = _("{path} is empty: nothing was exported, or the download broke off. Download it again")
            raise Refused(message.format(path=path))
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise OutsideWorld(f"{path}: {os_reason(error)}") from error
    with open_csv(path, delimiter) as sheet:
        header, between = list(sheet.header), sheet.delimiter
    named = header[2:] if is_report(header) else header
    origin, platform = origin_of(named), recognise(named)
    if origin is not None and origin.of_money:
        message = _(
            "{path} is an export of {platform} ({columns}): it says who pays, not who asked for a letter. Move in the "
            "list of readers, of the platform that sent the letters; who paid is in its tiers"
        )
        raise Refused(message.format(path=path, platform=origin.name, columns=", ".join(origin.because)))
    backslash = platform is not None and platform.backslash
    counted = count_rows(path, header, between, backslash=backslash)
    if counted.cut:
        message = _(
            "{path} ends in the middle of its last row ({cells} cells of {columns}, and no end of line): the download "
            "broke off, and who comes after is missing. Download it again; where this is all of it, end its last line"
        )
        raise Refused(message.format(path=path, cells=counted.cut, columns=len(header)))
    rows = counted.rows - 1 if is_report(header) else counted.rows  # the second line of a report is none
    return MovedFile(path, digest, header, between, backslash, origin, max(rows, 0), size)


def _of_one_platform(files: Sequence[MovedFile]) -> None:
    known = [one for one in files if one.origin is not None]
    for one, other in pairwise(known):
        assert one.origin is not None
        assert other.origin is not None
        if one.origin.name != other.origin.name:
            message = _(
                "{path} is an export of {platform} ({columns}), {other} of {second} ({others}): words mean other "
                "things there. Move in one platform after the other; who left the one is not brought back by the next"
            )
            raise Refused(
                message.format(
                    path=one.path,
                    platform=one.origin.name,
                    columns=", ".join(one.origin.because),
                    other=other.path,
                    second=other.origin.name,
                    others=", ".join(other.origin.because),
                )
            )
