"""How long the ledger keeps what it knows of readers."""

from __future__ import annotations

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from composer.locale import gettext as _
from composer.newsroom.strict import Strict
from composer.newsroom.values import Months


class Retention(Strict):
    """How long the ledger keeps data on readers, counted from the end of a mailing; see docs/running.md."""

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

    @model_validator(mode="after")
    def _rows_outlast_addresses(self) -> Retention:
        if self.rows is not None and (self.addresses is None or self.addresses > self.rows):
            why = _("rows hold the addresses: they cannot leave first. Give rows as long a time, or never")
            raise PydanticCustomError("bad-retention", "{why}", {"why": why})
        return self
