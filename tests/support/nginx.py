"""A real nginx with ``deploy/nginx.conf``: its ports, certificate and folders the test's own, nothing else changed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx.conf"
HOST = "lettre.example.org"

_MAIN = """\
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{ worker_connections 8192; }}
worker_rlimit_nofile 16384;
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {pages}
}}
"""


@contextmanager
def proxying(folder: Path, pages: int, authority: trustme.CA) -> Iterator[int]:
    """nginx in front of the pages on port ``pages`` of 127.0.0.1; yields its port, with a certificate for ``HOST``."""
    folder.mkdir(parents=True)
    certificate = authority.issue_cert(HOST)
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    for part in certificate.cert_chain_pems:
        part.write_to_path(folder / "cert.pem", append=True)
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        plain, secure = (each.getsockname()[1] for each in (first, second))
    text = changed(
        CONFIGURATION.read_text(encoding="utf-8"),
        {
            "127.0.0.1:8025": f"127.0.0.1:{pages}",
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
            "/etc/ssl/lettre.example.org.pem": f"{folder}/cert.pem",
            "/etc/ssl/private/lettre.example.org.key": f"{folder}/key.pem",
            "/var/log/nginx": str(folder),
            "/var/cache/nginx": f"{folder}/cache",
        },
    )
    (folder / "cache").mkdir()
    main = folder / "nginx.conf"
    main.write_text(_MAIN.format(folder=folder, pages=text), encoding="utf-8")
    account = ["-g", "daemon off; user root;"] if os.geteuid() == 0 else ["-g", "daemon off;"]
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    assert program is not None
    command = ["setpriv", "--pdeathsig", "TERM", program, "-p", str(folder), "-c", str(main), *account]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        wait_for_port(secure, process, folder)
        yield secure
    finally:
        process.terminate()
        process.wait(20)


def changed(text: str, places: dict[str, str]) -> str:
    for before, after in places.items():
        assert before in text, before
        text = text.replace(before, after)
    return text


def wait_for_port(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, (folder / "said").read_text() + (folder / "error.log").read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx does not listen")
