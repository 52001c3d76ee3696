"""What lists say in signs, in shorthand, with slips of the pen, and in columns that are about something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.database import connect
from composer.errors import Refused
from composer.subscribers.consent_words import read_standing
from composer.subscribers.instants import is_date
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.short_names import written_out
from composer.subscribers.smells import SMELLS, standing_of_title
from composer.subscribers.standing import Stance
from composer.subscribers.told import tells_of_leaving
from composer.subscribers.values import answer_key, fold
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import make_tables


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    return engine


def active(engine: Engine) -> list[str]:
    return [str(row[0]).split("@")[0] for row in rows(engine) if row[5] == "active"]


@pytest.mark.parametrize(
    "cell",
    [
        "ne + écrire", "+ abonné", "n'est + abonnée", "ne veut + la lettre", "+ de mail",  # plus, as a sign
        "désaboné", "desaboné", "désincrit", "désiscrite", "unsuscribed", "unsbuscribe",  # slips
        "inactif depuis 2020", "ex-actif", "Out", "NOK", "Ancien", "Morts",
        "adresses erronées", "mauvaise adresse", "mails reviennent", "retirez-moi", "n'a rien demandé", "ne lit plus",
        "inscrite par erreur", "abonnement terminé", "pas confirmé", "non merci", "s'est opposée", "trop de mails",
        "no longer with us", "returned mail", "please stop", "refused consent", "not confirmed", "removal requested",
        "domain not found", "did not renew", "no thanks", "has died", "Cancelled by phone",
    ],
)  # fmt: skip
def test_a_cell_tells_it_in_shorthand_or_with_a_slip(cell: str) -> None:
    assert tells_of_leaving(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "+33 6 12",
        "A + B",
        "des abonnés",
        "Description",
        "unscripted",
        "Google+ mail",
        "ancien ministre",
        "partie nord",
        "mort de rire",
    ],
)
def test_another_tells_nothing(cell: str) -> None:
    assert not tells_of_leaving(cell)


def test_plus_as_a_sign_is_a_word_after_no_alone() -> None:
    assert fold("Ne + contacter") == "nepluscontacter"
    assert fold("Prénom + Nom") == "prenomnom"
    assert is_date("3/25/2024, 10:30:00\u202fAM", "mdy")
    assert (answer_key("+"), answer_key("XX")) == ("+", "x")


@pytest.mark.parametrize(
    "cells",
    [
        " 12/03/24", " 03/25/2024", " 3/25/24_10:30", " mars_2024",  # LibreOffice's year, another order, a month
        " mars_24", " 1709632800", "🟢 🔴", "vert rouge", " xx", "A X", "A C", "0 vrai", "à_voir oui",
    ],
)  # fmt: skip
def test_a_column_of_days_or_marks_is_asked_whatever_its_name(engine: Engine, tmp_path: Path, cells: str) -> None:
    one, other = cells.replace("_", "\u00a0").split(" ")
    with pytest.raises(UnreadColumns):
        take(
            engine,
            tmp_path,
            f"email;Divers\na@example.org;{one}\nb@example.org;{other}\nc@example.org;non\n"
            if other == "oui"
            else f"email;Divers\na@example.org;{one}\nb@example.org;{other}\n",
        )


def test_a_day_of_consent_may_say_that_there_was_none(engine: Engine, tmp_path: Path) -> None:
    """Taken for a date that cannot be read, it would cost no reader."""
    words = ("désabonné le 12/03/2024", "non", "jamais", "12/03/2020", "printemps 2019")
    content = "".join(f"{'ghijk'[at]}@example.org;{word}\n" for at, word in enumerate(words))
    counts, _ = take(engine, tmp_path, f"email;inscrit le\n{content}")
    assert (active(engine), counts.left, dict(counts.remarks)["told"]) == (["j", "k"], 3, 3)


@pytest.mark.parametrize(
    ("cell", "standing"),
    [
        ("active", Stance.IN), ("No bounce", Stance.IN), ("pas de rebond", Stance.IN), ("RAS", Stance.IN),
        ("soft", Stance.LEFT), ("Soft bounce", Stance.LEFT), ("unsubscribed", Stance.LEFT),
        ("no such user", Stance.BOUNCED), ("blocked", Stance.BOUNCED), ("confirmed", Stance.BOUNCED),
        ("non distribué", Stance.BOUNCED),
    ],
)  # fmt: skip
def test_a_bounce_that_is_none_or_of_a_day_closes_no_mailbox_for_good(cell: str, standing: Stance) -> None:
    assert read_standing("hard_bounced", cell) is standing


def test_what_was_not_paid_is_not_paid(engine: Engine, tmp_path: Path) -> None:
    words = ("oui", "impayé", "Non payé", "refunded", "pending", "9,00 €")
    content = "".join(f"{'ghijkl'[at]}@example.org;{word}\n" for at, word in enumerate(words))
    take(engine, tmp_path, f"email;Paiement\n{content}", mapping={"paid": "Paiement"})
    assert [row[2] for row in rows(engine)] == ["paid", "free", "free", "free", "free", "paid"]


@pytest.mark.parametrize("letter", ["vendredi, désabonné", "Désabonné", "vendredi (stop)"])
def test_a_letter_beside_which_it_stands_was_left(engine: Engine, tmp_path: Path, letter: str) -> None:
    """Refused, its row would propose to ignore the column."""
    counts, _ = take(engine, tmp_path, f'email;lettre\na@example.org;vendredi\ng@example.org;"{letter}"\n')
    assert (active(engine), counts.left, counts.refused) == (["a"], 1, 0)
    counts, _ = take(
        engine, tmp_path, 'email;Listes\nb@example.org;"Vendredi; Désabonnés"\n', mapping={"lists": "Listes"}
    )
    assert counts.left == 1


@pytest.mark.parametrize(
    "line",
    [
        "Nom;Code postal;Courriel",
        ";;DÉSABONNÉS",
        "Liste de toutes les personnes qui nous ont demandé de ne plus recevoir la lettre d'information;;",
    ],
)
def test_a_second_table_or_a_title_is_told_wherever_it_stands(engine: Engine, tmp_path: Path, line: str) -> None:
    with pytest.raises(Refused, match=r"list\.csv:3: "):
        take(engine, tmp_path, f"email;nom;ville\na@example.org;A;Lyon\n{line}\ng@example.org;G;Lyon\n")


@pytest.mark.parametrize(
    ("title", "standing"),
    [
        ("Deny list", Stance.LEFT), ("Suspendus", Stance.LEFT), ("Anciens 2023", Stance.LEFT),
        ("Old readers", Stance.LEFT),
        ("demandes de retrait", Stance.LEFT), ("mails qui ne marchent plus", Stance.LEFT),
        ("Plaignants", Stance.COMPLAINED),
        ("Adresses erronées", Stance.BOUNCED), ("Échecs", Stance.BOUNCED), ("Bad addresses", Stance.BOUNCED),
        ("Non vérifiés", Stance.UNPROVEN), ("À confirmer", Stance.UNPROVEN), ("lettre exclusive", None),
        ("Arrêt sur images", None), ("Festival Off", None), ("Inscrits", None), ("Membres actifs", None),
    ],
)  # fmt: skip
def test_a_name_of_a_file_says_it_in_other_words(title: str, standing: Stance | None) -> None:
    assert standing_of_title(title) is standing


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Résil.", True), ("Raison du départ", True), ("Date d’arrêt", True), ("Hors liste", True),
        ("Plus intéressé", True),
        ("À confirmer", True), ("Marketing OK", True), ("Interdit", True), ("SMTP code", True), ("Dormant", True),
        ("presse_out", True), ("nl_stop", True), ("mailKO", True), ("ex-abo", True), ("adr. HS", True),
        ("Check-out", False), ("Mail pro", False), ("Ancien numéro", False),
        ("Code", False), ("Intéressé par", False), ("Raison sociale", False), ("Département", False), ("Cause", False),
    ],
)  # fmt: skip
def test_a_name_of_a_column_is_asked_in_shorthand_too(name: str, asked: bool) -> None:
    assert any(smell.search(written_out(name)) for smell in SMELLS) is asked


def test_a_year_after_a_word_is_no_day_of_leaving() -> None:
    """A note, in a column that was said to be one of who left."""
    assert read_standing("opted_out", "début 2021") is read_standing("opted_out", "12 mars") is Stance.LEFT
    for cell in ("client 2019", "VIP 2020"):
        with pytest.raises(Refused):
            read_standing("opted_out", cell)


def test_a_tier_that_tells_of_leaving_is_asked(engine: Engine, tmp_path: Path) -> None:
    """Refused, its row would propose to ignore the column."""
    content = "email;Formule\na@example.org;gratuit\ng@example.org;désabonné\ng@example.org;gratuit\n"
    with pytest.raises(UnreadColumns, match="“Formule” \\(désabonné\\)"):
        take(engine, tmp_path, content)
    assert take(engine, tmp_path, content, mapping={"tier": "Formule"})[0].refused == 2  # holds the other row
    assert active(engine) == ["a"]


def test_a_letter_by_post_is_asked(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnreadColumns, match="“Newsletter” \\(papier, mail\\)"):
        take(engine, tmp_path, "email;Newsletter\na@example.org;papier\nb@example.org;mail\n")


def test_what_is_struck_out_is_not_written_to(engine: Engine, tmp_path: Path) -> None:
    struck = "".join(f"{letter}\u0336" for letter in "a@example.org")
    names = ["Durand", "STOP Durand", "ZZ Durand", "D\u0336u\u0336p", "Jean STOP", "Stop"]
    people = "".join(f"{'ghijkl'[at]}@example.org;{name}\n" for at, name in enumerate(names))
    counts, report = take(
        engine, tmp_path, f"email;nom\n{struck};\na@example.org;\n~~b@example.org~~;\nb@example.org;\n{people}"
    )
    assert (active(engine), counts.left) == (["g", "k", "l"], 3)
    assert "is struck out" in report[0][1]


def test_what_nobody_knows_is_no_refusal(engine: Engine, tmp_path: Path) -> None:
    for field in ("opted_in", "status"):
        assert read_standing(field, "non renseigné") is read_standing(field, "inconnu") is Stance.UNPROVEN
    counts, _ = take(engine, tmp_path, "email;langue\na@example.org;fr\nb@example.org;stop\n")
    assert (active(engine), counts.left) == (["a"], 1)
