"""Rows with the wrong number of cells: what they say of leaving is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.database import connect
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import make_tables


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("names", "row", "left"),
    [
        ("email;nom;statut", "x@example.org;Durand;Paul;désabonné", True),
        ("email;nom;statut", "x@example.org;désabonné", True),
        ("email;nom;abonné", "x@example.org;Durand;Paul;non", True),
        ("email;nom;désabonné le", "x@example.org;Durand;Paul;12/03/2024", True),
        ("nom;statut;email", "Durand;Paul;désabonné;x@example.org", True),
        ("email;nom;statut", 'x@example.org;"Paul" Durand;désabonné', True),
        ("email;lettre;statut", "x@example.org;vendredi;désabonné;", True),
        ("email;lettre;statut", "x@example.org;lundi;désabonné;", False),
        ("email;nom;abonné;client", "x@example.org;Durand;oui;non;", False),
        ("email;nom;statut", "x@example.org;Durand;Paul;actif", False),
    ],
)
def test_who_left_is_remembered_wherever_the_stray_cell_stands(
    engine: Engine, tmp_path: Path, names: str, row: str, left: bool
) -> None:
    take(engine, tmp_path, "email\nx@example.org\n")
    first = ";".join("a@example.org" if name == "email" else "" for name in names.split(";"))
    counts, _ = take(engine, tmp_path, f"{names}\n{first}\n{row}\n", ignore=["client"] if "client" in names else ())
    assert (counts.left, counts.refused) == ((1, 0) if left else (0, 1))
    assert dict(counts.remarks) == ({"gone": 1} if left else {"still": 1})
    assert rows(engine)[-1][5] == ("unsubscribed" if left else "active")
