"""Exports of platforms, written for these tests: the columns are the platforms', the people are invented.

What a row is stands before the number of its address: ``stays``, ``paid``, ``left``, ``bounced``, ``complained``,
``closed``, ``never`` (no proof of consent). ``again`` are rows of an address that has another one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from composer.subscribers.equation import Equation


@dataclass(frozen=True)
class Export:
    """``files``: name → text. ``equation``: what the rows of all of them become."""

    name: str
    files: dict[str, str]
    equation: Equation
    mapping: dict[str, list[str]] = field(default_factory=dict)
    because: str = ""

    def write(self, folder: Path) -> list[Path]:
        paths = []
        for name, text in self.files.items():
            path = folder / name
            path.write_bytes(text.encode())
            paths.append(path)
        return paths


_CHIMP = (
    "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,"
    "DSTOFF,TIMEZONE,CC,REGION,"
)
_IN, _DAY = ",3,2024-02-01 08:00:00,,2024-02-01 08:05:00,,,,,,,,,", "2025-06-01 12:00:00"

MAILCHIMP = Export(
    "Mailchimp",
    {
        "subscribed_email_audience_export_1.csv": f"{_CHIMP}LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
        f'stays1@example.org,"Léa, ""L""",3,,,,,,,,,,,,{_DAY},,,,"""Lyon"",""Presse"""\n'
        f"Left1@Example.org,Ana{_IN}{_DAY},,,,\n"
        f"stays2@example.org,NULL{_IN}{_DAY},,,,\n",
        "unsubscribed_email_audience_export_1.csv": f"{_CHIMP}UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,"
        "UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS\n"
        f"left1@example.org,Ana{_IN}{_DAY},Lettre 3,,NORMAL,,,,,\n"
        f"left2@example.org,Bo{_IN},,,,,,,,\n"
        f"complained1@example.org,Cy{_IN}{_DAY},,,SPAM,,,,,\n",
        "cleaned_email_audience_export_1.csv": f"{_CHIMP}CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,"
        f"NOTES,TAGS\nbounced1@example.org,Di{_IN}{_DAY},Lettre 2,,,,,\nbounced2@example.org,Ed{_IN},,,,,,\n",
        "nonsubscribed_email_audience_export_1.csv": f"{_CHIMP}LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
        f"never1@example.org,Fa,3,,,,,,,,,,,,{_DAY},,,,\n",
    },
    Equation(9, readers=2, left=2, bounced=2, complained=1, unproven=1, twice=1),
    because="MEMBER_RATING",
)

_MEMBERS = [
    ("stays1", "member", "enabled"),
    ("Stays1", "member", "enabled"),
    ("bounced1", "member", "by_bounces"),
    ("left1", "member", "by_user"),
    ("never1", "nonmember", "enabled"),
]

