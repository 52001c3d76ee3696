"""What of a publication stands on the web, and what the law asks the house to say of its owners there."""

from __future__ import annotations

from datetime import date as Date
from typing import ClassVar, Literal

from pydantic import Field

from composer.newsroom.strict import Strict
from composer.newsroom.values import Line


class WebArchive(Strict):
    """The web copies of a publication's letters. Without it there are none."""

    main: ClassVar[str] = "since"
    french_keys: ClassVar = {"since": "depuis", "feed": "flux", "paid_copies": "copies_payantes"}
    french_values: ClassVar = {"whole": "entier", "opening": "debut"}

    since: Date = Field(description="Letters of this date and later stand on the web; no earlier one does")
    feed: Literal["whole", "opening"] = Field("whole", description="What feeds hold: the whole letter, or its opening")
    paid_copies: bool = Field(
        False, description="Paid edition online for who pays: seven days, behind a link of the letter"
    )


class Ownership(Strict):
    """The owners of the house (regulation (EU) 2024/1083, article 6), for the page that says so."""

    french_keys: ClassVar = {
        "owners": "actionnaires",
        "beneficial_owners": "beneficiaires_effectifs",
        "public_advertising": "publicite_publique",
    }

    owners: tuple[Line, ...] = Field((), description="Owners, direct or not, who may influence what the house does")
    beneficial_owners: tuple[Line, ...] = Field((), description="Beneficial owners, people")
    public_advertising: Line | None = Field(
        None, description="What public bodies paid for advertising in a year, and which year: 2025: none"
    )
