"""These tests read English messages, whichever newsroom another test loaded before."""

from __future__ import annotations

import pytest

from composer import locale


@pytest.fixture(autouse=True)
def _english() -> None:
    locale.use("en")
