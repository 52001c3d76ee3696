"""A single message to one reader, as the doors put it into the outbox."""

from __future__ import annotations

from sqlalchemy import Connection

from composer.delivery.ledger.allowlist import allows
from composer.delivery.providers import groups, provider_of
from composer.message import Template
from composer.newsroom.model import Newsroom
from composer.outbox import SingleMessage, put_message


def put(
    connection: Connection,
    newsroom: Newsroom,
    kind: str,
    email: str,
    address_key: str,
    content: Template,
    publication: str = "",
) -> None:
    """Add the message; held where ``only_to`` does not allow the address. ``publication``: empty for the house."""
    put_message(
        connection,
        SingleMessage(
            kind=kind,
            email=email,
            address_key=address_key,
            provider=provider_of(groups(newsroom), email),
            content=content,
            publication=publication,
            held=not allows(newsroom.settings.only_to, email),
        ),
    )
