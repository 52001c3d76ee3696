"""Translated names of states and counts. The ledger, ``--json``, metrics and logs keep the English identifiers."""

from __future__ import annotations

from collections.abc import Mapping

from composer.delivery.ledger.relay_evidence import KEPT_BY_LOG
from composer.delivery.ledger.workers import DIED, WENT_BACK
from composer.delivery.state import MailingState, State
from composer.locale import gettext as _
from composer.locale import ngettext


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
        State.BOUNCED: _("bounced"),
        State.COMPLAINED: _("complained"),
        MailingState.CANARY: _("canary"),
        MailingState.SENDING: _("sending"),
        MailingState.PAUSED: _("paused"),
        MailingState.DONE: _("done"),
    }
    return words[state]


def reply_words(text: str) -> str:
    """The text of a reply: the relay's as it is, the ledger's own words in the newsroom's language."""
    own = {
        WENT_BACK: _("the database lost what became of it"),
        DIED: _("the worker died between the final dot and the reply"),
    }
    if text.startswith(KEPT_BY_LOG):
        return _("kept, says the relay’s log") + text.removeprefix(KEPT_BY_LOG)
    return own.get(text, text)


def due_words(due: Mapping[str, int]) -> list[str]:
    """One translated phrase for each non-zero count of a sweep (``retention.Swept``)."""

    def n(what: str) -> int:
        return due.get(what, 0)

    words = {
        "addresses": ngettext(
            "{n} row with an address or a reply", "{n} rows with an address or a reply", n("addresses")
        ),
        "rows": ngettext("{n} row into counts", "{n} rows into counts", n("rows")),
        "mailings": ngettext("{n} mailing as counts alone", "{n} mailings as counts alone", n("mailings")),
        "editions": ngettext("{n} frozen edition", "{n} frozen editions", n("editions")),
        "workers": ngettext("{n} worker that is gone", "{n} workers that are gone", n("workers")),
        "messages": ngettext("{n} single message", "{n} single messages", n("messages")),
        "signups": ngettext("{n} sign-up whose link is over", "{n} sign-ups whose links are over", n("signups")),
        "links": ngettext("{n} link to choices that is over", "{n} links to choices that are over", n("links")),
        "returned": ngettext("{n} row of what came back", "{n} rows of what came back", n("returned")),
        "former": ngettext("{n} reader who left long ago", "{n} readers who left long ago", n("former")),
        "folders": ngettext(
            "{n} folder of an approval that was cut off", "{n} folders of approvals that were cut off", n("folders")
        ),
    }
    return [sentence.format(n=n(what)) for what, sentence in words.items() if n(what)]


def doubtful_words(number: int) -> str:
    """Message for mailings that retention skips because of deliveries in doubt, with the command to type."""
    told = ngettext(
        "{n} mailing is left alone, its doubts are not settled: filigrane deliveries MAILING --in-doubt",
        "{n} mailings are left alone, their doubts are not settled: filigrane deliveries MAILING --in-doubt",
        number,
    )
    return told.format(n=number)
