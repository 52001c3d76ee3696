"""The states as a newsroom says them. The ledger, ``--json``, metrics and logs keep their own words in any language."""

from __future__ import annotations

from composer.delivery.state import MailingState, State
from composer.locale import gettext as _


def state_word(state: str) -> str:
    """A state of a delivery or of a mailing, in the newsroom's language."""
    words: dict[str, str] = {
        State.QUEUED: _("queued"),
        State.CLAIMED: _("claimed"),
        State.IN_FLIGHT: _("in_flight"),
        State.ACCEPTED: _("accepted"),
        State.DEFERRED: _("deferred"),
        State.REJECTED: _("rejected"),
        State.IN_DOUBT: _("in_doubt"),
        State.SUPPRESSED: _("suppressed"),
        State.EXPIRED: _("expired"),
        State.CANCELLED: _("cancelled"),
        MailingState.CANARY: _("canary"),
        MailingState.SENDING: _("sending"),
        MailingState.PAUSED: _("paused"),
        MailingState.DONE: _("done"),
    }
    return words[state]
