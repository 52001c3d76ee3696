"""What the law asks a publication to say of itself: the publisher, and the host of its pages."""

from __future__ import annotations

from pydantic import Field

from composer.newsroom.strict import Strict
from composer.newsroom.values import EmailAddress, Line


class Host(Strict):
    name: Line = Field(description="Name of the hosting provider")
    address: Line = Field(description="Postal address")
    phone: Line | None = Field(None, description="Telephone")


class Legal(Strict):
    """The legal notice that French law requires (LCEN, art. 1-1)."""

    publisher: Line = Field(description="Publishing company or association")
    address: Line = Field(description="Postal address")
    phone: Line | None = Field(None, description="Telephone")
    email: EmailAddress | None = Field(None, description="Contact address")
    registration: Line | None = Field(None, description="RCS or RNA number, capital")
    director: Line = Field(description="Publication director")
    editor: Line | None = Field(None, description="Editor in chief, responsible for the content")
    host: Host = Field(description="Hosting provider")
    press_number: Line | None = Field(None, description="CPPAP or ISSN number")
