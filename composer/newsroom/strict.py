"""What every model of a file has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Frozen, and an unknown key is a mistake. Built at its first use: most are only built within another one.

    ``stand_ins`` and ``all_or_nothing`` say what can be read of a value that has errors: see ``source.legible``.
    """

    stand_ins: ClassVar[Mapping[str, object]] = {}
    all_or_nothing: ClassVar[bool] = False

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)
