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
from composer.subscribers.standing import Stance
from composer.subscribers.told import tells_of_leaving
from composer.subscribers.values import answer_key, fold
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import upgrade


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    upgrade(engine)
    return engine


def active(engine: Engine) -> list[str]:
    return [str(row[0]).split("@")[0] for row in rows(engine) if row[5] == "active"]


@pytest.mark.parametrize(
    "cell",
    [
        "ne + écrire", "+ abonné", "n'est + abonnée", "ne veut + la lettre", "+ de mail",  # plus, as a sign
        "désaboné", "desaboné", "désincrit", "désiscrite", "unsuscribed", "unsbuscribe",  # slips
        "Out", "NOK", "Ancien",
    ],
)  # fmt: skip
def test_a_cell_tells_it_in_shorthand_or_with_a_slip(cell: str) -> None:
    assert tells_of_leaving(cell)


@pytest.mark.parametrize("cell", ["+33 6 12", "A + B", "des abonnés", "Description", "unscripted", "Google+ mail"])
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
        "🟢 🔴", "vert rouge", " xx", "A X", "A C",
    ],
)  # fmt: skip
def test_a_column_of_days_or_marks_is_asked_whatever_its_name(engine: Engine, tmp_path: Path, cells: str) -> None:
    one, other = cells.replace("_", "\u00a0").split(" ")
    with pytest.raises(UnreadColumns):
        take(engine, tmp_path, f"email;Divers\na@example.org;{one}\nb@example.org;{other}\n")


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
