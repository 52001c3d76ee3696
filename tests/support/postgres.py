"""A PostgreSQL server of the tests' own: a temporary folder, a socket in it, gone with the process that began it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

from composer.database import connect
from tests.support.address_keys import upgrade

#: A database with every table, of which each test's is a copy.
_MODEL = "model"

#: What tests made and is not dropped: each is 300 files, deleted at once while they are young, and in minutes where
#: hundreds have reached the disk.
_made: list[tuple[Server, str]] = []


@dataclass
class Server:
    """``folder`` holds the data and the socket. Durable (fsync) only where a test is about that: it is slow. Without
    ``autovacuum`` a database never has statistics, unless it is told to make some."""

    folder: Path
    durable: bool = False
    autovacuum: bool = True
    process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def start(self) -> None:
        """Begin, and wait until it answers."""
        options = {
            "unix_socket_directories": self.folder,
            "listen_addresses": "",
            "fsync": "on" if self.durable else "off",
            "jit": "off",
            "autovacuum": "on" if self.autovacuum else "off",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_unprivileged("postgres"), "-D", str(self.folder / "data"), *settings], stdout=log, stderr=log
            )
        ready = [str(_bin() / "pg_isready"), "-q", "-h", str(self.folder), "-d", "postgres"]
        while subprocess.run(ready, check=False).returncode:
            assert self.process.poll() is None, (self.folder / "log").read_text()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is a fast shutdown (transactions are rolled back), SIGQUIT an immediate one (as if it crashed)."""
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait()

    def url(self, database: str) -> str:
        query = {"host": str(self.folder), "user": "postgres"}
        return URL.create("postgresql", database=database, query=query).render_as_string()

    def new_database(self, *, empty: bool = False) -> str:
        """The URL of a database nobody has used, with every table unless it is to be ``empty``."""
        name = f"test_{next(self._numbers)}"
        self._create(name, "template1" if empty else _MODEL)
        _made.append((self, name))
        return self.url(name)

    @property
    def answers(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def make_model(self) -> None:
        self._create(_MODEL, "template1")
        engine = connect(self.url(_MODEL), self.folder)
        upgrade(engine)
        engine.dispose()

    def _create(self, name: str, model: str) -> None:
        names = sql.Identifier(name), sql.Identifier(model)
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(*names))

    def drop(self, name: str) -> None:
        """Delete a database, whoever is still connected to it."""
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def drop_databases() -> None:
    """Delete all that was made since the last call, where its server still runs."""
    while _made:
        server, name = _made.pop()
        if server.answers:
            server.drop(name)


@contextmanager
def serving(*, durable: bool = False, autovacuum: bool = True) -> Iterator[Server]:
    """A server with the model database, meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="filigrane-pg-"))  # the path of a socket has 107 bytes: pytest's has more
    try:
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
        folder.chmod(0o755)
        begin = ["-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "-N"]
        subprocess.run([*_unprivileged("initdb"), *begin], check=True, stdout=subprocess.DEVNULL)
        server = Server(folder, durable, autovacuum)
        server.start()
        try:
            server.make_model()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def base_copy(server: Server) -> Path:
    """A second data directory as the server's is now: what a standby has that then hears no more. It is put in place of
    ``data`` while the server is stopped."""
    copy = server.folder / "copy"
    command = [*_unprivileged("pg_basebackup"), "-h", str(server.folder), "-U", "postgres", "-D", str(copy)]
    subprocess.run([*command, "-X", "stream", "-c", "fast", "--no-sync"], check=True, cwd=server.folder)
    return copy


def _bin() -> Path:
    """The newest PostgreSQL that Debian installed: its programs are on nobody's path."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def _unprivileged(program: str) -> list[str]:
    """The server refuses to run as root. Whatever happens to the tests, it ends with them."""
    command = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        command += ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    return [*command, str(_bin() / program)]
