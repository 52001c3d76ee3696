"""DMARC of a publication: the record that applies, and whether what is authenticated is aligned with From."""

from __future__ import annotations

from collections.abc import Sequence

from composer.doctor.dmarc import (
    OLD_TAGS,
    POLICIES,
    DmarcRecord,
    TreeWalk,
    damaged_at,
    is_aligned,
    read_tags,
    tree_walk,
)
from composer.doctor.faults import Fault, Looked, txt_record
from composer.doctor.lookups import Lookups
from composer.doctor.signing_key import key_record_name
from composer.locale import gettext as _
from composer.newsroom.model import Dkim


def look_at_dmarc(lookups: Lookups, author: str, others: Sequence[str]) -> Looked:
    """The record for ``author``, the domain of From; ``others`` are d= and the domain of returns. Raises
    ``NotAnswered``.
    """
    walk = tree_walk(lookups, author)
    if walk.several:
        return _looked(_several(lookups, walk.several[0]))
    place = common_domain(author, others)
    sound = {record.domain for record in walk.records}
    for domain in dict.fromkeys((walk.start, place)):
        if domain not in sound and (text := damaged_at(lookups, domain)) is not None:
            says = _(
                "what stands at _dmarc.{domain} is no DMARC record, since it does not begin with v=DMARC1;: {text}"
            )
            tags = {name: value for name, value in read_tags(text).items() if name != "v"}
            mended = DmarcRecord(domain, text, {"v": "DMARC1", **tags}).says()
            record = txt_record(f"_dmarc.{domain}", mended)
            return _looked(Fault("dmarc-damaged", says.format(domain=domain, text=text), "dmarc", record))
    found = walk.policy
    if found is None:
        says = _("there is no DMARC record for {domain}, nor above it")
        record = txt_record(f"_dmarc.{place}", first_record(place))
        return _looked(Fault("dmarc-missing", says.format(domain=author), "dmarc", record))
    if (without := _policy(found)) is not None:
        return _looked(without)
    faults = (*_old(found), *_reports(lookups, found))
    if faults:
        return Looked("", faults)
    return Looked("\n".join(_all_well(walk, found)))


def look_at_alignment(lookups: Lookups, author: str, returns: str, dkim: Dkim | None, key: str | None) -> Looked:
    """Whether d= and the domain of returns are aligned with ``author`` (RFC 9989, section 4.4). ``key``: the value of
    the key's record. Raises ``NotAnswered``.
    """
    walk = tree_walk(lookups, author)
    policy = walk.policy

    def near(domain: str, *, strict: bool) -> bool:
        if policy is None:  # an organization follows from its record: where there is none, from where it would stand
            return common_domain(author, [domain]) != author or domain == author or domain.endswith(f".{author}")
        return is_aligned(lookups, domain, walk, strict=strict)

    by_key = dkim is not None and near(dkim.domain, strict=policy is not None and policy.strict_dkim)
    by_path = near(returns, strict=policy is not None and policy.strict_spf)
    if by_key:
        lines = [
            _("d={domain} is aligned with From ({author})").format(domain=dkim.domain if dkim else "", author=author)
        ]
        line = _("so is the return path, {domain}") if by_path else _("the return path, {domain}, is not: the key does")
        return Looked("\n".join([*lines, line.format(domain=returns)]))
    place = common_domain(author, [*([dkim.domain] if dkim else []), returns])
    if policy is not None and place != walk.organization and author.endswith(f".{place}"):
        mend = _("One record for all of them, at {place}, makes them one organization").format(place=f"_dmarc.{place}")
        record: str | None = txt_record(f"_dmarc.{place}", policy.says())
    else:
        own = Dkim(domain=author, selector=dkim.selector if dkim else "filigrane")
        mend = _("Sign for it: “domain: {author}” under dkim, and publish the key there").format(author=author)
        record = txt_record(key_record_name(own), key) if key else None
    if by_path:
        says = _(
            "only the return path is aligned with From ({author}), not d=: who forwards a letter breaks DMARC. {mend}"
        )
        return _looked(Fault("dkim-unaligned", says.format(author=author, mend=mend), "aligned", record))
    says = _(
        "neither d= ({domain}) nor the return path ({returns}) is aligned with From ({author}): DMARC fails. {mend}"
    )
    said = says.format(domain=dkim.domain if dkim else "–", returns=returns, author=author, mend=mend)
    return _looked(Fault("unaligned", said, "aligned", record))


def first_record(domain: str) -> str:
    """The record to begin with: nothing is refused, reports come (docs/dns.md)."""
    return f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}"


