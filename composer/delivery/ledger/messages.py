"""From a ledger row to the bytes of its message: a pure function of the mailing's frozen parts and the keys.

The same row gives the same bytes today and in a month, so a resend is identical to the first message, and mailboxes
that recognize the Message-ID can hide the second copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime

from sqlalchemy import Connection, select

from composer.delivery.tables import mailing_editions, mailings
from composer.errors import Refused
from composer.locale import gettext as _
from composer.message import Envelope, Message, SlotValues, Template, ascii_address, verp
from composer.message.dkim import Signer
from composer.subscribers.tokens import copy_token, fingerprint, unsubscribe_token


@dataclass(frozen=True)
class MessageInputs:
    """The fields of a delivery that its message is built from. ``email`` is None if the reader was forgotten.

    ``dated``: the Date header, where the mailing has none for all."""

    mailing_id: int
    edition_id: int
    subscriber_id: int
    subscription_id: int
    email: str | None
    dated: datetime | None = None


@dataclass(frozen=True)
class MailingTemplates:
    """The parts that all messages of a mailing share; ``templates`` by edition id."""

    return_domain: str
    signer: Signer | None
    templates: Mapping[int, Template]


def mailing_templates(
    connection: Connection, mailing_id: int, dkim_pem: Callable[[], bytes | None], secret: bytes
) -> MailingTemplates:
    """Read a mailing's frozen parts; ``dkim_pem`` is called only if it is signed.

    Raises ``Refused`` if that key is missing or invalid, or if it or ``secret`` is not the one that the mailing began
    with: the same row would give other bytes, and links that do not work.
    """
    mailing = connection.execute(select(mailings).where(mailings.c.id == mailing_id)).one()
    if fingerprint(secret) != mailing.secret_fingerprint:
        raise Refused(
            _(
                "the secret key is not the one this mailing began with: put that one back, in FILIGRANE_SECRET_KEY or "
                "in var/secret.key, until the mailing is done. Another one makes other links and other return paths"
            )
        )
    editions = connection.execute(
        select(mailing_editions.c.id, mailing_editions.c.template).where(mailing_editions.c.mailing_id == mailing_id)
    )
    templates = {edition_id: Template.loads(template) for edition_id, template in editions}
    pem = dkim_pem() if mailing.dkim_domain is not None else None
    signs = signer(mailing.dkim_domain, mailing.dkim_selector, pem)
    if signs is not None and signs.fingerprint != mailing.dkim_fingerprint:
        raise Refused(
            _(
                "the DKIM key is not the one this mailing began with, and {selector}._domainkey.{domain} publishes "
                "that one: put it back in the file of `dkim: key`, or in FILIGRANE_DKIM_KEY, until the mailing is "
                "done, and give the new key a selector of its own"
            ).format(selector=mailing.dkim_selector, domain=mailing.dkim_domain)
        )
    return MailingTemplates(mailing.return_domain, signs, templates)


def signer(domain: str | None, selector: str | None, pem: bytes | None) -> Signer | None:
    """The signer for ``domain``; None if nothing is to be signed. Raises ``Refused`` without a valid key."""
    if domain is None or selector is None:
        return None
    if pem is None:
        raise Refused(
            _(
                "no DKIM key: put the private key in the file of `dkim: key`, or in FILIGRANE_DKIM_KEY; "
                "nothing is sent unsigned where `dkim` is configured"
            )
        )
    return Signer(domain, selector, pem)


def build_message(common: MailingTemplates, delivery: MessageInputs, secret: bytes) -> Message:
    """The message of one delivery. Raises ``Refused`` if the address was erased or cannot be put in an envelope."""
    if delivery.email is None:
        raise Refused(_("the reader was forgotten: there is no address any more"))
    address = ascii_address(delivery.email)
    name = verp.return_path(delivery.subscriber_id, delivery.mailing_id, secret)
    template = common.templates[delivery.edition_id]
    values = SlotValues(to=address, message_id=name, unsubscribe=unsubscribe_token(delivery.subscription_id, secret))
    if "leave" in template.slots:
        values = replace(values, leave=verp.leaving_address(name))
    if "paid_copy" in template.slots:
        values = replace(values, paid_copy=copy_token(delivery.subscription_id, delivery.edition_id, secret))
    if "date" in template.slots and delivery.dated is not None:
        values = replace(values, date=format_datetime(delivery.dated.astimezone(UTC)))
    content = template.fill(values) if common.signer is None else common.signer.fill(template, values)
    return Message(Envelope(f"{name}@{common.return_domain}", address), content, template.dotless)
