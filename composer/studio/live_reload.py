"""Reload open pages when a file changes: watchfiles notices it, server-sent events carry it to the browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from hashlib import sha256
from pathlib import Path

from watchfiles import awatch

from composer.rendering.templates import shipped

#: The folders of the newsroom that an issue is composed from.
WATCHED = ("config", "issues", "templates")


def watched(root: Path) -> list[Path]:
    """The folders that exist now; a newsroom need not have ``templates/``."""
    folders = (folder.resolve() for folder in (*(root / name for name in WATCHED), shipped()) if folder.is_dir())
    return list(dict.fromkeys(folders))


def fingerprint(folders: Iterable[Path]) -> str:
    """A digest that changes whenever a file under ``folders`` does. About 2 ms for a thousand files."""
    whole = sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            try:
                state = path.stat()
            except FileNotFoundError:  # an editor saves by renaming: gone between listing and looking
                continue
            whole.update(f"{path}\0{state.st_mtime_ns}\0{state.st_size}\0{state.st_ino}\n".encode())
    return whole.hexdigest()


class Changes:
    """One watcher of the files, and the event streams of any number of open pages."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._changed = asyncio.Condition()
        self._count = 0

    async def watch(self) -> None:
        """Wake the pages after each change, until cancelled."""
        while True:
            folders = watched(self._root)
            # A short timeout comes round to notice a folder made since, such as the newsroom's first templates/.
            async for batch in awatch(*folders, debounce=300, step=30, rust_timeout=2000, yield_on_timeout=True):
                if batch or watched(self._root) != folders:
                    await self._wake()
                if watched(self._root) != folders:
                    break

    async def _wake(self) -> None:
        async with self._changed:
            self._count += 1
            self._changed.notify_all()

    async def events(self) -> AsyncIterator[str]:
        """Server-sent events: one at the start of the stream, one after each change."""
        seen = self._count
        yield "retry: 1000\n\n"
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._count != seen)  # noqa: B023 # reason: seen is read at once
                seen = self._count
            yield "event: change\ndata:\n\n"
