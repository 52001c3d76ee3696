"""The open files of a text editor, and when each is checked: at each change what is quick, after a pause the rest."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from pydantic import BaseModel

from composer.errors import FiligraneError
from composer.issue.model import Front
from composer.locale import gettext as _
from composer.lsp.room import Room, root_of
from composer.source.finding import Finding, Place
from composer.source.opening import is_within
from composer.source.quoting import split_lines

#: Seconds without a change after which letters are composed and checked.
TYPING_PAUSE = 0.4

#: Most files of an editor that are checked; of those opened after them nothing is told.
MOST_OPEN = 50

#: A finding, or a sentence about the file as a whole.
Remark = Finding | str


@dataclass
class OpenFile:
    uri: str
    path: Path
    room: Room
    model: type[BaseModel]
    text: str
    version: int | None
    read: bool = False  #: the text was read since it changed
    due: float | None = 0.0  #: when its letters are checked, by ``monotonic``; None: they were
    quick: tuple[Remark, ...] = ()  #: found in the text
    late: tuple[Finding, ...] = ()  #: what only letters show

    @property
    def name(self) -> str:
        return self.path.relative_to(self.room.root).as_posix()

    @property
    def is_issue(self) -> bool:
        return self.model is Front


#: (uri, text or None where the file is not open, remarks, version of the text)
Publish = Callable[[str, str | None, Sequence[Remark], int | None], None]


class Desk:
    """``publish`` is called in the event loop. Texts are read in ``pool``, letters composed in ``_press``: one thread
    each, so that pictures made for the first time hold up no key."""

    def __init__(self, publish: Publish) -> None:
        self.publish = publish
        self.files: dict[str, OpenFile] = {}
        self.pool = ThreadPoolExecutor(1, "filigrane-text")
        self._press = ThreadPoolExecutor(1, "filigrane-letters")
        self._pressing: asyncio.Task[None] | None = None
        self._rooms: dict[Path, Room] = {}
        self._beside: dict[str, dict[str, list[Finding]]] = {}  #: uri of an open file → findings on others, by uri
        self._wake = asyncio.Event()

    def open(self, uri: str, path: Path, text: str, version: int | None) -> None:
        """Check the file from now on, if it is one of a newsroom."""
        root = root_of(path)
        if root is None or len(self.files) >= MOST_OPEN or not is_within(path.resolve(), root.resolve()):
            return
        real = root.resolve()
        room = self._rooms.setdefault(real, Room(real))
        path = real / path.relative_to(root)
        model = room.kind(path)
        if model is None:
            return
        self.files[uri] = file = OpenFile(uri, path, room, model, text, version)
        if not file.is_issue:
            self._again(room, monotonic() + TYPING_PAUSE)
        self._wake.set()

    def change(self, uri: str, text: str, version: int | None) -> None:
        file = self.files.get(uri)
        if file is None:
            return
        file.text, file.version, file.read, file.due = text, version, False, monotonic() + TYPING_PAUSE
        if not file.is_issue:
            self._again(file.room, monotonic() + TYPING_PAUSE)
        self._wake.set()

    def close(self, uri: str) -> None:
        file = self.files.pop(uri, None)
        if file is None:
            return
        file.room.forget(file.path)
        if not file.is_issue:
            self._again(file.room, monotonic())
            self._wake.set()
        for other in (uri, *self._beside.pop(uri, {})):
            self._tell(other)

    def saved(self) -> None:
        """Files changed on disk: pictures, the lexicon, other issues."""
        for room in self._rooms.values():
            self._again(room, monotonic())
        self._wake.set()

    def _again(self, room: Room, due: float) -> None:
        """What the issues of a newsroom go by has changed."""
        for file in self.files.values():
            if file.room is room and file.is_issue:
                file.read, file.due = False, due

    async def work(self) -> None:
        """Check what waits, the text last opened first; until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self._step()
            except Exception as error:  # noqa: BLE001 # reason: the other files are still checked
                _failed(error)

    async def _step(self) -> None:
        """Read one text, or begin to compose letters and wait for something to do."""
        loop = asyncio.get_running_loop()
        file = next((each for each in reversed(self.files.values()) if not each.read), None)
        if file is not None:
            text, version, file.read = file.text, file.version, True
            file.quick = await loop.run_in_executor(self.pool, _quick, file, text)
            file.late = tuple(_moved(file.late, split_lines(text)))
            self._tell(file.uri, text, version)
            return
        if self._pressing is not None and self._pressing.done():
            self._pressing = None
        if self._pressing is None and (due := self._due()) is not None:
            self._pressing = loop.create_task(self._check_letters(due))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), None if self._pressing is not None else self._until())

    async def _check_letters(self, file: OpenFile) -> None:
        text, file.due = file.text, None
        found = await asyncio.get_running_loop().run_in_executor(self._press, _whole, file, text)
        self._wake.set()
        if file.text is not text or file.uri not in self.files:
            return
        known = {_same(each) for each in file.quick if isinstance(each, Finding)}
        file.late = tuple(each for each in found if each.place.file == file.name and _same(each) not in known)
        others: dict[str, list[Finding]] = {}
        for each in (*found, *file.room.findings):
            if each.place.file != file.name:
                others.setdefault(self._uri(file.room, each.place.file), []).append(each)
        before = self._beside.get(file.uri, {})
        self._beside[file.uri] = others
        for uri in {*before, *others, file.uri}:
            self._tell(uri)

    def _uri(self, room: Room, name: str) -> str:
        path = room.root / name
        return next((each.uri for each in self.files.values() if each.path == path), path.as_uri())

    def _tell(self, uri: str, text: str | None = None, version: int | None = None) -> None:
        file = self.files.get(uri)
        told: list[Remark] = [*file.quick, *file.late] if file is not None else []
        told += [each for found in self._beside.values() for each in found.get(uri, ())]
        if file is not None and text is None:
            text, version = file.text, file.version
        self.publish(uri, text, list(dict.fromkeys(told)), version)

    def _due(self) -> OpenFile | None:
        now = monotonic()
        return next((each for each in self.files.values() if each.due is not None and each.due <= now), None)

    def _until(self) -> float | None:
        """Seconds until the next check of letters; None where none is due."""
        due = [each.due for each in self.files.values() if each.due is not None]
        return max(0.0, min(due) - monotonic()) if due else None


