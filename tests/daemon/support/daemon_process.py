"""``filigrane`` as a process: its logs, and waiting for what it does."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Start = Callable[..., "subprocess.Popen[str]"]


def logs(tmp_path: Path, number: int = 0) -> str:
    return (tmp_path / f"log-{number}").read_text()


def wait_for(condition: Callable[[], object], what: str) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail(f"never: {what}")


def events(tmp_path: Path, number: int = 0) -> list[str]:
    return [json.loads(line)["event"] for line in logs(tmp_path, number).splitlines()]
