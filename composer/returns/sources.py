"""Where messages that came back lie: files of one message, mboxes, maildirs, folders, standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.returns.judge_process import MESSAGE_LIMIT

#: Standard input, as a name on the command line.
STDIN = "-"


def incoming(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """(name, message) of each message, with more than ``MESSAGE_LIMIT`` cut there, one byte later.

    Of an mbox, the name is that of the file with #1, #2…. Of a folder, all its files, and those of its folders; links
    in it are not followed. Raises ``Refused`` for what is not there, ``OutsideWorld`` where it cannot be read.
    """
    for name in names:
        if name != STDIN and not Path(name).exists():
            raise Refused(_("{file}: there is no such file or folder").format(file=name))
    for name in names:
        if name == STDIN:
            yield from _messages(name, sys.stdin.buffer)
            continue
        for path in _files(Path(name)):
            try:
                with path.open("rb") as file:
                    yield from _messages(str(path), file)
            except OSError as error:
                message = _("{file} cannot be read: {why}").format(file=path, why=os_reason(error))
                raise OutsideWorld(message) from error


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be read: {why}").format(file=path, why=os_reason(error))) from error
    for entry in entries:
        if entry.is_symlink() or entry.name.startswith("."):
            continue
        if entry.is_dir() and entry.name != "tmp":  # of a maildir: what is being written
            yield from _files(entry)
        elif entry.is_file():
            yield entry


def _messages(name: str, stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """The messages of one file: of an mbox all, of any other file the one that it is."""
    before: bytes | None = None
    number = 0
    for message in _split(stream):
        if before is not None:
            number += 1
            yield f"{name}#{number}", before
        before = message
    if before is not None:
        yield (f"{name}#{number + 1}" if number else name), before


def _split(stream: BinaryIO) -> Iterator[bytes]:
    kept, size, blank, is_mbox = list[bytes](), 0, True, False
    while line := stream.readline(MESSAGE_LIMIT):
        if blank and line.startswith(b"From ") and (is_mbox or not kept):
            if kept:
                yield b"".join(kept)[: MESSAGE_LIMIT + 1]
            kept, size, is_mbox = [], 0, True
        if size <= MESSAGE_LIMIT:
            kept.append(line)
            size += len(line)
        blank = line in (b"\n", b"\r\n")
    if kept:
        yield b"".join(kept)[: MESSAGE_LIMIT + 1]
