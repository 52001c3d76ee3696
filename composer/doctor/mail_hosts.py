"""Can a domain take mail (RFC 5321, section 5.1)? And do the relay's addresses have names that lead back?"""

from __future__ import annotations

from collections.abc import Sequence

from composer.doctor.faults import Fault, Looked, other_record
from composer.doctor.lookups import IpAddress, Lookups, host_addresses
from composer.locale import gettext as _

#: Names of an address that are asked for theirs (as RFC 7208, section 4.6.4).
_MOST_NAMES = 10


def look_at_mx(lookups: Lookups, domains: dict[str, str]) -> Looked:
    """Whether each of ``domains`` takes mail: domain → returns or from, which begins the fault's code. Raises
    ``NotAnswered``.
    """
    hosts = {domain: _hosts(lookups, domain) for domain in domains}
    able = [host for each in hosts.values() for host in each if host_addresses(lookups, host)]
    faults, lines = [], []
    for domain, role in domains.items():
        given = lookups.values(domain, "MX")
        record = other_record(domain, "MX", f"10 {able[0] if able else f'mail.{domain}'}.")
        if given and not hosts[domain]:
            says = _("{domain} says that it takes no mail (a null MX)")
            faults.append(Fault(f"{role}-null-mx", _role(role, says.format(domain=domain)), "mx", record))
        elif not hosts[domain]:
            says = _("{domain} takes no mail: it has no MX record, and no address")
            faults.append(Fault(f"{role}-no-mx", _role(role, says.format(domain=domain)), "mx", record))
        elif not any(host_addresses(lookups, host) for host in hosts[domain]):
            says = _("{domain} takes no mail: its MX, {host}, has no address")
            said = says.format(domain=domain, host=hosts[domain][0])
            faults.append(Fault(f"{role}-mx-dangling", _role(role, said), "mx", record))
        else:
            lines.append(_("{domain} takes mail at {host}").format(domain=domain, host=", ".join(hosts[domain])))
    return Looked("\n".join(lines), tuple(faults))


def look_at_ptr(lookups: Lookups, sends: Sequence[IpAddress], named: str) -> Looked:
    """Whether each address has a name that leads back to it (FCrDNS); ``named`` is the relay's name, for the record.
    Raises ``NotAnswered``.
    """
    faults, lines = [], []
    for address in sends:
        pointer = address.reverse_pointer
        names = [name for name in lookups.values(pointer, "PTR") if name][:_MOST_NAMES]
        back = [name for name in names if address in host_addresses(lookups, name)]
        if not names:
            says = _("{address}, from which the relay sends, has no name (PTR): who rents it out sets it")
            record = other_record(pointer, "PTR", f"{named}.")
            faults.append(Fault("ptr-missing", says.format(address=address), "ptr", record))
        elif not back:
            says = _("the name of {address}, {name}, does not lead back to it")
            record = other_record(names[0], "A" if address.version == 4 else "AAAA", str(address))
            faults.append(Fault("ptr-unconfirmed", says.format(address=address, name=names[0]), "ptr", record))
        else:
            lines.append(_("{address} is {name}, and back").format(address=address, name=back[0]))
    return Looked("\n".join(lines), tuple(faults))


def _hosts(lookups: Lookups, domain: str) -> list[str]:
    """The hosts that take mail for ``domain``, the preferred one first; none where it takes none."""
    given = lookups.values(domain, "MX")
    if not given:
        return [domain] if host_addresses(lookups, domain) else []
    ordered = sorted(given, key=lambda each: int(each.partition(" ")[0]))
    return [host for each in ordered if (host := each.partition(" ")[2].strip("."))]


def _role(role: str, says: str) -> str:
    if role == "returns":
        return _("{says}; bounces and complaints are lost").format(says=says)
    return _("{says}; replies and complaints are lost").format(says=says)
