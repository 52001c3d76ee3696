"""What a list says of consent: bounces and complaints close every letter, a blank adds no reader, none slips in."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from composer.subscribers import find_person, read_address, recipients
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.standing import Stance
from composer.subscribers.tables import suppressions
from tests.subscribers.support.csv_lists import NOW, rows, take


def active(engine: Engine, publication: str = "vendredi") -> list[str]:
    with engine.connect() as connection:
        return sorted(row.email for row in connection.execute(recipients(publication, NOW)))


def test_a_complaint_or_a_hard_bounce_closes_every_letter_and_leaving_one(engine: Engine, tmp_path: Path) -> None:
    """Readers who have the other letter already lose it, too."""
    everyone = "email\nspam@example.org\ngone@example.org\nleft@example.org\nnew@example.org\n"
    take(engine, tmp_path, everyone.replace("new@example.org\n", ""), publication="samedi")
    statuses = "email,status\nspam@example.org,complained\ngone@example.org,cleaned\nleft@example.org,unsubscribed\n"
    counts, _ = take(engine, tmp_path, statuses)
    assert (counts.banned, counts.left, counts.added) == (2, 1, 0)
    assert active(engine, "samedi") == ["left@example.org"]
    counts, _ = take(engine, tmp_path, everyone, publication="lundi")
    assert (counts.added, counts.suppressed) == (2, 2)
    assert active(engine, "lundi") == ["left@example.org", "new@example.org"]
    with engine.connect() as connection:
        assert sorted(connection.execute(select(suppressions.c.reason)).scalars()) == ["complaint", "hard-bounce"]


def test_who_left_before_and_complained_since_is_closed_everywhere(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,status\na@example.org,unsubscribed\n")
    counts, _ = take(engine, tmp_path, "email,status\na@example.org,complained\n")
    assert (counts.banned, counts.opted_out) == (1, 0)
    with engine.connect() as connection:
        person = find_person(connection, read_address("a@example.org"))
    assert person is not None
    assert person.suppressed == "complaint"
    # A second time changes nothing.
    assert take(engine, tmp_path, "email,status\na@example.org,complained\n")[0].suppressed == 1


def test_a_bounce_without_a_kind_is_asked(engine: Engine, tmp_path: Path) -> None:
    content = "email,status\na@example.org,active\nb@example.org,bounced\nc@example.org,bounced\n"
    with pytest.raises(UnreadColumns, match=r"line 3, “bounced”.*\n.*--bounced everywhere") as asked:
        take(engine, tmp_path, content)
    assert [one.option for one in asked.value.suspects] == ["--bounced everywhere"]
    assert rows(engine) == []
    counts, _ = take(engine, tmp_path, content, bounced="letter")
    assert (counts.left, counts.banned) == (2, 0)
    counts, _ = take(engine, tmp_path, content, bounced="everywhere", publication="samedi")
    assert (counts.left, counts.banned) == (0, 2)


def test_a_platform_that_is_recognised_means_for_good(engine: Engine, tmp_path: Path) -> None:
    counts, _ = take(engine, tmp_path, "first_name,email,created_at,status\nAnne,a@example.org,2024-01-05,bounced\n")
    assert (counts.platform, counts.banned) == ("Kit", 1)


@pytest.mark.parametrize("blank", ["", "NULL", "-", "0000-00-00", "N/A"])
def test_a_blank_consent_adds_nobody_and_changes_nobody(engine: Engine, tmp_path: Path, blank: str) -> None:
    take(engine, tmp_path, "email,name\nhere@example.org,Zoé\n")
    before = rows(engine)
    content = f"email,name,opted_in\nhere@example.org,Other,{blank}\nnew@example.org,New,{blank}\n"
    counts, report = take(engine, tmp_path, content)
    assert (counts.unproven, counts.added, counts.updated) == (2, 0, 0)
    assert rows(engine) == before
    assert [row[0] for row in report] == ["2", "3"]
    assert "no proof of consent" in report[0][1]


def test_a_proof_in_another_row_counts(engine: Engine, tmp_path: Path) -> None:
    counts, _ = take(engine, tmp_path, "email,status\na@example.org,\na@example.org,active\n")
    assert (counts.added, counts.duplicates) == (1, 1)


@pytest.mark.parametrize(
    "refused",
    [
        "a@example.org,perhaps,,",  # a word that is not known
        "a@example.org,perhaps,x,y,z",  # and too many cells
    ],
)
def test_a_refused_row_lets_no_other_row_of_its_address_in(engine: Engine, tmp_path: Path, refused: str) -> None:
    header = "email,status,name,note\n"
    counts, report = take(engine, tmp_path, f"{header}A@example.org,active,A,\n{refused}\nb@example.org,active,B,\n")
    assert active(engine) == ["b@example.org"]
    assert (counts.added, counts.refused) == (1, 2)
    assert "line 3 of the same address was refused" in report[0][1]
    # It does not take off who is here.
    take(engine, tmp_path, f"{header}a@example.org,active,A,\n")
    take(engine, tmp_path, f"{header}a@example.org,active,A2,\n{refused}\n")
    assert [row[1] for row in rows(engine)] == ["A", "B"]


@pytest.mark.parametrize("shifted", ["a@example.org,unsubscribed,x,y,z", 'a@example.org,"un"subscribed,,'])
def test_a_row_of_too_many_cells_that_left_lets_no_other_row_in(engine: Engine, tmp_path: Path, shifted: str) -> None:
    header = "email,status,name,note\n"
    counts, _ = take(engine, tmp_path, f"{header}A@example.org,active,A,\n{shifted}\nb@example.org,active,B,\n")
    assert active(engine) == ["b@example.org"]
    assert (counts.added, counts.refused) == (1, 0)


@pytest.mark.parametrize(
    ("refused", "number"),
    [
        ("'a@example.org, a2@example.org',unsubscribed,", 0),  # two addresses, which left
        ("a@example.org (ne plus écrire),active,", 0),
        ("* a@example.org,active,", 2),  # struck out
    ],
)
def test_a_row_of_an_address_that_cannot_be_taken_as_it_stands_holds_it(
    engine: Engine, tmp_path: Path, refused: str, number: int
) -> None:
    content = f"email,status,tier\na@example.org,active,\n{refused}\nb@example.org,active,\n".replace("'", '"')
    counts, _ = take(engine, tmp_path, content)
    assert (counts.added, counts.refused) == (1, number)
    assert active(engine) == ["b@example.org"]


def test_a_complaint_about_another_letter_is_of_this_one_too(engine: Engine, tmp_path: Path) -> None:
    content = "email,publication,status\na@example.org,samedi,complained\na@example.org,vendredi,active\n"
    content += "b@example.org,samedi,unsubscribed\nb@example.org,vendredi,active\n"
    content += "c@example.org,samedi,perhaps\nc@example.org,vendredi,active\n"
    counts, _ = take(engine, tmp_path, content)
    assert (counts.added, counts.banned, counts.refused) == (2, 1, 2)
    assert active(engine) == ["b@example.org", "c@example.org"]


def test_a_row_refused_for_what_has_nothing_to_do_with_leaving_holds_nobody(engine: Engine, tmp_path: Path) -> None:
    counts, _ = take(engine, tmp_path, "email,status,tier\na@example.org,active,gold\na@example.org,active,free\n")
    assert (counts.added, counts.refused) == (1, 1)


def test_what_a_refused_row_says_of_leaving_is_kept(engine: Engine, tmp_path: Path) -> None:
    content = "email,status,opted_out,paid_until\na@example.org,perhaps,yes,soon\na@example.org,active,,\n"
    counts, _ = take(engine, tmp_path, content)
    assert (counts.left, counts.added, counts.refused) == (1, 0, 0)


def test_of_duplicates_the_better_tier_counts_and_is_said(engine: Engine, tmp_path: Path) -> None:
    content = "email,formule,echeance\na@example.org,gratuit,\nA@example.org,payant,31/12/2030\n"
    content += "b@example.org,payant,31/12/2026\nb@example.org,payant,\nb@example.org,payant,31/12/2030\n"
    counts, report = take(engine, tmp_path, content)
    assert (counts.added, counts.duplicates, dict(counts.remarks)) == (2, 3, {"tier": 1})
    assert [(row[2], str(row[3])[:4]) for row in rows(engine)] == [("paid", "2030"), ("paid", "None")]
    assert report[0][:2] == ["2", "the address of line 3 again"]


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("unsubscribed_march.csv", "unsubscribed"), ("désabonnés.csv", "unsubscribed"),
        ("de\u0301sabonne\u0301s.csv", "unsubscribed"), ("opt-out mars.csv", "unsubscribed"),
        ("liste noire.csv", "unsubscribed"), ("NE PLUS ECRIRE.csv", "unsubscribed"), ("résiliés.csv", "unsubscribed"),
        ("Adresses invalides.csv", "bounced"), ("cleaned list.csv", "bounced"),
        ("NPAI.csv", "bounced"), ("marked-as-spam.csv", "complained"), ("lettre-unconfirmed.csv", "unconfirmed"),
        ("nonsubscribed.csv", "unconfirmed"),
    ],
)  # fmt: skip
def test_the_name_of_a_file_is_asked(engine: Engine, tmp_path: Path, name: str, state: str) -> None:
    with pytest.raises(UnreadColumns, match=f"name of the file, “{name}”") as asked:
        take(engine, tmp_path, "email\na@example.org\n", name=name)
    assert asked.value.suspects[0].option == f"--state {state}"
    stances = {"unsubscribed": Stance.LEFT, "bounced": Stance.BOUNCED, "complained": Stance.COMPLAINED}
    take(engine, tmp_path, "email\na@example.org\n", name=name, state=stances.get(state, Stance.UNPROVEN))
    assert active(engine) == []
    take(engine, tmp_path, "email\nb@example.org\n", name=name, state=Stance.IN)
    assert active(engine) == ["b@example.org"]


def test_a_name_says_nothing_where_each_row_does(engine: Engine, tmp_path: Path) -> None:
    content = "email,status\na@example.org,active\n"
    counts, _ = take(engine, tmp_path, f"{content}b@example.org,unsubscribed\n", name="with-unsubscribed.csv")
    assert (counts.added, counts.left) == (1, 1)
    with pytest.raises(UnreadColumns, match="name of the file"):  # a status of something else, of a payment perhaps
        take(engine, tmp_path, content, name="unsubscribed.csv")


MAILCHIMP = "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,LEID\n{}@example.org,A,2,2024-01-02 03:04:05,1\n"


@pytest.mark.parametrize("state", ["unsubscribed", "cleaned", "nonsubscribed", "subscribed"])
def test_a_mailchimp_file_is_what_its_name_says(engine: Engine, tmp_path: Path, state: str) -> None:
    """With the columns of leaving blank or missing, too; the four files may come in any order."""
    take(engine, tmp_path, MAILCHIMP.format("a"), name=f"{state}_email_audience_export_a1.csv")
    take(engine, tmp_path, MAILCHIMP.format("a"), name="subscribed_email_audience_export_a1.csv")
    assert active(engine) == (["a@example.org"] if state in ("subscribed", "nonsubscribed") else [])


def test_substack_says_who_pays_in_type(engine: Engine, tmp_path: Path) -> None:
    header = "email,expiry,email_disabled,stripe_connected_customer_id,type\n"
    content = "".join(
        f"{kind}@example.org,2030-01-01T00:00:00.000Z,false,,{kind}\n" for kind in ("paid", "gift", "comp", "free")
    )
    counts, _ = take(engine, tmp_path, header + content)
    assert (counts.platform, counts.added) == ("Substack", 4)
    assert {str(row[0]).split("@")[0]: row[2] for row in rows(engine)} == {
        "paid": "paid", "gift": "paid", "comp": "paid", "free": "free",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "cell", "asked"),
    [
        ("Fin de droits", "31/12/2030", True), ("Expire", "", True), ("Valable jusqu’au", "", True),
        ("Renewal date", "2020-01-01", True), ("Champ 7", "2040-01-01", True), ("Champ 7", "2020-01-01", False),
        ("Date de naissance", "2040-01-01", False), ("Next visit", "2040-01-01", False), ("Finances", "word", False),
        ("Date de fin", "31 déc. 2030", True), ("Date de fin", "31/12/30", True), ("Fin", "45657", True),
        ("Fin", "word", False),
    ],
)  # fmt: skip
def test_an_unread_end_of_payment_is_asked(engine: Engine, tmp_path: Path, name: str, cell: str, asked: bool) -> None:
    content = f"email;formule;{name}\na@example.org;payant;{cell}\n"
    if not asked:
        assert take(engine, tmp_path, content)[0].ignored == (name,)
        return
    with pytest.raises(UnreadColumns, match="until when readers paid") as stopped:
        take(engine, tmp_path, content)
    assert (stopped.value.suspects[0].column, stopped.value.suspects[0].field) == (name, "paid_until")


@pytest.mark.parametrize("name", ["Abonné jusqu'au", "Fin abonnemt", "Abonnée, date de fin", "Abonné : échéance"])
@pytest.mark.parametrize("days", [1, 60])
def test_an_end_in_a_name_of_subscribers_is_asked_as_one(engine: Engine, tmp_path: Path, name: str, days: int) -> None:
    """Also where there are more different dates than are kept."""
    dates = [f"2027-{1 + day // 28:02}-{1 + day % 28:02}" for day in range(days)]
    content = f'email;formule;"{name}"\nz@example.org;gratuit;\n'
    content += "".join(f"a{row}@example.org;payant;{date}\n" for row, date in enumerate(dates))
    with pytest.raises(UnreadColumns, match="until when readers paid") as stopped:
        take(engine, tmp_path, content)
    (suspect,) = stopped.value.suspects
    assert (suspect.column, suspect.field) == (name, "paid_until")
    assert suspect.option == suspect.lines[1].split("   ")[0].strip()
    assert "--map paid_until=" in suspect.option.replace("'", "")
    assert any("opted_in" in line for line in suspect.lines)
    take(engine, tmp_path, content, mapping={"paid_until": name})
    assert sorted(str(row[3])[:10] for row in rows(engine) if row[3]) == dates


@pytest.mark.parametrize(
    ("name", "cell", "field"),
    [
        ("Abonné jusqu'au", "oui", "opted_in"), ("Abonné finance", "2027-01-01", "opted_in"),
        ("Désabonné jusqu'au", "2027-01-01", "opted_out"),
        ("Newsletter until", "2027-01-01", "opted_in"),
    ],
)  # fmt: skip
def test_no_other_column_of_subscribers_is_asked_as_an_end(
    engine: Engine, tmp_path: Path, name: str, cell: str, field: str
) -> None:
    content = f'email;formule;"{name}"\na@example.org;payant;{cell}\nb@example.org;payant;31/12/2027\n'
    with pytest.raises(UnreadColumns) as stopped:
        take(engine, tmp_path, content)
    assert [suspect.field for suspect in stopped.value.suspects] == [field]


def test_known_names_of_an_end_of_payment_are_read(engine: Engine, tmp_path: Path) -> None:
    for number, name in enumerate(("Fin abonnement", "Date de fin d’abonnement", "Expires at", "Échéance")):
        take(engine, tmp_path, f"email;formule;{name}\n{number}@example.org;payant;31/12/2030\n")
    assert {str(row[3])[:10] for row in rows(engine)} == {"2030-12-31"}


def test_a_column_called_newsletter_that_holds_answers_is_asked(engine: Engine, tmp_path: Path) -> None:
    content = "email,Newsletter\na@example.org,oui\nb@example.org,non\n"
    with pytest.raises(UnreadColumns, match="“Newsletter” \\(oui, non\\)") as asked:
        take(engine, tmp_path, content)
    assert asked.value.suspects[0].option == "--map opted_in=Newsletter"
    take(engine, tmp_path, content, mapping={"opted_in": "Newsletter"})
    assert active(engine) == ["a@example.org"]
    assert take(engine, tmp_path, "email,Newsletter\nc@example.org,vendredi\n")[0].added == 1
    with pytest.raises(UnreadColumns, match="“Newsletter” \\(2024-03-12\\)"):  # since when; who has none never asked
        take(engine, tmp_path, "email,Newsletter\nd@example.org,\ne@example.org,2024-03-12\n")
    with pytest.raises(UnreadColumns, match="“Newsletter” \\(\\+\\)"):
        take(engine, tmp_path, "email,Newsletter\nd@example.org,-\ne@example.org,+\n")


@pytest.mark.parametrize("other", ["nsp", "à demander", "-1"])
def test_one_answer_is_enough_to_ask(engine: Engine, tmp_path: Path, other: str) -> None:
    """The refused rows would propose ``--map publication=ignore``, which lets in who said no."""
    with pytest.raises(UnreadColumns, match="“Newsletter”"):
        take(engine, tmp_path, f"email,Newsletter\na@example.org,oui\nb@example.org,non\nc@example.org,{other}\n")


def test_a_column_called_abonnement_that_holds_answers_is_asked(engine: Engine, tmp_path: Path) -> None:
    content = "email,Abonnement\na@example.org,oui\nb@example.org,non\n"
    with pytest.raises(UnreadColumns, match=r"(?s)“Abonnement” \(oui, non\).*--map paid=Abonnement") as asked:
        take(engine, tmp_path, content)
    assert asked.value.suspects[0].option == "--map '?=Abonnement'"
    take(engine, tmp_path, content, mapping={"opted_in": "Abonnement"})
    assert active(engine) == ["a@example.org"]
    counts, _ = take(engine, tmp_path, content, mapping={"tier": "Abonnement"}, publication="samedi")
    assert counts.added == 2


@pytest.mark.parametrize("name", ["status", "publication", "opted_out"])
def test_a_column_called_as_a_field_can_be_ignored(engine: Engine, tmp_path: Path, name: str) -> None:
    """``--map publication=ignore``, as the import itself proposes it."""
    content = f"email,{name}\na@example.org,no\n"
    counts, _ = take(engine, tmp_path, content, mapping={name: ["ignore"]})
    assert (counts.added, counts.ignored) == (1, (name,))


@pytest.mark.parametrize(
    "since", ["12/3/24", "45292", "5 mars 2024", "lundi 1er déc. 2025", "désabonnée par téléphone", "Oui, le 12/03"]
)
def test_who_left_in_other_words_left(engine: Engine, tmp_path: Path, since: str) -> None:
    """Refused, the row would leave a reader who is here already on the list."""
    take(engine, tmp_path, "email\na@example.org\n")
    counts, _ = take(engine, tmp_path, f"email;désabonné le\na@example.org;{since}\nb@example.org;\n")
    assert (counts.left, counts.added) == (1, 1)
    assert active(engine) == ["b@example.org"]


def test_a_column_of_lists_that_are_not_the_same_is_asked(engine: Engine, tmp_path: Path) -> None:
    content = "email,Listes\na@example.org,vendredi\nb@example.org,\n"
    with pytest.raises(UnreadColumns, match="--map lists=Listes"):
        take(engine, tmp_path, content)
    assert take(engine, tmp_path, content, mapping={"lists": "Listes"})[0].unproven == 1
    assert take(engine, tmp_path, "email,Listes\nc@example.org,vendredi\n")[0].added == 1


def test_mailman_members_are_read_from_json(engine: Engine, tmp_path: Path) -> None:
    members = (
        '{"start": 0, "entries": [{"email": "a@example.org", "list_id": "l", "role": "member", "member_id": 1, '
        '"display_name": "Anne"}, {"email": "b@example.org", "list_id": "l", "role": "member", "member_id": 2, '
        '"display_name": "", "delivery_status": "by_bounces"}, {"email": "c@example.org", "list_id": "l", '
        '"role": "nonmember", "member_id": 3}]}'
    )
    counts, _ = take(engine, tmp_path, members, name="members.json")
    assert (counts.platform, counts.added, counts.banned, counts.unproven) == ("Mailman", 1, 1, 1)
    assert rows(engine)[0][:2] == ("a@example.org", "Anne")
