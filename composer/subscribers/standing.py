"""What a row of a list says of its reader's consent."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Stance(IntEnum):
    """Of the rows of one address, the one with the greatest value counts."""

    #: No proof of consent, and no word of leaving: changes no reader that is here, adds none.
    UNPROVEN = 0
    #: May be written to.
    IN = 1
    #: Left this letter.
    LEFT = 2
    #: Suppressed by the list's own sender, with no reason given: no letter may be sent there.
    SUPPRESSED = 3
    #: The mailbox does not exist: no letter may be sent there.
    BOUNCED = 4
    #: Reported a letter as spam: no letter may be sent there.
    COMPLAINED = 5
    #: A bounce, for good or for a day: not said. Never stored: the operator is asked.
    BOUNCED_SOMEHOW = 6


def worst(standings: Iterable[Stance]) -> Stance:
    """What the columns of one row say together: leaving first, then a missing proof of consent."""
    said = set(standings) or {Stance.IN}
    return max(said) if max(said) >= Stance.LEFT else min(said)


#: Stance → the word of ``--state``.
STATES = {
    Stance.IN: "active",
    Stance.LEFT: "unsubscribed",
    Stance.BOUNCED: "bounced",
    Stance.COMPLAINED: "complained",
    Stance.UNPROVEN: "unconfirmed",
}
