"""The archive beside the ticks: written while the daemon runs, by the configuration as it is then."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import date as Date
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import structlog
from structlog.testing import capture_logs

from composer.archive.site import SITE
from composer.daemon import archiving as room
from composer.daemon.archiving import archiving
from composer.daemon.process import AppContext
from tests.archive.support.sample_archive import SECRET, SampleArchive, sample_archive
from tests.daemon.support.daemon_process import Start, logs, wait_for
from tests.schedule.support.sample_hour import READERS, Hour
from tests.support.newsrooms import FRIDAY

PAGE = f"a/vendredi/{FRIDAY}/index.html"


async def running(archive: SampleArchive, *steps: tuple[Callable[[], object], Callable[[], bool]]) -> None:
    """Run the part; after each step, wait until its condition holds."""
    stop = asyncio.Event()
    base = AppContext(archive.newsroom, archive.engine, SECRET)
    part = asyncio.create_task(archiving(base, stop))
    try:
        for act, holds in steps:
            await asyncio.to_thread(act)
            for _ in range(400):
                if holds():
                    break
                await asyncio.sleep(0.05)
            else:
                pytest.fail("it did not come to that within 20 s")
    finally:
        stop.set()
        await asyncio.wait_for(part, 20)


def answered(port: int, path: str) -> str:
    """What the process of the pages answers; nothing while it is 404."""
    with suppress(HTTPError), urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return str(answer.read().decode())
    return ""


@pytest.mark.slow
def test_a_letter_that_leaves_is_read_and_found_through_the_process_of_the_pages(
    hour: Hour, start: Start, tmp_path: Path
) -> None:
    path = hour.root / "config" / "publications" / "vendredi.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "archive: 2026-11-01\n", encoding="utf-8")
    date = max(path.stem for path in (hour.root / "issues" / "vendredi").glob("*.yaml"))  # that of the test's hour
    daemon = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: len(hour.relay.messages) == READERS, "every reader's letter")
    lines = map(json.loads, logs(tmp_path).splitlines())
    port = next(line["port"] for line in lines if line["event"] == "pages")
    wait_for(lambda: "Les étals reviennent" in answered(port, f"/a/vendredi/{date}/"), "the letter's page")
    wait_for(lambda: "La digue tiendra" in answered(port, "/search?q=etal"), "the search")
    wait_for(lambda: f"/a/vendredi/{date}/" in answered(port, "/sitemap.xml"), "the last file of the site")
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(60) == 0


@pytest.mark.slow
async def test_the_daemon_follows_the_ledger_and_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LOOK", 0.1)
    archive = sample_archive(tmp_path / "newsroom")
    archive.configure(archive=None)
    page = archive.root / SITE / PAGE
    archive.send()
    await running(
        archive,
        (lambda: archive.configure(archive={"since": Date(2026, 11, 1)}), page.is_file),
        (lambda: archive.configure(archive=None), lambda: not page.exists()),
    )
    archive.close()


@pytest.mark.slow
async def test_a_disk_that_refuses_ends_nothing_and_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOOK", 0.1)
    archive = sample_archive(tmp_path / "newsroom")
    archive.send()
    site = archive.root / SITE
    site.parent.mkdir(parents=True)
    site.write_text("no folder", encoding="utf-8")
    structlog.reset_defaults()
    with capture_logs() as logs:
        await running(
            archive,
            (lambda: None, lambda: any(line["event"] == "archive-failed" for line in logs)),
            (site.unlink, (site / PAGE).is_file),
        )
    archive.close()
