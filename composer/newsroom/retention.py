"""How long what is known of readers is kept."""

from __future__ import annotations

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from composer.locale import gettext as _
from composer.newsroom.strict import Strict
from composer.newsroom.values import Months


class Retention(Strict):
    """How long the ledger keeps data on readers, counted from the end of a mailing, and how long one that left is
    known; see docs/running.md."""

    addresses: Months = Field(
        "12 months",
        validate_default=True,
        description="After that, addresses and replies leave the rows of a mailing that is over",
    )
    rows: Months = Field(
        "36 months",
        validate_default=True,
        description="After that, its rows are folded into counts: how many ended in each state",
    )
    former_readers: Months = Field(
        "36 months",
        validate_default=True,
        description="So long after they left every letter, or their mailbox bounced, readers are forgotten",
    )

    @model_validator(mode="after")
    def _rows_outlast_addresses(self) -> Retention:
        if self.rows is not None and (self.addresses is None or self.addresses > self.rows):
            why = _("rows hold the addresses: they cannot leave first. Give rows as long a time, or never")
            raise PydanticCustomError("bad-retention", "{why}", {"why": why})
        return self
