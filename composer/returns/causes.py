"""The table of causes (``causes.toml``): what the words and codes of a bounce mean, each row with its source."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from composer.returns.evidence import Evidence
from composer.returns.judgement import BounceClass, Cause


@dataclass(frozen=True)
class CauseRule:
    """One row. What it does not name (None) fits anything."""

    bounce_class: BounceClass
    cause: Cause
    source: str
    temporary: bool
    text: re.Pattern[str] | None
    link: re.Pattern[str] | None
    code: re.Pattern[str] | None
    status: re.Pattern[str] | None

    def fits(self, evidence: Evidence) -> bool:
        return (
            (evidence.temporary or not self.temporary)
            and (self.code is None or self.code.fullmatch(evidence.code) is not None)
            and (self.status is None or self.status.fullmatch(evidence.status) is not None)
            and (self.link is None or any(map(self.link.fullmatch, evidence.hosts)))
            and (self.text is None or self.text.search(evidence.words) is not None)
        )

    @property
    def of_words(self) -> bool:
        """Whether it looks at more than codes."""
        return self.text is not None or self.link is not None


def _rule(given: Mapping[str, Any]) -> CauseRule:
    def pattern(name: str, flags: int = 0) -> re.Pattern[str] | None:
        return re.compile(given[name], flags) if name in given else None

    return CauseRule(
        bounce_class=BounceClass(given["class"]),
        cause=Cause(given["cause"]),
        source=given["source"],
        temporary=given.get("temporary", False),
        text=pattern("text", re.IGNORECASE),
        link=pattern("link"),
        code=pattern("code"),
        status=pattern("status"),
    )


#: The whole table, in its order. Its last row fits anything.
RULES = tuple(map(_rule, tomllib.loads(Path(__file__).with_name("causes.toml").read_text(encoding="utf-8"))["cause"]))


def rule_for(evidence: Evidence) -> CauseRule:
    """The first row that fits."""
    return next(rule for rule in RULES if rule.fits(evidence))
