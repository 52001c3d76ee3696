"""The machine, and the test that came back: what they say is told, and what they do not say is not known."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from composer import locale
from composer.doctor.lookups import NotKnown
from composer.doctor.machine import look_at_clock, look_at_disk
from composer.doctor.received import sending_address
from composer.errors import OutsideWorld, Refused


def program(folder: Path, text: str) -> str:
    path = folder / "timedatectl"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


def test_a_clock_that_others_keep_right_is_well(tmp_path: Path) -> None:
    found = look_at_clock(program(tmp_path, "echo NTP=yes; echo NTPSynchronized=yes"))
    assert found.faults == ()


def test_a_clock_of_its_own_is_told_with_what_to_type(tmp_path: Path) -> None:
    (fault,) = look_at_clock(program(tmp_path, "echo NTP=no; echo NTPSynchronized=no")).faults
    assert (fault.code, "timedatectl set-ntp true" in fault.says) == ("clock", True)


@pytest.mark.parametrize("text", [None, "exit 1"])
def test_a_clock_of_which_nothing_is_said_is_not_known(text: str | None, tmp_path: Path) -> None:
    command = program(tmp_path, text) if text else str(tmp_path / "none")
    with pytest.raises(NotKnown, match="timedatectl"):
        look_at_clock(command)


def test_room_is_measured_where_var_is_or_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locale.use("en")
    state = os.statvfs(tmp_path)
    assert "GB are free" in look_at_disk(tmp_path / "var" / "deep", None).says
    values = [*state]
    values[4] = 1  # f_bavail, in blocks
    monkeypatch.setattr(os, "statvfs", lambda _path: os.statvfs_result(values))
    (fault,) = look_at_disk(tmp_path, None).faults
    assert (fault.code, "nothing can be recorded" in fault.says) == ("disk", True)


def test_a_database_larger_than_what_is_free_is_told(tmp_path: Path) -> None:
    file = tmp_path / "large.db"
    with file.open("wb") as stream:
        stream.truncate(os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize + (1 << 30))  # without blocks
    assert [fault.code for fault in look_at_disk(tmp_path, file).faults] == ["disk"]


GMAIL = """\
Delivered-To: odile@example.com
Received: by 2002:a05:6214:1234:b0:6b0:1a2b:3c4d with SMTP id x1; Fri, 27 Nov 2026 07:00:01 -0800
X-Received: by 10.0.0.1 with SMTP id y2; Fri, 27 Nov 2026 07:00:01 -0800
Received: from relay.example.net (relay.example.net. [{address}])
        by mx.example.com with ESMTPS id z3; Fri, 27 Nov 2026 07:00:00 -0800
Received: from forged.example (forged.example [8.8.4.4]) by relay.example.net; Fri, 27 Nov 2026 07:00:00 -0800

Text [1.1.1.1]
"""


@pytest.mark.parametrize(
    ("shown", "address"), [("8.8.8.8", "8.8.8.8"), ("IPv6:2001:4860:4860::8888", "2001:4860:4860::8888")]
)
def test_the_topmost_public_address_is_the_relay_s(shown: str, address: str, tmp_path: Path) -> None:
    file = tmp_path / "test.eml"
    file.write_text(GMAIL.format(address=shown))
    assert str(sending_address(file)) == address


@pytest.mark.parametrize(
    "text", ["", "Received: from a (a [10.0.0.1]) by b; x\n\n", "Received: [[[::::]]] by\n\n", "\0\xff"]
)
def test_a_test_without_an_address_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "test.eml"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(Refused, match="Received"):
        sending_address(file)
    with pytest.raises(OutsideWorld):
        sending_address(tmp_path / "none.eml")
