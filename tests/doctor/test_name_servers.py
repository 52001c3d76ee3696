"""The resolver: a real server (unbound), and one that hangs; nothing but loopback is asked."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from composer.doctor.examining import Outside, outside_examinations
from composer.doctor.lookups import NameServers, NotAnswered
from composer.errors import Refused
from tests.doctor.support.zone import healthy, newsroom_of_zone

UNBOUND = shutil.which("unbound", path="/usr/sbin:/usr/bin:/sbin")

_CONFIGURATION = """\
server:
  interface: 127.0.0.1
  port: {port}
  do-daemonize: no
  chroot: ""
  username: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  do-ip6: no
  module-config: "iterator"
  access-control: 127.0.0.0/8 allow
  local-zone: "." static
{records}
remote-control:
  control-enable: no
"""


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        plug.bind(("127.0.0.1", 0))
        port: int = plug.getsockname()[1]
    return port


def zone_lines() -> Iterator[str]:
    for (name, kind), values in healthy().records.items():
        for value in values:
            text = f"{value}." if kind in ("MX", "PTR") else value
            if kind == "TXT":
                text = " ".join(f'"{value[start : start + 255]}"' for start in range(0, len(value), 255))
            yield f"  local-data: '{name}. 60 IN {kind} {text}'"


@pytest.fixture
def unbound(tmp_path: Path) -> Iterator[str]:
    assert UNBOUND is not None
    port = free_port()
    file = tmp_path / "unbound.conf"
    file.write_text(_CONFIGURATION.format(port=port, folder=tmp_path, records="\n".join(zone_lines())))
    server = subprocess.Popen([UNBOUND, "-d", "-p", "-c", str(file)], stderr=subprocess.PIPE)
    try:
        ends = time.monotonic() + 30
        while True:
            try:
                assert NameServers([f"127.0.0.1:{port}"], seconds=1).values("example.org", "A")
                break
            except NotAnswered:
                assert server.poll() is None, server.stderr and server.stderr.read()
                assert time.monotonic() < ends, "unbound did not answer within 30 s"
                time.sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)
        if server.stderr:
            server.stderr.close()


@pytest.mark.unbound
def test_a_real_server_finds_a_healthy_domain_healthy(unbound: str, tmp_path: Path) -> None:
    newsroom = newsroom_of_zone(tmp_path / "newsroom")
    checks = {check.name: check for check in outside_examinations(newsroom, Outside(NameServers([unbound])))}
    assert {name: check.says for name, check in checks.items() if check.ok is False or check.unanswered} == {}
    assert checks["published"].ok
    assert checks["ptr"].says == "192.0.2.25 is relay.example.net, and back"


@pytest.mark.unbound
def test_a_real_server_s_no_is_a_no_and_no_trouble(unbound: str) -> None:
    servers = NameServers([unbound])
    assert servers.values("nothing.example.org", "TXT") == ()
    assert servers.values("example.org", "AAAA") == ()
    assert servers.values("EXAMPLE.org.", "MX") == ("10 mail.example.org",)


@pytest.fixture
def hanging() -> Iterator[str]:
    """A name server that answers that names are not there, and of ``slow.example`` says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        plug.bind(("127.0.0.1", 0))
        plug.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    content, peer = plug.recvfrom(4096)
                except TimeoutError:
                    continue
                question = dns.message.from_wire(content)
                name = question.question[0].name.to_text()
                if name.startswith("slow"):
                    continue
                answer = dns.message.make_response(question)
                answer.flags |= dns.flags.RA
                if name == "text.example.":
                    answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", '"v=spf1 " "-all"'))
                if name == "broken.example.":
                    answer.set_rcode(dns.rcode.SERVFAIL)
                plug.sendto(answer.to_wire(), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{plug.getsockname()[1]}"
        over.set()
        thread.join()


def test_a_name_that_hangs_stops_itself_alone(hanging: str) -> None:
    servers = NameServers([hanging], seconds=0.5)
    with pytest.raises(NotAnswered, match=r"slow\.example: no answer within"):
        servers.values("slow.example", "TXT")
    assert servers.values("text.example", "TXT") == ("v=spf1 -all",)
    assert servers.values("other.example", "TXT") == ()
    with pytest.raises(NotAnswered, match=r"broken\.example"):
        servers.values("broken.example", "TXT")


def test_each_name_is_asked_once_also_where_it_hangs(hanging: str) -> None:
    servers = NameServers([hanging], seconds=0.3)
    threads = [
        threading.Thread(target=pytest.raises, args=(NotAnswered, servers.values, "slow.example", "A"))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert len(servers._asked) == 1


def test_the_whole_has_its_deadline_and_its_bound(hanging: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotAnswered, match="the time is over"):
        NameServers([hanging], whole=0).values("text.example", "TXT")
    monkeypatch.setattr("composer.doctor.lookups.MOST_QUESTIONS", 1)
    servers = NameServers([hanging])
    assert servers.values("text.example", "TXT")
    with pytest.raises(NotAnswered, match="questions are enough"):
        servers.values("other.example", "TXT")


def test_nobody_there_is_said_of_every_check_and_is_no_fault(tmp_path: Path) -> None:
    newsroom = newsroom_of_zone(tmp_path)
    servers = NameServers([f"127.0.0.1:{free_port()}"], seconds=0.3)
    checks = {check.name: check for check in outside_examinations(newsroom, Outside(servers))}
    assert {name for name, check in checks.items() if check.ok is not None} == set()
    assert {"published", "spf vendredi", "dmarc samedi", "mx vendredi", "alignment vendredi", "ptr"} <= {
        name for name, check in checks.items() if check.unanswered
    }


@pytest.mark.parametrize("given", ["name.example", "127.0.0.1:x", "[::1]x", ""])
def test_what_is_no_server_is_refused(given: str) -> None:
    with pytest.raises(Refused, match="name server"):
        NameServers([given])


@pytest.mark.parametrize("name", ["a" * 64 + ".example.org", "..", "é.example.org", ""])
def test_a_name_that_is_none_is_not_answered(name: str, hanging: str) -> None:
    try:
        found = NameServers([hanging], seconds=0.5).values(name, "TXT")
    except NotAnswered:
        found = ()
    assert found == ()
