"""Logs: two forms, one place, and nothing of a reader in a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_FAULT = """
import logging, sys
import structlog
from composer.daemon.log import configure
configure(sys.argv[1], verbose=True)
def fail():
    address = "lectrice@lecteurs.example"
    raise ValueError("a fault")
try:
    fail()
except ValueError as error:
    structlog.get_logger().debug("fault", exc_info=error)
    logging.getLogger("library").warning("it says %s", "so", exc_info=error)
"""


def said(form: str) -> str:
    command = [sys.executable, "-c", _FAULT, form]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_no_local_variable(form: str) -> None:
    assert said(form).count("a fault") == 2
    assert "lectrice@" not in said(form)


def test_json_is_one_object_a_line_whoever_speaks() -> None:
    ours, theirs = map(json.loads, said("json").splitlines())
    assert (ours["event"], ours["level"]) == ("fault", "debug")
    assert (theirs["event"], theirs["level"]) == ("it says so", "warning")
    assert "ValueError" in ours["exception"]


def test_a_log_that_cannot_be_written_costs_the_line_and_not_the_process() -> None:
    """A full disk; what reads it is gone."""
    command = [sys.executable, "-c", f"{_FAULT}\nprint('lives')", "json"]
    with Path("/dev/full").open("w") as full:
        assert subprocess.run(command, stdout=subprocess.PIPE, stderr=full, text=True, check=False).stdout == "lives\n"
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "w") as gone:
        assert subprocess.run(command, stdout=subprocess.PIPE, stderr=gone, text=True, check=False).stdout == "lives\n"
