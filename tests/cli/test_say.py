"""Nothing that the command line prints can steer a terminal, wherever the text comes from."""

from __future__ import annotations

import ast
import io
import json
import os
import pty
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import composer
from composer.cli import filigrane, main
from composer.cli.say import console, say
from composer.daemon.log import configure
from composer.printable import printable
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

HOUSE = Path(composer.__file__).parent
EVIL = "\x1b]0;pwn\a\x1b[2J\x1b[31m\x9b31m\u202egnp"
#: What click draws a bar with.
BAR = re.compile("\r|\x1b\\[(?:K|\\?25[lh])")
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@given(st.text())
def test_what_is_printable_holds_no_control_and_is_json_as_before(text: str) -> None:
    shown = printable(text)
    assert [each for each in shown if unicodedata.category(each) in ("Cc", "Cs") and each not in "\t\n"] == []
    assert not UNSAFE.search(shown)
    assert json.loads(printable(json.dumps(text, ensure_ascii=False))) == text
    assert (
        printable("Œuvre «\N{NO-BREAK SPACE}été\N{NO-BREAK SPACE}» 👩\u200d💻")
        == "Œuvre «\N{NO-BREAK SPACE}été\N{NO-BREAK SPACE}» 👩\u200d💻"
    )


def test_all_that_is_printed_goes_through_one_function() -> None:
    """A test, since a forgotten one shows only to whom it hurts."""
    found = []
    for path in sorted(HOUSE.rglob("*.py")):
        name = path.relative_to(HOUSE).as_posix()
        if name == "cli/say.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if re.fullmatch(
                    r"print|Console|sys\.std(out|err)\.write|click\.(echo|secho|confirm|prompt|echo_via_pager)", called
                ):
                    found.append(f"{name}:{node.lineno}: {called}")
    assert found == []


def _on_a_terminal(folder: Path, *arguments: str) -> str:
    """What the command writes to a terminal, where click keeps escape codes."""
    reading, writing = pty.openpty()
    command = [sys.executable, "-c", "from composer.cli import main; main()", *arguments]
    with subprocess.Popen(command, cwd=folder, stdin=writing, stdout=writing, stderr=writing) as process:
        os.close(writing)
        written = b""
        try:
            while chunk := os.read(reading, 65536):
                written += chunk
        except OSError:  # the terminal closed with the process
            pass
        process.wait(60)
    os.close(reading)
    return BAR.sub("", written.decode("utf-8", "replace"))


@pytest.mark.slow
def test_names_of_files_and_publications_do_not_reach_the_terminal(tmp_path: Path) -> None:
    root = write_newsroom(tmp_path)
    write_issue(root, "vendredi", FRIDAY).rename(root / "issues" / "vendredi" / f"{EVIL}.yaml")
    (root / "issues" / f"p{EVIL}").mkdir()
    write_issue(root, f"p{EVIL}", FRIDAY)
    bytes_of_no_encoding = os.fsdecode(b"q\xff\x1b[31m")
    (root / "issues" / f"p{EVIL}").rename(root / "issues" / bytes_of_no_encoding)
    said = _on_a_terminal(tmp_path, "check", "--all")
    assert "\\u001b]0;pwn\\u0007" in said
    assert not UNSAFE.search(said)
    said = _on_a_terminal(tmp_path, "check", f"{EVIL}/2026-11-27")
    assert "\\u001b" in said
    assert not UNSAFE.search(said)


def test_errors_bars_tables_and_marks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--newsroom", str(tmp_path / EVIL), "mailings"])
    say(EVIL, err=True)
    screen = console()
    screen.print(EVIL)
    from rich.table import Table

    table = Table(EVIL)
    table.add_row(EVIL)
    screen.print(table)
    written = capsys.readouterr()
    assert not UNSAFE.search(written.out + written.err)
    assert (written.out + written.err).count("\\u001b]0;pwn") >= 4


def test_a_source_with_an_escape_is_refused_as_in_a_list(tmp_path: Path) -> None:
    root = write_newsroom(tmp_path)
    run = CliRunner().invoke
    assert run(filigrane, ["--newsroom", str(root), "db", "upgrade"]).exit_code == 0
    command = ["--newsroom", str(root), "subscribers", "add", "zoe@example.org", "--publication", "vendredi"]
    for more in (["--source", "web\x1b[31m\nform"], ["--source", "web", "--name", "Zo\x1b"], ["--source", "x" * 201]):
        assert "Refused" in repr(run(filigrane, [*command, *more]).exception)
    assert run(filigrane, [*command, "--source", "web"]).exit_code == 0


@pytest.mark.parametrize("form", ["json", "console"])
def test_logs_are_printable_too(form: str) -> None:
    import logging

    import structlog

    stream = io.StringIO()
    configure(form, to=stream)  # type: ignore[arg-type] # reason: a form by its name
    structlog.get_logger().warning("relay-unreachable", why=EVIL)
    logging.getLogger("library").warning("%s", EVIL)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert not UNSAFE.search("".join(lines))
    if form == "json":
        assert json.loads(lines[0])["why"] == EVIL
