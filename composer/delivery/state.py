"""The states of a delivery and of a mailing. ``docs/delivery.md`` draws the transitions."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """State of one delivery."""

    QUEUED = "queued"  #: waiting to be claimed by a worker
    CLAIMED = "claimed"  #: a worker has it; nothing can have been delivered yet
    IN_FLIGHT = "in_flight"  #: its final dot may be on the wire
    ACCEPTED = "accepted"  #: the relay took responsibility for it: that is all we can know
    DEFERRED = "deferred"  #: refused for now; tried again from ``not_before``
    REJECTED = "rejected"  #: refused for good, or given up after the last retry
    IN_DOUBT = "in_doubt"  #: its dot may have been written and no reply is recorded; a person decides what happens next
    SUPPRESSED = "suppressed"  #: the reader left, or nothing may be sent to the address
    EXPIRED = "expired"  #: the mailing's ``expires_at`` passed before this one could leave
    CANCELLED = "cancelled"  #: the mailing was cancelled before this one left
    BOUNCED = "bounced"  #: accepted, and it came back (``composer.returns``)
    COMPLAINED = "complained"  #: accepted, and its reader called it spam (``composer.returns``)


#: The relay took it, whatever was said of it since.
TAKEN: tuple[State, ...] = (State.ACCEPTED, State.BOUNCED, State.COMPLAINED)

#: States that a delivery leaves without the operator's help: it is not over.
OPEN: tuple[State, ...] = (State.QUEUED, State.CLAIMED, State.IN_FLIGHT, State.DEFERRED)


class MailingState(StrEnum):
    """State of a mailing."""

    CANARY = "canary"  #: only canaries leave; the others wait until the hold has passed or the operator releases them
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


#: States of a mailing that is being sent: all of its deliveries, or only the canaries.
LIVE: tuple[MailingState, ...] = (MailingState.CANARY, MailingState.SENDING)

#: States of a mailing that is being sent or may be resumed.
NOT_OVER: tuple[MailingState, ...] = (*LIVE, MailingState.PAUSED)
