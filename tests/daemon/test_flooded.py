"""The daemon while strangers hold its port: readers leave, letters go."""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from composer.subscribers import unsubscribe_token
from composer.subscribers.tables import subscriptions
from tests.daemon.support.daemon_process import Start, events, wait_for
from tests.daemon.test_pages_process import told
from tests.schedule.support.sample_hour import READERS, SECRET, Hour

#: Connections held open by the test, more than the pages' process may have descriptors.
HELD = 1500


@pytest.fixture
def descriptors() -> Iterator[None]:
    """Enough of them for the connections of this process."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], min(before[1], HELD + 500)), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.slow
@pytest.mark.usefixtures("descriptors")
@pytest.mark.parametrize(
    "sent",
    ["", "POST /u/{valid} HT", "POST /u/{valid} HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\nList"],
    ids=["silent", "half heads", "half bodies"],
)
def test_a_reader_leaves_with_one_click_and_every_letter_goes(
    hour: Hour, start: Start, tmp_path: Path, sent: str
) -> None:
    with hour.engine.connect() as connection:
        first, other, *_ = connection.execute(select(subscriptions.c.id).order_by(subscriptions.c.id)).scalars()
    daemon = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: told(tmp_path, "pages"), "the pages")
    port = told(tmp_path, "pages")[0]["port"]
    wait_for(lambda: len(hour.relay.messages) == READERS, "every reader's letter")
    with ExitStack() as held:
        for _ in range(HELD):
            opened = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            with suppress(OSError):  # an older one of them may be closed already, and this one too
                opened.sendall(sent.format(valid=unsubscribe_token(other, SECRET)).encode())
        answer = httpx.post(
            f"http://127.0.0.1:{port}/u/{unsubscribe_token(first, SECRET)}",
            content="List-Unsubscribe=One-Click",
            timeout=30,
        )
        assert answer.status_code == 200
    with hour.engine.connect() as connection:
        found = select(subscriptions.c.id, subscriptions.c.status)
        status = {row.id: row.status for row in connection.execute(found)}
    assert (status[first], status[other]) == ("unsubscribed", "active")
    assert "connections-exhausted" in events(tmp_path)
    assert "database-unavailable" not in events(tmp_path)
    assert daemon.poll() is None
