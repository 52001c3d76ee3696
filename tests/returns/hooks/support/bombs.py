"""Bodies made to take a reader's memory or time: mail to a right return path, and what is posted at a door."""

from __future__ import annotations

import gzip
import io
import zipfile
from base64 import b64encode
from collections.abc import Callable

from composer.returns.hooks.posts import LONGEST_POST
from composer.returns.judge_process import MESSAGE_LIMIT

Bomb = Callable[[str], bytes]

_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><feedback>&j;</feedback>"
)


def _head(token: str, kind: str = "text/plain", more: str = "") -> bytes:
    return f"From: reports@mx.example\nTo: {token}@bounces.example\n{more}Content-Type: {kind}\n\n".encode()


def _attached(token: str, kind: str, name: str, content: bytes) -> bytes:
    head = _head(token, "multipart/mixed; boundary=b", "Subject: Report domain: example.org\n")
    part = f"--b\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n"
    return (
        head
        + f"{part}Content-Disposition: attachment; filename={name}\n\n".encode()
        + b64encode(content)
        + b"\n--b--\n"
    )


def _zipped(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def _zips() -> bytes:
    content = b"\0" * 50_000_000
    for depth in range(3):
        content = _zipped(f"{depth}.zip", content)
    return content


def _parts(token: str, deep: int) -> bytes:
    kinds = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(deep))
    return f"From: reports@mx.example\nTo: {token}@bounces.example\n".encode() + kinds + b"\nhello\n"


#: Name in attempts.yaml → the body; the argument is a right token.
BOMBS: dict[str, Bomb] = {
    "nested_parts": lambda token: _parts(token, 5_000),
    "nested_messages": lambda token: _head(token, "message/rfc822") + b"Content-Type: message/rfc822\n\n" * 3_000,
    "many_parts": lambda token: _head(token, "multipart/mixed; boundary=b") + b"--b\n\nx\n" * 15_000,
    "many_fields": lambda token: b"X-A: b\n" * 60_000 + _head(token),
    "long_field": lambda token: _head(token, more="Subject: " + "a" * 2_000_000 + "\n"),
    "long_boundary": lambda token: _head(token, "multipart/mixed; boundary=" + "b" * 500_000),
    "many_parameters": lambda token: _head(token, "text/plain;" + "".join(f" n*{n}=a;" for n in range(50_000))),
    "too_big": lambda token: _head(token) + b"x" * (MESSAGE_LIMIT + 1_000_000),
    "charset_zlib": lambda token: _head(token, "text/plain; charset=zlib") + gzip.compress(b"\0" * 10_000_000),
    "base64_bomb": lambda token: _attached(token, "text/plain", "a.txt", b64encode(b"A" * 3_000_000)),
    "gzip_bomb": lambda token: _attached(
        token, "application/gzip", "r.xml.gz", gzip.compress(b"\0" * 1_000_000_000, 9)
    ),
    "zip_bomb": lambda token: _attached(token, "application/zip", "r.zip", _zips()),
    "zip_out": lambda token: _attached(token, "application/zip", "r.zip", _zipped("../../../etc/cron.d/x", b"* * * *")),
    "xml_laughs": lambda token: _attached(token, "application/xml", "r.xml", _LAUGHS),
    "xml_file": lambda token: _attached(
        token, "text/xml", "r.xml", b'<!DOCTYPE f [<!ENTITY a SYSTEM "file:///etc/passwd">]><feedback>&a;</feedback>'
    ),
    "html_bomb": lambda token: _head(token, "text/html") + b"&lt" * 30_000 + b"<" * 80_000,
    "soft_breaks": lambda token: _head(token, more="Content-Transfer-Encoding: quoted-printable\n") + b"=\n" * 500_000,
    "deep_json": lambda _token: b"[" * (LONGEST_POST - 1),
    "long_number": lambda _token: b'{"event": "spam", "id": ' + b"9" * 200_000 + b"}",
    "no_text": lambda _token: bytes(range(256)) * 100,
    "packed_json": lambda token: gzip.compress(b'{"event": "spam", "X-Mailin-custom": "%s"}' % token.encode()),
    "long_body": lambda token: b'{"event": "spam", "X-Mailin-custom": "%s"}' % token.encode() + b" " * LONGEST_POST,
}
