"""Amazon, as far as one topic goes: an authority, a certificate, signed messages, and what is fetched."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from composer.errors import OutsideWorld

TOPIC = "arn:aws:sns:eu-west-3:123456789012:bounces"
HOST = "https://sns.eu-west-3.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"

_SIGNED = ("Message", "MessageId", "SubscribeURL", "Subject", "Timestamp", "Token", "TopicArn", "Type")


class Amazon:
    """``served``: what is at each address; ``fetched``: what was asked for, in order. ``days``: the certificate's."""

    def __init__(self, days: tuple[int, int] = (-1, 30), bits: int = 2048) -> None:
        self.key = _key(bits)
        self.fetched: list[str] = []
        self.down = False
        self.served: dict[str, bytes] = {CERTIFICATE: _certificate(self.key, days)}

    def fetch(self, address: str) -> bytes:
        self.fetched.append(address)
        if self.down:
            raise OutsideWorld("sns could not be called")
        if address.startswith(f"{HOST}/?Action=ConfirmSubscription&"):
            return b"<ConfirmSubscriptionResponse/>"
        return self.served[address]

    def signed(self, message: object, version: str = "2", **fields: str) -> dict[str, Any]:
        """A message of the topic with a right signature; ``fields`` are part of what is signed."""
        said: dict[str, Any] = {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Message": message if isinstance(message, str) else json.dumps(message),
            "Timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.655Z",
            **fields,
        }
        content = "".join(f"{name}\n{said[name]}\n" for name in _SIGNED if name in said).encode()
        method = SHA1() if version == "1" else SHA256()
        signature = b64encode(self.key.sign(content, padding.PKCS1v15(), method)).decode()
        return said | {"SignatureVersion": version, "Signature": signature, "SigningCertURL": CERTIFICATE}

    def confirming(self, token: str = "2336412f37fb687f5d51e6e2425dacbb") -> dict[str, Any]:
        asked = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={token}"
        fields = {"Type": "SubscriptionConfirmation", "Token": token, "SubscribeURL": asked}
        return self.signed(f"You have chosen to subscribe to the topic {TOPIC}.", **fields)


def ses_bounce(source: str, diagnostic: str = "smtp; 550 5.1.1 user unknown", kind: str = "Permanent/General") -> Any:
    """What SES says of a bounce, as it stands in its documentation; ``source``: the envelope's sender."""
    bounce_type, _slash, subtype = kind.partition("/")
    failed = {"emailAddress": "anne@example.org", "action": "failed", "status": "5.1.1", "diagnosticCode": diagnostic}
    bounce = {"bounceType": bounce_type, "bounceSubType": subtype, "bouncedRecipients": [failed]}
    return {"notificationType": "Bounce", "bounce": bounce, "mail": _mail(source)}


def ses_complaint(source: str, kind: str = "abuse") -> Any:
    """What SES says of a complaint."""
    complaint = {"complainedRecipients": [{"emailAddress": "anne@example.org"}], "complaintFeedbackType": kind}
    return {"notificationType": "Complaint", "complaint": complaint, "mail": _mail(source)}


def _mail(source: str) -> Mapping[str, Any]:
    return {"timestamp": "2026-12-01T01:00:00.000Z", "source": source, "destination": ["anne@example.org"]}


@cache
def _key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def _certificate(key: rsa.RSAPrivateKey, days: tuple[int, int]) -> bytes:
    """A certificate by an authority made for it."""
    authority = _key(3072)
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of the tests")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now + timedelta(days=days[0]))
    return built.not_valid_after(now + timedelta(days=days[1])).sign(authority, SHA256()).public_bytes(Encoding.PEM)