def _same(finding: Finding) -> tuple[str, Place, str]:
    return finding.code, finding.place, finding.message


def _quick(file: OpenFile, text: str) -> tuple[Remark, ...]:
    """What the text alone shows. Never raises."""
    try:
        found = file.room.typed(file.path, text) if file.is_issue else file.room.configuration(file.path, text)
        return (file.room.said_of_unread(),) if found is None else tuple(found)
    except FiligraneError as error:
        return (str(error),)
    except Exception as error:  # noqa: BLE001 # reason: a defect of a check is told in its file, and ends no server
        return (_failed(error),)


def _whole(file: OpenFile, text: str) -> tuple[Finding, ...]:
    """All that is found, what the text alone shows included. Never raises."""
    try:
        found = file.room.whole(file.path, text) if file.is_issue else file.room.configuration(file.path, text)
        file.room.take_stock(file.path)
        return tuple(found or ())
    except FiligraneError:  # told by ``_quick``, or a template's: the preview shows it
        return ()
    except Exception as error:  # noqa: BLE001 # reason: as above
        _failed(error)
        return ()


def _failed(error: Exception) -> str:
    traceback.print_exception(error, file=sys.stderr)
    message = _("Filigrane could not check this file ({error}); its log has the details: please report it")
    return message.format(error=type(error).__name__)


def _moved(findings: Sequence[Finding], lines: Sequence[str]) -> list[Finding]:
    """The findings of an earlier text at the lines where theirs stand now; those whose line changed are left out."""
    kept: list[Finding] = []
    for each in findings:
        line = each.place.line - 1
        if each.excerpt is None or (line < len(lines) and lines[line] == each.excerpt):
            kept.append(each)
            continue
        there = [number for number, text in enumerate(lines) if text == each.excerpt]
        if there:
            nearest = min(there, key=lambda number: abs(number - line))
            kept.append(replace(each, place=replace(each.place, line=nearest + 1)))
    return kept
