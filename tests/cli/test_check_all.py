"""``filigrane check --all``: what has not left, in several processes, in the same order whatever their number."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner

from composer.cli import filigrane
from composer.cli.check import _has_left
from composer.cli.pool import jobs_for, read_all
from composer.clock import now
from composer.locale import use
from composer.newsroom import load_newsroom
from composer.newsroom.starting import KINDS, start
from tests.support.starter import fill_in

PROGRAM = [sys.executable, "-c", "from composer.cli import main; main()"]
ISSUE = 'subject: The quay\npreheader: In the morning\nblocks:\n- edito: {{headline: "{}", body: "Good morning."}}\n'

#: What a worker runs in place of reading, over the file's first word.
SERVING = """
import os, sys, time
from pathlib import Path
from composer.cli.pool import serve
def answer():
    def read(path):
        match path.read_text("utf-8").split():
            case ["crash"]: os.abort()
            case ["leave"]: sys.exit(7)
            case ["raise"]: raise ValueError("a fault of ours")
            case ["print"]: print("nothing to do with the answer")
            case ["hang"]: time.sleep(600)
        return (path.name,)
    serve(read)
"""


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    root = tmp_path / "newsroom"
    start(root, KINDS, "en")
    fill_in(root)
    return root


def write(root: Path, *dates: str) -> None:
    folder = root / "issues" / "letter"
    folder.mkdir(parents=True, exist_ok=True)
    for date in dates:
        (folder / f"{date}.yaml").write_text(ISSUE.format(date), "utf-8")


def checked(root: Path, *arguments: str) -> Any:
    done = subprocess.run(
        [*PROGRAM, "--newsroom", str(root), "check", "--json", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_what_has_left_is_counted_and_not_read(newsroom: Path) -> None:
    write(newsroom, "2019-01-04", "2019-01-11", "2099-01-02")
    (newsroom / "issues" / "letter" / "next.yaml").write_text("subject: No date\n", "utf-8")  # may leave any day
    found = checked(newsroom, "--all")
    assert (found["issues"], found["not_read"]) == (2, 2)
    assert {finding["place"]["file"] for finding in found["findings"]} >= {"issues/letter/next.yaml"}
    assert not any("2019" in finding["place"]["file"] for finding in found["findings"])
    for arguments in (["--past"], ["--all", "--past"]):
        everything = checked(newsroom, *arguments)
        assert (everything["issues"], everything["not_read"]) == (4, 0)
        assert any("2019" in finding["place"]["file"] for finding in everything["findings"])


def test_the_last_line_says_how_many_were_not_read_and_how_to_ask(newsroom: Path) -> None:
    write(newsroom, "2019-01-04", "2019-01-11")
    done = CliRunner().invoke(filigrane, ["--newsroom", str(newsroom), "check", "--all"])
    last = done.stdout.splitlines()[-1]
    assert last == "2 issues of a past date were not read: filigrane check --past reads them too"


def test_an_issue_has_left_when_its_catch_up_is_past(newsroom: Path) -> None:
    settings = newsroom / "config" / "publications" / "letter.yaml"
    assert 'at: "07:00"' in settings.read_text("utf-8")
    write(newsroom, "2026-11-27")
    house, path = load_newsroom(newsroom), newsroom / "issues" / "letter" / "2026-11-27.yaml"
    seen = []
    for hour in ("2026-11-27 05:00+00:00", "2026-11-27 09:00+00:00", "2026-11-28 09:00+00:00"):
        with time_machine.travel(hour, tick=False):
            seen.append(_has_left(path, house, now()))
    assert seen == [False, False, True]


@pytest.mark.slow
def test_any_number_of_processes_says_the_same_in_the_same_order(newsroom: Path) -> None:
    dates = [f"2099-01-{day:02}" for day in range(1, 8)]
    write(newsroom, *dates)
    one, three = checked(newsroom, "--all", "--jobs", "1"), checked(newsroom, "--all", "--jobs", "3")
    assert one == three
    files = [finding["place"]["file"] for finding in one["findings"]]
    assert files == sorted(files)
    assert len(set(files)) == len(dates)


@pytest.mark.slow
def test_one_that_ends_its_process_stops_itself_alone(
    newsroom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "serving_for_a_test.py").write_text(SERVING, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("composer.cli.pool.DEADLINE", 15)
    house, paths = load_newsroom(newsroom), []
    for number, word in enumerate(["fine", "crash", "print", "leave", "hang", "raise", "fine"]):
        path = newsroom / "issues" / f"{number}.yaml"
        path.write_text(word, "utf-8")
        paths.append(path)
    found = [*read_all(paths, house, 2, "serving_for_a_test:answer")]
    read = [number for number, findings in enumerate(found) if [*map(str, findings)] == [f"{number}.yaml"]]
    assert read == [0, 2, 6]
    said = {number: findings[0].message for number, findings in enumerate(found) if number not in read}
    assert {number: message.split("(")[1].split(")")[0] for number, message in said.items()} == {
        1: "signal 6", 3: "exit code 7", 4: "ended after 15 seconds, on a slow machine perhaps", 5: "exit code 1",
    }  # fmt: skip
    assert {findings[0].place.file for number, findings in enumerate(found) if number not in read} == {
        f"issues/{number}.yaml" for number in said
    }


@pytest.mark.slow
def test_what_ended_its_process_is_said_in_the_newsroom_s_language(
    newsroom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "serving_for_a_test.py").write_text(SERVING, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    path, house = newsroom / "issues" / "0.yaml", load_newsroom(newsroom)
    path.write_text("leave", "utf-8")
    use("fr")
    ((finding,),) = read_all([path], house, 2, "serving_for_a_test:answer")
    assert "sa lecture a mis fin au processus" in finding.message


@pytest.mark.slow
def test_a_module_in_the_newsroom_is_none_of_ours(newsroom: Path) -> None:
    write(newsroom, "2099-01-02")
    for name in ("pickle", "click", "json"):
        (newsroom / f"{name}.py").write_text("raise SystemExit('run from the newsroom')", "utf-8")
    command = [sys.executable, "-P", "-c", "from composer.cli import main; main()", "check", "--all"]
    done = subprocess.run(command, cwd=newsroom, capture_output=True, text=True, check=False)
    assert "run from the newsroom" not in done.stdout + done.stderr
    assert "not-read" not in done.stdout


def test_as_many_processes_as_cores_and_never_more_than_issues() -> None:
    assert (jobs_for(0), jobs_for(1), jobs_for(500, 3), jobs_for(2, 64)) == (1, 1, 3, 2)
    assert 1 <= jobs_for(500) <= 500
