"""How readers join by themselves: off until the newsroom opens the door, for each publication and for the house."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from composer.locale import gettext as _
from composer.newsroom.strict import Strict
from composer.newsroom.values import HttpUrl, Line


def _origin(value: str) -> str:
    if not re.fullmatch(r"https?://[^/?#@]+", value):
        why = _("the origin of a site is expected here, without a path: https://www.example.org")
        raise PydanticCustomError("bad-origin", "{why}", {"why": why})
    return value.lower()


#: A site, as browsers name it: scheme, host, and port where it is not the usual one.
SiteOrigin = Annotated[HttpUrl, AfterValidator(_origin)]


def _domain(value: str) -> str:
    if not re.fullmatch(r"(?=.{3,253}\Z)[a-z0-9-]+(?:\.[a-z0-9-]+)+", value.lower()):
        why = _("the domain of addresses is expected here: jetable.example")
        raise PydanticCustomError("bad-domain", "{why}", {"why": why})
    return value.lower()


#: A domain of addresses, in ASCII.
MailDomain = Annotated[str, AfterValidator(_domain)]


class Join(Strict):
    """A page where readers ask for letters, and confirm by a message. ``join: true`` opens it."""

    main: ClassVar[str] = "open"
    french_keys: ClassVar[Mapping[str, str]] = {
        "open": "ouverte",
        "consent": "consentement",
        "origins": "sites",
        "roles": "adresses_de_fonction",
        "refused_domains": "domaines_refuses",
    }
    french_values: ClassVar[Mapping[str, str]] = {"accept": "accepter", "refuse": "refuser"}

    open: bool = Field(True, description="Whether readers may sign up there")
    consent: Line | None = Field(
        None, description="What who signs up agrees to, printed above the button; a sentence of ours where not given"
    )
    origins: tuple[SiteOrigin, ...] = Field(
        (), description="Other sites that may show the form in a frame, or post to it by a script"
    )
    roles: Literal["accept", "refuse"] = Field(
        "accept", description="Addresses of a function (webmaster@, news@): accept or refuse"
    )
    refused_domains: tuple[MailDomain, ...] = Field(
        (), description="Domains whose addresses are refused: throw-away mailboxes"
    )
