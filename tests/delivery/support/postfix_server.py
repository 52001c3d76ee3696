"""A real Postfix of the test's own: STARTTLS, AUTH, an access map; what it accepts goes on to a sink on loopback.

Nothing of it is the system's: configuration, queue and log are in a folder that goes with it. Its master wants root.
Passwords are asked by Dovecot's authentication protocol, which Postfix speaks to a socket, and we answer.
"""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import trustme

from tests.conftest import SBIN

MAIN = """compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/log
maillog_file_prefixes = {root}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mydestination =
alias_maps =
local_recipient_maps =
smtpd_peername_lookup = no
relayhost = [127.0.0.1]:{sink}
smtp_tls_security_level = none
smtp_dns_support_level = disabled
"""

#: How it takes our messages: over STARTTLS with a password, or in clear from this machine.
ENCRYPTED = """smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {root}/etc/chain.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {root}/auth
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access texthash:{root}/etc/access, permit_sasl_authenticated, reject
"""
CLEAR = """mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
"""

#: name, type, private, unprivileged, chroot, wake up, most processes, command
SERVICES = """127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def free_port() -> int:
    """One that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
    return number


@contextmanager
def folder() -> Iterator[Path]:
    """Where Postfix's own user may go too, which pytest's folders are not; short, for a socket's path."""
    root = Path(mkdtemp(prefix="filigrane-"))
    root.chmod(0o755)
    try:
        yield root
    finally:
        shutil.rmtree(root)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(talk: Talk, start: Callable[[Talk], Awaitable[asyncio.Server]]) -> AsyncIterator[asyncio.Server]:
    """A server whose conversations have all ended when it has: to be closed after whoever talks to it."""
    talks: set[asyncio.Task[None]] = set()

    async def whole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await start(whole)
    try:
        yield server
    finally:
        server.close()
        if talks:
            await asyncio.wait(talks, timeout=10)


@asynccontextmanager
async def passwords(path: Path, user: str, password: str) -> AsyncIterator[None]:
    """Dovecot's authentication protocol, version 1.1: PLAIN, one user."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t%032x\nDONE\n" % 0)
        while line := await reader.readline():
            verb, *fields = line.decode().rstrip("\n").split("\t")
            if verb == "AUTH":
                given = base64.b64decode(fields[-1].removeprefix("resp=")).decode().split("\0")
                answer = f"OK\t{fields[0]}\tuser={user}" if given[1:] == [user, password] else f"FAIL\t{fields[0]}"
                writer.write(f"{answer}\n".encode())

    async with serving(talk, partial(asyncio.start_unix_server, path=path)):
        os.chmod(path, 0o666)  # noqa: PTH101 # reason: quick; Postfix runs as somebody else
        yield


@contextmanager
def postfix(root: Path, sink: int, authority: trustme.CA | None, access: Mapping[str, str]) -> Iterator[int]:
    """Its port; ``access`` gives the reply to RCPT for some addresses. Without ``authority`` it wants neither TLS nor a
    password. On leaving, what it logged is printed."""
    port, etc = free_port(), root / "etc"
    for name in ("etc", "queue", "data"):
        (root / name).mkdir()
    shutil.chown(root / "data", "postfix", "postfix")
    (etc / "main.cf").write_text((MAIN + (ENCRYPTED if authority else CLEAR)).format(root=root, sink=sink))
    (etc / "master.cf").write_text(SERVICES.format(port=port))
    (etc / "access").write_text("".join(f"{address} {reply}\n" for address, reply in access.items()))
    if authority is not None:
        chain = authority.issue_cert("127.0.0.1")
        (etc / "chain.pem").write_bytes(chain.private_key_and_cert_chain_pem.bytes())
    command = ["postfix", "-c", str(etc)]
    environment = {**os.environ, "PATH": SBIN}
    started = subprocess.run([*command, "start"], env=environment, capture_output=True, text=True, check=False)
    try:
        assert started.returncode == 0, started.stderr
        yield port
    finally:
        subprocess.run([*command, "stop"], env=environment, capture_output=True, check=False)
        print("\n".join((root / "log").read_text().splitlines()[-40:]))
