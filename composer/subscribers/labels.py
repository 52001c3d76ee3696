"""Translated names of subscription statuses and tiers. Tables, CSV files and ``--json`` keep the English values."""

from __future__ import annotations

from composer.locale import gettext as _


def subscription_word(word: str) -> str:
    """A status or tier of a subscription, in the newsroom's language."""
    words = {
        "active": _("active"),
        "unsubscribed": _("unsubscribed"),
        "suppressed": _("suppressed"),
        "free": _("free"),
        "paid": _("paid"),
    }
    return words[word]
