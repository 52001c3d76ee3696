"""Lists read a sixth time: words in no table are asked about by how they stand to each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.database import connect
from composer.subscribers.consent_words import is_way_of_contact
from composer.subscribers.contrasts import are_contrary
from composer.subscribers.questions import UnreadColumns
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
    ("cells", "contrary"),
    [
        ("hebdomadaire aucun", True), ("quotidien jamais", True), ("all none", True), ("x none", False),
        ("reçue non-reçue", True), ("favorable défavorable", True), ("reachable unreachable", True),
        ("positive négative", True), ("entrée sortie", True), ("PDF papier", True), ("Lyon Paris", False),
        ("jamais", False), ("interne externe", False), ("particulier entreprise", False), ("Mme M.", False),
        ("a b c d e f g h i j k l jamais", False),
    ],
)  # fmt: skip
def test_one_word_refuses_another(cells: str, contrary: bool) -> None:
    assert are_contrary([cell.replace("-", " ") for cell in cells.split()]) == contrary


def test_ways_of_contact_may_stand_in_one_cell() -> None:
    assert all(map(is_way_of_contact, ("papier", "papier + numérique", "email et SMS")))
    assert not any(map(is_way_of_contact, ("", "+", "papier peint", "Lyon")))


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Cadence", "hebdo;jamais"), ("Support", "numérique;papier;papier + numérique"), ("version", "pdf;imprimée"),
        ("email_verified_at", "2024-01-02;"), ("Confirmation", "2024-01-02;"), ("flag", "0;2"), ("Abo", "V;S"),
        ("Le Vendredi", "2024-01-02;"),
        ("Fin d'inscription", "2024-01-02;"), ("digest", "daily;disabled"),
        ("Email Address is Invalid", "0;1"), ("Test mail", "ok;échec"),
        ("Tags", "presse;no-nl"), ("Tags", "presse;NL_KO"),
    ],
)  # fmt: skip
def test_a_column_that_may_say_who_never_asked_is_asked(engine: Engine, tmp_path: Path, name: str, cells: str) -> None:
    content = "".join(f"{at}@example.org,{cell}\n" for at, cell in enumerate(cells.split(";")))
    with pytest.raises(UnreadColumns):
        take(engine, tmp_path, f"email,{name}\n{content}")


def test_free_answers_with_a_yes_and_a_no_are_asked_in_a_long_list_too(engine: Engine, tmp_path: Path) -> None:
    content = "".join(f"r{number}@example.org,words {number}\n" for number in range(60))
    with pytest.raises(UnreadColumns, match=r"Avis.* \(Oui, Non\)"):
        take(engine, tmp_path, f"email,Avis\ny@example.org,Oui\n{content}n@example.org,Non\n")


@pytest.mark.parametrize(
    ("name", "cells"),
    [("Abonnements", "vendredi samedi"), ("maj", "OK OUT"), ("Le Lundi", "2024-01-02 "), ("Fin", "2020-01-02 ")],
)
def test_where_either_may_be_meant_no_answer_is_proposed(engine: Engine, tmp_path: Path, name: str, cells: str) -> None:
    one, other = cells.split(" ")
    with pytest.raises(UnreadColumns) as asked:
        take(engine, tmp_path, f"email,{name}\na@example.org,{one}\nb@example.org,{other}\n")
    assert [suspect.field for suspect in asked.value.suspects] == ["?"]


def test_what_is_proposed_is_not_refused_for_its_sense(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnreadColumns) as asked:
        take(engine, tmp_path, "email,Inscription\na@example.org,02/01/2024\nb@example.org,Annulée\n")
    assert [suspect.field for suspect in asked.value.suspects] == ["opted_in"]


def test_a_line_with_a_mark_before_it_counts_no_more(engine: Engine, tmp_path: Path) -> None:
    """Neither does its address in another line; #12 is a number."""
    content = "nom;email\nA;a@example.org\n#B;b@example.org\n// C;c@example.org\n#12;d@example.org\nB;b@example.org\n"
    counts, _ = take(engine, tmp_path, content)
    assert (active(engine), counts.refused) == (["a", "d"], 3)
    counts, _ = take(engine, tmp_path, "email\n-e@example.org\n")
    assert counts.refused == 1


def test_a_source_of_none_is_no_consent(engine: Engine, tmp_path: Path) -> None:
    counts, _ = take(engine, tmp_path, "email;source\na@example.org;salon\nb@example.org;aucune\nc@example.org;non\n")
    assert (active(engine), counts.unproven) == (["a"], 2)


def test_a_line_alone_below_an_empty_one_is_asked_about_where_readers_follow(engine: Engine, tmp_path: Path) -> None:
    content = "nom;email\nA;a@example.org\n;\nAncienne liste;\nB;b@example.org\n"
    with pytest.raises(UnreadColumns, match="line 4, “Ancienne liste” stands alone"):
        take(engine, tmp_path, content)
    for harmless in (content.replace(";\nAncienne", "Ancienne"), "nom;email\nA;a@example.org\n;\nTotal de la liste;\n"):
        assert take(engine, tmp_path, harmless)[0].refused == 1


def test_paid_without_an_end_does_not_undo_one_and_it_is_said(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,tier,paid_until\na@example.org,paid,2020-01-01\nb@example.org,paid,2090-01-01\n")
    counts, _ = take(engine, tmp_path, "email,tier\na@example.org,paid\nb@example.org,paid\n")
    assert dict(counts.remarks) == {"lapsed": 1}
