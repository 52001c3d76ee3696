"""No relay answers: a real worker finds out, and the next tick tells the operator, once."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from sqlalchemy import select, update

from composer import clock
from composer.database import db_now, read_only
from composer.delivery.tables import mailings, workers
from tests.daemon.support.daemon_process import Start, wait_for
from tests.schedule.support.sample_hour import READERS, Hour, relaying
from tests.schedule.test_webhook import listening

pytestmark = pytest.mark.usefixtures("each_engine")


def dead_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port: int = gone.getsockname()[1]
    return port


def look(hour: Hour) -> None:
    hour.look(clock.now())


def away(hour: Hour) -> list[str | None]:
    with read_only(hour.engine).connect() as connection:
        return list(connection.execute(select(workers.c.away_why).where(workers.c.stopped_at.is_(None))).scalars())


def later(hour: Hour) -> None:
    """As if it had been so for five minutes."""
    with hour.engine.begin() as connection:
        connection.execute(update(workers).values(away_since=db_now(-301)))
        connection.execute(update(mailings).values(opened_at=db_now(-301)))


@pytest.mark.slow
@pytest.mark.parametrize("names", [["hall"], ["hall", "court"]], ids=["one relay", "two relays"])
def test_where_no_relay_answers_the_operator_hears_it_once_with_what_each_of_them_said(
    hour: Hour, start: Start, tmp_path: Path, names: list[str]
) -> None:
    ports = {name: dead_port() for name in names}
    relays = [{"name": name, "host": "127.0.0.1", "port": port, "security": "none"} for name, port in ports.items()]
    with listening() as hook:
        hour.write(relays=relays, webhook=f"http://127.0.0.1:{hook.port}/alerte")
        look(hour)
        start(hour.root, "worker")
        wait_for(lambda: any(away(hour)), "the worker says so")
        look(hour)
        assert hook.said == []  # a relay that is started again is nobody's news
        later(hour)
        for _ in range(2):
            look(hour)
        ((_, _, told),) = hook.said
        assert told is not None
        assert (told["kind"], told["mailing"]) == ("held-up", 1)
        for name, port in ports.items():
            assert f"{name}: 127.0.0.1:{port}" in told["text"]


@pytest.mark.slow
def test_what_a_relay_that_comes_back_is_sent_and_the_worker_says_so(hour: Hour, start: Start) -> None:
    port = dead_port()
    hour.write(relay=port)
    look(hour)
    start(hour.root, "worker")
    wait_for(lambda: any(away(hour)), "the worker says so")
    (why,) = away(hour)
    assert why is not None
    assert why.count(f"127.0.0.1:{port}") == 1  # it has no name: its server stands for it, once
    with relaying(port) as relay:
        wait_for(lambda: len(relay.messages) == READERS, "every reader's letter")
        wait_for(lambda: away(hour) == [None], "the worker says so")


@pytest.mark.slow
def test_while_one_worker_gets_through_the_trouble_of_another_one_is_nobody_s_news(hour: Hour, start: Start) -> None:
    with listening() as hook:
        hour.write(relay=dead_port(), webhook=f"http://127.0.0.1:{hook.port}/alerte")
        look(hour)
        start(hour.root, "worker")
        wait_for(lambda: any(away(hour)), "the worker says so")
        with hour.engine.begin() as connection:
            connection.execute(workers.insert().values(host="elsewhere", pid=1, connections={"hall": 2}))
        later(hour)
        with hour.engine.begin() as connection:
            connection.execute(update(workers).where(workers.c.host == "elsewhere").values(away_since=None))
        look(hour)
        assert hook.said == []
