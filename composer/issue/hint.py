"""A first look at a sentence, in a fraction of the time of the expressions that look closely: most hold nothing."""

from __future__ import annotations

import re
from typing import NamedTuple


class Hint(NamedTuple):
    """Whether a text may hold what costlier expressions look for.

    Where ``form`` finds something, one of ``words`` stands in the text or ``first`` finds something: these two are
    quick, ``words`` because it is no expression, ``first`` if it begins with a set of characters of which prose has few.
    """

    form: re.Pattern[str]
    first: re.Pattern[str]
    words: tuple[str, ...] = ()

    def found_in(self, text: str) -> bool:
        """Whether ``form`` finds something in ``text``."""
        if self.first.search(text) is None and not any(map(text.__contains__, self.words)):
            return False
        return self.form.search(text) is not None
