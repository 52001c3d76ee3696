"""Frozen models of the configuration files: the newsroom, its publications, sponsors and lexicon.

Text editors show the fields' descriptions (``filigrane schema``); they are translated by gettext.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from composer.locale import Language
from composer.newsroom.billing import Billing as Billing
from composer.newsroom.draft_roles import DraftRole
from composer.newsroom.hooks import Hooks as Hooks
from composer.newsroom.join import Join as Join
from composer.newsroom.legal import Host as Host
from composer.newsroom.legal import Legal as Legal
from composer.newsroom.length import Length
from composer.newsroom.online import Ownership, WebArchive
from composer.newsroom.people import Person as Person
from composer.newsroom.people import TranslatedPerson as TranslatedPerson
from composer.newsroom.relay import Provider as Provider
from composer.newsroom.relay import Relay as Relay
from composer.newsroom.relay import Relays
from composer.newsroom.retention import Retention
from composer.newsroom.returns import Returns
from composer.newsroom.sponsor import Sponsor as Sponsor
from composer.newsroom.strict import Strict as Strict
from composer.newsroom.theme import Theme as Theme
from composer.newsroom.values import (
    AllowedAddress,
    Clock,
    Duration,
    EmailAddress,
    HttpUrl,
    Identifier,
    IpNetwork,
    IssueNumber,
    Line,
    OutgoingUrl,
    Paragraphs,
    Window,
)
from composer.newsroom.welcome import WelcomeLetter as WelcomeLetter
from composer.newsroom.welcome import WelcomePath
from composer.source.document import Source
from composer.source.finding import Finding

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Dkim(Strict):
    """The DKIM signature of messages (RFC 6376)."""

    domain: str = Field(description="Signing domain (d=), the same organisational domain as the From address")
    selector: str = Field(description="Selector (s=): the key is published at <selector>._domainkey.<domain>")
    key: str = Field("var/dkim.pem", description="File of the rsa-2048 private key, in the newsroom and not in git")


class Settings(Strict):
    """``config/newsroom.yaml``."""

    name: Line = Field(description="Name of the newsroom")
    language: Language = Field("fr", description="Language of messages and pages for editors")
    keys: Language = Field("en", description="Language of the keys in skeletons, schema and messages")
    timezone: str = Field("Europe/Paris", description="Time zone of every hour in the configuration")
    database: str = Field("sqlite:///var/filigrane.db", description="SQLAlchemy URL; FILIGRANE_DATABASE_URL wins")
    public_url: HttpUrl = Field(description="Where readers reach the public pages; https in production")
    trusted_proxies: tuple[IpNetwork, ...] = Field(
        (),
        description="Addresses or networks of the reverse proxies: X-Forwarded-For is read where they wrote it",
    )
    verify_pictures: bool = Field(
        True,
        description="Before a letter leaves, ask public_url for its pictures; false where this host cannot reach it",
    )
    bounces: str | None = Field(
        None, description="Domain of the return path (VERP); the DKIM domain where it is not given"
    )
    returns: Returns = Field(Returns(), description="Doors by which messages that came back are read; none by default")
    relays: Relays = Field(
        (Relay(),), min_length=1, description="SMTP relays, the preferred one first; the next one takes over from it"
    )
    providers: dict[Identifier, Provider] = Field(
        default_factory=dict, description="Mailbox providers: what is otherwise than in the shipped table"
    )
    retry: tuple[Duration, ...] = Field(
        ("5m", "15m", "1h", "3h", "6h", "12h"),
        validate_default=True,
        description="Delays between attempts after a temporary refusal; after the last one the message is given up",
    )
    dkim: Dkim | None = Field(None, description="DKIM signature; needed to send")
    alerts: tuple[EmailAddress, ...] = Field((), description="Who is told when an issue is held or missed")
    webhook: OutgoingUrl | None = Field(
        None, description="https address that every alert and reminder is posted to as JSON; FILIGRANE_WEBHOOK wins"
    )
    ping: OutgoingUrl | None = Field(
        None,
        description="Address asked after each look at the clock: a watchman there raises the alarm when it is not. "
        "FILIGRANE_PING wins",
    )
    hooks: Hooks | None = Field(
        None, description="Doors at which operators of relays report bounces and complaints; none where not given"
    )
    long_gap: Duration = Field(
        "6h",
        validate_default=True,
        description="Silence of the clock after which a letter that fell due waits for somebody to say send or skip",
    )
    retention: Retention = Field(
        Retention(), description="When addresses, replies and rows leave the ledger; how long they are kept"
    )
    join: Join | None = Field(
        None, description="Page where readers join the letters of the house that are open; none where not given"
    )
    choices: bool = Field(
        False, description="Page where readers ask for a link to their choices: which letters, a pause, a language"
    )
    outbox_per_hour: int = Field(
        500,
        ge=1,
        le=100_000,
        description="Most single messages (confirmations, links) in an hour; the others wait, and alerts is told",
    )
    only_to: tuple[AllowedAddress, ...] = Field(
        (), description="Rehearsal: addresses or @domains that may be written to, no other"
    )
    ownership: Ownership | None = Field(None, description="Who owns the house, for its page on the web")


class Schedule(Strict):
    every: Annotated[tuple[Weekday, ...], Field(min_length=1)] | Weekday = Field(description="Day or days of the week")
    at: Clock = Field(description='Hour, quoted: "07:00"')
    catch_up: Duration = Field("6h", validate_default=True, description="How late an issue may still leave")
    window: Window = Field("06:00-21:00", validate_default=True, description="Hours in which a letter may leave")
    skip: tuple[Date, ...] = Field((), description="Dates without an issue")
    remind: tuple[Duration, ...] = Field(
        ("11h", "1h"),
        validate_default=True,
        description="How long before the hour somebody is reminded of an issue that is not ready",
    )

    @property
    def days(self) -> tuple[Weekday, ...]:
        return (self.every,) if isinstance(self.every, str) else self.every


class Canary(Strict):
    """Readers that receive a mailing first: the newsroom's own test mailboxes, at each large provider."""

    to: tuple[EmailAddress, ...] = Field(
        min_length=1, description="Readers whose messages leave before everybody else's"
    )
    hold: Duration = Field("10m", validate_default=True, description="How long everybody else's wait")


