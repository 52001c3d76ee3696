"""What a column that is asked about is likeliest to be."""

from __future__ import annotations

import re
from collections.abc import Sequence

from composer.subscribers import smells
from composer.subscribers.consent_words import says_inactive
from composer.subscribers.values import NO, YES, answer_key, is_empty

_CONSENT = re.compile("consent|optin|accept|accord|autoris")


def likeliest(name: str, told: Sequence[str], answers: bool, gone: bool) -> str:
    """The field that a column is likeliest to be, by its folded name and its values; ``?`` where yes and no could mean
    either: an example that is typed as it stands must let in no unsubscribed reader.
    """
    if smells.BOUNCE.search(name):
        return "hard_bounced"
    if smells.COMPLAINT.search(name):
        return "complained"
    out = smells.OUT.search(name) is not None
    if "stat" in name and not out and not answers and not all(cell.isdigit() for cell in told):
        return "status"
    if out:
        return "opted_out_reason" if smells.REASON_COLUMN.search(name) else "opted_out"
    if smells.IN.search(name):
        until = _CONSENT.search(name) and smells.END.search(name) and not answers
        return "?" if until else "opted_in"  # a consent until a day: a date says no yes
    if gone and smells.sense_of_name(name) == "in":
        return "opted_in"
    if gone:
        if any(answer_key(cell) in YES | NO for cell in told):
            return "?"
        states = any(says_inactive(cell) is False for cell in told if not is_empty(cell))
        return "status" if states or smells.OTHERS.search(name) else "opted_out"
    return "status" if "stat" in name and not told else "?"


def status_beside(told: Sequence[str]) -> tuple[str, ...]:
    """The status as one more answer, where one of a column's values is a word of one."""
    return ("status",) if any(says_inactive(cell) is not None for cell in told if not is_empty(cell)) else ()
