"""Lists as a hurried office makes them: titles between the rows, shorthand, other languages, answers in odd columns."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.errors import Refused
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.standing import Stance
from composer.subscribers.told import tells_of_leaving
from tests.subscribers.support.csv_lists import rows, take


@pytest.mark.parametrize(
    "title",
    [
        "DÉSABONNÉS;",
        "Désabonnés :",
        "Ne plus écrire;",
        "Bounced;",
        "NPAI;",
        ";Partis",
        "DÉSABONNÉS;DÉSABONNÉS",
        "Désabonnés;12",
        "Désabonnés;depuis 2020",
    ],
)
def test_a_title_above_readers_who_left_stops_the_import(engine: Engine, tmp_path: Path, title: str) -> None:
    content = f"email;nom\na@example.org;A\n{title}\nb@example.org;B\n"
    with pytest.raises(Refused, match=r"list\.csv:3: .*stands alone.*--state unsubscribed"):
        take(engine, tmp_path, content)
    assert rows(engine) == []
    assert take(engine, tmp_path, content, state=Stance.LEFT)[0].added == 0  # all of the list left, title or not


@pytest.mark.parametrize("line", ["Total : 2;", ";Lecteurs", ";Zoé", "c@example.org;", "désabonnée;Durand"])
def test_another_line_with_one_cell_stops_nothing(engine: Engine, tmp_path: Path, line: str) -> None:
    take(engine, tmp_path, f"email;nom\na@example.org;A\n{line}\nb@example.org;B\n")
    assert {"a@example.org", "b@example.org"} <= {row[0] for row in rows(engine)}


def test_an_erased_row_that_left_is_no_title(engine: Engine, tmp_path: Path) -> None:
    counts, _ = take(engine, tmp_path, "email;status\na@example.org;active\n;unsubscribed\n")
    assert (counts.added, counts.refused) == (1, 1)


@pytest.mark.parametrize(
    "name",
    [
        "Désabo", "Abgemeldet am", "Abmeldedatum", "Uitgeschreven op", "Fecha de baja", "Disiscritto il",
        "Lettre d’information", "Bulletin", "NL", "Einwilligung",
    ],
)  # fmt: skip
def test_a_column_of_another_language_or_in_shorthand_is_asked(engine: Engine, tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadColumns) as asked:
        take(engine, tmp_path, f"email;{name}\na@example.org;1\nb@example.org;\n")
    assert asked.value.suspects[0].column == name


@pytest.mark.parametrize(
    "note",
    [
        "désabo le 12/3", "Décédé le 3 mars", "retirée à sa demande", "à supprimer de la liste", "adresse invalide",
        "l'adresse n’existe plus", "veut plus rien recevoir", "please remove from the list", "asked to be taken off",
        "No longer wants it", "Abgemeldet im Mai", "Refusé", "canceled",
    ],
)  # fmt: skip
def test_a_note_tells_that_a_reader_left(note: str) -> None:
    assert tells_of_leaving(note)


@pytest.mark.parametrize(
    "note",
    [
        "adresse ferme du Moulin", "veut plus de photos", "précédé d’un appel", "retiré en magasin",
        "labo photo", "adresse postale vérifiée",
    ],
)  # fmt: skip
def test_a_note_about_something_else_asks_nothing(note: str) -> None:
    assert not tells_of_leaving(note)


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("Newsletter", "Abonné", "Désabonné"), ("newsletter", "subscribed", "unsubscribed"),
        ("Newsletter", "Inscrit", "Non inscrit"), ("Choix", "Accepté", "Refusé"), ("Réponse", "J’accepte", "Je refuse"),
        ("Membership", "active", "canceled"), ("Zustand", "Aktiv", "Abgemeldet"), ("Situación", "Alta", "Baja"),
    ],
)  # fmt: skip
def test_a_column_of_states_is_asked_and_the_answer_lets_in_who_agreed(
    engine: Engine, tmp_path: Path, name: str, yes: str, no: str
) -> None:
    """Taken for the name of a letter, the import would propose to ignore it."""
    content = f"email;{name}\na@example.org;{yes}\nb@example.org;{no}\n"
    with pytest.raises(UnreadColumns) as asked:
        take(engine, tmp_path, content)
    assert asked.value.suspects[0].field == "status"
    assert take(engine, tmp_path, content, mapping={"status": name})[0].refused == 0
    assert [row[0] for row in rows(engine) if row[5] == "active"] == ["a@example.org"]


def test_accepted_is_a_yes_to_consent_and_no_answer_to_an_opt_out(engine: Engine, tmp_path: Path) -> None:
    counts, _ = take(engine, tmp_path, "email;optin\na@example.org;Accepté\nb@example.org;Refusé\n")
    assert (counts.added, counts.left) == (1, 1)
    counts, _ = take(engine, tmp_path, "email;optout\nc@example.org;Accepté\nd@example.org;oui\n")
    assert (counts.added, counts.left, counts.refused) == (0, 1, 1)


def test_a_column_of_yes_and_no_may_be_who_pays(engine: Engine, tmp_path: Path) -> None:
    content = "email;Payant\na@example.org;oui\nb@example.org;non\n"
    with pytest.raises(UnreadColumns, match="--map paid=Payant"):
        take(engine, tmp_path, content)
    take(engine, tmp_path, content, mapping={"paid": "Payant"})
    assert [row[2] for row in rows(engine)] == ["paid", "free"]


def test_the_private_of_outlook_asks_nothing(engine: Engine, tmp_path: Path) -> None:
    assert take(engine, tmp_path, "Adresse de messagerie,Privé\na@example.org,Faux\n")[0].added == 1


def test_a_tier_of_another_name_says_how_to_go_on(engine: Engine, tmp_path: Path) -> None:
    content = "email;Offre\na@example.org;Standard\n"
    assert "--map tier=ignore" in take(engine, tmp_path, content)[1][0][1]
    assert take(engine, tmp_path, content, mapping={"tier": "ignore"})[0].added == 1


def test_a_list_from_a_pipe_says_to_save_it(engine: Engine, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    try:
        os.write(writing, b"email\na@example.org\n")
        from composer.subscribers.csv_reader import open_csv

        with pytest.raises(Refused, match="not from a pipe"), open_csv(Path(f"/dev/fd/{reading}")):
            pass
    finally:
        os.close(reading)
        os.close(writing)