#: A small slot is one line: of an advertisement it prints neither body nor button (``templates/blocks/sponsor``).
SlotForm = Literal["full", "small"]


class Slot(Strict):
    """An advertising slot of a publication."""

    label: Line | None = Field(None, description="Name of the place, for the sponsor calendar")
    form: SlotForm = Field("full", description="A whole block, or one line")


class Style(Strict):
    """Presentation: separators and markers. Values given on an issue or a block override the publication's."""

    label: Literal["bar", "rule", "pipes"] | None = Field(
        None, description="Section label: under a bar, under a hairline, or | BETWEEN PIPES |"
    )
    separator: str | None = Field(None, description='Between items of a line: " • "')
    lead_end: str | None = Field(None, description='After the lead of a point: " • ", " : ", ". "')
    box_end: str | None = Field(None, description='After the title of a box: ". ", " • "')
    run_in_end: str | None = Field(None, description='After a run-in crosshead: " – "')
    marker: str | None = Field(None, description='Before each link of a list: "–", ">>"')
    crossheads: Literal["own-line", "run-in"] | None = Field(None, description="Crossheads on their own line or run in")
    boxes: Literal["run-in", "ruled", "tinted"] | None = Field(None, description="How boxes are set")
    dates: Literal["long", "short"] | None = Field(None, description="samedi 28 novembre 2026, or 28/11/2026")
    credits: Literal["caption", "grouped"] | None = Field(None, description="Credits in each caption, or at the end")

    def over(self, under: Style) -> Style:
        """This style, with the values of ``under`` where this one has none."""
        return Style(**{**under.model_dump(exclude_none=True), **self.model_dump(exclude_none=True)})


#: Defaults, where neither block, issue nor publication gives a value.
HOUSE_STYLE = Style(
    label="bar",
    separator=" • ",
    lead_end=" • ",
    box_end=". ",
    run_in_end=" – ",
    marker="–",
    crossheads="own-line",
    boxes="run-in",
    dates="long",
    credits="caption",
)

#: Values of a theme that differ from ``HOUSE_STYLE``.
THEME_STYLES = {
    "daily": Style(crossheads="run-in"),
    "magazine": Style(label="rule", boxes="ruled", lead_end=". ", run_in_end=" — ", marker="→"),
}


