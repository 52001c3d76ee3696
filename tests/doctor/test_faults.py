"""Faults of the DNS, each put into a healthy domain: found, with the record that mends it and what six providers do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from composer import locale
from composer.doctor.examining import Check, Outside, outside_examinations
from composer.doctor.faults import Fault
from composer.doctor.terms import ASKED_PROVIDERS, provider_consequences, shipped_terms, term_of
from composer.message.dkim import public_record
from composer.newsroom.model import Newsroom
from tests.doctor.support.zone import KEY_NAME, RELAY, RELAY_POINTER, Zone, healthy, key, newsroom_of_zone, other_key

SPF, DMARC = ("bounces.example.org", "TXT"), ("_dmarc.example.org", "TXT")
Records = Mapping[tuple[str, str], tuple[str, ...]]


def many_includes(number: int) -> Records:
    names = [f"spf{position}.example.net" for position in range(number)]
    includes = " ".join(f"include:{name}" for name in names)
    return {SPF: (f"v=spf1 ip4:{RELAY} {includes} -all",)} | {
        (name, "TXT"): ("v=spf1 ip4:198.51.100.1 -all",) for name in names
    }


#: The fourteen: fault → what is published instead, and what mends it (a name → its value in the end).
FOURTEEN: dict[str, Records] = {
    "spf-missing": {SPF: ()},
    "spf-several": {SPF: ("v=spf1 include:spf.example.net -all", "v=spf1 ip4:198.51.100.7 ~all")},
    "spf-lookups": many_includes(11),
    "spf-unreadable": {SPF: (f"v=spf1 ip4:{RELAY} ipv4:198.51.100.7 -all",)},
    "spf-relay": {SPF: ("v=spf1 ip4:198.51.100.7 -all",)},
    "dkim-missing": {(KEY_NAME, "TXT"): ()},
    "dkim-other-key": {(KEY_NAME, "TXT"): (public_record(other_key()),)},
    "dmarc-missing": {DMARC: ()},
    "dmarc-several": {DMARC: ("v=DMARC1; p=none; rua=mailto:dmarc@example.org", "v=DMARC1; p=reject")},
    "dmarc-old-tags": {DMARC: ("v=DMARC1; p=quarantine; pct=20; rua=mailto:dmarc@example.org",)},
    "ptr-missing": {(RELAY_POINTER, "PTR"): ()},
    "ptr-unconfirmed": {("relay.example.net", "A"): ("192.0.2.99",)},
    "returns-no-mx": {("bounces.example.org", "MX"): ()},
    "from-no-mx": {("example.org", "MX"): (), ("example.org", "A"): ()},
}

#: Others, found in the same way.
MORE: dict[str, Records] = {
    "spf-void": {SPF: (f"v=spf1 ip4:{RELAY} a:no.example.net a:none.example.net a:never.example.net -all",)},
    "spf-dangling": {SPF: (f"v=spf1 ip4:{RELAY} include:gone.example.net -all",)},
    "spf-everyone": {SPF: ("v=spf1 +all",)},
    "dkim-revoked": {(KEY_NAME, "TXT"): ("v=DKIM1; k=rsa; p=",)},
    "dkim-damaged": {(KEY_NAME, "TXT"): (public_record(key())[:200],)},
    "dkim-several": {(KEY_NAME, "TXT"): (public_record(key()), public_record(other_key()))},
    "dkim-testing": {(KEY_NAME, "TXT"): (public_record(key()).replace("k=rsa", "k=rsa; t=y"),)},
    "dkim-unfit": {(KEY_NAME, "TXT"): (public_record(key()).replace("k=rsa", "k=rsa; h=sha1"),)},
    "dmarc-damaged": {DMARC: ("v=dmarc1; p=none; rua=mailto:dmarc@example.org",)},
    "dmarc-no-policy": {DMARC: ("v=DMARC1; p=monitor",)},
    "dmarc-no-reports": {DMARC: ("v=DMARC1; p=none",)},
    "dmarc-reports-refused": {DMARC: ("v=DMARC1; p=none; rua=mailto:us@reports.example",)},
    "returns-null-mx": {("bounces.example.org", "MX"): ("0 ",)},
    "from-mx-dangling": {("example.org", "MX"): ("10 gone.example.org",)},
}


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    return newsroom_of_zone(tmp_path)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    return newsroom_of_zone(tmp_path_factory.mktemp("newsroom"))


def examine(newsroom: Newsroom, zone: Zone) -> dict[str, Check]:
    return {check.name: check for check in outside_examinations(newsroom, Outside(zone))}


@dataclass(frozen=True)
class Case:
    """What was found with a fault, and once its record was published."""

    checks: Mapping[str, Check]
    faults: Mapping[str, Fault]
    left: Mapping[str, Fault]


_CASES: dict[str, Case] = {}


def broken(code: str, newsroom: Newsroom) -> Case:
    """In English, looked at once for all providers."""
    if code not in _CASES:
        spoken = locale.language()
        locale.use("en")
        zone = healthy()
        zone.put({**FOURTEEN, **MORE}[code])
        checks = examine(newsroom, zone)
        found = {fault.code: fault for check in checks.values() for fault in check.faults}
        publish(zone, next(iter(found.values())).record or "")
        _CASES[code] = Case(checks, found, faults(newsroom, zone))
        locale.use(spoken)
    return _CASES[code]


def faults(newsroom: Newsroom, zone: Zone) -> dict[str, Fault]:
    return {fault.code: fault for check in examine(newsroom, zone).values() for fault in check.faults}


def publish(zone: Zone, record: str) -> None:
    """Publish ``record``, a line of a zone file, in the place of what is there."""
    match = re.fullmatch(r"(\S+)\. IN (TXT|MX|PTR|A|AAAA) (.+)", record)
    assert match is not None, record
    name, kind, value = match.groups()
    if kind == "TXT":
        value = "".join(re.findall(r'"([^"]*)"', value))
    zone.put({(name, kind): (value.rstrip("."),)})


def test_of_a_healthy_domain_nothing_is_found(newsroom: Newsroom) -> None:
    checks = examine(newsroom, healthy())
    assert [check.name for check in checks.values() if check.ok is False or check.faults] == []
    # verify_pictures is off, and there is no database
    assert {name for name, check in checks.items() if check.ok is None} == {"public", "orange"}
    assert "look-ups: 1 of 10" in checks["spf vendredi"].says


@pytest.mark.parametrize("provider", ASKED_PROVIDERS)
@pytest.mark.parametrize("code", [*FOURTEEN, *MORE])
def test_each_fault_is_found_with_its_record_and_what_each_provider_does(
    code: str, provider: str, sound: Newsroom
) -> None:
    locale.use("en")
    case = broken(code, sound)
    assert set(case.faults) == {code}, "this fault, and no other"
    fault = case.faults[code]
    assert fault.record is not None
    assert "pct" not in fault.record
    check = next(check for check in case.checks.values() if check.faults)
    assert check.ok is False
    assert fault.record in check.says
    term = term_of(provider, fault.demand) if fault.demand else None
    does = provider_consequences(fault)[provider]
    assert does == "publishes nothing about it" if term is None else term.code in does
    told = [line for line in check.says.splitlines() if ASKED_PROVIDERS[provider] in line and line.endswith(does)]
    assert told or "no large provider publishes" in check.says
    assert case.left == {}, "published, its record mends it"


def test_the_matrix_is_counted(sound: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    locale.use("en")
    cells = {
        (code, provider): provider_consequences(broken(code, sound).faults[code])[provider]
        for code in FOURTEEN
        for provider in ASKED_PROVIDERS
    }
    named = sum("publishes nothing" not in does for does in cells.values())
    with capsys.disabled():
        print(f"\n{len(FOURTEEN)} faults x {len(ASKED_PROVIDERS)} providers: {len(cells)} found, {named} with a row")
    assert (len(FOURTEEN), len(cells)) == (14, 84)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_fault_is_told_in_both_languages_without_a_hole(language: locale.Language, sound: Newsroom) -> None:
    locale.use(language)
    for code, records in {**FOURTEEN, **MORE}.items():
        zone = healthy()
        zone.put(records)
        said = faults(sound, zone)[code].says
        assert not re.search(r"[{}]", said), code
        assert (said != broken(code, sound).faults[code].says) is (language == "fr"), said


def test_alignment_that_fails_names_the_key_to_publish(tmp_path: Path) -> None:
    newsroom = newsroom_of_zone(
        tmp_path, dkim={"domain": "letters.example.com", "selector": "s"}, bounces="b.example.net"
    )
    zone = healthy()
    zone.put({("s._domainkey.letters.example.com", "TXT"): (public_record(key()),)})
    zone.put(
        {("b.example.net", "TXT"): (f"v=spf1 ip4:{RELAY} -all",), ("b.example.net", "MX"): ("10 mail.example.org",)}
    )
    found = faults(newsroom, zone)
    assert set(found) == {"unaligned"}
    assert (found["unaligned"].record or "").startswith("s._domainkey.example.org. IN TXT")
    assert "domain: example.org" in found["unaligned"].says


def test_who_forwards_breaks_what_only_the_return_path_proves(tmp_path: Path) -> None:
    newsroom = newsroom_of_zone(tmp_path, dkim={"domain": "example.com", "selector": "s"})
    zone = healthy()
    zone.put({("s._domainkey.example.com", "TXT"): (public_record(key()),)})
    assert set(faults(newsroom, zone)) == {"dkim-unaligned"}


def test_a_record_too_low_parts_the_key_from_the_sender(tmp_path: Path) -> None:
    """RFC 9989, 4.10.2: without a record above, news.example.org is an organization of its own."""
    newsroom = newsroom_of_zone(tmp_path)
    publications = {
        name: each.model_copy(update={"from_": "letter@news.example.org"})
        for name, each in newsroom.publications.items()
    }
    newsroom = Newsroom(**{**vars(newsroom), "publications": publications})
    zone = healthy()
    low = ("_dmarc.news.example.org", "TXT")
    zone.put(
        {low: ("v=DMARC1; p=none; rua=mailto:dmarc@news.example.org",), DMARC: (), ("news.example.org", "A"): (RELAY,)}
    )
    found = faults(newsroom, zone)
    assert set(found) == {"unaligned"}
    assert found["unaligned"].record is not None
    assert found["unaligned"].record.startswith("_dmarc.example.org. IN TXT")
    publish(zone, found["unaligned"].record)
    assert faults(newsroom, zone) == {}


def test_a_name_that_does_not_answer_is_said_and_is_no_fault(newsroom: Newsroom) -> None:
    zone = healthy()
    zone.silent = {"bounces.example.org"}
    checks = examine(newsroom, zone)
    assert [name for name, check in checks.items() if check.ok is False] == []
    unanswered = {name for name, check in checks.items() if check.unanswered}
    assert unanswered == {"spf vendredi", "spf samedi", "mx vendredi", "mx samedi"}
    assert "bounces.example.org: no answer" in checks["spf vendredi"].says
    assert checks["dmarc vendredi"].ok


def test_without_addresses_what_follows_from_them_is_not_known(tmp_path: Path) -> None:
    newsroom = newsroom_of_zone(tmp_path, relays=[{"host": "127.0.0.1", "port": 1, "security": "none"}])
    checks = examine(newsroom, healthy())
    assert (checks["ptr"].ok, checks["ptr"].unanswered) == (None, False)
    assert "sends_from" in checks["ptr"].says
    assert checks["spf vendredi"].ok
    assert "not known" in checks["spf vendredi"].says


def test_a_stray_text_beside_a_record_is_no_fault(newsroom: Newsroom) -> None:
    zone = healthy()
    zone.put({DMARC: (*zone.records[DMARC], "checked by dmarc1.example")})
    assert faults(newsroom, zone) == {}


def test_every_row_has_a_source_with_a_date_and_no_pair_two() -> None:
    rows = shipped_terms()
    assert [row for row in rows if not re.search(r"\b20\d\d-\d\d", row.source)] == []
    assert len({(row.provider, row.demand) for row in rows}) == len(rows)
    locale.use("en")
    assert all(re.fullmatch(r"[\w .,-]*", row.code) for row in rows)


def test_the_words_of_what_a_provider_does_are_in_the_newsroom_s_language() -> None:
    does: Callable[[], str] = lambda: provider_consequences(Fault("x", "", "spf"))["outlook"]  # noqa: E731
    locale.use("fr")
    assert does().startswith("refuse la lettre (550 5.7.515)")
    locale.use("en")
    assert does() == "refuses the letter (550 5.7.515), from 5000 messages a day"
