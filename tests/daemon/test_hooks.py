"""``filigrane run``, whole: an operator reports a bounce at the pages' process, and its reader is suppressed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select, update

from composer.database import read_only
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.message.verp import return_path
from composer.subscribers.tables import suppressions
from tests.daemon.support.daemon_process import Start, logs, wait_for
from tests.delivery.support.sample_ledger import ready
from tests.delivery.support.sample_newsroom import SECRET
from tests.returns.hooks.support.hooked import FAILED, SIGNING, brevo, mailgun
from tests.support import databases
from tests.support.address_keys import TEST_KEY
from tests.support.newsrooms import write_newsroom

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.mark.slow
def test_a_report_at_a_real_door_acts_once_and_its_address_is_in_no_log(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ready(tmp_path, readers=["anne@example.org", "paul@example.org"])
    write_newsroom(tmp_path, hooks={"providers": ["brevo", "mailgun"]})
    with found.engine.begin() as connection:
        connection.execute(update(deliveries).values(state=State.ACCEPTED))
    given = {
        "FILIGRANE_SECRET_KEY": SECRET.hex(),
        "FILIGRANE_ADDRESS_KEY": TEST_KEY.hex(),
        "FILIGRANE_MAILGUN_SIGNING_KEY": SIGNING,
        "FILIGRANE_DATABASE_URL": databases.url(tmp_path),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-c", "from composer.cli import main; main()", "--newsroom", str(tmp_path)]
    told = subprocess.check_output([*command, "returns", "hooks", "--json"], text=True)
    ways = {each["provider"]: urlsplit(each["address"]).path for each in json.loads(told)}
    daemon = start(tmp_path, "run", "--port", "0", "--log", "json", "--metrics", "off")
    wait_for(lambda: said(tmp_path, "pages"), "the pages")
    base = f"http://127.0.0.1:{said(tmp_path, 'pages')[0]['port']}"
    first, second = (return_path(reader, found.mailing, SECRET) for reader in (1, 2))
    for _time in range(2):
        assert httpx.post(base + ways["brevo"], json=brevo(first), timeout=30).status_code == 200
        assert httpx.post(base + ways["mailgun"], json=mailgun(second, FAILED), timeout=30).status_code == 200
    assert httpx.post(base + ways["brevo"] + "x", json=brevo(first), timeout=30).status_code == 404
    wait_for(lambda: sum(line["acted"] for line in said(tmp_path, "hooks")) == 2, "both to act")
    wait_for(lambda: sum(line["again"] + line["refused"] for line in said(tmp_path, "hooks")) == 2, "the second ones")
    with read_only(found.engine).connect() as connection:
        assert set(connection.execute(select(deliveries.c.state)).scalars()) == {State.BOUNCED}
        assert list(connection.execute(select(suppressions.c.reason)).scalars()) == ["hard-bounce"] * 2
    environment = Path(f"/proc/{said(tmp_path, 'pages')[0]['process']}/environ").read_bytes()
    assert b"MAILGUN" not in environment
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(60) == 0
    assert "@example.org" not in logs(tmp_path)
    assert ways["brevo"].rpartition("/")[2] not in logs(tmp_path)
    found.engine.dispose()


def said(tmp_path: Path, event: str) -> list[dict[str, int]]:
    return [line for line in map(json.loads, logs(tmp_path).splitlines()) if line["event"] == event]
