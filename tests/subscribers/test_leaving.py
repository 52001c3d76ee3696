"""An opt-out that is not understood is never ignored in silence: it is read, or the import stops and asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from composer.database import connect
from composer.errors import Refused
from composer.subscribers import importing
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.tables import subscribers
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import make_tables


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """SQLite only: what is judged here never reaches the database."""
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    yield engine
    engine.dispose()


#: Header, then a row of who stays and rows of who left.
KNOWN = {
    "HubSpot": (
        "Record ID,First Name,Last Name,Email,Unsubscribed from all email,Email hard bounce reason",
        "1,Anne,A,stays@example.org,,",
        "2,Paul,P,left@example.org,true,",
        "3,Max,M,bounced@example.org,,UNKNOWN_USER",
    ),
    "Shopify": (
        "First Name,Last Name,Email,Accepts Email Marketing,Accepts SMS Marketing,Total Orders,Tax Exempt",
        "Anne,A,stays@example.org,yes,no,1,no",
        "Paul,P,left@example.org,no,no,1,no",
    ),
    "Salesforce": (
        "Email,HasOptedOutOfEmail,EmailBouncedReason,EmailBouncedDate",
        "stays@example.org,false,,",
        "left@example.org,true,,",
        "bounced@example.org,0,550 5.1.1,2024-01-05",
    ),
    "Klaviyo": (
        "Email,First Name,Email Marketing Consent,Email Marketing Consent Timestamp,Email Suppressions",
        "stays@example.org,Anne,SUBSCRIBED,2024-01-05 10:00:00,[]",
        "left@example.org,Paul,UNSUBSCRIBED,,",
        "never@example.org,Max,NEVER_SUBSCRIBED,,",
        "complained@example.org,Max,SUBSCRIBED,,[SPAM_COMPLAINT]",
    ),
    "phpList": (
        "Email Address,Entered,Confirmed,Blacklisted,Bounce count",
        "stays@example.org,2024-01-02 03:04:05,1,0,1",
        "left@example.org,2024-01-02 03:04:05,1,1,0",
        "waits@example.org,2024-01-02 03:04:05,0,0,0",
    ),
    "phpList, whole": (
        "id\tEmail\tIs this subscriber confirmed\tIs this subscriber blacklisted\tDid this subscriber manually confirm"
        "\tNumber of bounces\tIs this account disabled?",
        "1\tstays@example.org\t1\t0\t0\t2\t0",
        "2\tleft@example.org\t1\t1\t0\t0\t0",
        "3\twaits@example.org\t0\t0\t0\t0\t0",
        "4\tshut@example.org\t1\t0\t0\t0\t1",
    ),
    "MailPoet": (
        "email,global_status,list_status",
        "stays@example.org,subscribed,subscribed",
        "left@example.org,subscribed,unsubscribed",
        "bounced@example.org,bounced,subscribed",
    ),
    "Mautic": ("email,do_not_contact", "stays@example.org,0", "left@example.org,1", "bounced@example.org,2"),
    "Mailjet": (
        "Email,IsUnsubscribed,IsSpamComplaining",
        "stays@example.org,false,false",
        "left@example.org,true,false",
    ),
    "Wix": ("Email,Email subscriber status", "stays@example.org,Subscribed", "left@example.org,Unsubscribed"),
    "Mailchimp": (
        "Email Address,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON",
        "stays@example.org,2024-01-02 03:04:05,192.0.2.1,2024-01-02 03:04:05,,,",
        "left@example.org,2024-01-02 03:04:05,192.0.2.1,,2024-05-05 00:00:00,Lettre,NORMAL",
    ),
    "CRM, Désabonnement": ("Nom;Courriel;Désabonnement", "A;stays@example.org;", "P;left@example.org;12/03/2024"),
    "CRM, Abonné": ("Nom;Courriel;Abonné", "A;stays@example.org;oui", "P;left@example.org;non"),
    "CRM, Consentement": ("Courriel;Consentement newsletter", "stays@example.org;oui", "left@example.org;non"),
    "CRM, Ne plus contacter": ("Nom;Courriel;Ne plus contacter", "A;stays@example.org;", "P;left@example.org;x"),
}


@pytest.mark.parametrize("platform", KNOWN)
def test_the_opt_outs_of_known_platforms_are_read(engine: Engine, tmp_path: Path, platform: str) -> None:
    lines = KNOWN[platform]
    counts, report = take(engine, tmp_path, "\n".join(lines).encode("cp1252"))
    assert (counts.added, counts.left + counts.banned, report) == (1, len(lines) - 2, [])
    assert [row[0] for row in rows(engine) if row[5] == "active"] == ["stays@example.org"]


NAMES = [
    "Unsubscribed from newsletter", "Opted out of post", "Opt-Out post", "bounced_at", "Bounce type", "Blacklist",
    "Suppression list", "Complaints by", "Do not contact (mail)", "Consent", "Marketing consent", "Accepts offers",
    "Désabonnements", "Désinscrite le", "Abonnée lettre", "Consentement", "Ne plus écrire", "Ne pas solliciter",
    "Statut de l’abonnement", "Email status", "Confirmed at", "Cancel date", "Liste d’opposition", "Opposition RGPD",
    "Subscribed/Unsubscribed", "DOUBLE_OPT-IN", "Radiation", "Date de sortie", "Parti le", "Démission le",
    "Supprimé le", "Archivé le", "Bloqué le", "Annulé le", "Date d’annulation", "Disabled at", "Deactivated on",
    "Inactive since", "Deleted date", "Retiré le", "Décès", "STOP le", "Plus de mail", "Ne veut plus",
    "Pas de newsletter", "Suspendu le",
    "Désactivé le", "Clôturé le", "Date de départ", "Adresse invalide", "Injoignable", "Robinson", "No mail", "Junk",
    "Accord", "Autorisation", "Reçoit la lettre", "CNIL", "État abonnement",
    "Lettre du vendredi", "Inscription newsletter",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_column_whose_name_smells_of_leaving_stops_the_import(engine: Engine, tmp_path: Path, name: str) -> None:
    content = f"email;{name}\nzoe@example.org;whatever\n"
    with pytest.raises(UnreadColumns) as stopped:
        take(engine, tmp_path, content)
    assert f"“{name}”" in str(stopped.value)
    assert rows(engine) == []
    counts, _ = take(engine, tmp_path, content, ignore=[name])
    assert (counts.added, counts.ignored) == (1, (name,))


@pytest.mark.parametrize(
    "cells",
    [
        ("subscribed", "unsubscribed"), ("ok", "bounced"), ("", "Désabonnée"), ("[SPAM_COMPLAINT]", ""),
        ("Presse, Désabonné", "Presse"), ("désabonnée le 12/03 par téléphone", ""), ("NE PLUS ENVOYER", ""),
        ("STOP", ""), ("Actif", "Inactif"), ("En cours", "Résilié"), ("", "Expiré"),
        ("ne souhaite plus de courriel", "ok"), ("OK", "KO"), ("+", ""),
        ("yes", "no"), ("oui", ""), ("t", "f"), ("x", ""), ("TRUE", "FALSE"),
    ],
)  # fmt: skip
def test_a_column_whose_cells_smell_of_leaving_stops_the_import(
    engine: Engine, tmp_path: Path, cells: tuple[str, str]
) -> None:
    with pytest.raises(UnreadColumns, match=r"“Divers” \("):
        take(engine, tmp_path, f"email;Divers\na@example.org;{cells[0]}\nb@example.org;{cells[1]}\n")


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Ville", "Lyon Paris"), ("Total Orders", "1 0"), ("Abonnement depuis", "2020 2021"), ("MEMBER_RATING", "2 5"),
        ("SMS_BLACKLISTED", "Yes No"), ("prefer_digests", "true false"), ("Note", "ouf non"), ("N° abonné", "1 7"),
        ("Tags du site", "x x"), ("Département", "Rhône Loire"), ("Retraité", "Enseignant Retraité"),
        ("Customer last name", "Parti Stop"), ("Jours d’inactivité", "3 7"), ("Record", "a b"),
        ("Ferme", "Bio Laitière"),
        ("Close Date", "2020-01-05 2021-01-05"),
    ],
)  # fmt: skip
def test_what_does_not_is_ignored_and_named(engine: Engine, tmp_path: Path, name: str, cells: str) -> None:
    first, _, second = cells.partition(" ")
    counts, report = take(engine, tmp_path, f"email;{name}\na@example.org;{first}\nb@example.org;{second}\nno;x\n")
    assert (counts.added, counts.ignored, counts.understood) == (2, (name,), (("email", "email"),))
    assert len(report) == 1
    said = (tmp_path / "report.csv").read_text(encoding="utf-8-sig").splitlines()
    assert said[:2] == [f"line,reason,email,{name}", ",read as --source form,email,not read"]


def test_every_column_that_smells_is_named_at_once(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnreadColumns) as stopped:
        take(engine, tmp_path, "email;Consent;;Divers;Email status\na@example.org;;no;cleaned;\n")
    assert [(one.column, one.field) for one in stopped.value.suspects] == [
        ("Consent", "opted_in"), ("#3", "?"), ("Divers", "opted_out"), ("Email status", "status"),
    ]  # fmt: skip
    for words in (
        "2 columns",
        "4 columns",
        "--map opted_in=Consent",
        "--map '#3=ignore'",
        "--map 'status=Email status'",
    ):
        assert (words in str(stopped.value)) == (words != "2 columns")


@pytest.mark.parametrize("at", [7, 21, 25])
def test_a_word_far_down_the_list_stops_it_too(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(importing, "_BATCH", 10)
    lines = [f"reader{number}@example.org,{'cleaned' if number == at else number % 7}" for number in range(26)]
    with pytest.raises(UnreadColumns, match=r"“x” \(cleaned\)"):
        take(engine, tmp_path, "\n".join(["email,x", *lines]))
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(subscribers)).scalar_one() == 0


def test_what_the_columns_hold_does_not_pile_up(engine: Engine, tmp_path: Path) -> None:
    """A column of many different cells is none of yes and no: only what tells of leaving is still looked for."""
    lines = [f"reader{number}@example.org,{number}" for number in range(300)]
    assert take(engine, tmp_path, "\n".join(["email,number", *lines]))[0].added == 300
    with pytest.raises(UnreadColumns, match=r"“number” \(cleaned\)"):
        take(engine, tmp_path, "\n".join(["email,number", *lines, "zoe@example.org,cleaned"]))


def test_several_columns_may_say_who_left(engine: Engine, tmp_path: Path) -> None:
    content = "email,A,B,unsubscribed_at\na@example.org,no,,\nb@example.org,yes,,\nc@example.org,no,why,\n"
    content += "d@example.org,no,,2024-01-05\n"
    said = {"opted_out": ["A"], "opted_out_reason": ["B"]}
    counts, _ = take(engine, tmp_path, content, mapping=said)
    assert (counts.added, counts.left) == (1, 3)


def test_an_opt_out_that_is_known_is_ignored_only_when_that_is_said(engine: Engine, tmp_path: Path) -> None:
    content = "email,unsubscribed_at,Divers\na@example.org,2024-01-05,\n"
    assert take(engine, tmp_path, content, mapping={"opted_out": "Divers"})[0].left == 1
    other = {"publication": "samedi"}
    assert take(engine, tmp_path, content, mapping={"opted_out": ""}, **other)[0].added == 1
    assert take(engine, tmp_path, content, ignore=["unsubscribed_at"], publication="lundi")[0].added == 1
    with pytest.raises(Refused, match="no column “Autre”"):
        take(engine, tmp_path, content, ignore=["Autre"])


def test_a_column_named_twice_is_told_by_its_place(engine: Engine, tmp_path: Path) -> None:
    content = "email,x,x\na@example.org,1,no\nb@example.org,2,yes\n"
    with pytest.raises(UnreadColumns, match="“#3”"):
        take(engine, tmp_path, content)
    counts, _ = take(engine, tmp_path, content, mapping={"opted_out": "#3"})
    assert (counts.added, counts.left) == (1, 1)
    with pytest.raises(Refused, match="no column “#4”"):
        take(engine, tmp_path, content, ignore=["#4"])


def test_an_empty_list_is_judged_by_its_names(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnreadColumns):
        take(engine, tmp_path, "email,Consent\n")
