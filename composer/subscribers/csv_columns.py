"""Match the columns of a CSV list to fields, by name in French or English or by ``--map``; tell which are not read.

The names known are those of our own export, of newsrooms' spreadsheets, and of the exports of common email services.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Collection, Mapping, Sequence

from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers.codes import ListCode, by_value
from composer.subscribers.consent_words import STANDING_FIELDS
from composer.subscribers.platforms import Platform, recognise
from composer.subscribers.record import DETAILS
from composer.subscribers.short_names import written_out
from composer.subscribers.smells import sense_of_name, standing_of_title
from composer.subscribers.standing import Stance
from composer.subscribers.values import fold

#: Field → folded column names (``values.fold``), for the fields that are not in ``DETAILS``.
_OTHER_FIELDS: Mapping[str, str] = {
    "email": "email emailaddress mail courriel adressemail adresseemail adresseelectronique adressecourriel "
    "subscriberemail customeremail useremail contactemail email1 emailprincipal mailprincipal emailclient "
    "adressedemessagerie emailpayeur emailacheteur personemail email1value primaryemail",
    "first_name": "firstname prenom givenname forename",
    "last_name": "lastname surname familyname nom nomdefamille",
    "publication": "publication lettre newsletter",
    "subscribed_at": "subscribedat subscribedon inscritle inscriptionle dateinscription datedinscription createdat "
    "creationdate createdate createddate createdtime createdon optintime addedtime dateadded "
    "dateregistered datecreated subscriptiondate "
    "subscriptiontime signupdate signedupat datecreation datedecreation creele dateajout datedajout ajoutele",
    "source": "source consentsource origine sourceduconsentement",
    "status": "status statut etat liststatus globalstatus subscriberstatus emailsubscriberstatus subscribertype",
    "opted_out": "optedout emaildisabled emailblacklisted unsubscribedat unsubscribedon unsubscriptiondate unsubtime "
    "desinscrit desinscritle desabonne desabonnele datedesinscription datededesinscription deletedat "
    # HubSpot; Salesforce; phpList; Mailjet; CRMs
    "unsubscribedfromallemail hasoptedoutofemail emailoptout blacklisted "
    "isthissubscriberblacklisted isthisaccountdisabled isunsubscribed isexcludedfromcampaigns "
    "unsubscribed optout globalunsubscribe donotemail desabonnement datedesabonnement datededesabonnement "
    "desinscription nepluscontacter nepascontacter",
    "opted_in": "optedin subscribedtoemails "
    # Shopify; Klaviyo; phpList; Wix; CRMs
    "acceptsemailmarketing acceptsmarketing emailmarketingconsent confirmed isthissubscriberconfirmed "
    "optin abonne abonnee consentementnewsletter "
    "consentementemail inscritnewsletter abonnenewsletter optinnewsletter optinemail",
    # Why a reader left: any text. Klaviyo; Mautic (a number or a word); Mailchimp
    "opted_out_reason": "emailsuppressions donotcontact "
    "unsubcampaigntitle unsubcampaignid unsubreason unsubreasonother",
    # HubSpot; Salesforce; Mailchimp
    "hard_bounced": "emailhardbouncereason hardbounce hardbounced hardbouncedat emailbouncedreason emailbounceddate "
    "isemailbounced cleantime cleancampaigntitle cleancampaignid",
    "complained": "isspamcomplaining complainedat spamcomplaint",
    "unconfirmed": "isoptinpending",
    "lists": "",
    "notes": "",
    "paid": "complimentaryplan",
}
#: Fields that may have several columns: the worst of what they say of leaving counts, the best of ``paid``.
SEVERAL = (*STANDING_FIELDS, "paid")
FIELDS: tuple[str, ...] = (
    "email", *DETAILS, "first_name", "last_name", "publication", "subscribed_at", "source", *SEVERAL,
)  # fmt: skip

#: Field → the folded names of its column. No name is in two of them (``tests/subscribers/test_columns.py``).
COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    field: tuple((_OTHER_FIELDS[field] if field in _OTHER_FIELDS else DETAILS[field].headers).split())
    for field in FIELDS
}

#: A cell that is an address, alone or after a name.
_ADDRESS = re.compile(r"(?:[^@<>]*<)?[\w.+%'-]+@[\w.-]+>?")
#: ...and not the sign alone, in the name of a column (E-mail @).
_HOLDS_ADDRESS = re.compile(r"[^\s@]@[^\s@]")
#: The first two columns of a report (``composer.subscribers.rejects``), in either language.
_OF_REPORT = (("line", "reason"), ("ligne", "raison"))
#: What ``--map COLUMN=ignore`` says; in French too, as it is said in the sentences around it.
IGNORE = ("ignore", "ignorer", "ignorée", "ignoree")
#: Most columns that a refusal names.
_MOST_NAMED = 100
#: A longer name of a column, or one of several lines (a question of a form), is told by its place.
_LONGEST_LABEL = 60
_FIELD_OF = {name: field for field, names in COLUMN_NAMES.items() for name in names}


@dataclasses.dataclass(frozen=True)
class Located:
    """Index of each field's column: ``single`` holds the fields with one column, ``several`` those of ``SEVERAL``.

    ``ignored`` are the columns without a field; ``dropped`` those of them about which no question is asked: the
    operator asked to ignore them, or another column was chosen, or the platform is known.
    """

    header: Sequence[str]
    single: Mapping[str, int]
    several: Sequence[tuple[str, int]]
    dropped: Collection[int]
    platform: Platform | None = None
    #: Columns of which the operator said what they are.
    by_hand: Collection[int] = ()
    #: Whether the list is the report of an import, corrected: each of its rows begins with the number of a line.
    of_report: bool = False
    #: Column → what the operator said of its values (``codes.by_value``).
    codes: Mapping[int, Mapping[str, Stance]] = dataclasses.field(default_factory=dict)

    @property
    def ignored(self) -> tuple[int, ...]:
        taken = {*self.single.values(), *(at for _field, at in self.several)}
        return tuple(at for at in range(len(self.header)) if at not in taken)

    @property
    def understood(self) -> tuple[tuple[str, str], ...]:
        """Field and label of each column that is read, in the order of the list."""
        found = [(at, field) for field, at in (*self.single.items(), *self.several)]
        return tuple((field, self.shown(at)) for at, field in sorted(found))

    def label(self, at: int) -> str:
        """The name of a column, as ``--map`` and ``--ignore`` take it; ``#3`` where its name is empty, not unique, long
        or of several lines."""
        return label(self.header, at)

    def shown(self, at: int) -> str:
        """The same for people: a long name, too, in one line and cut short."""
        known, name = self.label(at), " ".join(self.header[at].split())
        if known != f"#{at + 1}" or not name or [one.strip() for one in self.header].count(self.header[at].strip()) > 1:
            return known
        return f"{known} {name}" if len(name) <= _LONGEST_LABEL else f"{known} {name[: _LONGEST_LABEL - 1].rstrip()}…"


class NoAddresses(Refused):
    """No column of a list is known to hold addresses."""

    def __init__(self, header: Sequence[str], more: str = "") -> None:
        message = _("no column holds the addresses; the columns are: {columns}; say which one: --map email=...")
        super().__init__(message.format(columns=", ".join(header)) + more)
        self.header = header

    def after(self, rows: Sequence[tuple[int, Sequence[str]]]) -> NoAddresses:
        """The same with what the first rows (line, cells) tell: where the names stand, or which column it may be."""
        if len(self.header) == 1 and len(re.split(r"[,;\t|]", self.header[0])) > 1:
            told = _(
                "; each line is one cell in quotation marks: split it into columns in the spreadsheet, and save again"
            )
            return NoAddresses(self.header, told)
        for line, cells in rows:
            parts = {fold(part) for cell in cells for part in re.split(r"[,;\t|]", cell)}
            if len(parts) > 1 and not parts.isdisjoint(COLUMN_NAMES["email"]):
                told = _("; line {line} looks like the names of the columns: take the lines above it out")
                title = next((cell.strip() for cell in self.header if standing_of_title(cell) is not None), None)
                if title is not None:
                    told += _(", and say with --state unsubscribed (or bounced, complained) what “{title}” says")
                return NoAddresses(self.header, told.format(line=line, title=title))
            if len(cells) == len(self.header) and (
                found := [at for at, cell in enumerate(cells) if _ADDRESS.fullmatch(cell)]
            ):
                told = _("; it may be: {option}")
                options = [shlex.join(["--map", f"email={label(self.header, at)}"]) for at in found[:5]]
                return NoAddresses(self.header, told.format(option=_(", or ").join(options)))
        return self


def label(header: Sequence[str], at: int) -> str:
    name = header[at].strip()
    typable = name.isprintable() and len(name) <= _LONGEST_LABEL and _PLACE.fullmatch(name) is None
    alone = [one.strip() for one in header].count(name) == 1
    return name if name and typable and alone else f"#{at + 1}"


#: How a column is named by its place.
_PLACE = re.compile(r"#\d+")


def field_of(name: str) -> str | None:
    """The field that a column called ``name``, folded, is in lists of no known platform."""
    return _FIELD_OF.get(name)


def is_known(name: str) -> bool:
    """Whether ``name``, folded, is that of a column of some list."""
    return name in _FIELD_OF


def locate(
    header: Sequence[str],
    mapping: Mapping[str, str | Sequence[str]],
    ignore: Collection[str] = (),
    delimiter: str = ",",
    codes: Sequence[ListCode] = (),
) -> Located:
    """Find the column of each field.

    ``mapping`` (field → column, or columns for a field of ``SEVERAL``) overrides the known names; an empty column name
    means no column. For a field of ``SEVERAL`` it adds to the columns found by name. ``ignore`` names columns not to
    read. ``delimiter`` stands between the cells of the list. A column with ``codes`` is a status, unless ``mapping``
    says that it is another of ``SEVERAL``.

    Raises ``Refused`` where no column holds addresses, two match one field, or a column or field does not exist.
    """
    if any(map(_HOLDS_ADDRESS.search, header)):
        names = [
            "email" if _HOLDS_ADDRESS.search(cell) else "name" if at == 0 else f"column{at + 1}"
            for at, cell in enumerate(header)
        ]
        message = _(
            "the first line holds an address; it must hold the names of the columns: write “{names}” above it, and one "
            "address a line"
        )
        raise Refused(message.format(names=delimiter.join(names) if names.count("email") == 1 else "email"))
    if unknown := set(mapping) - set(FIELDS):
        raise Refused(_unknown_field(header, min(unknown), mapping[min(unknown)]))
    mapping, ignore = _ignoring(header, mapping, ignore)
    said = {
        field: [column_named(header, name) for name in ([columns] if isinstance(columns, str) else columns) if name]
        for field, columns in mapping.items()
    }
    _check_sense(header, mapping)
    coded: dict[int, list[ListCode]] = {}
    for code in codes:
        coded.setdefault(column_named(header, code.column), []).append(code)
    told = {at for field in SEVERAL for at in said.get(field, ())}
    if others := [at for at in coded if at not in told]:
        said["status"] = [*said.get("status", ()), *others]
    dropped = {column_named(header, name) for name in ignore}
    of_report = is_report(header)
    dropped.update((0, 1) if of_report else ())
    taken_by_hand = {at for places in said.values() for at in places} | dropped
    platform = recognise(header[2:] if of_report else header)
    of_platform = platform.columns if platform else {}
    named: dict[str, list[int]] = {}
    for at, cell in enumerate(header):
        name = fold(cell)
        field = of_platform.get(name, _FIELD_OF.get(name))
        if field is None or at in taken_by_hand:
            continue
        if field and (field not in said or (field in SEVERAL and said[field])):
            named.setdefault(field, []).append(at)
        elif not field or field not in SEVERAL or not said[field]:
            dropped.add(at)
    single: dict[str, int] = {}
    several: list[tuple[str, int]] = []
    for field in FIELDS:
        places = [*said.get(field, ()), *named.get(field, ())]
        if field in SEVERAL:
            several += [(field, at) for at in places]
        elif field == "subscribed_at" and len(places) > 1:
            single[field] = places[0]
            dropped.update(places[1:])
        elif len(places) > 1:
            raise Refused(
                _("several columns could be “{field}”: {columns}; say which one: --map {field}={first}").format(
                    field=field, columns=", ".join(header[at] for at in places), first=label(header, places[0])
                )
            )
        elif places:
            single[field] = places[0]
    if "email" not in single:
        raise NoAddresses(header)
    meant = {at: by_value(of_column) for at, of_column in coded.items()}
    return Located(header, single, several, dropped, platform, taken_by_hand, of_report, meant)


#: Fields that a column with a name for who stays is not; a column with a name for who left is none of the others.
_AGAINST = frozenset(("opted_out", "opted_out_reason", "hard_bounced", "complained", "unconfirmed"))
_FOR = frozenset(FIELDS) - _AGAINST - {"status", "email", "notes"}


def _check_sense(header: Sequence[str], mapping: Mapping[str, str | Sequence[str]]) -> None:
    """Raise ``Refused`` where a column named after departures (``Unsubscribed``) is mapped as consent, or one named
    after consent as departures: all of a list would be brought in, or taken off for good. Named by its place, a
    column may be anything."""
    for field, columns in mapping.items():
        for name in [columns] if isinstance(columns, str) else columns:
            if not name or _PLACE.fullmatch(name.strip()):
                continue
            sense = sense_of_name(written_out(name))
            if (sense == "out" and field in _FOR) or (sense == "in" and field in _AGAINST):
                meant = "opted_out" if sense == "out" else "opted_in"
                message = (
                    _("“{column}” is called after who left, and read as {field} it would keep them")
                    if sense == "out"
                    else _("“{column}” is called after who stays, and read as {field} it would take them off")
                )
                message += _("; did you mean {option}? If its name is wrong, say its place: {place}")
                raise Refused(
                    message.format(
                        column=name,
                        field=field,
                        option=shlex.join(["--map", f"{meant}={name}"]),
                        place=shlex.join(["--map", f"{field}=#{column_named(header, name) + 1}"]),
                    )
                )


def is_report(header: Sequence[str]) -> bool:
    """Whether a list begins as the report of an import does."""
    return tuple(map(fold, header[:2])) in _OF_REPORT


def _unknown_field(header: Sequence[str], field: str, columns: str | Sequence[str]) -> str:
    """What to say of ``--map FIELD=COLUMN`` where there is no such field: it may be the other way round."""
    column = columns if isinstance(columns, str) else next(iter(columns), "")
    near = (
        column if column in FIELDS else next((one for one, names in COLUMN_NAMES.items() if fold(field) in names), "")
    )
    message = _("--map knows no “{field}”; it knows: {fields}").format(field=field, fields=", ".join(FIELDS))
    if not near:
        return message
    name = field if fold(field) in map(fold, header) and near == column else column
    return message + _("; did you mean {option}?").format(option=shlex.join(["--map", f"{near}={name}"]))


def _ignoring(
    header: Sequence[str], mapping: Mapping[str, str | Sequence[str]], ignore: Collection[str]
) -> tuple[Mapping[str, str | Sequence[str]], Collection[str]]:
    """``--map status=ignore``: the column called so is not read; where none is, no column is the field."""
    names = {fold(cell) for cell in header}
    said = {field: [columns] if isinstance(columns, str) else columns for field, columns in mapping.items()}
    asked = {
        field
        for field, columns in said.items()
        if len(columns) == 1 and columns[0].lower() in IGNORE and fold(columns[0]) not in names
    }
    columns = [field for field in asked if fold(field) in names]
    kept = {field: "" if field in asked else said for field, said in mapping.items() if field not in columns}
    return kept, [*ignore, *columns]


def column_named(header: Sequence[str], wanted: str) -> int:
    """The place of the column called ``wanted``, or told by its place (``#3``). Raises ``Refused`` where none is."""
    wanted = wanted.strip()
    names = [cell.strip() for cell in header]
    if _PLACE.fullmatch(wanted) and 0 < int(wanted[1:]) <= len(header):
        return int(wanted[1:]) - 1
    if wanted in names:
        return names.index(wanted)
    folded = [fold(cell) for cell in header]
    if fold(wanted) and fold(wanted) in folded:
        return folded.index(fold(wanted))
    raise Refused(
        _("there is no column “{column}”; the columns are: {columns}").format(
            column=wanted, columns=", ".join(label(header, at) for at in range(min(len(header), _MOST_NAMED)))
        )
    )
