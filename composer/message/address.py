"""Email addresses in ASCII, which every relay accepts."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from composer.errors import Refused
from composer.locale import gettext as _


def ascii_address(address: str) -> str:
    """``address`` with its domain in A-labels (RFC 5890), as headers and SMTP commands carry it.

    Raises ``Refused`` for an invalid address, and where the local part would need SMTPUTF8: a relay without that
    extension would bounce the message.
    """
    if address.isascii():
        return address
    try:
        converted = validate_email(address, check_deliverability=False, test_environment=True).ascii_email
    except EmailNotValidError:
        converted = None
    if converted is None:
        why = _("{address}: no relay is certain to carry this address; before the @, keep to letters without accents")
        raise Refused(why.format(address=address))
    return converted
