"""Regular expressions that are compiled when they are first asked.

The house has more than six hundred. Compiling all of them takes a fifth of the time of a command that reads one issue,
and most letters need a third of them: the others are about mistakes that nothing hints at.
"""

from __future__ import annotations

import re
from typing import Any, cast


class LatePattern:
    """Behaves as the ``re.Pattern`` that it is compiled to, but for ``isinstance``."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Called where the instance has no such attribute yet: all of them are set, so that this happens once."""
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = self.compiled
        for each in ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split", "flags"):
            setattr(self, each, getattr(compiled, each))
        return getattr(compiled, name)

    @property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self._flags)


def late(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """``re.compile(pattern, flags)``, at the first use of it. A mistake in ``pattern`` is raised there."""
    return cast("re.Pattern[str]", LatePattern(pattern, flags))
