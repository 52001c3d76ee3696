"""The process of the readers' pages: what it holds, its limits, and that it is begun again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from composer.daemon.pages_process import DESCRIPTORS, MEMORY, NICENESS, for_pages
from composer.newsroom import load_newsroom
from tests.daemon.support.daemon_process import Start, events, logs, wait_for
from tests.schedule.support.sample_hour import READERS, SECRET, Hour
from tests.support.newsrooms import write_newsroom

SECRETS = {"FILIGRANE_SMTP_PASSWORD": "hush-smtp", "FILIGRANE_DKIM_KEY": "hush-dkim"}


def told(tmp_path: Path, event: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, logs(tmp_path).splitlines()) if line["event"] == event]


def healthy(port: int) -> bool:
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
        return bool(answer.status == 200)


def gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_pages_are_given_no_relay_no_address_of_the_staff_and_no_text_of_a_file(tmp_path: Path) -> None:
    newsroom = load_newsroom(
        write_newsroom(
            tmp_path,
            webhook="https://hooks.example.org/s3cret",
            editors=("a@b.example",),
            hooks={"providers": ["ses"], "topics": ["arn:aws:sns:eu-west-3:123456789012:bounces"]},
        )
    )
    given = for_pages(newsroom)
    assert newsroom.settings.webhook is not None
    assert newsroom.sources
    assert (given.settings.relays, given.settings.alerts, given.settings.webhook, given.sources) == ((), (), None, {})
    assert newsroom.settings.hooks is not None
    assert given.settings.hooks is None  # they are handed the digests of its doors
    assert given.publications["vendredi"].title == newsroom.publications["vendredi"].title
    assert given.publications["vendredi"].editors == ()
    assert given.settings.public_url == newsroom.settings.public_url


def test_a_unit_that_forbids_another_priority_forbids_no_pages() -> None:
    forbidden = "def nice(_): raise PermissionError\nimport os, resource\nos.nice = nice\n"
    bounded = "from composer.daemon.pages_process import bound_resources; bound_resources()\n"
    said = "print(resource.getrlimit(resource.RLIMIT_NOFILE)[1])"
    told = subprocess.check_output([sys.executable, "-c", forbidden + bounded + said], text=True)
    assert int(told) == DESCRIPTORS


@pytest.mark.slow
def test_it_holds_no_password_is_bounded_and_is_begun_again(hour: Hour, start: Start, tmp_path: Path) -> None:
    daemon = start(hour.root, "run", "--port", "0", "--log", "json", **SECRETS)
    wait_for(lambda: told(tmp_path, "pages"), "the pages")
    pages = told(tmp_path, "pages")[0]
    assert healthy(pages["port"])
    assert pages["process"] != daemon.pid
    proc = Path(f"/proc/{pages['process']}")
    environment = (proc / "environ").read_bytes()
    assert b"PATH=" in environment
    assert b"FILIGRANE" not in environment
    assert SECRET.hex().encode() not in environment + (proc / "cmdline").read_bytes()
    limits = (proc / "limits").read_text()
    assert [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files")] == [
        [str(DESCRIPTORS)] * 2
    ]
    assert str(MEMORY) in limits
    niceness = [
        int((Path(f"/proc/{pid}/stat")).read_text().rpartition(")")[2].split()[16])
        for pid in (pages["process"], daemon.pid)
    ]
    assert niceness[0] - niceness[1] == NICENESS

    os.kill(pages["process"], signal.SIGKILL)
    assert healthy(pages["port"])  # it waits for the next process, and is not refused
    assert [line["ended"] for line in told(tmp_path, "pages-ended")] == ["SIGKILL"]
    assert told(tmp_path, "pages")[1]["process"] != pages["process"]
    assert daemon.poll() is None

    second = told(tmp_path, "pages")[1]["process"]
    daemon.kill()
    wait_for(lambda: gone(second), "the end of the pages, after the daemon's")


@pytest.mark.slow
def test_pages_that_cannot_serve_are_tried_ever_less_often_and_stop_nothing(
    hour: Hour, start: Start, tmp_path: Path
) -> None:
    away = "postgresql://nobody@127.0.0.1:1/filigrane?connect_timeout=1"
    daemon = start(hour.root, "run", "--port", "0", "--log", "json", FILIGRANE_PAGES_DATABASE_URL=away)
    wait_for(lambda: len(told(tmp_path, "pages-ended")) >= 2, "two ends")
    ends = told(tmp_path, "pages-ended")
    assert (ends[0]["ended"], ends[0]["again_in"], ends[1]["again_in"]) == ("exit code 3", 0.5, 1.0)
    assert "pages-not-served" in events(tmp_path)
    wait_for(lambda: len(hour.relay.messages) == READERS, "every reader's letter")
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(60) == 0
