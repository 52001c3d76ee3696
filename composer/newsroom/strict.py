"""What every model of a file has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from composer.source import vocabulary


class Strict(BaseModel):
    """Frozen, and an unknown key is a mistake. Built at its first use: most are only built within another one.

    ``stand_ins`` and ``all_or_nothing`` say what can be read of a value that has errors: see ``source.legible``. A
    model may bring the French names of its own keys and values, ``french_keys`` and ``french_values``; those that
    several models share stand in ``source.keys``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    stand_ins: ClassVar[Mapping[str, object]] = {}
    all_or_nothing: ClassVar[bool] = False
    french_keys: ClassVar[Mapping[str, str]] = {}
    french_values: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **given: Any) -> None:
        super().__pydantic_init_subclass__(**given)
        vocabulary.learn(cls.__name__, vars(cls).get("french_keys", {}), vars(cls).get("french_values", {}))
