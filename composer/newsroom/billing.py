"""Where a paying reader ends the contract, at the biller's: two addresses that French law asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from composer.newsroom.strict import Strict
from composer.newsroom.values import HttpUrl


class Billing(Strict):
    """The biller's two doors (code de la consommation, articles L215-1-1 and L221-21)."""

    french_keys: ClassVar[Mapping[str, str]] = {"terminate": "resilier", "withdraw": "renoncer"}

    terminate: HttpUrl = Field(description="Where a subscription that is paid for is ended, in three clicks at most")
    withdraw: HttpUrl = Field(description="Where one withdraws from it in the first fourteen days")
