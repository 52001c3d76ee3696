"""Configuration of sending: relays in order of preference, and limits of mailbox providers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from composer.locale import gettext as _
from composer.newsroom.hooks import RelayProvider
from composer.newsroom.strict import Strict
from composer.newsroom.values import Identifier, IpHost, ServerName


class WarmUp(Strict):
    """A daily cap that grows, for a relay or domain that mailbox providers do not know yet."""

    first_day: int = Field(500, ge=1, description="Most messages on the first day of sending through this relay")
    growth: float = Field(1.5, ge=1, le=10, description="Each further day of sending allows so many times more")


class Relay(Strict):
    """An SMTP server that accepts messages for delivery."""

    name: Identifier | None = Field(
        None, description="Short name, for the log and for its password: FILIGRANE_SMTP_PASSWORD_<NAME>"
    )
    host: ServerName = Field("localhost", description="SMTP server that takes responsibility for the messages")
    port: int = Field(587, ge=1, le=65535, description="587 for STARTTLS, 465 for TLS from the first byte")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls and tls verify the certificate; none only for a server on this machine"
    )
    user: str | None = Field(
        None, description="Account at the relay; its password comes from the environment: FILIGRANE_SMTP_PASSWORD"
    )
    connections: int = Field(
        4, ge=1, le=100, description="Most connections open at once, over all workers of all hosts"
    )
    per_connection: int = Field(100, ge=1, description="Messages on a connection before a fresh one is opened")
    per_second: float | None = Field(None, gt=0, description="Most messages a second, over all workers of all hosts")
    warm_up: WarmUp | None = Field(None, description="For a new relay or domain: a daily cap that grows")
    shape_providers: bool = Field(
        False,
        description="Hold to what each mailbox provider bears; only where the relay passes messages on as they come",
    )
    ehlo: str | None = Field(None, description="Name given in EHLO; this host's own name otherwise")
    sends_from: tuple[IpHost, ...] = Field(
        (), description="Addresses from which it passes letters on to mailbox providers: doctor looks up their names"
    )
    provider: RelayProvider | None = Field(
        None,
        description="Operator of the relay: ses, mailgun, brevo, postmark. Each letter then carries a header whose "
        "value comes back with its bounces",
    )

    @field_validator("user")
    @classmethod
    def _not_in_clear(cls, user: str | None, info: ValidationInfo) -> str | None:
        host = info.data.get("host", "")
        here = host in ("localhost", "::1") or host.startswith("127.")
        if user and info.data.get("security") == "none" and not here:
            why = _(
                "the password would go to {host} in clear; write security: starttls (port 587) or "
                "security: tls (port 465), or leave user out"
            )
            raise PydanticCustomError("password-in-clear", "{why}", {"why": why.format(host=host)})
        return user

    @property
    def key(self) -> str:
        """Key of its rate state: the name, or else ``host:port``."""
        return self.name or f"{self.host}:{self.port}"

    @property
    def password_variable(self) -> str:
        """The environment variable of its own password; empty without a name."""
        return f"FILIGRANE_SMTP_PASSWORD_{self.name.upper().replace('-', '_')}" if self.name else ""


def _distinct(relays: tuple[Relay, ...]) -> tuple[Relay, ...]:
    """Refuse two relays with one ``key``, which would share a rate, or one variable, which would share a password."""
    for position, relay in enumerate(relays):
        before = relays[:position]
        if any(relay.key == other.key for other in before):
            why = _("two relays are called {name}: give each a name of its own").format(name=relay.key)
            raise PydanticCustomError("relay-twice", "{why}", {"why": why})
        if relay.name and any(relay.password_variable == other.password_variable for other in before):
            why = _("{name}: its password would be another relay's; choose another name").format(name=relay.name)
            raise PydanticCustomError("relay-twice", "{why}", {"why": why})
        if before and relay.user and not relay.name:
            why = _("the relay {host} needs a name, for its password: FILIGRANE_SMTP_PASSWORD_<NAME>")
            raise PydanticCustomError("relay-without-name", "{why}", {"why": why.format(host=relay.host)})
    return relays


Relays = Annotated[tuple[Relay, ...], AfterValidator(_distinct)]


class Provider(Strict):
    """Limits of a mailbox provider. Values not given are those of the shipped table (docs/sending.md)."""

    domains: tuple[str, ...] | None = Field(None, min_length=1, description="Domains of its mailboxes")
    connections: int | None = Field(None, ge=1, description="Most messages under way to it at once, over all workers")
    per_second: float | None = Field(None, gt=0, description="Most messages a second to it, over all workers")
