"""Our signatures, read by another implementation (dkimpy) with a key published in a stubbed DNS."""

from __future__ import annotations

from datetime import UTC, datetime

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import Refused
from composer.message import SlotValues, Template, build
from composer.message.dkim import SIGNED, Signer, new_key, public_record

PEM = new_key()
SIGNER = Signer("news.example.org", "f2026", PEM)


def letter(text: str = "Été\n.\n..\nFrom moi\n", subject: str = "L’été, enfin") -> bytes:
    return template(text, subject).fill(SlotValues("lea.morel@example.org", "b-abc", "t" * 40))


def template(
    text: str = "Été\n.\n..\nFrom moi\n", subject: str = "L’été, enfin", leave_domain: str | None = None
) -> Template:
    return build(
        subject=subject,
        from_name="La Gazette du Large",
        from_address="lettre@news.example.org",
        reply_to="redaction@example.org",
        list_name="La lettre du vendredi",
        list_id="vendredi.news.example.org",
        language="fr",
        date=datetime(2026, 11, 27, 6, 0, tzinfo=UTC),
        message_id_domain="news.example.org",
        unsubscribe_prefix="https://lettres.example.org/u/",
        html="<p>Été</p>SLOT",
        text=f"{text}SLOT",
        sentinel="SLOT",
        feedback_id="2026-11-27:vendredi:free:gazette",
        leave_domain=leave_domain,
    )


def verifies(content: bytes) -> bool:
    def record(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"f2026._domainkey.news.example.org."
        return public_record(PEM).encode()

    return bool(dkimpy.verify(content, dnsfunc=record))


def test_a_letter_that_offers_leaving_by_mail_verifies_and_the_offer_is_signed() -> None:
    offered = SIGNER.fill(
        template(leave_domain="retours.example.org"), SlotValues("lea@example.org", "b-abc", "t" * 40, leave="u-abc")
    )
    assert b"<mailto:u-abc@retours.example.org?subject=unsubscribe>" in offered
    assert verifies(offered)
    assert not verifies(offered.replace(b"mailto:u-abc", b"mailto:u-abd"))


@pytest.mark.slow
@given(st.text("a b.=\t\nFromé -", max_size=200), st.text("éa «»,😀", min_size=1, max_size=90))
def test_every_message_we_build_verifies(text: str, subject: str) -> None:
    assert verifies(SIGNER.sign(letter(text, subject)))


@pytest.mark.slow
@given(st.lists(st.sampled_from([b".", b"..", b"", b" ", b"\t", b"a  b\t", b"From x", b"ligne "]), max_size=8))
def test_any_body_verifies_also_one_that_is_not_canonical(lines: list[bytes]) -> None:
    assert verifies(SIGNER.sign(b"From: a@b\r\nSubject:  x \r\n\t y\r\n\r\n" + b"".join(x + b"\r\n" for x in lines)))


def test_the_signature_is_on_top_folded_and_the_same_for_the_same_bytes() -> None:
    signed = SIGNER.sign(letter())
    assert signed.startswith(b"DKIM-Signature: ")
    assert signed.endswith(letter())
    assert all(len(line) <= 76 for line in signed[: -len(letter())].split(b"\r\n"))
    assert signed == SIGNER.sign(letter())
    tags = signed[: -len(letter())]
    assert not any(tag in tags for tag in (b" t=", b" x=", b" l="))


@pytest.mark.parametrize("name", SIGNED)
def test_no_signed_header_can_be_added(name: str) -> None:
    """dkimpy's default list let a second List-Unsubscribe-Post through; RFC 8058 wants it signed."""
    added = f"{name}: List-Unsubscribe=One-Click\r\n".encode()
    signed = SIGNER.sign(letter())
    assert not verifies(added + signed)
    assert not verifies(signed.replace(b"\r\nMIME-Version", b"\r\n" + added + b"MIME-Version"))


@pytest.mark.parametrize(
    ("honest", "forged"),
    [
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Clicks"),
        (b"u/tttt", b"u/xxxx"),
        (b"From: La Gazette", b"From: Ma Gazette"),
        (b"To: <lea", b"To: <zoe"),
        (b"Message-ID: <b-", b"Message-ID: <c-"),
        (b"vendredi:free", b"vendredi:paid"),
        (b"=C3=89t=C3=A9", b"=C3=89t=C3=A8"),
    ],
)
def test_no_signed_header_nor_the_body_can_change(honest: bytes, forged: bytes) -> None:
    signed = SIGNER.sign(letter())
    assert honest in signed
    assert not verifies(signed.replace(honest, forged, 1))


def test_nothing_can_be_appended() -> None:
    assert not verifies(SIGNER.sign(letter()) + b"Une ligne de plus\r\n")


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (pem(rsa.generate_private_key(65537, 1024)), "1024 bits"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "not RSA"),
        (b"-----BEGIN PRIVATE KEY-----\nnothing\n", "PEM"),
        (b"", "PEM"),
    ],
)
def test_a_key_that_providers_do_not_trust_is_refused(key: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        Signer("news.example.org", "f2026", key)
