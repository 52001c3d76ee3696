"""The SPF record of a return path's domain: its faults, each with the record that mends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from composer.doctor.faults import Fault, Looked, txt_record
from composer.doctor.lookups import IpAddress, Lookups
from composer.doctor.spf import MOST_LOOKUPS, MOST_VOID, counted, spf_records, spf_result
from composer.locale import gettext as _


def look_at_spf(lookups: Lookups, domain: str, author: str, sends: Sequence[IpAddress]) -> Looked:
    """Look at the record of ``domain``; ``author`` is the domain of From, ``sends`` the relay's addresses where they
    are known. Raises ``NotAnswered``.
    """
    records = spf_records(lookups, domain)
    relay = [f"ip{address.version}:{address}" for address in sends] or ["include:…"]
    if not records:
        says = _("{domain}, where returns go, has no SPF record: no host may write for it")
        return _looked(Fault("spf-missing", says.format(domain=domain) + _known(sends), "spf", _spf(domain, relay)))
    if len(records) > 1:
        says = _("{domain} has {number} SPF records: with more than one, none counts. Leave this one alone")
        joined = list(dict.fromkeys(term for record in records for term in record.split()[1:]))
        joined.sort(key=_is_all)
        ends = [term for term in joined if _is_all(term)][:1] or ["-all"]
        record = _spf(domain, [term for term in joined if not _is_all(term)], ends[0])
        return _looked(Fault("spf-several", says.format(domain=domain, number=len(records)), "spf", record))
    terms = records[0].split()[1:]
    faults = tuple(_faults(lookups, domain, author, terms, relay, sends))
    if faults:
        return Looked("", faults)
    lines = [
        _("{domain}: {record} (look-ups: {number} of {most})").format(
            domain=domain, record=records[0], number=counted(lookups, domain).lookups, most=MOST_LOOKUPS
        )
    ]
    lines += [_("{address} may write for it").format(address=address) for address in sends]
    return Looked("\n".join(lines) + _known(sends))


def _faults(
    lookups: Lookups, domain: str, author: str, terms: list[str], relay: list[str], sends: Sequence[IpAddress]
) -> Iterator[Fault]:
    walk = counted(lookups, domain)
    own = [term for each, term in walk.wrong if each == domain]
    if walk.wrong:
        says = _("{term} in the SPF record of {domain} cannot be read: the whole record fails (permerror)")
        where, term = walk.wrong[0]
        kept = [each for each in _whole(lookups, terms) if each not in own]
        yield Fault("spf-unreadable", says.format(term=term, domain=where), "spf", _mended(domain, kept, relay, sends))
    elif walk.missing:
        says = _("the SPF record of {domain} leads to {other}, which has not one of its own: the whole record fails")
        record = _mended(domain, _whole(lookups, terms), relay, sends)
        yield Fault("spf-dangling", says.format(domain=domain, other=walk.missing[0]), "spf", record)
    elif walk.lookups > MOST_LOOKUPS or walk.void > MOST_VOID:
        name = domain if domain != author else f"bounces.{domain}"
        says = _(
            "the SPF record of {domain} takes {number} look-ups, {void} of them without an answer, where {most} and "
            "{most_void} are the most: the whole record fails"
        )
        said = says.format(domain=domain, number=walk.lookups, void=walk.void, most=MOST_LOOKUPS, most_void=MOST_VOID)
        if name != domain:
            said += ". " + _("Give returns a domain of their own, with “bounces: {name}”").format(name=name)
        code = "spf-lookups" if walk.lookups > MOST_LOOKUPS else "spf-void"
        yield Fault(code, said + _known(sends), "spf", _spf(name, relay))
    elif any(term.lower() in ("all", "+all") for term in terms):
        says = _("the SPF record of {domain} lets every host in the world write for it")
        record = _mended(domain, [term for term in terms if not _is_all(term)] + ["-all"], relay, sends)
        yield Fault("spf-everyone", says.format(domain=domain), "spf", record)
    else:
        refused = {address: spf_result(lookups, domain, address) for address in sends}
        wrong = [address for address, result in refused.items() if result not in ("pass", "unknown")]
        if wrong:
            says = _("the SPF record of {domain} does not name the relay’s {address} (a receiver finds {result})")
            said = says.format(domain=domain, address=wrong[0], result=refused[wrong[0]])
            missing = [f"ip{address.version}:{address}" for address in wrong]
            yield Fault("spf-relay", said, "spf", _mended(domain, terms, missing, wrong))


def _whole(lookups: Lookups, terms: list[str]) -> list[str]:
    """``terms`` without those that lead to a record that fails."""
    kept = []
    for term in terms:
        name, _sign, target = term.lstrip("+-~?").replace("=", ":").partition(":")
        leads = name.lower() in ("include", "redirect") and "%" not in target
        if not leads or (len(spf_records(lookups, target)) == 1 and counted(lookups, target).valid):
            kept.append(term)
    return kept


def _mended(domain: str, terms: list[str], relay: list[str], sends: Sequence[IpAddress]) -> str:
    """The record with what ``relay`` adds, where that is known, before its last term."""
    rest = [term for term in terms if not _is_all(term)]
    ends = next((term for term in terms if _is_all(term)), "" if any("redirect=" in term for term in rest) else "-all")
    added = [term for term in relay if term not in rest] if sends or not rest else []
    return _spf(domain, [*added, *rest], ends)


def _spf(domain: str, terms: Sequence[str], ends: str = "-all") -> str:
    return txt_record(domain, " ".join(filter(None, ["v=spf1", *terms, ends])))


def _is_all(term: str) -> bool:
    return term.lower().lstrip("+-~?") == "all"


def _known(sends: Sequence[IpAddress]) -> str:
    if sends:
        return ""
    return "\n" + _(
        "whether the relay’s address may write for it is not known: give the addresses that it sends from, "
        "“sends_from: [192.0.2.25]” in relays, or ask its provider what to include"
    )


def _looked(fault: Fault) -> Looked:
    return Looked("", (fault,))
