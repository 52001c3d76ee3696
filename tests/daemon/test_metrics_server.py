"""/metrics on an address of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import structlog
from click.testing import CliRunner

from composer.cli import filigrane
from composer.daemon.metrics_server import MetricsAddress, serve_metrics
from composer.daemon.process import AppContext
from composer.errors import OutsideWorld, WrongUsage
from tests.delivery.support.sample_newsroom import SECRET, newsroom
from tests.support.address_keys import open_database


@pytest.fixture
def base(tmp_path: Path) -> Iterator[AppContext]:
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    yield AppContext(newsroom(tmp_path), engine, SECRET)
    engine.dispose()


def fetched(port: int, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, ""


@asynccontextmanager
async def served(base: AppContext, address: MetricsAddress) -> AsyncIterator[list[dict[str, object]]]:
    """What it logs, once it has begun."""
    stop = asyncio.Event()
    with structlog.testing.capture_logs() as logs:
        serving = asyncio.create_task(serve_metrics(address, base, stop))
        for _ in range(600):
            if logs:
                break
            await asyncio.sleep(0.05)
        yield list(map(dict, logs))
        stop.set()
        await serving


async def test_it_is_served_there_and_nothing_else_is(base: AppContext) -> None:
    async with served(base, MetricsAddress("127.0.0.1", 0, required=True)) as logs:
        port = logs[0]["port"]
        assert isinstance(port, int)
        status, text = await asyncio.to_thread(fetched, port, "/metrics")
        assert status == 200
        assert "filigrane_queue_depth" in text
        assert (await asyncio.to_thread(fetched, port, "/healthz"))[0] == 404


async def test_a_taken_port_is_no_reason_to_send_nothing_unless_somebody_named_it(base: AppContext) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with served(base, MetricsAddress("127.0.0.1", port, required=False)) as logs:
            assert [log["event"] for log in logs] == ["metrics-not-served"]
        with pytest.raises(OutsideWorld):
            await serve_metrics(MetricsAddress("127.0.0.1", port, required=True), base, asyncio.Event())


def test_an_address_that_is_none_is_said_before_anything_begins(tmp_path: Path) -> None:
    for words in (
        "9464",
        "localhost:",
        "127.0.0.1:99999",
        "a:b:9464",
        "a:b:c",
        "::1:9464",
        "[::1]",
        "[a]:80",
        "me@host:80",
    ):
        refused = CliRunner().invoke(filigrane, ["--newsroom", str(tmp_path), "worker", "--metrics", words])
        assert isinstance(refused.exception, WrongUsage), words
