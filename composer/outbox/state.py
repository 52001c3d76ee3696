"""The states of a single message: those of a delivery, with the same names and the same meaning (docs/delivery.md)."""

from __future__ import annotations

from enum import StrEnum


class SingleState(StrEnum):
    """State of one single message."""

    QUEUED = "queued"  #: waiting for a worker
    CLAIMED = "claimed"  #: a worker has it; nothing can have been delivered yet
    IN_FLIGHT = "in_flight"  #: its final dot may be on the wire
    ACCEPTED = "accepted"  #: the relay took responsibility for it
    DEFERRED = "deferred"  #: refused for now; tried again from ``not_before``
    REJECTED = "rejected"  #: refused for good, or given up
    IN_DOUBT = "in_doubt"  #: its dot may have been written and no reply is recorded; never sent again
    EXPIRED = "expired"  #: what it says was no use any more before it could leave
    CANCELLED = "cancelled"  #: ``only_to`` does not allow its address


#: States that a message leaves by itself.
UNSETTLED = (SingleState.QUEUED, SingleState.CLAIMED, SingleState.IN_FLIGHT, SingleState.DEFERRED)
