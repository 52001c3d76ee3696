"""``filigrane run``, whole: a reader joins at the pages' process, gets the message from the worker, and confirms."""

from __future__ import annotations

import json
import re
import signal
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from composer.database import read_only
from composer.outbox.tables import outbox
from tests.daemon.support.daemon_process import Start, logs, wait_for
from tests.schedule.support.sample_hour import Relay
from tests.support.doors import ZOE, OpenHouse, open_house

pytestmark = pytest.mark.usefixtures("each_engine")


def port_of(tmp_path: Path) -> int:
    found = [line for line in map(json.loads, logs(tmp_path).splitlines()) if line["event"] == "pages"]
    return int(found[0]["port"]) if found else 0


def plain(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.slow
def test_a_reader_joins_two_letters_by_one_confirmation(tmp_path: Path, start: Start, relay: Relay) -> None:
    root = tmp_path / "room"
    house = open_house(root, relays=[{"host": "127.0.0.1", "port": relay.port, "security": "none"}])
    (root / "var").mkdir(exist_ok=True)
    (root / "var" / "secret.key").write_text("07" * 32)
    url = house.engine.url.render_as_string(hide_password=False)
    daemon = start(root, "run", "--port", "0", "--log", "json", "--metrics", "off", FILIGRANE_DATABASE_URL=url)
    wait_for(lambda: port_of(tmp_path), "the pages")
    base = f"http://127.0.0.1:{port_of(tmp_path)}"
    page = httpx.get(f"{base}/join?language=fr")
    mark = re.search(r'name="form" value="([^"]+)"', page.text)
    assert mark is not None
    data = {"email": ZOE, "letters": ["vendredi", "samedi"], "form": mark[1]}
    assert "Regardez dans votre boîte" in httpx.post(f"{base}/join?language=fr", data=data).text
    wait_for(lambda: relay.messages, "the message")
    (message,) = relay.messages
    assert (message["To"], message["Auto-Submitted"]) == (ZOE, "auto-generated")
    assert "List-Unsubscribe" not in message
    link = re.search(r"https://lettre\.example\.org(/confirm/[\w-]{32})", plain(message))
    assert link is not None
    assert "Confirmez" in httpx.get(base + link[1]).text
    assert house.readers() == {}
    answer = httpx.post(base + link[1], timeout=30)
    assert "inscription est prise" in answer.text
    assert house.readers() == {(ZOE, "vendredi"): "active", (ZOE, "samedi"): "active"}
    wait_for(lambda: states(house) == [("confirm", "accepted", None)], "the outcome")
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(60) == 0
    assert "zoe" not in logs(tmp_path)
    house.engine.dispose()


def states(house: OpenHouse) -> list[tuple[str, str, bytes | None]]:
    with read_only(house.engine).connect() as connection:
        return [(row.kind, row.state, row.content) for row in connection.execute(select(outbox))]
