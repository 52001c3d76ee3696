"""What a house's own codes and words mean, said by the operator: ``--code Situation:2=unsubscribed``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from composer.subscribers.standing import STATES, Stance
from composer.subscribers.values import answer_key


@dataclass(frozen=True)
class ListCode:
    """A ``value`` of a ``column`` (its name, or ``#3``), and what it says of a reader. The value may be nothing."""

    column: str
    value: str
    standing: Stance

    def typed(self, column: str = "") -> str:
        """As it is typed after ``--code``; ``column``: under another name."""
        return f"{column or self.column}:{self.value}={STATES[self.standing]}"


def split_code(text: str) -> tuple[str, str, str] | None:
    """Column, value and word of ``COLUMN:VALUE=WORD``; None where it is not written so. A name may hold either sign."""
    rest, equals, word = text.rpartition("=")
    column, colon, value = rest.rpartition(":")
    return (column.strip(), value.strip(), word.strip()) if equals and colon and column.strip() else None


def read_codes(texts: Iterable[str]) -> Sequence[ListCode]:
    """Codes as a report keeps them; what is none is left out, and its cells are refused."""
    found = (split_code(text) for text in texts)
    states = {word: standing for standing, word in STATES.items()}
    return [ListCode(one[0], one[1], states[one[2]]) for one in found if one is not None and one[2] in states]


def by_value(codes: Iterable[ListCode]) -> Mapping[str, Stance]:
    """What each value says, by ``answer_key`` of it: ``1`` is ``1.0``, and capitals and accents do not matter."""
    return {answer_key(code.value): code.standing for code in codes}
