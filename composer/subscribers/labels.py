"""What a subscription is, as a newsroom says it. The tables, CSV files and ``--json`` keep their own words."""

from __future__ import annotations

from composer.locale import gettext as _


def subscription_word(word: str) -> str:
    """A status or a tier of a subscription, in the newsroom's language."""
    words = {
        "active": _("active"),
        "unsubscribed": _("unsubscribed"),
        "suppressed": _("suppressed"),
        "free": _("free"),
        "paid": _("paid"),
    }
    return words[word]
