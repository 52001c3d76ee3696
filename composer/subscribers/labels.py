"""Translated names of subscription statuses and tiers. Tables, CSV files and ``--json`` keep the English values."""

from __future__ import annotations

from composer.locale import gettext as _


def subscription_word(word: str) -> str:
    """A status or tier of a subscription, in the newsroom's language."""
    words = {
        "active": _("active"),
        "paused": _("pausing"),
        "unsubscribed": _("unsubscribed"),
        "suppressed": _("suppressed"),
        "free": _("free"),
        "paid": _("paid"),
    }
    return words[word]


def list_state_word(word: str) -> str:
    """What all rows of a list are (``--state``), in the newsroom's language."""
    words = {
        "active": _("active"),
        "unsubscribed": _("unsubscribed"),
        "bounced": _("bounced"),
        "complained": _("complained"),
        "unconfirmed": _("unconfirmed"),
    }
    return words[word]


def bounce_word(word: str) -> str:
    """What a bounce closes (``--bounced``), in the newsroom's language."""
    return {"everywhere": _("everywhere"), "letter": _("letter")}[word]


def suppression_word(reason: str) -> str:
    """Why an address is suppressed, in the newsroom's language; a reason of a later version as it stands."""
    words = {
        "hard-bounce": _("the mailbox does not exist"),
        "complaint": _("reported a letter as spam"),
        "manual": _("by hand, or by the list it came from"),
        "forgotten": _("forgotten"),
    }
    return words.get(reason, reason)


def way_out(by: str | None) -> str:
    """How a subscription ended, in the newsroom's language; a way of a later version as it stands."""
    words = {
        "one-click": _("by the mail program’s button"),
        "page": _("by the page behind the letter’s link"),
        "choices": _("by the page of the reader’s choices"),
        "cli": _("by the newsroom"),
        "import": _("according to an imported list"),
        "forget": _("forgotten"),
        "suppressed": _("came back, but nothing may be sent to this address"),
    }
    return words.get(by or "", by or "–")


def group_word(name: str) -> str:
    """What subscriptions are counted by, in the newsroom's language."""
    words = {
        "publication": _("letter"),
        "status": _("status"),
        "tier": _("edition"),
        "language": _("language"),
        "source": _("source"),
    }
    return words[name]
