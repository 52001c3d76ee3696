"""The people of a publication, by the identifiers that sign its letters."""

from __future__ import annotations

from pydantic import Field

from composer.newsroom.strict import Strict
from composer.newsroom.values import EmailAddress, Line


class Person(Strict):
    name: Line = Field(description="Name as it is signed")
    role: Line | None = Field(None, description="What the person does, as printed")
    short: Line | None = Field(None, description="Short form of the role, printed in tight places")
    bio: str | None = Field(None, description="Biography, for the masthead")
    email: EmailAddress | None = Field(None, description="Where readers may write to this person")


class TranslatedPerson(Strict):
    role: Line | None = Field(None, description="What the person does, as printed")
    short: Line | None = Field(None, description="Short form of the role, printed in tight places")
    bio: str | None = Field(None, description="Biography, for the masthead")
