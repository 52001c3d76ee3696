"""Read the cell of a list that holds an address, as mail programs and spreadsheets leave it there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import unescape

from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers.address import Address, read_address

#: Notes that a hurried office writes into the address itself: STOP_zoe@…, NPAI-zoe@…, zoe@example.org.npai.
NOTED = re.compile(
    r"^(?:(?:stop|npai|d[eé]sabo[a-zé]*|d[eé]sinscri[a-z]*|unsub[a-z]*|nepasecrire|zzz+|xxx+)[._-]+|npai)(?=[^@])"
    r"|[._-](?:npai|stop|old|ko|desabo[a-z]*|unsub[a-z]*|invalid|bad)$",
    re.IGNORECASE,
)
_AT = re.compile(r" ?[(\[] ?(?:at|arobase|a) ?[)\]] ?|%40|＠| (?:at|arobase) ", re.IGNORECASE)
_DOT = re.compile(r" ?[(\[] ?(?:dot|point) ?[)\]] ?|\.{2,}", re.IGNORECASE)
#: Fast path: nothing around the address, nothing inside it that this module takes away.
BARE = re.compile(r"[A-Za-z0-9+_][A-Za-z0-9._%+'-]*@[A-Za-z0-9.-]+[A-Za-z0-9]")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>")
#: Lines through letters: struck out.
_LINES = "\u0335\u0336\u0337\u0338"
_QUOTES = "\"'`“”„«»‘’"
#: What a link, Exchange or a form writes before an address.
_SCHEME = re.compile(r"(?:mailto|smtp|e-?mail|mail|courriel|internet) ?: ?", re.IGNORECASE)
#: At the start of a cell these are a mark (a line struck out, a formula) and not part of an address.
_MARKS = "#*=/!;,-"
_SUBSTACK_ERASED = "deletion-request.substack.com"
#: Addresses of a function, not of a person (RFC 2142 and common machines'): complaints and lost letters come from them.
_ROLE_WORDS = (
    "abuse admin administrator billing compliance devnull dns ftp hostmaster inoc ispfeedback ispsupport "
    "listrequest list maildaemon mailerdaemon majordomo news noc noemail noreply donotreply nepasrepondre null "
    "nobody phish phishing postmaster privacy registrar root security spam support sysadmin tech test "
    "undisclosedrecipients unsubscribe usenet uucp webmaster www"
)
_ROLES = frozenset(_ROLE_WORDS.split())
#: Domains as they are mistyped → as they are meant.
_MISTYPED = {
    wrong: right
    for right, wrongs in {
        "gmail.com": "gmial.com gmal.com gmai.com gmail.con gmail.co gmail.cm gmail.fr gmaill.com gamil.com gnail.com "
        "gmail.comm gmail.om gmil.com",
        "hotmail.com": "hotmial.com hotmal.com hotmai.com hotmail.con hotmail.co hotmil.com homail.com",
        "hotmail.fr": "hotmial.fr hotmal.fr hotmai.fr hotmil.fr homail.fr hotmail.f",
        "yahoo.fr": "yaho.fr yahou.fr yahoo.f yhaoo.fr yahho.fr",
        "yahoo.com": "yaho.com yahoo.con yahoo.co yhaoo.com yahho.com",
        "outlook.com": "outlok.com outloo.com outlook.con outlook.co",
        "outlook.fr": "outlok.fr outloo.fr",
        "orange.fr": "orang.fr ornage.fr orange.f orange.com.fr orange.con",
        "wanadoo.fr": "wanado.fr wandoo.fr wanadou.fr wanadoo.f",
        "laposte.net": "laposte.fr lapost.net laposte.ne laposte.com la-poste.net",
        "free.fr": "fre.fr freee.fr free.f",
        "icloud.com": "icloud.con iclod.com icloud.co icoud.com",
        "live.fr": "live.f liv.fr",
        "sfr.fr": "sfr.f sfr.com.fr",
    }.items()
    for wrong in wrongs.split()
}
_MISTYPED_ENDS = (".con", ".cmo", ".ocm", ".comm", ".frr", ".vom")


def read_listed_address(cell: str) -> tuple[Address, str]:
    """The address in ``cell``, and the name written beside it (``Zoé <zoe@example.org>``) or "".

    Raises ``Refused`` with what is wrong: two addresses, a space inside, a mark before it, an erased account.
    """
    if BARE.fullmatch(cell) and not NOTED.search(cell):
        return _accepted(read_address(cell)), ""
    typed = _visible(cell).strip()
    if not cell.isascii() and not set(cell).isdisjoint(_LINES):
        raise Refused(_("“{value}” is struck out: take the line out").format(value=typed))
    name = ""
    if named := _NAMED.fullmatch(typed.rstrip(";, ")):
        name, typed = _unquoted(named["name"]), named["address"]
    typed = _unquoted(typed)
    if scheme := _SCHEME.match(typed):
        typed = typed[scheme.end() :].partition("?")[0]
    typed = _unquoted(typed)
    if not typed:
        raise Refused(_("the cell of the address is empty"))
    if typed.count("@") > 1 and re.search(r"[;,\s/<>|]", typed):
        raise Refused(_("“{value}” holds several addresses; write one a line").format(value=typed))
    if typed[0] in _MARKS and "@" in typed:
        message = _("“{value}” begins with “{mark}”: correct the address, or take the line out")
        raise Refused(message.format(value=typed, mark=typed[0]))
    if "@" in typed and NOTED.search(typed):
        raise Refused(
            _("“{value}”: is a note, such as STOP or NPAI, part of the address? Take the line out").format(value=typed)
        )
    if "@" in typed and re.search(r"\s", typed):
        raise Refused(_("“{value}” has a space inside the address").format(value=typed))
    return _accepted(read_address(typed)), name


def meant_address(address: Address) -> str | None:
    """The address that was probably meant, where the domain is a known mistyping; None for the others."""
    local, _at, domain = address.email.rpartition("@")
    right = _MISTYPED.get(domain.lower())
    return None if right is None else f"{local}@{right}"


def remark_on(address: Address) -> str | None:
    """Why an address deserves a look: ``role``, ``mistyped``; None for the others."""
    local, _at, domain = address.email.lower().rpartition("@")
    if domain in _MISTYPED or domain.endswith(_MISTYPED_ENDS):
        return "mistyped"
    return "role" if has_role(local) else None


def has_role(local: str) -> bool:
    """Whether what stands before the @ is the name of a function, not of a person."""
    return local.lower().replace(".", "").replace("-", "").replace("_", "") in _ROLES


def addresses_among(cells: list[str]) -> list[Address]:
    """The addresses in the cells of a row of which the columns cannot be told apart."""
    found = []
    for cell in cells:
        if "@" in cell:
            try:
                found.append(read_listed_address(cell)[0])
            except Refused:
                continue
    return found


def addresses_of_gone(cells: Sequence[str]) -> list[Address]:
    """The addresses of a row of leavers, however they are written: those that stand in it as they are; where
    a cell has none, what was probably meant."""
    found: list[Address] = []
    for cell in cells:
        if "@" in cell or _AT.search(cell):
            parts = re.split(r"[\s,;/|<>()\[\]]+", unescape(_visible(cell)))
            found += addresses_among([part.strip(_MARKS) for part in parts]) or addresses_within(cell)
    return list(dict.fromkeys(found))


def addresses_within(cell: str) -> list[Address]:
    """The addresses in a cell with several, words beside one, or one that is mistyped (``zoe(at)example,org``)."""
    shown = unescape(_visible(cell))
    parts = re.split(r"[\s,;/|<>()\[\]?#]+", shown.lstrip(_MARKS + " "))
    meant = _DOT.sub(".", _AT.sub("@", shown.replace('"', "")).replace(",", "."))
    meant = re.sub(r"[\s]+|[-_]+$", "", re.sub(r"\.*@+", "@", meant))
    again = "@".join(meant.split("@")[:2])  # typed twice
    found = addresses_among([NOTED.sub("", part) for part in (*parts, meant, again, shown.strip("~*_- "))])
    return list(dict.fromkeys(found))


def _accepted(address: Address) -> Address:
    if address.email.endswith(f"@{_SUBSTACK_ERASED}"):
        raise Refused(_("an account that Substack erased at its reader's request; nothing can be sent there"))
    return address


def _visible(text: str) -> str:
    """``text`` without invisible characters (zero-width, direction marks, soft hyphens); odd spaces become spaces."""
    if text.isascii():
        return text
    shown = "".join(letter for letter in text if unicodedata.category(letter) != "Cf" and letter not in _LINES)
    return "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in shown)


def _unquoted(text: str) -> str:
    return text.strip().strip(_QUOTES + " ").rstrip(";,. ").strip(_QUOTES + " ")
