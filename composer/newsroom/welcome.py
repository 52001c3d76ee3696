"""The letters that each new reader of a publication gets, one after another: the welcome path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from composer.locale import gettext as _
from composer.newsroom.strict import Strict
from composer.newsroom.values import Duration

#: Most letters of a path, and the longest wait before one of them.
MOST_STEPS, LONGEST_STEP_WAIT = 5, timedelta(days=365)

_NAME = r"\d{4}-\d{2}-\d{2}-[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"


def _named(value: str) -> str:
    if not re.fullmatch(_NAME, value):
        why = _("a letter that welcomes is named by a date and a name, like its file: 2026-12-01-welcome")
        raise PydanticCustomError("bad-welcome-letter", "{why}", {"why": why})
    return value


def _at_once(value: Any) -> Any:
    return timedelta() if str(value) == "0" else value


def _bounded(value: timedelta) -> timedelta:
    if value > LONGEST_STEP_WAIT:
        why = _("a letter that welcomes leaves within a year: {n}d at most").format(n=LONGEST_STEP_WAIT.days)
        raise PydanticCustomError("bad-welcome-wait", "{why}", {"why": why})
    return value


_wait_schema = {"anyOf": [{"const": 0}, {"type": "string", "pattern": r"^(0|\d{1,6} ?[smhdj])$"}]}


class WelcomeLetter(Strict):
    """One step: an issue, and how long after a reader confirmed it leaves for that reader."""

    main: ClassVar[str] = "letter"
    french_keys: ClassVar[Mapping[str, str]] = {"letter": "lettre", "after": "apres"}

    letter: Annotated[str, AfterValidator(_named)] = Field(
        description="Its file among the publication's issues, without .yaml: 2026-12-01-welcome"
    )
    after: Annotated[Duration, BeforeValidator(_at_once), AfterValidator(_bounded), WithJsonSchema(_wait_schema)] = (
        Field("0", validate_default=True, description="How long after the reader confirmed: 0, or 3d")
    )


def _in_order(steps: tuple[WelcomeLetter, ...]) -> tuple[WelcomeLetter, ...]:
    if len({each.letter for each in steps}) < len(steps):
        why = _("each letter stands once in the path: a reader gets it once")
        raise PydanticCustomError("welcome-twice", "{why}", {"why": why})
    waits = [each.after for each in steps]
    if any(later <= earlier for earlier, later in pairwise(waits)):
        why = _("the letters stand in the order in which they leave, each later than the one before")
        raise PydanticCustomError("welcome-order", "{why}", {"why": why})
    return steps


#: One to five letters, in their order; none where the publication has no path.
WelcomePath = Annotated[tuple[WelcomeLetter, ...], Field(max_length=MOST_STEPS), AfterValidator(_in_order)]