class Translation(Strict):
    """A publication's standing text in another language. Text not given here is not printed in that language."""

    title: Line | None = Field(None, description="Title; the same where it is not given")
    tagline: Line | None = Field(None, description="Tagline under the title")
    from_name: Line | None = Field(None, description="Name shown as sender; the title where it is not given")
    greeting: Line | None = Field(None, description="Greeting; {date} and {title} are filled in")
    epigraph: Line | None = Field(None, description="Standing quotation under the opening, inline Markdown")
    intro: Paragraphs | None = Field(None, description="Standing introduction, inline Markdown, in paragraphs")
    subscribe_url: HttpUrl | None = Field(None, description="Where a reader subscribes; the same where it is not given")
    price: Line | None = Field(None, description="What a subscription costs, on the card that closes a free letter")
    trial: Line | None = Field(None, description="How one may try it, beside the price")
    people: dict[Identifier, TranslatedPerson] = Field(default_factory=dict, description="Roles and biographies")


class Typography(Strict):
    """Typographic rules of a publication. Values not given come from the profile of its language."""

    main: ClassVar[str] = "profile"

    profile: Literal["french", "english", "off"] | None = Field(
        None, description="What to start from; the language's own otherwise. off touches nothing"
    )
    thin_space: Literal["nbsp", "nnbsp"] | None = Field(
        None,
        description="Before ; ! ? and in thousands: no-break space, or the narrow one (never in the subject)",
    )
    colon: Literal["space", "none"] | None = Field(None, description="Space before a colon")
    high_marks: Literal["space", "none"] | None = Field(None, description="Space before ; ! and ?")
    guillemets: Literal["space", "none"] | None = Field(None, description="Spaces inside « »")
    quotes: Literal["guillemets", "curly", "keep"] | None = Field(
        None, description='What straight quotes "so" become: « » (“ ” within), or “ ”'
    )
    apostrophes: Literal["curly", "keep"] | None = Field(None, description="Straight apostrophes become curly")
    ellipsis: Literal["character", "keep"] | None = Field(None, description="Three dots become one character")
    thousands: Literal["space", "dot", "comma", "none", "keep"] | None = Field(
        None, description="Between the groups of a number typed in groups: 3 500, 3.500, 3,500, 3500"
    )
    percent: Literal["space", "none", "keep"] | None = Field(None, description="Space before %: 10 %, 10%")
    currency: Literal["space", "none", "keep"] | None = Field(None, description="Space before € and its kin: 10 €, 10€")
    units: Literal["space", "keep"] | None = Field(None, description="A no-break space between a number and its unit")
    abbreviations: Literal["space", "keep"] | None = Field(
        None, description="A no-break space after M., Mme, Dr, n°, between initials, and after an ordinal: XXe siècle"
    )
    dashes: Literal["en-dash", "em-dash", "keep"] | None = Field(
        None, description="What a dash between spaces is, a typed hyphen included: – or —"
    )

    def over(self, under: Typography) -> Typography:
        """This profile, with the values of ``under`` where this one has none."""
        return Typography(**{**under.model_dump(exclude_none=True), **self.model_dump(exclude_none=True)})


