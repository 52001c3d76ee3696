"""Email addresses: the ASCII form that messages are sent to, and the folded one that identifies a mailbox.

The local part is sent as it was typed (RFC 5321, 2.4: only its host may interpret it); in the folded form it is
case-folded, because two addresses that differ by a capital reach one mailbox. The domain is its A-label (RFC 5890) in
both. What the database holds in place of a folded address is in ``subscribers.address_key``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from composer.errors import Refused
from composer.locale import gettext as _

_LABEL = r"(?![^.@]{2}--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
#: Fast path for ordinary addresses; the general case takes 37 µs each, and a list may hold a million.
_PLAIN = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>(?:{_LABEL}\.)+[A-Za-z]{{2,63}})")
#: Invisible characters that spreadsheets leave around a cell and ``str.strip`` does not remove.
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


class Address(NamedTuple):
    """``email``, ASCII, as messages are sent to it; ``folded``, equal for two spellings of one mailbox."""

    email: str
    folded: str


def read_address(text: str) -> Address:
    """Parse the address in ``text``, without the spaces around it.

    Raises ``Refused`` with the reason. A non-ASCII local part is refused: every relay on the way would have to speak
    SMTPUTF8 (RFC 6531).
    """
    typed = text.strip().strip(_INVISIBLE).strip()
    plain = _PLAIN.fullmatch(typed)
    if plain and len(plain["local"]) <= 64 and len(typed) <= 254 and len(plain["domain"]) <= 253:
        return _address(plain["local"], _checked_domain(plain["domain"].lower()))
    local, at, domain = typed.rpartition("@")
    if not at:
        raise Refused(_("“{address}” is not an email address: there is no @ in it").format(address=typed))
    if not local.isascii():
        raise Refused(
            _(
                "“{address}” cannot be written to: most mail servers refuse accents and other letters outside ASCII "
                "before the @; ask this reader for another address"
            ).format(address=typed)
        )
    if len(local) > 64:
        raise Refused(_("“{address}” is too long for an email address").format(address=typed))
    try:
        parts = validate_email(f"a@{domain}" if _is_atom(local) else typed, check_deliverability=False)
    except EmailNotValidError as error:
        raise Refused(_("“{address}” is not an email address").format(address=typed)) from error
    if len(f"{local}@{parts.ascii_domain}") > 254:
        raise Refused(_("“{address}” is too long for an email address").format(address=typed))
    return _address(local, parts.ascii_domain)


def stored_address(email: str) -> Address:
    """The address that the database holds as ``email``: it was read once, and is not judged again."""
    local, _at, domain = email.rpartition("@")
    return _address(local, domain)


def _is_atom(local: str) -> bool:
    return re.fullmatch(rf"{_ATOM}(?:\.{_ATOM})*", local) is not None


@lru_cache(maxsize=10_000)
def _checked_domain(domain: str) -> str:
    """``domain``, validated; cached, because a list holds far fewer domains than readers. Raises ``Refused``."""
    try:
        return validate_email(f"a@{domain}", check_deliverability=False).ascii_domain
    except EmailNotValidError as error:
        raise Refused(_("nothing can be delivered to “{domain}”").format(domain=domain)) from error


def _address(local: str, domain: str) -> Address:
    return Address(f"{local}@{domain}", f"{local.casefold()}@{domain}")
