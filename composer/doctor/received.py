"""The address from which a relay passed a test on, by the Received field of the mailbox that took it.

Fields above it are the provider's own hops, those below it can be forged: the topmost with a public address counts.
"""

from __future__ import annotations

import re
from email import policy
from email.parser import BytesHeaderParser
from ipaddress import ip_address
from pathlib import Path

from composer.doctor.lookups import IpAddress
from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason

#: Octets of a message that are read, and Received fields: the head is at its beginning.
_READ, _FIELDS = 262_144, 50

_LITERAL = re.compile(r"[\[(](?:IPv6:)?([0-9A-Fa-f.:]{3,45})[\])]")


def sending_address(file: Path) -> IpAddress:
    """The address in ``file``, a test as its mailbox shows its source. Raises ``Refused`` where none is there,
    ``OutsideWorld`` where it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            head = BytesHeaderParser(policy=policy.compat32).parsebytes(stream.read(_READ))
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be read: {why}").format(file=file, why=os_reason(error))) from error
    for field in (head.get_all("Received") or [])[:_FIELDS]:
        text = str(field)
        begins = text.lstrip().lower().startswith("from")
        for literal in _LITERAL.findall(text.partition(" by ")[0]) if begins else []:
            try:
                address = ip_address(literal)
            except ValueError:
                continue
            if address.is_global:
                return address
    message = _(
        "{file}: no Received field names a public address. Save the test’s source as its mailbox shows it "
        "(“Show original”)"
    )
    raise Refused(message.format(file=file))