class Publication(Strict):
    """``config/publications/<id>.yaml``."""

    title: Line = Field(description="Title, the nameplate of the letter")
    tagline: Line | None = Field(None, description="Tagline under the title")
    from_: Annotated[EmailAddress, Field(alias="from", description="Address the letter comes from")]
    from_name: Line | None = Field(None, description="Name shown as sender; the title where it is not given")
    reply_to: EmailAddress | None = Field(None, description="Where replies go; it must accept mail")
    list_id: str | None = Field(None, description="List-Id (RFC 2919), stable for ever; made from the From domain")
    language: Language = Field("fr", description="Language of the letter")
    schedule: Schedule = Field(description="When it leaves")
    expires: Duration = Field(
        "2d",
        validate_default=True,
        description="News is stale after that: whom the letter has not reached by then does not get it any more",
    )
    length: Length | None = Field(
        None, description="How long an issue is; check counts its characters and words beside it"
    )
    editors: tuple[EmailAddress, ...] = Field(
        (), description="Who is reminded of an issue that is not ready, beside alerts"
    )
    join: Join | None = Field(None, description="Page where readers join; none where it is not given")
    welcome: WelcomePath = Field(
        (), description="Letters that each new reader gets after confirming, one to five; none where not given"
    )
    canary: Canary | None = Field(None, description="A few readers first, and the others once somebody could look")
    archive: WebArchive | None = Field(
        None, description="Letters that were sent, on the web; none where it is not given"
    )
    theme: Theme = Field(Theme(), description="Colours and nameplate")
    style: Style = Field(Style(), description="Separators and markers")
    typography: Typography = Field(Typography(), description="Spaces, quotes, apostrophes and dashes of the house")
    greeting: Line | None = Field(None, description="Greeting; {date} and {title} are filled in")
    epigraph: Line | None = Field(None, description="Standing quotation under the opening, inline Markdown")
    intro: Paragraphs | None = Field(None, description="Standing introduction, inline Markdown, in paragraphs")
    byline: Line | None = Field(None, description="Who writes the letter, in its masthead: a person, or a name")
    first_number: IssueNumber | None = Field(
        None, description="Number of the first issue sealed here; number: auto counts from it"
    )
    subscribe_url: HttpUrl | None = Field(None, description="Where a reader who got the letter forwarded subscribes")
    price: Line | None = Field(None, description="What a subscription costs, on the card that closes a free letter")
    trial: Line | None = Field(None, description="How one may try it, beside the price")
    billing: Billing | None = Field(
        None, description="Where who pays ends the contract, at who bills it; needed where there is a price"
    )
    people: dict[Identifier, Person] = Field(default_factory=dict, description="Who signs, by identifier")
    legal: Legal = Field(description="Legal notice, printed in every letter")
    slots: dict[Identifier, Slot] = Field(default_factory=dict, description="Sponsor slots, by identifier")
    drafts: dict[str, DraftRole] = Field(
        default_factory=dict, description="What writers' styles and first words mean: Chapô, À surveiller :"
    )
    translations: dict[Language, Translation] = Field(
        default_factory=dict, description="Standing text of editions in other languages, by language"
    )

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @property
    def lacks_billing(self) -> bool:
        """Whether it is sold, and does not say where who pays ends the contract."""
        sold = self.price or self.trial or any(each.price or each.trial for each in self.translations.values())
        return bool(sold) and self.billing is None

    def in_language(self, language: str) -> Publication:
        """The publication as printed in ``language``: names are kept, untranslated standing text is left out."""
        if language == self.language:
            return self
        words = next((words for spoken, words in self.translations.items() if spoken == language), Translation())
        people = {
            name: person.model_copy(update=words.people.get(name, TranslatedPerson()).model_dump())
            for name, person in self.people.items()
        }
        changed = {
            "title": words.title or self.title,
            "tagline": words.tagline,
            "from_name": words.from_name or (None if words.title else self.from_name),
            "greeting": words.greeting,
            "epigraph": words.epigraph,
            "intro": words.intro,
            "subscribe_url": words.subscribe_url or self.subscribe_url,
            "price": words.price,
            "trial": words.trial,
            "people": people,
        }
        return self.model_copy(update=changed)


class Lexicon(Strict):
    """``config/lexicon.yaml``: house spellings, each with its known misspellings."""

    names: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="House spelling: known misspellings")


class Timetable(Strict):
    """The part of a publication's file that holds its schedule."""

    schedule: Schedule = Field(description="When it leaves")


@dataclass(frozen=True)
class Unread:
    """A configuration file that is not used because it has errors.

    ``schedule``: a publication's, where that part of its file is valid.
    """

    file: str
    errors: tuple[Finding, ...]
    schedule: Schedule | None = None


@dataclass(frozen=True)
class Newsroom:
    """A loaded newsroom folder. ``sources``: file path relative to ``root`` → the position of each value in it.

    ``unread``: path → a file with errors. Its content is missing from the values, and must not be taken for absent: see
    ``newsroom.unread``. ``findings``: those on all files, warnings included.
    """

    root: Path
    settings: Settings
    publications: Mapping[str, Publication]
    sponsors: Mapping[str, Sponsor]
    lexicon: Lexicon
    sources: Mapping[str, Source]
    unread: Mapping[str, Unread] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
