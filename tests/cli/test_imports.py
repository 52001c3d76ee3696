"""Rooms are imported by the command that uses them: what a process must not bring in, by command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from composer.cli import COMMANDS
from composer.newsroom.starting import KINDS, start

#: Libraries of sending, of the server and of the database.
SENDING = (
    "aiosmtplib", "aiosmtpd", "alembic", "apscheduler", "cryptography", "dkim", "mako", "prometheus_client", "psycopg",
    "sqlalchemy", "starlette", "structlog", "uvicorn", "uvloop", "watchfiles",
)  # fmt: skip
#: Rooms above the proofreading that no command on an issue needs.
ROOMS = tuple(f"composer.{room}" for room in ("backup", "daemon", "database", "delivery", "demo", "public", "studio"))
#: What makes pictures and styles: where they were made before, it is not even imported.
MAKING = ("PIL.Image", "premailer", "requests")
#: What renders.
RENDERING = ("PIL", "babel.messages", "composer.rendering.letter", "jinja2", "mjml", *MAKING)

PROGRAM = """
import sys
from composer.cli import main
try:
    main(sys.argv[2:])
except SystemExit:
    pass
print("\\n".join(name for name in sys.argv[1].split(",") if name in sys.modules), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("imports") / "newsroom"
    start(root, KINDS, "fr")
    settings = root / "config" / "newsroom.yaml"  # in rehearsal ``check`` counts the readers, in the database
    settings.write_text(settings.read_text("utf-8").replace('seulement_a:\n- "@a-remplacer.example"\n', ""), "utf-8")
    assert "seulement_a" not in settings.read_text("utf-8")
    issue = root / "issues" / "lettre" / "2026-11-27.yaml"
    issue.parent.mkdir(parents=True, exist_ok=True)
    issue.write_text("objet: Le quai\naperçu: Un matin\nblocs:\n- edito: {titre: Quai, texte: Bonjour.}\n", "utf-8")
    return root


def imported(newsroom: Path, names: tuple[str, ...], *arguments: str) -> list[str]:
    """Those of ``names`` that a process has imported at the end of a command."""
    command = [sys.executable, "-c", PROGRAM, ",".join(names), "--newsroom", str(newsroom), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
    return [line for line in done.stderr.splitlines() if line in names]


@pytest.mark.parametrize("arguments", [["version"], ["--help"]])
def test_what_needs_no_newsroom_imports_no_room(arguments: list[str], newsroom: Path) -> None:
    rooms = tuple(f"composer.{name}" for name in ("approval", "issue", "message", "newsroom", "schedule", "source"))
    names = (*SENDING, *ROOMS, *RENDERING, *rooms, "babel", "lxml", "pydantic", "rich", "yaml")
    assert imported(newsroom, names, *arguments) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        (["check", "lettre/2026-11-27"], ("composer.message", *MAKING)),
        (["render", "lettre/2026-11-27", "--out", "{}/out"], ("composer.proofreading", "composer.schedule", *MAKING)),
        (["typo", "lettre/2026-11-27"], ("composer.approval", "composer.schedule", *RENDERING)),
        (["new", "lettre", "--date", "2027-01-08"], ("composer.approval", *RENDERING)),
        (["schema", "--out", "{}/schema"], ("composer.approval", *RENDERING)),
    ],
)
def test_what_only_reads_an_issue_imports_nothing_that_sends(
    arguments: list[str], more: tuple[str, ...], newsroom: Path
) -> None:
    arguments = [word.format(newsroom) for word in arguments]
    if arguments[0] in ("check", "render"):  # what it made the first time is kept
        imported(newsroom, (), *arguments)
    assert imported(newsroom, (*SENDING, *ROOMS, *more), *arguments) == []
    (newsroom / "issues" / "lettre" / "2027-01-08.yaml").unlink(missing_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["mailings"], ["calendar"], ["subscribers", "count"]])
def test_what_reads_the_database_imports_nothing_that_migrates_it(arguments: list[str], newsroom: Path) -> None:
    assert imported(newsroom, ("alembic", "mako"), *arguments) == []


def test_every_name_is_one_that_some_command_imports() -> None:
    """A name misspelt here would never be found: each of them is importable."""
    program = "import sys; from importlib.util import find_spec\nprint([n for n in sys.argv[1:] if not find_spec(n)])"
    names = [*SENDING, *ROOMS, *RENDERING, "composer.message", "composer.proofreading", "composer.schedule"]
    done = subprocess.run([sys.executable, "-c", program, *names], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert {"version", "check", "render", "typo", "new", "schema"} <= set(COMMANDS)
