"""The table of SMTP replies (``replies.toml``): meanings beyond the first digit of the code, each with its source."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal

_TABLE = Path(__file__).with_name("replies.toml")


class ReplyMeaning(StrEnum):
    """Cause of a refusal."""

    CONFIGURATION = "configuration"
    BLOCKED = "blocked"
    THROTTLED = "throttled"
    RELAYING = "relaying"
    SESSION = "session"
    UNKNOWN = "unknown"
    RECIPIENT = "recipient"
    MESSAGE = "message"


@dataclass(frozen=True)
class ReplyRule:
    """One row of the table. ``of``: relay or provider, the author of the reply; empty if the reply does not tell."""

    means: ReplyMeaning
    source: str
    of: Literal["", "relay", "provider"]
    lasts: timedelta
    code: re.Pattern[str]
    status: re.Pattern[str] | None
    text: re.Pattern[str] | None

    def fits(self, code: int, status: str | None, text: str) -> bool:
        return (
            self.code.fullmatch(str(code)) is not None
            and (self.status is None or (status is not None and self.status.fullmatch(status) is not None))
            and (self.text is None or self.text.search(text) is not None)
        )


def look_up(code: int, status: str | None, text: str) -> ReplyRule | None:
    """The first row that fits; None if there is none, and code and phase alone decide."""
    return next((row for row in reply_rules() if row.fits(code, status, text)), None)


@cache
def reply_rules() -> tuple[ReplyRule, ...]:
    """The whole table, in its order."""
    return tuple(map(_row, tomllib.loads(_TABLE.read_text(encoding="utf-8"))["reply"]))


def _row(given: Mapping[str, Any]) -> ReplyRule:
    return ReplyRule(
        means=ReplyMeaning(given["means"]),
        source=given["source"],
        of=given.get("of", ""),
        lasts=timedelta(minutes=given.get("minutes", 0)),
        code=re.compile(given.get("code", r"[45]\d\d")),
        status=re.compile(given["status"]) if "status" in given else None,
        text=re.compile(given["text"], re.IGNORECASE) if "text" in given else None,
    )
