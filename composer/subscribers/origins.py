"""Where a list comes from: the platform that its columns give away, why it is taken for it, and what its export lacks.

Source: ``facts`` of the platforms' exports, November 2026: exporters' own code, tests and help pages. A name is for
people: how columns and words are read is decided by ``composer.subscribers.platforms`` and the columns' names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from composer.locale import gettext as _
from composer.subscribers.platforms import recognise
from composer.subscribers.values import fold


@dataclass(frozen=True)
class Origin:
    """``because``: the columns, as they are called in the file, that gave the platform away."""

    name: str
    because: tuple[str, ...]
    #: The file is about money: its rows are no proof that anybody asked for a letter.
    of_money: bool = False


#: Platforms without a table of their own: folded names that are all in the header, and whether nothing else may be.
_OTHERS = (
    ("Brevo", "email emailblacklisted addedtime", False),
    ("Shopify", "email acceptsemailmarketing totalspent", False),
    ("MailerLite", "subscriber subscribed groups", False),
    ("Mautic", "email preferredlocale lastactive", False),
    ("Google Groups", "emailaddress groupstatus emailstatus", False),
    ("Campaign Monitor", "emailaddress name date state", True),
    ("Stripe", "email createdutc delinquent", False),
    ("Stripe", "customeremail currentperiodendutc", False),
)


def origin_of(header: Sequence[str]) -> Origin | None:
    """The platform that wrote this header; None where it is not known: then columns are read by their names alone."""
    names = {fold(cell) for cell in header}
    platform = recognise(header)
    if platform is not None:
        return Origin(platform.name, _labels(header, platform.signs))
    for name, listed, exact in _OTHERS:
        signs = frozenset(listed.split())
        if signs == names if exact else signs <= names:
            return Origin(name, _labels(header, signs), of_money=name == "Stripe")
    return None


def _labels(header: Sequence[str], signs: frozenset[str]) -> tuple[str, ...]:
    """The columns of ``header`` that are ``signs``; the address, which every list has, only where nothing else is."""
    found = [cell.strip() for cell in header if fold(cell) in signs]
    telling = [cell for cell in found if fold(cell) not in ("email", "emailaddress")]
    return tuple(telling or found)


def not_exported(name: str) -> str:
    """What an export of this platform does not say, and which other file does; empty where nothing is known."""
    return {
        "Substack": _(
            "who left before, and why. “email_disabled” is a choice or a bounce, the file does not say which: counted "
            "as left"
        ),
        "Ghost": _("until when a payment holds, and bounces and complaints"),
        "Mailchimp": _(
            "who never confirmed, who is archived, who pays. The zip has a file of each state: unpack it, and give "
            "them all (subscribed_, unsubscribed_, cleaned_, nonsubscribed_)"
        ),
        "beehiiv": _("why readers left, and until when a payment holds"),
        "Buttondown": _(
            "until when a payment holds. Who left may be in an export of its own (unsubscribers): give it, too"
        ),
        "Kit": _("who is not in the states that were ticked: export all of them"),
        "MailerLite": _(
            "any other state than the one that was chosen before exporting: export unsubscribed, bounced and junk, too"
        ),
        "listmonk": _(
            "who left a list, and bounces: both are “enabled” here. Export one list at a time with its subscription "
            "status, and give the unsubscribed ones, too"
        ),
        "Keila": _("why an address is unreachable: counted as left"),
        "Mailman": _("the preferences of readers, unless they were joined in (delivery_status)"),
        "phpList": _("the time zone of its dates, which is the server's"),
        "Mautic": _("who is not to be contacted (unsubscribed, bounced): export that list, too"),
        "MailPoet": _("who was deleted"),
        "Newsletter": _("the time zone of its dates, which is the server's"),
        "Brevo": _("whether a blacklisted address left, bounced or complained: counted as left"),
        "HubSpot": _(
            "who left one type of letter, and who was deleted. Export “unsubscribes and bounces”, and give it, too"
        ),
        "Klaviyo": _("suppressions of people without a profile: export suppressed profiles, and give them, too"),
        "Campaign Monitor": _("the lists of other states: export unsubscribed, bounced and deleted, too"),
        "Mailjet": _("who left which list: export each list"),
        "Google Groups": _("who left"),
        "Salesforce": _("who left one letter of several"),
        "Shopify": _("who asked for a letter and bought nothing; “no” is most customers, and adds no reader"),
    }.get(name, "")
