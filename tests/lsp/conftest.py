"""The example newsroom, and a text editor at work in it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.lsp_client import Editor, editor

CHECKOUT = Path(__file__).parents[2]

#: The server, as a text editor starts it; VS Code's client adds the option.
SERVER = [sys.executable, "-c", "from composer.cli import main; main()", "lsp", "--stdio"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("newsroom")
    for name in ("config", "issues", "schema"):
        shutil.copytree(CHECKOUT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def typing(root: Path) -> Iterator[Editor]:
    with editor(SERVER, root) as made:
        yield made
