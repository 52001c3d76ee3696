"""The names line above the briefs: the people and organisations that they mention."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from composer.issue.context import Context


def names_in(context: Context, texts: Iterable[str]) -> tuple[str, ...]:
    """The names of the lexicon and of the publication's people found in ``texts``, sorted by surname.

    The longest name wins where one contains another: « Microsoft AI » is not also Microsoft.
    """
    known = {*context.newsroom.lexicon.names, *(person.name for person in context.publication.people.values())}
    if not known:
        return ()
    longest_first = sorted(known, key=lambda name: (-len(name), name))
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest_first))
    found = {match[0] for text in texts for match in pattern.finditer(re.sub(r"\s+", " ", text))}
    return tuple(sorted(found, key=_by_surname))


def _by_surname(name: str) -> tuple[str, str]:
    """Sort key: Rishi Sunak under S; Alice & Bob, Mistral AI and OpenAI under their first letter."""
    last = name.split()[-1]
    filed = name if "&" in name or last.isupper() or last[0].isdigit() else last
    letters = unicodedata.normalize("NFKD", filed)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold(), name
