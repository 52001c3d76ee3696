"""Messages of Amazon SNS: its signature, and what it asks for.

The certificate is fetched from the host of the configured topic's region and from no other, whatever the message says;
so is the confirmation of a subscription, at an address that is ours but for the token. Source: Amazon SNS Developer
Guide, "Verifying the signatures of Amazon SNS messages" and "Parsing Amazon SNS message formats", read in December
2026.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import Certificate, load_pem_x509_certificate

from composer.errors import OutsideWorld
from composer.newsroom.hooks import topic_region
from composer.returns.hooks.believing import HookRefusal, NotBelieved

#: Fetches what is at an address: bounded, over HTTPS, from a public host. Raises ``OutsideWorld``.
Fetch = Callable[[str], bytes]

#: What is signed, each name and value on a line of its own, in this order.
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_HASHES = {"1": SHA1, "2": SHA256}
_TOKEN = re.compile(r"[0-9A-Za-z_-]{16,1024}")
_FILE = re.compile(r"/[0-9A-Za-z-]{1,100}\.pem")

#: How old a message may be, and how far ahead of the database's clock: SNS tries again for hours.
_OLDEST, _AHEAD = timedelta(days=7), timedelta(hours=1)
#: Seconds for which a certificate is kept, and how many are; and for which none is asked for once one was not had.
_KEPT, _MOST, _REST = 86400.0, 8, 60.0


@dataclass(frozen=True)
class SnsMessage:
    """A message with a right signature. ``token`` confirms a subscription."""

    type: str
    topic: str
    message: str
    token: str


class Certificates:
    """The certificates of Amazon SNS, fetched once a day.

    Where one cannot be had, none is asked for in the next minute: fifty messages that name fifty files of that host do
    not keep the other operators' reports waiting fifty times.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._kept: dict[str, tuple[float, Certificate]] = {}
        self._failed: tuple[float, OutsideWorld] | None = None

    def at(self, address: str) -> Certificate:
        """The certificate at ``address``. Raises ``OutsideWorld`` where it cannot be had, ``NotBelieved`` where it is
        none."""
        known = self._kept.get(address)
        if known is not None and monotonic() - known[0] < _KEPT:
            return known[1]
        if self._failed is not None and monotonic() - self._failed[0] < _REST:
            raise self._failed[1]
        try:
            content = self._fetch(address)
        except OutsideWorld as error:
            self._failed = monotonic(), error
            raise
        try:
            found = load_pem_x509_certificate(content)
        except ValueError:
            raise NotBelieved(HookRefusal.CERTIFICATE) from None
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[address] = monotonic(), found
        return found


def believed(
    fields: Mapping[str, Any], topics: Collection[str], came: datetime, certificates: Certificates
) -> SnsMessage:
    """The message of ``fields``, which ``came`` then. Raises ``NotBelieved``; ``OutsideWorld`` where the certificate
    cannot be had now."""
    kind, topic = fields.get("Type"), fields.get("TopicArn")
    if not isinstance(kind, str) or kind not in _SIGNED or not isinstance(topic, str):
        raise NotBelieved(HookRefusal.FORM)
    if topic not in topics:
        raise NotBelieved(HookRefusal.TOPIC)
    signed = _signed(fields, kind)
    if not came - _OLDEST < _instant(fields) < came + _AHEAD:
        raise NotBelieved(HookRefusal.AGE)
    method, address = _HASHES.get(str(fields.get("SignatureVersion"))), str(fields.get("SigningCertURL"))
    if method is None:
        raise NotBelieved(HookRefusal.FORM)
    host = f"https://{sns_host(topic)}"
    if not address.startswith(host) or _FILE.fullmatch(address, len(host)) is None:
        raise NotBelieved(HookRefusal.CERTIFICATE)
    certificate = certificates.at(address)
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise NotBelieved(HookRefusal.CERTIFICATE)
    if not certificate.not_valid_before_utc <= came <= certificate.not_valid_after_utc:
        raise NotBelieved(HookRefusal.CERTIFICATE)
    try:
        signature = b64decode(str(fields.get("Signature")), validate=True)
        key.verify(signature, signed, padding.PKCS1v15(), method())
    except (InvalidSignature, binascii.Error, ValueError):
        raise NotBelieved(HookRefusal.SIGNATURE) from None
    token = fields.get("Token")
    return SnsMessage(kind, topic, str(fields["Message"]), token if isinstance(token, str) else "")


def confirmation(message: SnsMessage) -> str:
    """The address that confirms a subscription, made by us. Raises ``NotBelieved`` where the token is none."""
    if _TOKEN.fullmatch(message.token) is None:
        raise NotBelieved(HookRefusal.FORM)
    asked = {"Action": "ConfirmSubscription", "TopicArn": message.topic, "Token": message.token}
    return f"https://{sns_host(message.topic)}/?{urlencode(asked)}"


def sns_host(topic: str) -> str:
    """The host of the topic's region."""
    return f"sns.{topic_region(topic)}.amazonaws.com"


def _signed(fields: Mapping[str, Any], kind: str) -> bytes:
    lines = []
    for name in _SIGNED[kind]:
        value = fields.get(name)
        if value is None and name == "Subject":
            continue
        if not isinstance(value, str):
            raise NotBelieved(HookRefusal.FORM)
        lines += [name, value]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _instant(fields: Mapping[str, Any]) -> datetime:
    try:
        at = datetime.fromisoformat(str(fields["Timestamp"]))
    except ValueError:
        raise NotBelieved(HookRefusal.FORM) from None
    if at.tzinfo is None:
        raise NotBelieved(HookRefusal.FORM)
    return at
