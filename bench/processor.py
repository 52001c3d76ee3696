"""The processor time of a server and of all the processes that it began, those that have ended included."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def processor(pid: int) -> float:
    """CPU seconds of the process ``pid`` and of its children, so far; of grandchildren only those that have ended."""
    # proc(5), counted after the name, which may hold anything: 11 to 14 are utime, stime, cutime, cstime
    spent = sum(map(int, _stat(pid)[11:15]))
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            spent += sum(map(int, _stat(int(child))[11:15]))
        except FileNotFoundError:  # it has ended since; the next look finds it in its parent's
            continue
    return spent / _TICKS


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
