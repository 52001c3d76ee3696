"""The base class of all models of files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from composer.source import vocabulary


class Strict(BaseModel):
    """A frozen model that refuses unknown keys. Its validator is built at first use: most are built within another.

    ``stand_ins`` and ``all_or_nothing`` control how much of a value with errors can be used: see ``source.legible``.
    ``french_keys`` and ``french_values`` are the French names of this model's keys and values; those shared by several
    models are in ``source.vocabulary``.
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
