"""By which doors messages that came back are read: a mailbox, LMTP, a mail server's pipe. Without one none is."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from composer.locale import gettext as _
from composer.newsroom.strict import Strict
from composer.newsroom.values import Duration, Line

_LOOPBACK = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]):(\d{1,5})")


def _listener(value: str) -> str:
    address = _LOOPBACK.fullmatch(value)
    is_path = "/" in value and ":" not in value and ".." not in value.split("/")
    if (address and 0 < int(address[1]) < 65536) or is_path:
        return value
    why = _("a Unix socket (var/lmtp.sock) or an address of this machine (127.0.0.1:2424): nothing else may reach it")
    raise PydanticCustomError("bad-listener", "{why}", {"why": why})


class ReturnsMailbox(Strict):
    """A mailbox that is read by IMAP. Its password is in the environment: FILIGRANE_RETURNS_PASSWORD."""

    french_keys: ClassVar = {
        "ReturnsMailbox.host": "serveur",
        "folder": "dossier",
        "moved_to": "classer_dans",
        "interval": "intervalle",
    }

    host: Line = Field(description="IMAP server of the mailbox")
    port: int = Field(993, ge=1, le=65535, description="993 for TLS from the first byte, 143 for STARTTLS")
    security: Literal["tls", "starttls", "none"] = Field(
        "tls", description="tls and starttls verify the certificate; none only for a server on this machine"
    )
    user: Line = Field(description="Account; its password comes from the environment: FILIGRANE_RETURNS_PASSWORD")
    folder: Line = Field("INBOX", description="Folder that is read; what is not acted upon stays in it, unread")
    moved_to: Line = Field(
        "Filigrane", description="Folder that what was acted upon is moved to; nothing is ever deleted"
    )
    interval: Duration = Field("5m", validate_default=True, description="Time between two readings")

    @model_validator(mode="after")
    def _sound(self) -> ReturnsMailbox:
        here = self.host in ("localhost", "::1") or self.host.startswith("127.")
        if self.security == "none" and not here:
            why = _("the password would go to {host} in clear; write security: tls (port 993) or starttls (port 143)")
            raise PydanticCustomError("password-in-clear", "{why}", {"why": why.format(host=self.host)})
        if self.folder == self.moved_to:
            why = _("{folder} is the folder that is read: give another one for what was acted upon")
            raise PydanticCustomError("same-folder", "{why}", {"why": why.format(folder=self.folder)})
        return self


class Returns(Strict):
    """The doors by which messages that came back are read. Where one is open, letters offer leaving by mail too."""

    french_keys: ClassVar = {"mailbox": "boite", "lmtp": "lmtp", "pipe": "tube"}

    mailbox: ReturnsMailbox | None = Field(None, description="Mailbox that is read by IMAP; none where not given")
    lmtp: Annotated[str, AfterValidator(_listener)] | None = Field(
        None, description="Unix socket or loopback address that takes messages by LMTP: var/lmtp.sock, 127.0.0.1:2424"
    )
    pipe: bool = Field(False, description="A mail server hands messages over to “filigrane returns receive”")

    @property
    def open(self) -> bool:
        """Whether mail to the domain of the return path is read at all."""
        return self.mailbox is not None or self.lmtp is not None or self.pipe
