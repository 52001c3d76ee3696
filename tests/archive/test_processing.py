"""The record of processing activities says what the configuration knows, and marks the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from composer.cli import filigrane
from tests.support.doors import open_doors
from tests.support.newsrooms import write_newsroom


def register(root: Path, *arguments: str) -> str:
    done = CliRunner().invoke(filigrane, ["--newsroom", str(root), "register", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(("language", "mark"), [("en", "[to be filled in"), ("fr", "[à compléter")])
def test_it_says_what_is_known_and_marks_the_rest(tmp_path: Path, language: str, mark: str) -> None:
    write_newsroom(
        tmp_path,
        retention={"addresses": "6 months", "rows": "never"},
        relays=[{"name": "amont", "host": "smtp.relais.example", "port": 465, "security": "tls"}],
        database="postgresql://filigrane:s3same@base.example/lettres",
    )
    told = register(tmp_path, "--language", language)
    for known in (
        "Éditions de l'Estuaire, 1 quai des Essais, 44000 Nantes",
        "Odile Ferrand",
        "smtp.relais.example",
        "Hébergerie de l'amont, 2 rue des Serveurs, 75000 Paris",
        "base.example",
        "https://lettre.example.org",
    ):
        assert known in told
    assert "s3same" not in told
    assert {"en": "6 months", "fr": "6\u00a0mois"}[language] in told.replace("6 mois", "6\u00a0mois")
    marked = [line for line in told.splitlines() if mark in line]
    assert len(marked) >= 10
    assert marked[0].startswith("- Contact"), "the newsroom gives no telephone and no address of mail"
    assert {"en": "Sign-up by a form", "fr": "Inscription par un formulaire"}[language] not in told


def test_a_door_that_is_open_is_an_activity(tmp_path: Path) -> None:
    write_newsroom(tmp_path)
    open_doors(tmp_path, "samedi")
    assert "## Sign-up by a form: L'Estuaire du samedi" in register(tmp_path)
    titles = [each["title"] for each in json.loads(register(tmp_path, "--json"))]
    assert titles[0] == "Controller"
    assert "Processor: 127.0.0.1" in titles


def test_letters_in_clear_are_said(tmp_path: Path) -> None:
    write_newsroom(tmp_path, relays=[{"host": "smtp.relais.example", "security": "none"}])
    assert "smtp.relais.example WITHOUT encryption" in register(tmp_path)
