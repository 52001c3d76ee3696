"""Which network a request comes from, and how many requests of one are answered."""

from __future__ import annotations

import pytest

from composer.public.guard import plain_path
from composer.public.networks import _KNOWN, RATE, REQUEST_BURST, NetworkLimits


def scope(client: str, *forwarded: str) -> dict[str, object]:
    return {"client": (client, 4321), "headers": [(b"x-forwarded-for", each.encode()) for each in forwarded]}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("9.9.9.9", "9.9.9.9"),
        ("::ffff:9.9.9.9", "9.9.9.9"),
        ("2620:fe::fe", "2620:fe::/64"),
        ("2620:fe::1:2:3:4", "2620:fe:0:0::/64"),
        ("127.0.0.1", None),
        ("10.1.2.3", None),
        ("192.168.1.1", None),
        ("100.64.0.1", None),
        ("fe80::1%eth0", None),
        ("fd00::1", None),
        ("unix", None),
    ],
)
def test_without_trusted_proxies_a_private_network_has_no_limit(address: str, network: str | None) -> None:
    found = NetworkLimits().network(address)
    assert found == (network and network.replace(":0:0::", "::"))
    assert NetworkLimits().requesting(scope(address, "9.9.9.8")) == found  # a stranger may write the header


@pytest.mark.parametrize(
    ("forwarded", "network"),
    [
        (("9.9.9.9",), "9.9.9.9"),
        (("1.1.1.1, 9.9.9.9",), "9.9.9.9"),
        (("1.1.1.1, 9.9.9.9, 10.0.0.7",), "9.9.9.9"),
        (("1.1.1.1", "9.9.9.9"), "9.9.9.9"),
        (("192.168.7.7",), "192.168.7.7"),
        (("2620:fe::1",), "2620:fe::/64"),
        (("1.1.1.1, unknown",), None),
        ((), None),
    ],
)
def test_behind_a_proxy_the_last_address_that_is_none_counts(forwarded: tuple[str, ...], network: str | None) -> None:
    limits = NetworkLimits(["127.0.0.1", "10.0.0.0/8"])
    assert limits.network("127.0.0.1") is None
    assert limits.requesting(scope("127.0.0.1", *forwarded)) == network
    assert limits.requesting(scope("192.168.1.1", *forwarded)) == "192.168.1.1"


def test_a_network_has_its_burst_and_then_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("composer.public.networks.monotonic", lambda: now)
    limits = NetworkLimits()
    assert [limits.admits("a") for _ in range(int(REQUEST_BURST) + 1)] == [True] * int(REQUEST_BURST) + [False]
    assert limits.admits("b")
    assert all(limits.admits(None) for _ in range(1000))
    now += 1
    assert [limits.admits("a") for _ in range(int(RATE) + 1)] == [True] * int(RATE) + [False]


def test_so_many_networks_are_remembered_and_no_more() -> None:
    limits = NetworkLimits()
    for number in range(2 * _KNOWN):
        limits.admits(str(number))
    assert len(limits._buckets) == _KNOWN


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/u/abc", "/u/abc"),
        ("/u/abc/", "/u/abc"),
        ("/u/abc.", "/u/abc"),
        ("/u/abc/x", "/u/abc/x"),
        ("http://lettre.example.org/u/abc", "/u/abc"),
        ("HTTPS://lettre.example.org:443/u/abc.", "/u/abc"),
        ("http://lettre.example.org", "/"),
        ("/u/", "/u"),
        ("/join/", "/join"),
        ("/media/a.png.", "/media/a.png."),
        ("*", "*"),
    ],
)
def test_a_path_as_mail_programs_send_it(target: str, path: str) -> None:
    assert plain_path(target) == path
