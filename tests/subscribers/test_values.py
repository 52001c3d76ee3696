"""Cells of a list: an unknown word is neither a yes nor a no, and the many ways of writing nothing are nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.errors import Refused
from composer.subscribers.consent_words import read_standing
from composer.subscribers.standing import Stance
from composer.subscribers.values import is_empty, read_tier
from tests.subscribers.support.csv_lists import rows, take

YES = ["yes", "y", "TRUE", "true", "t", "on", "1", "1.0", "oui", "Oui", "o", "vrai", "ja", "x", "X", "✓", "✔"]
NO = ["no", "No.", "n", "FALSE", "false", "f", "off", "0", "0.0", "non", "NON", "faux", "Nein", "✗"]
EMPTY = ["", " ", "NULL", "null", r"\N", "-", "—", "N/A", "None", "nil", "(No value)", "[]", "0000-00-00"]
EMPTY += ["0000-00-00 00:00:00", "0001-01-01 00:00:00 +0000 UTC", "Invalid date"]
DATES = ["2024-01-05", "2024-01-05 10:00:00", "05/01/2024", "2023-03-24 10:23:10 UTC"]
UNKNOWN = ["perhaps", "maybe", "disabled", "active", "2", "-1", "+1", "10", "?", "☂"]


def says(field: str, *standings: Stance) -> list[str]:
    """The words of YES that do not mean ``standings[0]``, those of NO that do not mean ``standings[1]``..."""
    lists = zip((YES, NO, EMPTY, DATES), standings, strict=False)
    return [word for words, wanted in lists for word in words if read_standing(field, word) is not wanted]


def test_a_yes_is_a_yes_and_a_no_a_no_in_every_column() -> None:
    """And nothing proves no consent and says of no reader that he left; a date says when."""
    assert says("opted_in", Stance.IN, Stance.LEFT, Stance.UNPROVEN, Stance.IN) == []
    assert says("opted_out", Stance.LEFT, Stance.IN, Stance.IN, Stance.LEFT) == []
    assert says("opted_out_reason", Stance.LEFT, Stance.IN, Stance.IN, Stance.LEFT) == []
    assert says("hard_bounced", Stance.BOUNCED, Stance.IN, Stance.IN, Stance.BOUNCED) == []
    assert says("complained", Stance.COMPLAINED, Stance.IN, Stance.IN, Stance.COMPLAINED) == []
    assert [word for word in EMPTY if read_standing("status", word) is not Stance.UNPROVEN] == []
    assert [word for word in EMPTY if not is_empty(word)] == []


@pytest.mark.parametrize(
    ("word", "standing"),
    [
        ("unsubscribed", Stance.LEFT), ("UNSUBSCRIBED", Stance.LEFT), ("NEVER_SUBSCRIBED", Stance.LEFT),
        ("Désabonné", Stance.LEFT), ("[HARD_BOUNCE]", Stance.BOUNCED), ("cleaned", Stance.BOUNCED),
        ("Complained", Stance.COMPLAINED), ("[SPAM_COMPLAINT]", Stance.COMPLAINED),
        ("bounced", Stance.BOUNCED_SOMEHOW), ("suppressed", Stance.SUPPRESSED),
    ],
)  # fmt: skip
def test_who_is_gone_is_gone_whatever_the_column_asks(word: str, standing: Stance) -> None:
    assert {read_standing(field, word) for field in ("status", "opted_in", "opted_out")} == {standing}
    assert read_standing("opted_in", "Subscribed") is Stance.IN
    assert read_standing("opted_out", "abonnée") is Stance.IN


#: In a column of consent; elsewhere an order that is closed says nothing of its reader.
OVER = ["Clos", "clôturée", "désab.", "DESAB", "désins.", "Désabonnées", "Terminé", "terminé en 2022", "ex", "cessé"]
OVER += ["Abonnement clos", "Clos (impayé)", "résil.", "Résilié(e)", "Arrêté", "banned", "n’habite plus", "Fin d’abo"]
OVER += ["2 - Désabonné", "03. Clos"]


def test_what_a_status_says_is_over_is_over() -> None:
    assert [word for word in OVER if read_standing("status", word) is not Stance.LEFT] == []
    assert {read_standing("status", word) for word in ("actifs", "Abonnées", "inscrits", "1 – Actif")} == {Stance.IN}
    for word in ("en cours", "à jour", "exact", "final", "disclosed", "Non résilié"):
        with pytest.raises(Refused):
            read_standing("status", word)
    assert read_standing("opted_in", "Clos") is read_standing("opted_out", "désab.") is Stance.LEFT


def test_a_status_that_denies_leaving_takes_nobody_off(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,statut\na@example.org,Abonné\nb@example.org,Désabonné\n")
    _counts, refused = take(engine, tmp_path, "email,statut\na@example.org,Non résilié\nb@example.org,Abonné\n")
    assert [row[0] for row in refused] == ["2", "3"]
    assert [row[5] for row in rows(engine)] == ["active", "unsubscribed"]


def test_a_longer_answer_is_read_where_it_says_that_somebody_left() -> None:
    assert read_standing("opted_in", "Non, merci") is read_standing("opted_out", "oui le 12/03") is Stance.LEFT
    for field, text in (("opted_in", "oui mais"), ("opted_out", "non, enfin"), ("opted_out", "x y")):
        with pytest.raises(Refused):
            read_standing(field, text)


def test_a_reason_may_hold_several_words() -> None:
    assert read_standing("opted_out_reason", "[USER_SUPPRESSED, HARD_BOUNCE]") is Stance.BOUNCED
    assert read_standing("opted_out_reason", "moved away") is Stance.LEFT


@pytest.mark.parametrize("word", ["pending", "Unconfirmed", "double_opt_in_pending", "Non confirmé", "en attente"])
def test_who_never_confirmed_is_no_reader(word: str) -> None:
    assert {read_standing(field, word) for field in ("status", "opted_in", "unconfirmed")} == {Stance.UNPROVEN}


@pytest.mark.parametrize("word", UNKNOWN)
def test_what_is_neither_is_refused_with_what_to_write(word: str) -> None:
    with pytest.raises(Refused, match="neither a yes, a no nor a date; write yes, no, or the day") as refused:
        read_standing("opted_in", word)
    assert f"“{word}”" in str(refused.value)
    with pytest.raises(Refused, match="on which this reader left"):
        read_standing("opted_out", word)
    assert read_standing("opted_out_reason", word) is Stance.LEFT


@pytest.mark.parametrize("when", ["31/02/2024", "mars 2024", "mars-24", "03/2024", "2024", "12-mars", "1709632800"])
def test_a_day_that_is_none_says_all_the_same_that_a_reader_left(when: str) -> None:
    assert read_standing("opted_out", when) is Stance.LEFT
    with pytest.raises(Refused):
        read_standing("opted_in", "31/02/2024")


def test_a_tier_that_is_not_known_is_no_tier() -> None:
    assert (read_tier("t"), read_tier("f")) == ("paid", "free")
    with pytest.raises(Refused):
        read_tier("10")


def test_a_cell_that_is_neither_refuses_its_row(engine: Engine, tmp_path: Path) -> None:
    content = "email,opted_in\nin@example.org,on\nout@example.org,off\nnull@example.org,NULL\nodd@example.org,perhaps\n"
    counts, report = take(engine, tmp_path, content)
    assert (counts.added, counts.left, counts.unproven, counts.refused) == (1, 1, 1, 1)
    assert [(row[0], row[2]) for row in report] == [("4", "null@example.org"), ("5", "odd@example.org")]
    assert "“perhaps”" in report[1][1]


def test_postgresql_says_f_and_t_and_a_dump_says_null(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,subscribed_to_emails\na@example.org,t\nb@example.org,f\n")
    content = "c,NULL\nd,\\N\ne,0000-00-00 00:00:00\nf,f\ng,-\nh,2024-01-05 10:00:00\n".replace(",", "@example.org,")
    counts, report = take(engine, tmp_path, f"email,unsubscribed_at\n{content}")
    assert (counts.added, counts.left, report) == (5, 1, [])
    gone = [str(row[0])[0] for row in rows(engine) if row[5] == "unsubscribed"]
    assert gone == ["b", "h"]


def test_null_is_no_proof_of_consent(engine: Engine, tmp_path: Path) -> None:
    counts, report = take(engine, tmp_path, "email,source,name\na@example.org,NULL,Null\n", source=None)
    assert (counts.refused, "--source" in report[0][1]) == (1, True)
    take(engine, tmp_path, "email,source,name\na@example.org,NULL,Null\n", source="form")
    assert rows(engine)[0][1] == "Null"


def test_who_left_is_remembered_whatever_else_is_wrong_in_the_row(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email\na@example.org\n")
    counts, report = take(engine, tmp_path, "email,status,paid_until\na@example.org,unsubscribed,soon\n", source=None)
    assert (counts.left, counts.refused, report) == (1, 0, [])
    assert rows(engine)[0][5] == "unsubscribed"
