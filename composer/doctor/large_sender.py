"""What Orange asks of a sender of more than a thousand letters a day."""

from __future__ import annotations

from collections.abc import Mapping

from composer.approval.messages import from_domain
from composer.doctor.faults import Fault, Looked
from composer.doctor.lookups import Lookups, host_addresses
from composer.doctor.terms import term_of
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom


def look_at_orange(lookups: Lookups, newsroom: Newsroom, readers: Mapping[str, int]) -> Looked:
    """Its conditions, where ``readers`` (by provider) are that many. Raises ``NotAnswered``."""
    term = term_of("orange", "signal-spam")
    daily, number = term.daily if term else 1000, readers.get("orange", 0)
    if number <= daily:
        says = _("readers at Orange: {number}. Its conditions for large senders begin above {daily} letters a day")
        return Looked(says.format(number=number, daily=daily))
    says = _(
        "{number} readers at Orange, which above {daily} letters a day asks for membership of Signal Spam "
        "(signal-spam.fr; nothing here can see it), a Feedback-ID (each letter has one), a real site at the domain of "
        "From, and complaints below 0.6 %, soon 0.3 %"
    )
    faults = []
    for domain in dict.fromkeys(from_domain(newsroom, name) for name in newsroom.publications):
        if not any(host_addresses(lookups, name) for name in (domain, f"www.{domain}")):
            without = _(
                "no site is at {domain}, nor at www.{domain}: Orange wants one there, with the address of its server"
            )
            faults.append(Fault("no-site", without.format(domain=domain), "site"))
    return Looked(says.format(number=number, daily=daily), tuple(faults))
