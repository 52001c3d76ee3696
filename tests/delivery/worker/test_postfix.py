"""Through a real Postfix, over STARTTLS with a password: 5,000 messages, each refusal on its reader's row, and every
signature valid where the messages arrive."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path

import dkim
import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import select

from composer.database import read_only
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.smtp.handshake import RelayUnreachable
from composer.delivery.smtp.session import connect
from composer.delivery.tables import deliveries
from composer.delivery.worker.worker import Worker
from composer.message.dkim import new_key, public_record
from tests.delivery.smtp.test_session import HASTY, settings
from tests.delivery.support.postfix_server import folder, passwords, postfix, serving
from tests.delivery.support.sample_ledger import ready
from tests.delivery.support.sample_newsroom import SECRET
from tests.support.lengths import length

pytestmark = [
    pytest.mark.postfix,
    pytest.mark.skipif(os.geteuid() != 0, reason="Postfix's master wants root: run this test as root"),
]
READERS = length(5_000)
BY_DKIMPY = 100  # it takes some 10 ms a message; the others are verified here


@asynccontextmanager
async def arriving() -> AsyncIterator[tuple[int, dict[str, list[bytes]]]]:
    """A port, and the messages that arrive there by recipient."""
    arrived: dict[str, list[bytes]] = {}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""
        writer.write(b"220 sink.example\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                body = await reader.readuntil(b"\r\n.\r\n")
                arrived.setdefault(recipient, []).append(body[:-3].replace(b"\r\n..", b"\r\n."))
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")

    async with serving(talk, partial(asyncio.start_server, host="127.0.0.1", port=0, limit=2**22)) as server:
        yield server.sockets[0].getsockname()[1], arrived


def verifies(content: bytes, key: rsa.RSAPublicKey) -> bool:
    """RFC 6376, 3.4.2, 3.4.4 and 3.7, for one relaxed/relaxed signature. Raises where the signature is wrong."""
    head, _, body = content.partition(b"\r\n\r\n")
    fields = [field.partition(b":") for field in re.split(rb"\r\n(?![ \t])", head)]
    canonical = [(name.strip().lower(), b" ".join(value.split())) for name, _, value in fields]
    (signature,) = (value for name, value in canonical if name == b"dkim-signature")
    tags = dict(re.findall(rb"(\w+)=\s*([^;]*)", signature))
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    plain = b"\r\n".join(lines).rstrip(b"\r\n") + b"\r\n"
    if base64.b64decode(re.sub(rb"\s", b"", tags[b"bh"])) != sha256(plain).digest():
        return False
    hashed = []
    left = list(canonical)
    for name in re.split(rb"\s*:\s*", tags[b"h"].strip()):
        for position in reversed(range(len(left))):
            if left[position][0] == name:
                hashed.append(name + b":" + left.pop(position)[1])
                break
    hashed.append(b"dkim-signature:" + re.sub(rb"\bb=[^;]*", b"b=", signature))
    key.verify(base64.b64decode(re.sub(rb"\s", b"", tags[b"b"])), b"\r\n".join(hashed), padding.PKCS1v15(), SHA256())
    return True


@pytest.mark.slow
async def test_five_thousand_messages_through_postfix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIGRANE_SMTP_PASSWORD", "secret")
    readers = [f"reader{number:04d}@example.org" for number in range(READERS)]
    refused = dict.fromkeys(readers[50::97], "550 5.1.1 no such mailbox")
    refused |= dict.fromkeys(readers[60::499], "550 5.7.1 policy")
    refused |= dict.fromkeys(readers[70::89], "450 4.2.1 busy")
    (tmp_path / "dkim.pem").write_bytes(pem := new_key())
    authority, trusted = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trusted)
    with folder() as root:
        async with arriving() as (sink, arrived), passwords(root / "auth", "us", "secret"):
            with postfix(root, sink, authority, refused) as port:
                ledger = ready(
                    *(tmp_path, port, readers), dkim=True, retry=["0s"], security="starttls", user="us", connections=4
                )
                worker = Worker(ledger.engine, ledger.room, SECRET, poll=0.05, tls=trusted)
                await asyncio.wait_for(worker.run(asyncio.Event(), until_idle=True), 300)
                left = set(readers) - refused.keys()
                async with asyncio.timeout(120):
                    while left - arrived.keys():  # noqa: ASYNC110 # reason: another process's queue
                        await asyncio.sleep(0.1)
    with read_only(ledger.engine).connect() as connection:
        rows = connection.execute(select(deliveries)).all()
    said = {row.email: f"{row.reply_code} {row.reply_status}" for row in rows if row.state == "rejected"}
    assert said == {reader: " ".join(reply.split()[:2]) for reader, reply in refused.items()}
    assert outcomes(ledger.engine, ledger.mailing) == {"accepted": len(left), "rejected": len(refused)}
    assert Counter(map(len, arrived.values())) == {1: len(left)}
    assert arrived.keys() == left
    key = load_pem_private_key(pem, None).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    for reader, (content,) in arrived.items():
        assert f"\r\nTo: <{reader}>\r\n".encode() in content
        assert verifies(content, key)
    record = public_record(pem).encode()
    for reader in sorted(arrived)[:: len(arrived) // BY_DKIMPY]:
        assert dkim.verify(arrived[reader][0], dnsfunc=lambda *_name, **_options: record)


@pytest.mark.slow
async def test_postfix_refuses_a_wrong_password_and_nothing_is_sent() -> None:
    authority, trusted = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trusted)
    with folder() as root:
        async with passwords(root / "auth", "us", "secret"):
            with postfix(root, 1, authority, {}) as port, pytest.raises(RelayUnreachable, match="535"):
                await connect(settings(port, security="starttls", user="us"), "wrong", HASTY, trusted)
