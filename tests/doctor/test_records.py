"""SPF and DMARC records: followed and counted as RFC 7208 and RFC 9989 say, within their bounds."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from composer.doctor.dmarc import MOST_WALKED, is_aligned, tree_walk
from composer.doctor.faults import txt_record
from composer.doctor.lookups import NotAnswered
from composer.doctor.spf import counted, spf_result
from tests.doctor.support.zone import Zone

RUA = "rua=mailto:dmarc@example.org"


def spf(**records: str) -> Zone:
    zone: dict[tuple[str, str], tuple[str, ...]] = {
        (name.replace("__", "-").replace("_", "."), "TXT"): (text,) for name, text in records.items()
    }
    zone |= {
        ("host.example", "A"): ("192.0.2.7",),
        ("host.example", "AAAA"): ("2001:db8::7",),
        ("example.org", "A"): ("192.0.2.1",),
        ("example.org", "MX"): ("10 host.example", "20 gone.example"),
        ("yes.example", "A"): ("127.0.0.2",),
    }
    return Zone(zone)


@pytest.mark.parametrize(
    ("record", "address", "result"),
    [
        ("v=spf1 -all", "192.0.2.1", "fail"),
        ("v=spf1 ~all", "192.0.2.1", "softfail"),
        ("v=spf1", "192.0.2.1", "neutral"),
        ("v=SPF1 ip4:192.0.2.0/24 -all", "192.0.2.1", "pass"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "2001:db8::1", "fail"),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::1", "pass"),
        ("v=spf1 -ip4:192.0.2.1 +all", "192.0.2.1", "fail"),
        ("v=spf1 a -all", "192.0.2.1", "pass"),
        ("v=spf1 a/24 -all", "192.0.2.200", "pass"),
        ("v=spf1 a:host.example//64 -all", "2001:db8::1234", "pass"),
        ("v=spf1 mx -all", "192.0.2.7", "pass"),
        ("v=spf1 mx:example.org/28 -all", "192.0.2.9", "pass"),
        ("v=spf1 exists:yes.example -all", "192.0.2.1", "pass"),
        ("v=spf1 include:other.example ?all", "198.51.100.1", "pass"),
        ("v=spf1 include:other.example ?all", "192.0.2.1", "neutral"),
        ("v=spf1 redirect=other.example", "198.51.100.1", "pass"),
        ("v=spf1 redirect=other.example", "192.0.2.1", "fail"),
        ("v=spf1 redirect=other.example ~all", "198.51.100.1", "softfail"),
        ("v=spf1 redirect=gone.example", "192.0.2.1", "permerror"),
        ("v=spf1 include:gone.example -all", "192.0.2.1", "permerror"),
        ("v=spf1 include:example.org -all", "192.0.2.1", "permerror"),
        ("v=spf1 redirect=example.org", "192.0.2.1", "permerror"),
        ("v=spf1 ip4:192.0.2.300 -all", "192.0.2.1", "permerror"),
        ("v=spf1 ip4 -all", "192.0.2.1", "permerror"),
        ("v=spf1 ip6:192.0.2.1 -all", "192.0.2.1", "permerror"),
        ("v=spf1 a/99 -all", "192.0.2.1", "permerror"),
        ("v=spf1 all:x", "192.0.2.1", "permerror"),
        ("v=spf1 include -all", "192.0.2.1", "permerror"),
        ("v=spf1 exists:%{i}.ok.example -all", "192.0.2.1", "unknown"),
        ("v=spf1 ip4:192.0.2.1 exists:%{i}.ok.example -all", "192.0.2.1", "pass"),
        ("v=spf1 exp=why.example other=1 ptr -all", "192.0.2.1", "fail"),
        ("v=spf2 +all", "192.0.2.1", "none"),
        ("v=spf10 +all", "192.0.2.1", "none"),
    ],
)
def test_what_a_receiver_finds(record: str, address: str, result: str) -> None:
    zone = spf(example_org=record, other_example="v=spf1 ip4:198.51.100.0/24 -all")
    assert spf_result(zone, "example.org", ip_address(address)) == result


def test_look_ups_are_counted_through_all_that_is_included() -> None:
    zone = spf(
        example_org="v=spf1 a mx include:other.example -all a",
        other_example="v=spf1 exists:no.example redirect=last.example",
    )
    zone.put({("last.example", "TXT"): ("v=spf1 ptr ip4:192.0.2.1 -all",)})
    walk = counted(zone, "example.org")
    assert (walk.lookups, walk.void, walk.valid) == (6, 1, True)


def test_records_that_lead_in_a_circle_end() -> None:
    zone = spf(
        example_org="v=spf1 include:other.example include:other.example -all",
        other_example="v=spf1 include:example.org redirect=example.org",
    )
    walk = counted(zone, "example.org")
    assert not walk.valid
    assert walk.lookups <= 35
    assert len(zone.asked) < 200


def test_what_does_not_answer_is_no_result() -> None:
    zone = spf(example_org="v=spf1 include:other.example -all")
    zone.silent = {"other.example"}
    with pytest.raises(NotAnswered):
        spf_result(zone, "example.org", ip_address("192.0.2.1"))


def dmarc(**records: str) -> Zone:
    """Records at _dmarc of a name, its dots written as double underscores."""
    return Zone({(f"_dmarc.{name.replace('__', '.')}", "TXT"): (text,) for name, text in records.items()})


def test_the_walk_asks_each_name_up_to_the_top() -> None:
    """RFC 9989, 4.10: a record that says nothing of psd does not end it."""
    walk = tree_walk(
        dmarc(mail__example__com="v=DMARC1; p=none", example__com="v=DMARC1; p=reject"), "a.mail.example.com"
    )
    assert walk.asked == ("a.mail.example.com", "mail.example.com", "example.com", "com")
    assert (walk.organization, walk.policy and walk.policy.domain) == ("example.com", "example.com")


def test_a_long_name_takes_eight_questions() -> None:
    zone = dmarc(example__com="v=DMARC1; p=none")
    walk = tree_walk(zone, "a.b.c.d.e.f.g.h.i.j.mail.example.com")
    assert len(zone.asked) == MOST_WALKED == 8
    assert walk.asked[1] == "g.h.i.j.mail.example.com"
    assert walk.asked[-1] == "com"
    assert walk.organization == "example.com"


@pytest.mark.parametrize("labels", [1, 2, 7, 8, 9, 40])
def test_no_walk_takes_more(labels: int) -> None:
    zone = Zone()
    walk = tree_walk(zone, ".".join(["x"] * labels))
    assert len(zone.asked) == min(labels, MOST_WALKED)
    assert (walk.policy, walk.organization) == (None, walk.start)


def test_psd_n_is_the_organization_and_ends_the_walk() -> None:
    zone = dmarc(example__com="v=DMARC1; p=none; psd=n", com="v=DMARC1; p=reject")
    walk = tree_walk(zone, "mail.example.com")
    assert (walk.organization, walk.asked[-1]) == ("example.com", "example.com")


def test_one_label_below_a_public_suffix_is_the_organization() -> None:
    zone = dmarc(com="v=DMARC1; p=reject; psd=y; " + RUA)
    walk = tree_walk(zone, "a.mail.example.com")
    assert walk.organization == "example.com"
    assert walk.policy is not None
    assert walk.policy.domain == "com"
    far = tree_walk(zone, "a.b.c.d.e.f.g.h.example.com")
    assert far.organization == "example.com"


def test_the_author_s_own_record_goes_first_and_then_the_organization_s() -> None:
    zone = dmarc(news__example__org="v=DMARC1; p=none", example__org="v=DMARC1; p=reject")
    assert (tree_walk(zone, "news.example.org").policy or "") != ""
    assert tree_walk(zone, "news.example.org").policy == tree_walk(zone, "news.example.org").records[0]
    assert tree_walk(zone, "other.example.org").policy == tree_walk(zone, "example.org").policy


def test_two_records_at_one_name_count_as_none() -> None:
    zone = dmarc(example__org="v=DMARC1; p=none")
    zone.put({("_dmarc.news.example.org", "TXT"): ("v=DMARC1; p=none", "v=DMARC1; p=reject")})
    walk = tree_walk(zone, "news.example.org")
    assert (walk.several, walk.policy and walk.policy.domain) == (("news.example.org",), "example.org")


def test_a_parent_that_does_not_answer_does_not_end_the_walk() -> None:
    zone = dmarc(example__org="v=DMARC1; p=none")
    zone.silent = {"_dmarc.mail.example.org", "_dmarc.org"}
    walk = tree_walk(zone, "a.mail.example.org")
    assert walk.organization == "example.org"
    assert len(walk.unanswered) == 2
    zone.silent = {"_dmarc.a.mail.example.org"}
    with pytest.raises(NotAnswered):
        tree_walk(zone, "a.mail.example.org")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("v=DMARC1", True), ("v = DMARC1 ; p=none", True), ("v=DMARC1;p=none", True), ("v=DMARC12; p=none", False)],
)
def test_what_begins_as_a_record(text: str, is_one: bool) -> None:
    assert bool(tree_walk(dmarc(example__org=text), "example.org").records) is is_one


def test_alignment_is_of_organizations_unless_strict() -> None:
    zone = dmarc(example__org="v=DMARC1; p=none")
    author = tree_walk(zone, "news.example.org")
    assert is_aligned(zone, "bounces.example.org", author, strict=False)
    assert not is_aligned(zone, "bounces.example.org", author, strict=True)
    assert is_aligned(zone, "News.Example.org", author, strict=True)
    assert not is_aligned(zone, "example.com", author, strict=False)


def test_tags_of_before_are_left_out_and_the_order_is_the_documents() -> None:
    (record,) = tree_walk(dmarc(example__org=f"v=DMARC1; rf=afrf; {RUA}; pct=20; p=quarantine"), "example.org").records
    assert record.says(t="y") == f"v=DMARC1; p=quarantine; t=y; {RUA}"


def test_a_long_record_is_cut_into_strings_of_255() -> None:
    line = txt_record("k.example.org", "v=DKIM1; p=" + "A" * 400)
    assert [len(each) for each in line.split('"')[1::2]] == [255, 156]
