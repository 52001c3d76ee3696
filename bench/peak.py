"""The most memory that a process ever held, from outside.

``ru_maxrss`` will not do: across fork and exec it keeps what the parent had, which here is a ledger full of readers.
"""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from time import sleep


class Peak:
    """Of the process ``pid``, which has begun its program, until it ends."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._kilobytes = 0
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    def megabytes(self) -> float:
        """Once the process has ended."""
        self._thread.join()
        return self._kilobytes / 1024

    def _watch(self) -> None:
        # The kernel keeps the peak itself: what may be missed is what the last hundredth of a second added.
        while (found := self._high_water()) is not None:
            self._kilobytes = found
            sleep(0.01)

    def _high_water(self) -> int | None:
        try:
            lines = self._status.read_text().splitlines()
        except OSError:
            return None
        return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)
