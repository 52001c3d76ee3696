"""Which signatures are right, which certificates, and that every word of an operator has its row."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from composer.message.provider_tags import TAGS
from composer.newsroom.hooks import RelayProvider
from composer.returns.hooks import vocabulary
from composer.returns.hooks.believing import HookRefusal, NotBelieved
from composer.returns.hooks.reports import READERS, HookReport
from composer.returns.hooks.sns import Certificates, believed, confirmation
from composer.returns.hooks.vocabulary import OPERATOR_WORDS, judge_report
from composer.returns.judgement import BounceClass, ReturnKind
from tests.returns.hooks.support.amazon import CERTIFICATE, HOST, TOPIC, Amazon, ses_bounce


def refusal(amazon: Amazon, **fields: str) -> HookRefusal | None:
    """Why a message that ``amazon`` signs is not believed; None where it is."""
    said = amazon.signed(ses_bounce("b-x@bounces.example"), **fields)
    try:
        believed(said, (TOPIC,), datetime.now(UTC), Certificates(amazon.fetch))
    except NotBelieved as error:
        return error.why
    return None


def an_elliptic_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (Amazon, None),
        (lambda: Amazon(days=(-30, -1)), HookRefusal.CERTIFICATE),
        (lambda: Amazon(days=(1, 30)), HookRefusal.CERTIFICATE),
        (lambda: Amazon(bits=1024), HookRefusal.CERTIFICATE),
    ],
    ids=["sound", "run out", "of tomorrow", "short"],
)
def test_a_certificate_is_in_its_days_and_strong(made: Callable[[], Amazon], why: HookRefusal | None) -> None:
    assert refusal(made()) is why


@pytest.mark.parametrize("served", [b"", b"<html>503</html>", b"\xff" * 100, an_elliptic_key()])
def test_what_is_served_in_place_of_a_certificate_is_none(served: bytes) -> None:
    amazon = Amazon()
    amazon.served[CERTIFICATE] = served
    assert refusal(amazon) is HookRefusal.CERTIFICATE
    amazon.served[CERTIFICATE] = Amazon().served[CERTIFICATE]
    assert refusal(amazon) is None


def test_a_subject_is_part_of_what_is_signed() -> None:
    amazon = Amazon()
    said = amazon.signed("x", Subject="Bounce")
    for changed in ({"Subject": "Other"}, {"Subject": None}, {"MessageId": "other"}):
        with pytest.raises(NotBelieved, match="signature"):
            believed({**said, **changed}, (TOPIC,), datetime.now(UTC), Certificates(amazon.fetch))
    assert believed(said, (TOPIC,), datetime.now(UTC), Certificates(amazon.fetch)).message == "x"


def test_a_confirmation_goes_to_the_topics_host_whatever_the_message_says() -> None:
    amazon = Amazon()
    said = amazon.signed("x", Type="SubscriptionConfirmation", Token="a" * 40, SubscribeURL="https://evil.example/")
    found = believed(said, (TOPIC,), datetime.now(UTC), Certificates(amazon.fetch))
    assert confirmation(found).startswith(f"{HOST}/?Action=ConfirmSubscription&TopicArn=arn")
    assert "evil" not in confirmation(found)


def test_certificates_that_are_kept_are_few() -> None:
    amazon = Amazon()
    amazon.served = {f"{HOST}/{number}.pem": amazon.served[CERTIFICATE] for number in range(30)}
    certificates = Certificates(amazon.fetch)
    for address in amazon.served:
        certificates.at(address)
    assert len(certificates._kept) <= 8


def test_every_operator_has_its_header_its_reader_and_its_words() -> None:
    operators = set(get_args(RelayProvider))
    assert operators == set(TAGS) == set(READERS) == {provider for provider, _event, _type in OPERATOR_WORDS}
    for operator in operators:
        kinds = {word.kind for (provider, *_), word in OPERATOR_WORDS.items() if provider == operator}
        assert {ReturnKind.BOUNCE, ReturnKind.COMPLAINT, ReturnKind.OTHER} <= kinds


def test_every_word_has_its_source_and_its_month_and_stands_once() -> None:
    file = Path(vocabulary.__file__).with_name("vocabulary.toml")
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["word"]
    assert len(rows) == len(OPERATOR_WORDS)
    assert all("2026-12" in row["source"] for row in rows)


def test_the_far_hosts_words_go_before_the_operators() -> None:
    def found(words: str, kind: str = "Permanent/General") -> BounceClass | None:
        return judge_report(HookReport("ses", "Bounce", kind, words)).bounce_class

    assert found("550 5.7.1 blocked, see a blocklist") is BounceClass.POLICY
    assert found("550 5.1.1 No such user", "Transient/General") is BounceClass.HARD
    assert found("") is BounceClass.HARD
    assert found("421 4.4.2 Connection dropped", "Transient/General") is BounceClass.SOFT
    assert found("", "Undetermined") is BounceClass.SOFT
    assert found("550 5.1.1 No such user", "Permanent/OnAccountSuppressionList") is BounceClass.SOFT  # Amazon's own
    assert found("", "Transient/ContentRejected") is BounceClass.POLICY


@pytest.mark.parametrize("words", ["", "smtp; I am away until Monday"])
def test_amazons_word_for_automatic_answers_too_is_no_bounce_without_a_far_hosts_words(words: str) -> None:
    """Five of them in a month, a reader's holidays of a daily letter, would have suppressed a living mailbox."""
    assert judge_report(HookReport("ses", "Bounce", "Transient/General", words)).kind is ReturnKind.AUTO_REPLY


@pytest.mark.parametrize("key", [key for key, word in OPERATOR_WORDS.items() if word.kind is not ReturnKind.BOUNCE])
def test_what_is_no_bounce_has_no_class(key: tuple[str, str, str]) -> None:
    assert judge_report(HookReport(*key, words="550 5.1.1 No such user")).bounce_class is None
