"""The command as it is typed, in the newsroom of the test's own ``root``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from composer.cli import main

Command = Callable[..., tuple[str, str]]


@pytest.fixture
def filigrane(root: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """stdout and stderr of the command."""

    def run(*arguments: str, code: int = 0) -> tuple[str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--newsroom", str(root), *arguments])
        told = capsys.readouterr()
        assert ended.value.code == code, told.err
        return told.out, told.err

    return run