EXPORTS = (
    Export(
        "Substack",
        {
            "email_list.lettre.csv": "email,active_subscription,expiry,plan,email_disabled,created_at,"
            "first_payment_at\n"
            "stays1@example.org,false,,other,false,2025-01-05T08:00:00.000Z,\n"
            "left1@example.org,false,,other,true,2024-11-02T09:30:00.000Z,\n"
            "paid1@example.org,true,2118-01-01T00:00:00.000Z,comp,false,2024-02-01T10:00:00.000Z,\n"
            "stays2@example.org,false,2025-01-15T00:00:00.000Z,other,,2024-01-15T10:00:00.000Z,\n"
            "Left1@Example.org,false,,other,false,2024-11-02T09:30:00.000Z,\n"
            "0a1b@deletion-request.substack.com,false,,other,false,2024-11-02T09:30:00.000Z,\n"
        },
        Equation(6, readers=3, left=1, twice=1, refused=1),
        because="active_subscription",
    ),
    Export(
        "Ghost",
        {
            "members.csv": "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,"
            "deleted_at,labels,tiers,gift_id\r\n"
            'a1,stays1@example.org,"Roux, Zoé ""Zaz""","two\nlines",true,false,,2025-01-05T08:00:00.000Z,,,,\r\n'
            "a2,left1@example.org,,,false,false,,2025-01-05T08:00:00.000Z,,,,\r\n"
            "a3,paid1@example.org,,,true,false,cus_1,2025-01-05T08:00:00.000Z,,,Soutien,\r\n"
            "a4,never1@example.org,,,,,,2025-01-05T08:00:00.000Z,,,,"  # Ghost ends its last line with nothing
        },
        Equation(4, readers=2, left=1, unproven=1),
        because="subscribed_to_emails",
    ),
    MAILCHIMP,
    Export(
        "Buttondown",
        {
            "subscribers.csv": "id,secondary_id,email,notes,subscriber_type,creation_date,subscription_date,"
            "unsubscription_date,tags,metadata\n"
            + "".join(
                f"{at},{at},{who}@example.org,,{kind},2024-03-13 00:03:09.183465+00:00,2024-03-13 00:03:09+00:00,"
                f"{gone},,\"{{'lang': 'fr'}}\"\n"
                for at, (who, kind, gone) in enumerate(
                    [
                        ("stays1", "regular", ""),
                        ("paid1", "gifted", "None"),
                        ("left1", "unsubscribed", "2024-04-08 17:09:32+00:00"),
                        ("bounced1", "undeliverable", ""),
                        ("complained1", "complained", ""),
                        ("never1", "unactivated", ""),
                    ]
                )
            )
        },
        Equation(6, readers=2, left=1, bounced=1, complained=1, unproven=1),
        because="subscriber_type",
    ),
    Export(
        "Kit",
        {
            "kit-subscribers.csv": "first_name,email,created_at,status\n"
            + "".join(
                f"Na,{who}@example.org,2022-09-10T11:12:13Z,{word}\n"
                for who, word in [
                    ("stays1", "active"),
                    ("never1", "inactive"),
                    ("left1", "cancelled"),
                    ("bounced1", "bounced"),
                    ("complained1", "complained"),
                    ("never2", ""),
                ]
            )
        },
        Equation(6, readers=1, left=1, bounced=1, complained=1, unproven=2),
        because="first_name",
    ),
    Export(
        "listmonk",
        {
            "subscribers.csv": "uuid,email,name,attributes,status,created_at,updated_at\n"
            + "".join(
                f'u{at},{who}@example.org,"Roux, Al","{{""lang"": ""fr""}}",{word},'
                "2024-03-05 10:11:12.123456 +0100 CET,0001-01-01 00:00:00 +0000 UTC\n"
                for at, (who, word) in enumerate(
                    [("stays1", "enabled"), ("left1", "disabled"), ("left2", "blocklisted")]
                )
            )
        },
        Equation(3, readers=1, left=2),
        because="attributes",
    ),
    Export(
        "Brevo",
        {
            "contacts_export.csv": "EMAIL;LASTNAME;FIRSTNAME;SMS;EMAIL_BLACKLISTED;SMS_BLACKLISTED;ADDED_TIME;"
            "MODIFIED_TIME\n"
            'stays1@example.org;"Roux; née Blanc";Al;;No;No;12-04-2022 09:30;13-04-2022 10:00\n'
            "left1@example.org;;;;Yes;No;12-04-2022 09:30;13-04-2022 10:00\n"
            "stays2@example.org;;;;;No;12-04-2022 09:30;13-04-2022 10:00\n"
        },
        Equation(3, readers=2, left=1),
        because="EMAIL_BLACKLISTED",
    ),
    Export(
        "Mailman",
        {
            "members.json": json.dumps(
                {
                    "start": 0,
                    "total_size": 5,
                    "entries": [
                        {
                            "self_link": f"http://localhost/members/{number}",
                            "email": f"{who}@example.org",
                            "list_id": "lettre.example.org",
                            "role": role,
                            "member_id": f"m{who}",
                            "delivery_status": status,
                            "display_name": "",
                        }
                        for number, (who, role, status) in enumerate(_MEMBERS)
                    ],
                }
            )
        },
        Equation(5, readers=1, left=1, bounced=1, unproven=1, twice=1),
        because="list_id",
    ),
    Export(
        "phpList",
        {
            "phpList Export.csv": "id\tEmail\tIs this subscriber confirmed\tIs this subscriber blacklisted\t"
            "Number of bounces\tEntered\tLast Modified\tIs this account disabled?\tList Membership\n"
            + "".join(
                f"{at}\t{who}@example.org\t{confirmed}\t{black}\t0\t2024-03-05 10:11:12\t0000-00-00 00:00:00\t0\t"
                f"{lists}\n"
                for at, (who, confirmed, black, lists) in enumerate(
                    [
                        ("stays1", 1, 0, "La lettre; "),
                        ("left1", 1, 1, "La lettre; "),
                        ("left2", 0, 0, "La lettre; "),
                        ("left3", 1, 0, "No Lists"),
                    ]
                )
            )
        },
        Equation(4, readers=1, left=3),
        because="List Membership",
    ),
    Export(
        "MailPoet",
        {
            "MailPoet_export.csv": '\ufeff"Email","First name","List status","Global status","Subscription time",'
            '"List"\n'
            + "".join(
                f'"{who}@example.org","{name}","{of_list}","{of_all}","2024-03-05 10:11:12","{letter}"\n'
                for who, name, of_list, of_all, letter in [
                    ("stays1", r"Zoé \"Zaz\" Roux", "subscribed", "subscribed", "La Lettre"),
                    ("stays1", r"Zoé \"Zaz\" Roux", "subscribed", "subscribed", "Alertes"),
                    ("left1", "", "subscribed", "unsubscribed", "La Lettre"),
                    ("bounced1", r"5\" pouces", "subscribed", "bounced", "La Lettre"),
                    ("never1", "", "unconfirmed", "unconfirmed", "La Lettre"),
                ]
            )
        },
        Equation(5, readers=1, left=1, bounced=1, unproven=1, twice=1),
        because="Global status",
    ),
    Export(
        "HubSpot",
        {
            "all-contacts.csv": "Record ID,First Name,Last Name,Email,Unsubscribed from all email,"
            "Marketing email confirmation,Create Date\n"
            "1,Al,Roux,stays1@example.org,,,2024-03-05 10:11\n"
            "2,Bo,Roux,left1@example.org,Yes,,2024-03-05 10:11\n"
            "3,Cy,Roux,never1@example.org,,double_opt_in_pending,2024-03-05 10:11\n"
            "4,Di,Roux,(No value),,,2024-03-05 10:11\n"
        },
        Equation(4, readers=1, left=1, unproven=1, refused=1),
        because="Record ID",
    ),
    Export(
        "Shopify",
        {
            "customers_export.csv": "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Phone,Total Spent,"
            "Total Orders,Note,Tax Exempt,Tags\n"
            "'7000000000001,Al,Roux,stays1@example.org,yes,'+33600000000,49.00,1,,no,\n"
            "'7000000000002,Bo,Roux,left1@example.org,no,,49.00,1,,no,vip\n"
            '\'7000000000003,Cy,Roux,never1@example.org,,,49.00,1,"a note\nof two lines",no,\n'
        },
        Equation(3, readers=1, left=1, unproven=1),
        because="Accepts Email Marketing",
    ),
)
