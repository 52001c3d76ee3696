"""A proxy before PostgreSQL (pgbouncer, HAProxy) that cuts a connection, or speaks in the middle of an answer."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from composer.database import DatabaseUnavailable, connect
from composer.database.errors import translated
from tests.support.postgres import Server

pytestmark = pytest.mark.postgres

_FIELDS = b"SFATAL\0VFATAL\0C08P01\0Mserver conn crashed?\0\0"
#: What pgbouncer says to a client whose server is gone.
CRASHED = b"E" + struct.pack("!i", len(_FIELDS) + 4) + _FIELDS


class Proxy:
    """Passes all on, until ``cut`` is set: then the answer to the next COMMIT is what ``cut`` makes of it, and the
    connection ends."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.cut: Callable[[bytes], bytes] | None = None
        self.stays = False  #: the connection does not end
        self._server = server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.socket(socket.AF_UNIX) as server:
            server.connect(str(self._server / ".s.PGSQL.5432"))
            back = threading.Thread(target=self._back, args=(server, client), daemon=True)
            back.start()
            while said := client.recv(65536):
                if b"COMMIT" in said and (cut := self.cut) is not None:
                    self.cut = None
                    self._answer = cut
                server.sendall(said)

    _answer: Callable[[bytes], bytes] | None = None

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while said := server.recv(65536):
                answer, self._answer = self._answer, None
                client.sendall(said if answer is None else answer(said))
                if answer is not None and not self.stays:
                    client.shutdown(socket.SHUT_RDWR)
                    return


@pytest.fixture
def proxy(postgres_server: Server) -> Iterator[tuple[Proxy, Engine]]:
    with TemporaryDirectory(prefix="px-") as folder:
        proxy = Proxy(Path(folder), postgres_server.folder)
        url = make_url(postgres_server.new_database()).update_query_dict({"host": folder})
        engine = connect(url.render_as_string(), Path(folder))
        yield proxy, engine
        engine.dispose()
        proxy.close()


@pytest.mark.parametrize(
    "cut",
    [
        lambda _answer: b"",
        lambda answer: answer[: len(answer) // 2],
        lambda answer: answer[: len(answer) // 2] + CRASHED,
        lambda answer: answer[:-6] + CRASHED,  # what stood before ReadyForQuery
        lambda _answer: CRASHED,
    ],
    ids=["nothing", "half", "half, then words", "two answers", "words"],
)
def test_a_cut_at_commit_is_a_database_that_is_away_and_the_next_connection_is_another(
    proxy: tuple[Proxy, Engine], cut: Callable[[bytes], bytes]
) -> None:
    way, engine = proxy
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        way.cut = cut
        with pytest.raises(DatabaseUnavailable):
            connection.commit()
    with engine.begin() as connection:
        assert connection.execute(text("SELECT 2")).scalar_one() == 2


def test_words_that_come_while_a_connection_is_idle_cost_that_connection_alone(proxy: tuple[Proxy, Engine]) -> None:
    way, engine = proxy
    way.stays, way.cut = True, lambda answer: answer + CRASHED
    for _ in range(2):
        with engine.begin() as connection:
            connection.execute(text("SELECT 1"))


def test_what_the_driver_complains_of_itself_is_no_database_that_is_away(proxy: tuple[Proxy, Engine]) -> None:
    _, engine = proxy
    assert isinstance(translated(psycopg.InternalError("received 2 results"), engine), DatabaseUnavailable)
    assert translated(psycopg.ProgrammingError("the query has 1 placeholder"), engine) is None
