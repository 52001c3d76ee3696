"""The DKIM key that the DNS publishes (RFC 6376, section 3.6.1), beside the one that signs."""

from __future__ import annotations

from base64 import b64decode

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from composer.doctor.dmarc import read_tags
from composer.doctor.faults import Fault, Looked, txt_record
from composer.doctor.lookups import Lookups
from composer.locale import gettext as _
from composer.newsroom.model import Dkim


def look_at_dkim(lookups: Lookups, dkim: Dkim, expected: str | None) -> Looked:
    """Compare what is published with ``expected``, the record of the key that signs; without one, only look whether a
    key is there. Raises ``NotAnswered``.
    """
    name = key_record_name(dkim)
    record = txt_record(name, expected) if expected else None
    published = lookups.values(name, "TXT")
    keys = [read_tags(text) for text in published if "p" in read_tags(text)]

    def fault(code: str, says: str) -> Looked:
        return Looked("", (Fault(code, says.format(name=name), "dkim", record),))

    if not published:
        return fault("dkim-missing", _("{name} has no record: no receiver can verify the signature"))
    if len(keys) > 1:
        return fault("dkim-several", _("{name} has more than one key: which one a receiver takes is left to it"))
    if not keys or keys[0].get("v", "DKIM1") != "DKIM1":
        return fault("dkim-damaged", _("what stands at {name} is no key that a receiver can read"))
    key = "".join(keys[0]["p"].split())
    if not key:
        return fault("dkim-revoked", _("the key at {name} is revoked: it is empty"))
    if expected is not None and key != read_tags(expected)["p"]:
        if not _readable(key):
            return fault("dkim-damaged", _("what stands at {name} is no key that a receiver can read"))
        return fault("dkim-other-key", _("the key at {name} is not the one that signs: every signature fails"))
    if not _readable(key):
        return fault("dkim-damaged", _("what stands at {name} is no key that a receiver can read"))
    if "y" in keys[0].get("t", "").split(":"):
        says = _("the key at {name} is published as a test (t=y): its signature counts as none (RFC 6376, 3.6.1)")
        return fault("dkim-testing", says)
    hashes = keys[0].get("h", "sha256").split(":")
    services = keys[0].get("s", "*").split(":")
    if "sha256" not in [each.strip() for each in hashes] or not {"*", "email"} & {each.strip() for each in services}:
        return fault("dkim-unfit", _("the key at {name} is not published for rsa-sha256 and email (h=, s=)"))
    if expected is None:
        says = _("{name}: a key is published; whether it is the one that signs is not known without the private key")
        return Looked(says.format(name=name))
    return Looked(_("{name}: published, and the key that signs").format(name=name))


def key_record_name(dkim: Dkim) -> str:
    """Where the key's record is looked for."""
    return f"{dkim.selector}._domainkey.{dkim.domain}"


def _readable(key: str) -> bool:
    try:
        return isinstance(load_der_public_key(b64decode(key, validate=True)), rsa.RSAPublicKey)
    except ValueError:
        return False
