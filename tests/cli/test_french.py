"""What a French newsroom reads and types; what scripts read stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from composer.cli import filigrane
from composer.cli.list_import import summary_of_import
from composer.delivery.ledger.labels import state_word
from composer.delivery.state import MailingState, State
from composer.delivery.tables import deliveries
from composer.errors import WrongUsage
from composer.locale import Language, use
from composer.newsroom import load_newsroom
from composer.subscribers.importing import Counts
from tests.delivery.support.sample_ledger import Reader, add_readers, opened, seal
from tests.support.address_keys import open_database
from tests.support.newsrooms import write_newsroom

ANNE, BORIS = "anne@example.org", "boris@example.org"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A French newsroom with a mailing to two readers, one of them in doubt."""
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", "5" * 64)
    write_newsroom(tmp_path, language="fr")
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    add_readers(engine, [Reader(ANNE), Reader(BORIS)])
    assert opened(engine, load_newsroom(tmp_path), seal()) == 1
    engine.dispose()
    set_in_doubt(tmp_path, ANNE)
    return tmp_path


def set_in_doubt(folder: Path, *emails: str) -> None:
    engine = open_database("sqlite:///var/filigrane.db", folder, create=True)
    with engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.email.in_(emails)).values(state="in_doubt"))
    engine.dispose()


def typed(folder: Path, *words: str) -> Result:
    use("en")  # the command line finds the language by itself
    return CliRunner().invoke(filigrane, ["--newsroom", str(folder), *words])


def plain(text: object) -> str:
    """With ordinary spaces."""
    return " ".join(str(text).split())


def test_every_state_has_its_french_word_and_no_two_the_same() -> None:
    use("fr")
    words = {state: state_word(state) for state in (*State, *MailingState)}
    assert all("_" not in word for word in words.values())
    assert len(set(words.values())) == len(set(map(str, words)))


def test_tables_and_sentences_say_the_state_in_french(folder: Path) -> None:
    shown = typed(folder, "mailings").stdout
    assert "en cours" in shown
    assert "en attente 1" in plain(shown)
    assert "en doute 1" in plain(shown)
    typed(folder, "mailings", "pause", "1")
    refused = plain(typed(folder, "mailings", "pause", "1").exception)
    assert refused == "l’envoi 1 est déjà dans l’état « suspendu »"
    assert "en doute" in typed(folder, "deliveries", "1").stdout


@pytest.mark.parametrize("word", ["in_doubt", "en doute", "En-Doute", "en_doute"])
def test_a_state_is_typed_in_either_language(folder: Path, word: str) -> None:
    found = json.loads(typed(folder, "deliveries", "1", "--state", word, "--json").stdout)
    assert [(row["email"], row["state"]) for row in found] == [(ANNE, "in_doubt")]


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("fr", 0, ["0 ligne lue :", "0 ligne ajoutée", "0 mise à jour, 0 inchangée", "0 doublon, 0 refusée"]),
        ("fr", 1, ["1 ligne lue :", "1 ligne ajoutée", "1 mise à jour, 1 inchangée", "1 doublon, 1 refusée"]),
        ("fr", 2, ["2 lignes lues :", "2 lignes ajoutées", "2 mises à jour, 2 inchangées", "2 doublons, 2 refusées"]),
        ("en", 0, ["0 rows read:", "0 rows added", "0 rows updated, 0 as they were", "0 duplicates, 0 rows refused"]),
        ("en", 1, ["1 row read:", "1 row added", "1 row updated, 1 as it was", "1 duplicate, 1 row refused"]),
        ("en", 2, ["2 rows read:", "2 rows added", "2 rows updated, 2 as they were", "2 duplicates, 2 rows refused"]),
    ],
)
def test_what_an_import_counts_agrees_with_its_number(language: Language, number: int, said: list[str]) -> None:
    use(language)
    told = plain(
        summary_of_import(
            Counts(number, number, number, number, number, number, number, number, number),
            dry_run=False,
            report=Path("report.csv"),
        )
    )
    for words in said:
        assert words in told


def test_what_is_decided_agrees_with_its_number(folder: Path) -> None:
    one = typed(folder, "deliveries", "1", "--resend")
    assert "1 message partirait une seconde fois" in plain(one.exception)
    set_in_doubt(folder, ANNE, BORIS)
    assert "2 messages partiraient une seconde fois" in plain(typed(folder, "deliveries", "1", "--resend").exception)
    assert "2 messages tenus pour acceptés" in plain(
        typed(folder, "deliveries", "1", "--assume-accepted", "--yes").stdout
    )
    set_in_doubt(folder, ANNE)
    assert "1 message remis en attente" in plain(typed(folder, "deliveries", "1", "--resend", "--yes").stdout)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nope", "Erreur : il n’y a pas de commande « nope »"),
        ("mailings --foo", "Il n’y a pas d’option « --foo ». Vouliez-vous dire « --follow » ?"),
        ("approve", "il manque « NUMÉRO »"),
        ("approve x", "il manque « --by NOM »"),
        ("backup a b", "un mot de trop : b."),
        ("backup a b c", "des mots de trop : b c."),
        ("send x --at", "L’option « --at » demande une valeur."),
        ("calendar --weeks 0", "« --weeks » : 0 n’est pas possible : de 1 à 104."),
        ("calendar --weeks x", "« --weeks » : « x » n’est pas un nombre"),
        ("run --log nope", "« --log » : « nope » ne fait pas partie de : console, json"),
        ("restore nope.zip there", "« nope.zip » n’existe pas."),
    ],
)
def test_wrong_usage_is_told_in_french_and_ends_with_2(tmp_path: Path, words: str, said: str) -> None:
    write_newsroom(tmp_path, language="fr")
    told = typed(tmp_path, *words.split())
    assert told.exit_code == 2
    assert said in plain(told.stderr)


def test_wrong_usage_shows_the_usage_and_where_to_read_more(tmp_path: Path) -> None:
    write_newsroom(tmp_path, language="fr")
    told = plain(typed(tmp_path, "approve", "x").stderr)
    assert "Usage : filigrane approve [OPTIONS] NUMÉRO" in told
    assert "Pour l’aide : filigrane approve --help" in told


def test_the_list_of_commands_is_in_french_and_then_in_english_again(tmp_path: Path) -> None:
    for language, line in (("fr", "calendar Montrer ce qui part et quand"), ("en", "calendar Show what is due when")):
        write_newsroom(tmp_path / language, language=language)
        assert line in plain(typed(tmp_path / language, "--help").stdout)
    assert "Show this message and exit." in plain(typed(tmp_path / "en", "--help").stdout)


def test_what_is_no_state_is_told_with_those_that_are(folder: Path) -> None:
    wrong = typed(folder, "deliveries", "1", "--state", "perdu")
    assert wrong.exit_code == 2
    assert "« perdu »" in plain(wrong.stderr)
    assert "en-doute" in wrong.stderr
    assert "in_doubt" not in wrong.stderr


def test_what_is_no_order_is_told_with_those_that_are(folder: Path) -> None:
    wrong = typed(folder, "mailings", "stop", "1")
    assert isinstance(wrong.exception, WrongUsage)
    assert "« stop » n’est aucun des ordres : pause, resume, cancel, release, amend" in plain(wrong.exception)


def test_to_follow_a_mailing_that_is_not_there_draws_nothing(folder: Path) -> None:
    missing = typed(folder, "mailings", "7", "--follow")
    assert "il n’y a pas d’envoi 7" in plain(missing.exception)
    assert missing.stderr == ""
