"""The states of a delivery and of a mailing. ``docs/delivery.md`` draws the ways between them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where one delivery stands."""

    QUEUED = "queued"  #: to be sent
    CLAIMED = "claimed"  #: a worker has it; nothing can have been delivered yet
    IN_FLIGHT = "in_flight"  #: its final dot may be on the wire
    ACCEPTED = "accepted"  #: the relay took responsibility for it: that is all we can know
    DEFERRED = "deferred"  #: refused for now; tried again from ``not_before``
    REJECTED = "rejected"  #: refused for good, or given up after the last retry
    IN_DOUBT = "in_doubt"  #: the dot was written and no reply came; only a person decides what happens next
    SUPPRESSED = "suppressed"  #: the reader left, or nothing may be sent to the address
    EXPIRED = "expired"  #: the news was stale before this one could leave
    CANCELLED = "cancelled"  #: the mailing was cancelled before this one left


#: States in which a delivery still has something before it without a person's help.
OPEN: tuple[State, ...] = (State.QUEUED, State.CLAIMED, State.IN_FLIGHT, State.DEFERRED)


class MailingState(StrEnum):
    """Where a mailing stands."""

    CANARY = "canary"  #: the canaries leave; the others wait until the hold has passed, or somebody releases them
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


#: States of a mailing in which its deliveries leave: all of them, or the canaries.
LIVE: tuple[MailingState, ...] = (MailingState.CANARY, MailingState.SENDING)

#: These, and paused: states from which a mailing may still go on.
NOT_OVER: tuple[MailingState, ...] = (*LIVE, MailingState.PAUSED)
