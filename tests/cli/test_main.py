"""The command line as a whole: every command answers, mistakes end in one message, never in a traceback."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from composer.cli import COMMANDS, filigrane, main
from composer.errors import FiligraneError, OutsideWorld, Refused, WrongUsage
from tests.support.newsrooms import write_newsroom


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_in_both_languages(name: str, tmp_path: Path) -> None:
    said = {}
    for language in ("en", "fr"):
        write_newsroom(tmp_path / language, language=language)
        answer = CliRunner().invoke(filigrane, ["--newsroom", str(tmp_path / language), name, "--help"])
        assert answer.exit_code == 0
        said[language] = answer.output.splitlines()
    assert said["en"][0].startswith("Usage: filigrane ")
    assert said["fr"][0].startswith("Usage\u00a0: filigrane ")
    assert said["en"][2] != said["fr"][2]
    assert said["fr"][-1].endswith("Afficher ce message.") or "Commandes\u00a0:" in said["fr"]


@pytest.mark.parametrize(
    ("variables", "first"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "Usage\u00a0:"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "Usage:"),
        ({"LANG": "en_GB"}, "Usage:"),
    ],
)
def test_the_systems_language_is_what_it_asks_for(
    variables: dict[str, str], first: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whether or not its locale is installed; where there is no newsroom."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(filigrane, ["--help"]).output.startswith(first)


def test_usage_errors_have_no_english_in_french(tmp_path: Path) -> None:
    write_newsroom(tmp_path, language="fr")
    room = ["--newsroom", str(tmp_path)]
    assert "integer" not in CliRunner().invoke(filigrane, [*room, "preview", "--port", "abc"]).output
    for words in ([], ["subscribers"]):
        assert "COMMANDE [" in CliRunner().invoke(filigrane, [*room, *words, "--help"]).output
    for name in COMMANDS:
        assert not re.search(r"\bTEXT\b", CliRunner().invoke(filigrane, [*room, name, "--help"]).output)


def test_the_issue_given_as_an_example_is_the_newsrooms_own(tmp_path: Path) -> None:
    write_newsroom(tmp_path, language="fr")
    folder = tmp_path / "issues" / "lettre"
    folder.mkdir(parents=True)
    folder.joinpath("2031-01-03.yaml").touch()
    for words in (["check"], ["check", "lettre/demain"], ["skip", "demain"]):
        refused = CliRunner().invoke(filigrane, ["--newsroom", str(tmp_path), *words])
        assert "lettre/2031-01-03" in str(refused.exception), words


@pytest.mark.parametrize(("error", "code"), [(Refused, 1), (WrongUsage, 2), (OutsideWorld, 3)])
def test_exit_codes_are_the_contract(
    error: type[FiligraneError], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def failing() -> None:
        raise error("what, where, why, what to type instead")

    monkeypatch.setattr("composer.cli.operations.version", failing)
    with pytest.raises(SystemExit) as ended:
        main(["version"])
    assert ended.value.code == code
    assert capsys.readouterr().err == "what, where, why, what to type instead\n"


def test_outside_a_newsroom_it_says_what_to_type(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from composer.cli import main; main()", "check", "--all"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "filigrane init" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("language", ["en", "fr"])
def test_help_lists_each_command_as_the_command_itself_would(language: str, tmp_path: Path) -> None:
    write_newsroom(tmp_path, language=language)
    said = CliRunner().invoke(filigrane, ["--newsroom", str(tmp_path), "--help"]).output
    listed = said.split("Commandes\u00a0:\n" if language == "fr" else "Commands:\n")[1].splitlines()
    context = click.Context(filigrane)
    commands = {name: filigrane.get_command(context, name) for name in COMMANDS}
    for line, (name, command) in zip(listed, commands.items(), strict=True):
        assert command is not None
        assert line.split() == [name, *command.get_short_help_str(80 - 6 - max(map(len, COMMANDS))).split()]


NEEDS_NO_NEWSROOM = ("init", "schema", "lsp", "restore", "demo", "version", "returns")


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in NEEDS_NO_NEWSROOM])
def test_in_an_empty_folder_every_command_says_what_to_type(command: str, tmp_path: Path) -> None:
    more = {
        "new": ["vendredi"], "check": ["--all"], "render": ["x", "--out", "o"], "typo": ["x"],
        "import-draft": ["x.md", "--issue", "x"],
        "approve": ["x", "--by", "me"], "test": ["x", "--to", "a@example.org"], "unapprove": ["x"], "send": ["x"],
        "skip": ["vendredi/2026-11-27"], "deliveries": ["1"], "subscribers": ["export"], "db": ["upgrade"],
        "secret": ["new"], "backup": [str(tmp_path / "b.zip")], "archive": ["build", "--out", "site"],
        "reconcile": ["1", "--log", "-"], "move-in": [__file__, "--publication", "vendredi"],
    }  # fmt: skip
    done = CliRunner().invoke(filigrane, ["--newsroom", str(tmp_path), command, *more.get(command, [])])
    assert isinstance(done.exception, FiligraneError), done.output
    assert "filigrane init" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_demonstration_that_cannot_be_written_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    done = CliRunner().invoke(filigrane, ["demo", "--folder", str(tmp_path / "file" / "demo"), "--language", "en"])
    assert isinstance(done.exception, OutsideWorld)
    assert "cannot be written" in str(done.exception)