def _all_well(walk: TreeWalk, found: DmarcRecord) -> list[str]:
    lines = [_("_dmarc.{domain}: {record}").format(domain=found.domain, record=found.text)]
    if walk.organization != walk.start:
        lines.append(_("the organization of {domain} is {other}").format(domain=walk.start, other=walk.organization))
    if found.tags.get("p", "none").lower() == "none":
        then = txt_record(f"_dmarc.{found.domain}", found.says(p="quarantine", np="reject", t="y"))
        lines.append(_("once its reports are clean, a test of more: {record}").format(record=then))
    elif found.tags.get("t", "n").lower() == "y":
        then = txt_record(f"_dmarc.{found.domain}", found.says(t=None))
        lines.append(_("it is a test (t=y); once its reports are clean: {record}").format(record=then))
    return lines


def _several(lookups: Lookups, domain: str) -> Fault:
    texts = lookups.values(f"_dmarc.{domain}", "TXT")
    record = DmarcRecord(domain, texts[0], next(tags for tags in map(read_tags, texts) if tags.get("v") == "DMARC1"))
    says = _("_dmarc.{domain} has more than one DMARC record: none of them counts. Leave this one alone")
    return Fault("dmarc-several", says.format(domain=domain), "dmarc", txt_record(f"_dmarc.{domain}", record.says()))


def _policy(found: DmarcRecord) -> Fault | None:
    wrong = [tag for tag in ("p", "sp", "np") if found.tags.get(tag, "none").lower() not in POLICIES]
    if not wrong and ("p" in found.tags or found.applies):
        return None
    says = _("the DMARC record of {domain} says no policy that a receiver knows (none, quarantine, reject)")
    changed: dict[str, str | None] = dict.fromkeys(wrong, None) | {"p": "none"}
    changed |= {} if "rua" in found.tags else {"rua": f"mailto:dmarc@{found.domain}"}
    mended = txt_record(f"_dmarc.{found.domain}", found.says(**changed))
    return Fault("dmarc-no-policy", says.format(domain=found.domain), "dmarc", mended)


def _old(found: DmarcRecord) -> list[Fault]:
    old = [tag for tag in OLD_TAGS if tag in found.tags]
    if not old:
        return []
    says = _("the DMARC record of {domain} has {tags}, which RFC 9989 took out: who follows it overlooks them")
    partly = found.tags.get("pct", "100") != "100" and found.tags.get("p", "none").lower() != "none"
    record = txt_record(f"_dmarc.{found.domain}", found.says(t="y") if partly else found.says())
    return [Fault("dmarc-old-tags", says.format(domain=found.domain, tags=", ".join(old)), None, record)]


def _reports(lookups: Lookups, found: DmarcRecord) -> list[Fault]:
    """Whether reports are asked for, and whether another organization that is to take them agrees (RFC 9990)."""
    addresses = [each.strip() for each in found.tags.get("rua", "").split(",") if each.strip()]
    if not addresses:
        says = _("the DMARC record of {domain} asks for no reports (rua): nobody learns what fails")
        record = txt_record(f"_dmarc.{found.domain}", found.says(rua=f"mailto:dmarc@{found.domain}"))
        return [Fault("dmarc-no-reports", says.format(domain=found.domain), "reports", record)]
    faults = []
    for address in addresses[:5]:
        domain = address.rpartition("@")[2].partition("!")[0].rstrip(".").lower()
        if not address.lower().startswith("mailto:") or not domain:
            continue
        if tree_walk(lookups, domain).organization == tree_walk(lookups, found.domain).organization:
            continue
        name = f"{found.domain}._report._dmarc.{domain}"
        if not any(read_tags(text).get("v") == "DMARC1" for text in lookups.values(name, "TXT")):
            says = _("reports on {domain} go to {other}, which does not agree to take them: none are sent")
            record = txt_record(name, "v=DMARC1")
            said = says.format(domain=found.domain, other=domain)
            faults.append(Fault("dmarc-reports-refused", said, "reports", record))
    return faults


def common_domain(author: str, others: Sequence[str]) -> str:
    """The longest name above ``author`` and all of ``others``; ``author`` where they share no more than a suffix. There
    the record has to stand for them to be one organization (RFC 9989, section 4.10.2).
    """
    shared = author.split(".")
    for other in others:
        labels = other.rstrip(".").lower().split(".")
        same = 0
        while same < min(len(shared), len(labels)) and shared[-same - 1] == labels[-same - 1]:
            same += 1
        if same >= 2:
            shared = shared[-same:]
    return ".".join(shared)


def _looked(fault: Fault) -> Looked:
    return Looked("", (fault,))
