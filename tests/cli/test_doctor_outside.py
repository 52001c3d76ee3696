"""``filigrane doctor``: what it asks, how it says it, and its exit codes. The DNS is a table, or shut."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from composer.cli import filigrane
from composer.doctor import lookups
from composer.newsroom.model import Newsroom
from tests.doctor.support.zone import Zone, healthy, newsroom_of_zone
from tests.support.address_keys import open_database


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    newsroom = newsroom_of_zone(tmp_path)
    open_database(newsroom.settings.database, newsroom.root, create=True).dispose()
    return newsroom


def typed(newsroom: Newsroom, *words: str) -> Result:
    return CliRunner().invoke(filigrane, ["--newsroom", str(newsroom.root), "doctor", *words])


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Zone:
    zone = healthy()
    monkeypatch.setattr(lookups, "NameServers", lambda _servers: zone)
    return zone


def test_a_fault_is_printed_with_its_record_and_who_does_what(newsroom: Newsroom, zone: Zone) -> None:
    zone.put({("_dmarc.example.org", "TXT"): ()})
    done = typed(newsroom)
    assert "there is no DMARC record for example.org" in done.stdout
    assert '_dmarc.example.org. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.org"' in done.stdout
    assert "Microsoft: refuses the letter (550 5.7.515), from 5000 messages a day" in done.stdout
    assert "DMARC samedi" in done.stdout
    assert "as samedi" in done.stdout
    assert "not looked up" not in done.stdout


def test_a_script_gets_code_record_and_providers(newsroom: Newsroom, zone: Zone) -> None:
    zone.put({("bounces.example.org", "TXT"): ()})
    document = json.loads(typed(newsroom, "--json").stdout)
    check = document["spf vendredi"]
    (fault,) = check["faults"]
    assert (check["ok"], fault["code"]) == (False, "spf-missing")
    assert fault["record"] == 'bounces.example.org. IN TXT "v=spf1 ip4:192.0.2.25 -all"'
    assert set(fault["providers"]) == {"gmail", "yahoo", "outlook", "orange", "laposte", "sfr"}
    assert document["dmarc vendredi"] == {"ok": True, "says": document["dmarc vendredi"]["says"], "faults": []}
    assert document["public"]["ok"] is None


def test_what_does_not_answer_is_named_and_ends_with_three(newsroom: Newsroom, zone: Zone) -> None:
    zone.silent = {"bounces.example.org"}
    done = typed(newsroom, "--json")
    document = json.loads(done.stdout)
    assert document["spf vendredi"]["ok"] is None
    assert "bounces.example.org" in document["spf vendredi"]["says"]
    assert done.exit_code == 3


def test_offline_nothing_is_asked_and_what_was_not_is_named(newsroom: Newsroom, zone: Zone) -> None:
    done = typed(newsroom, "--offline")
    assert zone.asked == []
    assert "not looked up (--offline)" in done.stdout
    assert "alignment, MX, PTR, the public address" in done.stdout
    document = json.loads(typed(newsroom, "--offline", "--json").stdout)
    assert document["dns"]["ok"] is None
    assert "spf vendredi" not in document


def test_a_test_that_came_back_says_where_the_relay_sends_from(tmp_path: Path, zone: Zone) -> None:
    newsroom = newsroom_of_zone(tmp_path / "room", relays=[{"host": "127.0.0.1", "port": 1, "security": "none"}])
    file = tmp_path / "test.eml"
    file.write_text("Received: from r.example ([8.8.8.8]) by mx.example; x\n\nText\n")
    document = json.loads(typed(newsroom, "--received", str(file), "--json").stdout)
    (fault,) = document["ptr"]["faults"]
    assert fault["record"] == "8.8.8.8.in-addr.arpa. IN PTR mail.example.org."
    assert [each["code"] for each in document["spf vendredi"]["faults"]] == ["spf-relay"]


@pytest.mark.parametrize(
    ("given", "said"),
    [("192.0.2.0/24", "an address is expected here"), ("relay.example", "an address is expected here")],
)
def test_what_is_no_address_is_a_mistake_of_the_file(given: str, said: str, tmp_path: Path) -> None:
    relay = {"host": "127.0.0.1", "security": "none", "sends_from": [given]}
    with pytest.raises(Exception, match=said):
        newsroom_of_zone(tmp_path, relays=[relay])
