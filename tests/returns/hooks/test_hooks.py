"""What operators report, over HTTP to the pages, read by the daemon: it acts once, and only with a token of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text, update

from composer.approval.messages import messages
from composer.database import db_now
from composer.delivery.ledger.messages import MailingTemplates, MessageInputs, build_message
from composer.delivery.state import State
from composer.newsroom.model import Hooks, Relay
from composer.public import hook_door
from composer.returns.hooks import posts, sns
from composer.returns.hooks.doors import hook_secret
from composer.returns.hooks.posts import LONGEST_POST
from composer.returns.hooks.tables import hook_posts
from tests.delivery.support.sample_ledger import DATED, KEY, seal
from tests.delivery.support.sample_newsroom import SECRET, newsroom
from tests.returns.hooks.support.amazon import CERTIFICATE, HOST, TOPIC, ses_bounce, ses_complaint
from tests.returns.hooks.support.hooked import (
    FAILED,
    FORMER,
    HOOKS,
    UNTOUCHED,
    Hooked,
    brevo,
    hooked,
    mailgun,
    postmark,
)

pytestmark = pytest.mark.usefixtures("each_engine")

GONE = (State.BOUNCED, "hard-bounce", "active")
SOFT = (State.BOUNCED, None, "active")
CALLED_SPAM = (State.COMPLAINED, "complaint", "active")
LEFT = (State.ACCEPTED, None, "unsubscribed")

#: What SES writes for an automatic answer: nothing of what a host said.
ABSENCE = {
    "bounceType": "Transient",
    "bounceSubType": "General",
    "bouncedRecipients": [{"emailAddress": "anne@example.org"}],
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Hooked]:
    with hooked(tmp_path) as made:
        yield made


#: What is reported → the operator, the report, and how things stand after it.
REPORTS: dict[str, tuple[str, Callable[[Hooked], Any], tuple[str, str | None, str]]] = {
    "ses v2": ("ses", lambda h: h.amazon.signed(ses_bounce(h.source)), GONE),
    "ses v1, with a subject": ("ses", lambda h: h.amazon.signed(ses_bounce(h.source), "1", Subject="Bounce"), GONE),
    "ses, full": (
        "ses",
        lambda h: h.amazon.signed(ses_bounce(h.source, "smtp; 552 5.2.2 over quota", "Transient/MailboxFull")),
        SOFT,
    ),
    "ses, permanent in its word, a block list in the far host's": (
        "ses",
        lambda h: h.amazon.signed(ses_bounce(h.source, "smtp; 550 5.7.1 blocked using a blocklist")),
        SOFT,
    ),
    "ses, its own list": (
        "ses",
        lambda h: h.amazon.signed(ses_bounce(h.source, "Amazon SES has suppressed it", "Permanent/Suppressed")),
        GONE,
    ),
    "ses, by the tag": (
        "ses",
        lambda h: h.amazon.signed(
            {**ses_bounce(""), "mail": {"destination": ["a@b.example"], "tags": {"filigrane": [h.token()]}}}
        ),
        GONE,
    ),
    "ses, by Message-ID": (
        "ses",
        lambda h: h.amazon.signed(
            {**ses_bounce(""), "mail": {"headers": [{"name": "Message-ID", "value": f"<{h.token()}@x.example>"}]}}
        ),
        GONE,
    ),
    "ses, an absence": (
        "ses",
        lambda h: h.amazon.signed({**ses_bounce(h.source), "bounce": ABSENCE}),
        UNTOUCHED,
    ),
    "ses, complaint": ("ses", lambda h: h.amazon.signed(ses_complaint(h.source)), CALLED_SPAM),
    "ses, praise": ("ses", lambda h: h.amazon.signed(ses_complaint(h.source, "not-spam")), UNTOUCHED),
    "mailgun": ("mailgun", lambda h: mailgun(h.token(), FAILED), GONE),
    "mailgun, for now": ("mailgun", lambda h: mailgun(h.token(), FAILED | {"severity": "temporary"}), UNTOUCHED),
    "mailgun, complaint": ("mailgun", lambda h: mailgun(h.token(), {"event": "complained"}), CALLED_SPAM),
    "mailgun, permanent and mute": (
        "mailgun",
        lambda h: mailgun(h.token(), {"event": "failed", "severity": "permanent"}),
        SOFT,
    ),
    "brevo": ("brevo", lambda h: brevo(h.token()), GONE),
    "brevo, soft": ("brevo", lambda h: brevo(h.token(), "soft_bounce", "452 4.2.2 full"), SOFT),
    "brevo, complaint": ("brevo", lambda h: brevo(h.token(), "spam", ""), CALLED_SPAM),
    "brevo, leaves": ("brevo", lambda h: brevo(h.token(), "unsubscribed", ""), LEFT),
    "postmark": ("postmark", lambda h: postmark(h.token()), GONE),
    "postmark, complaint": ("postmark", lambda h: postmark(h.token(), "SpamComplaint", "SpamComplaint"), CALLED_SPAM),
    "postmark, an absence": ("postmark", lambda h: postmark(h.token(), "AutoResponder"), UNTOUCHED),
    "with a former key": ("brevo", lambda h: brevo(h.token(FORMER)), GONE),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_acts_once_however_often_it_comes(name: str, house: Hooked) -> None:
    provider, made, after = REPORTS[name]
    report = made(house)
    assert house.post(provider, report).status_code == 200
    assert house.waiting() == 1
    assert house.look() == 1
    assert house.standing() == after
    assert house.post(provider, report).status_code == 200
    assert (house.look(), house.waiting()) == (1, 0)
    assert house.standing() == after


def test_two_ways_are_one_act(house: Hooked) -> None:
    assert house.post("brevo", brevo(house.token())).status_code == 200
    assert house.post("postmark", postmark(house.token())).status_code == 200
    assert house.look() == 2
    assert house.standing() == GONE


def test_a_former_key_opens_the_door(house: Hooked) -> None:
    assert house.post("brevo", brevo(house.token()), house.way("brevo", FORMER)).status_code == 200
    assert house.post("brevo", brevo(house.token()), house.way("brevo", b"x" * 32)).status_code == 404
    assert house.waiting() == 1


def test_a_subscription_is_confirmed_at_the_topics_own_host(house: Hooked) -> None:
    asked = house.amazon.confirming()
    assert house.post("ses", asked).status_code == 200
    assert house.look() == 1
    assert house.amazon.fetched[0] == CERTIFICATE
    assert house.amazon.fetched[1].startswith(f"{HOST}/?Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns%3A")
    assert len(house.amazon.fetched) == 2
    assert house.standing() == UNTOUCHED


def test_the_certificate_is_fetched_once_for_many(house: Hooked) -> None:
    for _time in range(3):
        house.post("ses", house.amazon.signed(ses_bounce(house.source)))
    assert house.look() == 3
    assert house.amazon.fetched == [CERTIFICATE]


def test_a_report_that_cannot_be_checked_waits_and_then_acts(house: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    house.amazon.down = True
    house.post("ses", house.amazon.signed(ses_bounce(house.source)))
    house.post("brevo", brevo(house.token(), "delivered"))
    assert house.look() == 2
    assert (house.standing(), house.waiting()) == (UNTOUCHED, 1)
    assert house.look() == 0  # not before five minutes
    with house.ready.engine.begin() as connection:
        connection.execute(update(hook_posts).values(not_before=db_now(-1)))
    house.amazon.down = False
    monkeypatch.setattr(sns, "_REST", 0.0)
    assert house.look() == 1
    assert (house.standing(), house.waiting()) == (GONE, 0)


def test_many_certificates_that_cannot_be_had_are_asked_for_once(house: Hooked) -> None:
    house.amazon.down = True
    for number in range(5):
        named = {"SigningCertURL": f"{HOST}/{number}.pem"}
        assert house.post("ses", house.amazon.signed(ses_bounce(house.source)) | named).status_code == 200
    assert house.look() == 5
    assert len(house.amazon.fetched) == 1
    assert (house.standing(), house.waiting()) == (UNTOUCHED, 5)


def test_a_report_that_cannot_be_checked_for_three_days_is_given_up(house: Hooked) -> None:
    house.amazon.down = True
    house.post("ses", house.amazon.signed(ses_bounce(house.source)))
    with house.ready.engine.begin() as connection:
        connection.execute(update(hook_posts).values(at=db_now(-3 * 86400 - 60)))
    assert house.look() == 1
    assert (house.standing(), house.waiting()) == (UNTOUCHED, 0)


def test_what_is_refused_is_taken_out_and_said(house: Hooked, capsys: pytest.CaptureFixture[str]) -> None:
    house.hooks = Hooks(providers=("brevo",))
    house.post("postmark", postmark(house.token()))  # its door was closed meanwhile
    house.post("brevo", brevo(house.token(), "a word of tomorrow"))
    house.post("brevo", b"\xff\xfe")
    house.post("brevo", brevo("", "hard_bounce", "550 5.1.1 <anne@example.org> unknown"))
    assert (house.look(), house.waiting()) == (4, 0)
    assert house.standing() == UNTOUCHED
    told = capsys.readouterr()
    said = told.out + told.err
    for why in ("closed", "vocabulary", "form", "hook-of-a-stranger"):
        assert why in said
    assert "@" not in said


def test_a_body_may_be_as_long_as_amazon_makes_it_and_no_longer(house: Hooked) -> None:
    assert house.post("brevo", b" " * LONGEST_POST).status_code == 200
    assert house.post("brevo", b" " * (LONGEST_POST + 1)).status_code == 413
    assert house.waiting() == 1


def test_too_many_are_told_to_come_back(house: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts, "MOST_POSTS", 2)
    codes = [house.post("brevo", brevo(house.token(), "delivered", str(number))).status_code for number in range(3)]
    assert codes == [200, 200, 503]
    assert house.look() == 2
    assert house.post("brevo", brevo(house.token())).status_code == 200


def test_what_the_database_refuses_is_to_come_again_and_is_logged_without_what_it_was(
    house: Hooked, capsys: pytest.CaptureFixture[str]
) -> None:
    with house.ready.engine.begin() as connection:
        connection.execute(text("ALTER TABLE hook_posts RENAME TO gone"))
    assert house.post("brevo", brevo(house.token())).status_code == 503
    told = capsys.readouterr()
    assert "hook-not-kept" in told.out + told.err
    assert "example.org" not in told.out + told.err
    with house.ready.engine.begin() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO hook_posts"))
    assert house.post("brevo", brevo(house.token())).status_code == 200


def test_a_flood_of_reports_is_slowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook_door, "HOOK_BURST", 3.0)
    monkeypatch.setattr(hook_door, "HOOK_RATE", 0.001)
    with hooked(tmp_path) as house:
        codes = [house.post("brevo", brevo(house.token())).status_code for _time in range(4)]
    assert codes == [200, 200, 200, 429]


def test_a_wrong_secret_is_answered_as_any_unknown_address_and_limited(house: Hooked) -> None:
    for way in (
        "/hooks/brevo/" + "a" * 26,
        "/hooks/ses/" + hook_secret(SECRET, "brevo", 1),
        "/hooks/brevo/",
        "/hooks/x",
    ):
        answer = house.post("brevo", brevo(house.token()), way)
        assert (answer.status_code, answer.text) == (404, "Not Found")
    assert httpx.get(f"{house.base}{house.way('brevo')}", timeout=30).status_code == 405
    assert house.waiting() == 0


def test_another_turn_makes_another_address() -> None:
    assert len({hook_secret(SECRET, provider, turn) for provider in HOOKS.providers for turn in (1, 2)}) == 8
    assert len(hook_secret(SECRET, "ses", 1)) == 26


def test_a_door_of_amazons_needs_a_topic() -> None:
    with pytest.raises(ValueError, match="topic"):
        Hooks(providers=("ses",))
    for topic in (TOPIC + "/x", "arn:aws:sns:evil.example/:123456789012:t", "arn:aws:sns:eu-west-3:1:t"):
        with pytest.raises(ValueError, match="ARN"):
            Hooks(topics=(topic,))


def test_a_letter_carries_what_its_relays_operators_hand_back(tmp_path: Path) -> None:
    """The token of the return path, in the field of each operator that a relay names, and in no other."""
    room = newsroom(tmp_path, 1)
    relays = tuple(Relay(host=f"{name}.example", provider=name) for name in ("brevo", "ses"))
    settings = room.settings.model_copy(update={"relays": relays})
    templates = messages(seal(), replace(room, settings=settings), "vendredi", KEY, DATED)
    common = MailingTemplates("bounces.example", None, {1: templates["free", "fr"]})
    found = build_message(common, MessageInputs(7, 1, 3, 5, "anne@example.org"), SECRET)
    token = found.envelope.mail_from.partition("@")[0]
    assert f"X-Mailin-custom: {token}\r\n".encode() in found.content
    assert f"X-SES-MESSAGE-TAGS: filigrane={token}\r\n".encode() in found.content
    assert b"X-PM-" not in found.content
    assert b"X-Mailgun" not in found.content
