"""How long an issue of a publication is to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from composer.locale import gettext as _
from composer.newsroom.strict import Strict

_NUMBER = r"\d{1,3}(?:[ \u00a0\u202f.,]?\d{3}){0,2}|\d{1,7}"
_BOUNDS = re.compile(rf"(?:(?P<least>{_NUMBER})\s*[-–—]\s*)?(?P<most>{_NUMBER})", re.ASCII)


@dataclass(frozen=True)
class LengthRange:
    """A number of signs or of words, both included; ``least`` is 0 where only the most is given."""

    least: int
    most: int

    def __contains__(self, number: int) -> bool:
        return self.least <= number <= self.most


def _bounds(value: Any) -> LengthRange:
    if isinstance(value, LengthRange):
        return value
    match = _BOUNDS.fullmatch(str(value).strip())
    least, most = (int(re.sub(r"\D", "", match[name] or "0")) for name in ("least", "most")) if match else (1, 0)
    if least > most:
        why = _("a length is the most, or the least and the most: 9000, 6000-9000")
        numbers = [int(re.sub(r"\D", "", each)) for each in re.findall(_NUMBER, str(value)[:100], re.ASCII)]
        better = "-".join(map(str, sorted(numbers))) if 0 < len(numbers) < 3 else ""
        raise PydanticCustomError("bad-length", "{why}", {"why": why, "better": better})
    return LengthRange(least, most)


#: ``9000`` (at most), ``6000-9000``.
RangeText = Annotated[LengthRange, BeforeValidator(_bounds), WithJsonSchema({"type": ["string", "integer"]})]


class Length(Strict):
    """What the publication asks of an issue. Nothing is refused for its length."""

    signs: RangeText | None = Field(None, description="Characters, spaces included: the most, or 6000-9000")
    words: RangeText | None = Field(None, description="Words: the most, or 1000-1500")

    @model_validator(mode="after")
    def _something(self) -> Length:
        if self.signs is None and self.words is None:
            why = _("a length is given in signs or in words: one of the two is expected")
            raise PydanticCustomError("bad-length", "{why}", {"why": why})
        return self
