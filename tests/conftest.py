"""Shared by every room's tests: what needs a part of the system says so, and says how to get it."""

from __future__ import annotations

import os
import shutil

import pytest

from composer import locale

#: Marker → (programs, what to type to get them). With FILIGRANE_REQUIRE_ALL=1 an absent part is a failure.
PARTS = {"chromium": (("chromium", "chromium-browser"), "apt install chromium && make .venv/.browser")}


def pytest_runtest_setup(item: pytest.Item) -> None:
    locale.use("en")  # loading a newsroom sets the language of messages, and the next test may load none
    for name, (programs, remedy) in PARTS.items():
        if item.get_closest_marker(name) and not any(shutil.which(program) for program in programs):
            reason = f"{name} is not installed: {remedy}"
            if os.environ.get("FILIGRANE_REQUIRE_ALL") == "1":
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
