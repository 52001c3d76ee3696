"""Platforms with exports that are recognised by their column names: what their columns and words mean there.

A word such as ``inactive`` means something else on each platform, so its meaning belongs to the platform that the
header gives away, never to every list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from composer.subscribers.standing import Stance
from composer.subscribers.values import fold


@dataclass(frozen=True, eq=False)
class Platform:
    """One kind of export. ``signs``: folded column names that are all in its header.

    ``columns``: folded name → field, or ``""`` for a column that is not read and says nothing of leaving. ``words``:
    what a word in a column of consent means. ``tiers``: the tier that such a word, or one in a column of tiers, gives.
    ``bounces_hard``: "bounced" means here that the mailbox does not exist. ``backslash``: a quotation mark inside a
    cell is written ``\\"``.
    """

    name: str
    signs: frozenset[str]
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Stance] = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)
    bounces_hard: bool = True
    backslash: bool = False
    #: The header holds the signs and nothing else.
    exact: bool = False
    #: The name of the file says what its rows are.
    state_in_name: bool = False


def _each(**words: str) -> dict[str, Stance]:
    return {word: Stance[name.upper()] for name, listed in words.items() for word in listed.split()}


def _columns(**fields: str) -> dict[str, str]:
    return {name: "" if field == "nothing" else field for field, names in fields.items() for name in names.split()}


def _tiers(paid: str, free: str = "") -> dict[str, str]:
    return dict.fromkeys(paid.split(), "paid") | dict.fromkeys(free.split(), "free")


def _signs(names: str) -> frozenset[str]:
    return frozenset(names.split())


_SUBSTACK_TIERS = _tiers("paid comp gift founding author freetrial iap iosapp", "free other")

#: The first with all its signs in the header counts.
PLATFORMS = (
    Platform(
        "Substack",
        _signs("email activesubscription emaildisabled"),
        # ``plan`` is the price's rhythm; ``active_subscription`` says whether it is paid now.
        _columns(tier="activesubscription", nothing="plan firstpaymentat preferdigests", paid_until="expiry"),
    ),
    Platform(
        "Substack",
        _signs("email emaildisabled type expiry"),
        _columns(tier="type", nothing="preferdigests stripeconnectedcustomerid", paid_until="expiry"),
        tiers=_SUBSTACK_TIERS,
    ),
    Platform(
        "Substack",
        _signs("email type activity startdate"),
        _columns(tier="type", nothing="stripeplan activity paidupgradedate firstpaiddate", paid_until="expirationdate"),
        tiers=_SUBSTACK_TIERS,
    ),
    Platform(
        "Ghost",
        _signs("email subscribedtoemails complimentaryplan"),
        _columns(paid="complimentaryplan tiers giftid", opted_out="deletedat"),
    ),
    Platform(
        "Mailchimp",
        _signs("memberrating optintime leid"),
        _columns(
            subscribed_at="optintime",
            nothing="confirmtime confirmip optinip lastchanged memberrating",
            hard_bounced="cleantime cleancampaigntitle cleancampaignid",
        ),
        _each(complained="spam abuse", left="normal"),
        state_in_name=True,
    ),
    Platform(
        "beehiiv",
        _signs("email status tier createdat stripecustomerid"),
        words=_each(left="inactive", unproven="pending validating"),
    ),
    Platform(
        "Buttondown",
        _signs("subscribertype subscriptiondate unsubscriptiondate"),
        _columns(status="subscribertype", subscribed_at="subscriptiondate", nothing="creationdate secondaryid"),
        _each(
            **{"in": "regular unpaid churned paused upcoming premium gifted trialed churning pastdue"},
            unproven="unactivated",
            left="unsubscribed removed blocked",
            bounced="undeliverable",
            complained="complained",
        ),
        _tiers("premium gifted trialed churning pastdue", "regular unpaid churned paused upcoming"),
    ),
    Platform(
        "listmonk",
        _signs("uuid email status attributes createdat"),
        words=_each(**{"in": "enabled"}, left="disabled blocklisted"),
    ),
    Platform(
        "Keila",
        _signs("email data status externalid"),
        words=_each(left="unreachable"),
    ),
    Platform(
        "Mailman",
        _signs("email listid role memberid"),
        _columns(
            status="role",
            opted_out="deliverystatus",
            name="displayname",
            nothing="moderationaction bouncescore subscriptionmode deliverymode totalwarningssent lastwarningsent",
        ),
        _each(
            **{"in": "member enabled unknown"},
            unproven="nonmember owner moderator",
            left="byuser bymoderator",
            bounced="bybounces",
        ),
    ),
    Platform(
        "phpList",
        _signs("isthissubscriberconfirmed listmembership"),
        _columns(lists="listmembership", subscribed_at="entered", nothing="lastmodified"),
    ),
    Platform(
        "MailPoet",
        _signs("email liststatus globalstatus"),
        _columns(
            status="liststatus globalstatus",
            subscribed_at="subscriptiontime",
            nothing="confirmationtime confirmationip",
        ),
        _each(**{"in": "inactive"}),
        backslash=True,
    ),
    Platform(
        "Newsletter",
        _signs("email token status profile1 list1"),
        words=_each(**{"in": "c confirmed"}, unproven="s notconfirmed", left="u", bounced="b"),
    ),
    Platform(
        "HubSpot",
        _signs("recordid unsubscribedfromallemail"),
        _columns(
            unconfirmed="marketingemailconfirmation",
            hard_bounced="emailhardbouncereason",
            nothing="marketingcontactstatus leadstatus lifecyclestage",
        ),
    ),
    Platform(
        "HubSpot",
        _signs("portalbounce portalunsubscribe"),
        _columns(
            opted_out_reason="portalunsubscribe",
            complained="portalspamreport",
            hard_bounced="portalbounce globalbounce",
        ),
    ),
    Platform("Klaviyo", _signs("emailmarketingconsent klaviyoid"), words=_each(left="neversubscribed usersuppressed")),
    Platform(
        "Kit",
        _signs("firstname email createdat status"),
        words=_each(unproven="inactive", left="cancelled"),
        exact=True,
    ),
    Platform(
        "ActiveCampaign",
        _signs("email tags datecreated ip status"),
        _columns(subscribed_at="datecreated"),
        words=_each(unproven="unconfirmed"),
    ),
    Platform(
        "Mailjet",
        _signs("email isunsubscribed"),
        _columns(complained="isspamcomplaining", unconfirmed="isoptinpending", opted_out="isexcludedfromcampaigns"),
    ),
    Platform(
        "PrestaShop",
        # ``optin`` is about the offers of partners.
        _signs("email newsletter newsletterdateadd optin"),
        _columns(
            opted_in="newsletter active",
            opted_out="deleted",
            subscribed_at="newsletterdateadd",
            nothing="optin dateadd birthday ipregistrationnewsletter",
        ),
    ),
    Platform(
        "Constant Contact",
        _signs("emailstatus emailpermissionstatus"),
        _columns(
            status="emailstatus emailpermissionstatus",
            opted_out="confirmedoptoutdate",
            opted_out_reason="confirmedoptoutreason",
            nothing="updatedat confirmedoptoutsource",
        ),
        _each(**{"in": "implied express explicit"}, unproven="awaitingconfirmation notset"),
    ),
    Platform(
        "Patreon",
        # What is paid, and until when; a former member may read on, free.
        _signs("email patronstatus followsyou"),
        _columns(
            paid="tier",
            paid_until="accessexpiration",
            subscribed_at="patronagesincedate",
            nothing="patronstatus followsyou freemember freetrial lastchargestatus nextchargedate lastupdated",
        ),
    ),
    Platform(
        "Salesforce",
        _signs("hasoptedoutofemail"),
        _columns(hard_bounced="emailbouncedreason emailbounceddate isemailbounced"),
    ),
)


def recognise(header: Sequence[str]) -> Platform | None:
    """The platform that wrote this header, or None."""
    names = {fold(cell) for cell in header}
    return next((one for one in PLATFORMS if (one.signs == names if one.exact else one.signs <= names)), None)
