"""The archive beside the ticks: written while the daemon runs, by the configuration as it is then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date as Date
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from composer.archive.site import SITE
from composer.daemon import archiving as room
from composer.daemon.archiving import archiving
from composer.daemon.process import AppContext
from tests.archive.support.sample_archive import SECRET, SampleArchive, sample_archive
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
