"""``filigrane init``, ``new``, ``schema``: files that load, never written over others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner, Result

from composer.cli import filigrane
from composer.errors import Refused, WrongUsage
from composer.issue.offers import FILE_KINDS
from composer.newsroom import load_newsroom
from composer.newsroom.schema_files import old_schemas
from tests.support.starter import fill_in

ROOT = Path(__file__).parents[2]


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(filigrane, [str(each) for each in arguments])


@pytest.mark.parametrize(("language", "publication"), [("fr", "lettre"), ("en", "letter")])
def test_a_new_newsroom_loads_without_a_remark(tmp_path: Path, language: str, publication: str) -> None:
    root = tmp_path / "room"
    assert _run("init", root, "--language", language).exit_code == 0
    newsroom = load_newsroom(root)
    assert (newsroom.settings.language, list(newsroom.publications)) == (language, [publication])
    assert "var/" in (root / ".gitignore").read_text().splitlines()
    assert json.loads((root / ".vscode/extensions.json").read_text()) == {"recommendations": ["redhat.vscode-yaml"]}
    (sponsor,) = (root / "config/sponsors").iterdir()
    for file in (root / "config/newsroom.yaml", root / f"config/publications/{publication}.yaml", sponsor):
        modeline = file.read_text().splitlines()[0]
        schema = file.parent / modeline.partition("$schema=")[2]
        assert json.loads(schema.read_text())["type"] == "object"
    assert _run("--newsroom", root, "check", "--all").exit_code == 0


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("mine")
    result = _run("init", tmp_path)
    assert isinstance(result.exception, Refused)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert isinstance(_run("init", tmp_path / "a.txt").exception, Refused)


def test_a_fresh_git_folder_may_become_a_newsroom(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert _run("init", tmp_path).exit_code == 0


@time_machine.travel("2026-11-22 12:00+00:00")
def test_new_takes_the_next_due_date_that_has_no_issue(tmp_path: Path) -> None:
    _run("init", tmp_path / "room")
    for date in ("2026-11-27", "2026-12-04"):
        result = _run("--newsroom", tmp_path / "room", "new", "lettre")
        assert result.stdout.strip().endswith(f"issues/lettre/{date}.yaml")
    result = _run("--newsroom", tmp_path / "room", "new", "lettre", "--date", "2026-11-27")
    assert isinstance(result.exception, Refused)
    assert sorted(path.name for path in (tmp_path / "room/issues/lettre").iterdir()) == [
        "2026-11-27.yaml",
        "2026-12-04.yaml",
    ], "a draft left behind would be taken for an issue"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "publication", "words"),
    [("fr", "lettre", ("objet:", "- breves:", "- ours:")), ("en", "letter", ("subject:", "- briefs:", "- masthead:"))],
)
def test_a_skeleton_asks_for_what_is_missing_and_for_nothing_else(
    tmp_path: Path, language: str, publication: str, words: tuple[str, ...]
) -> None:
    root = tmp_path / "room"
    _run("init", root, "--language", language)
    _run("--newsroom", root, "new", publication, "--date", "2026-11-27")
    fill_in(root)
    path = root / f"issues/{publication}/2026-11-27.yaml"
    text = path.read_text(encoding="utf-8")
    assert all(word in text for word in words)
    result = _run("--newsroom", root, "check", "--past", "--json")
    assert {each["code"] for each in json.loads(result.stdout)["findings"]} == {"empty-value"}
    filled = [
        f"{line}\n{_below(line)}- **Mot.** Mot"
        if line.startswith(("- breves:", "- briefs:"))
        else line + " Mot"
        if line.endswith(":") and line.strip(" -:") in FILLED
        else f"{line}\n{_below(line)}Mot"
        if line.endswith("|")
        else line
        for line in text.split("\n")
    ]
    path.write_text("\n".join(filled), encoding="utf-8")
    result = _run("--newsroom", root, "check", "--past", "--json")
    assert json.loads(result.stdout)["errors"] == 0, result.stdout


FILLED = ("objet", "apercu", "titre", "subject", "preheader", "headline")


def _below(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" -")) + 2)


def test_booked_slots_stand_in_the_skeleton_and_others_wait_in_a_comment(tmp_path: Path) -> None:
    root = tmp_path / "room"
    _run("init", root)
    (root / "config/sponsors/a.yaml").write_text(
        "annonceur: A\ncreations: {c: {titre: C}}\nreservations:\n"
        "- {publication: lettre, date: 2026-11-27, emplacement: principal, creation: c}\n"
    )
    for date, line in (("2026-11-27", "- publicite: principal"), ("2026-12-04", "# - publicite: principal")):
        _run("--newsroom", root, "new", "lettre", "--date", date)
        assert line in (root / f"issues/lettre/{date}.yaml").read_text().splitlines()


def test_new_says_what_is_wrong_with_its_words(tmp_path: Path) -> None:
    root = tmp_path / "room"
    _run("init", root)
    unknown = _run("--newsroom", root, "new", "letre")
    assert isinstance(unknown.exception, Refused)
    assert "lettre" in str(unknown.exception)
    assert isinstance(_run("--newsroom", root, "new", "lettre", "--date", "demain").exception, WrongUsage)


def test_schemas_of_both_languages(tmp_path: Path) -> None:
    result = _run("schema", "--out", tmp_path / "out")
    assert result.exit_code == 0
    kinds = ("issue", "newsroom", "publication", "sponsor", "lexicon")
    names = {f"{kind}.{language}.json" for kind in kinds for language in ("fr", "en")}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert len(_run("schema", "--out", tmp_path / "one", "--language", "fr").stdout.splitlines()) == 5


def _schema(root: Path, kind: str) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((root / "schema" / f"{kind}.fr.json").read_text())
    return whole


def test_schemas_offer_what_the_newsroom_has(tmp_path: Path) -> None:
    for name in ("config", "issues"):
        shutil.copytree(ROOT / name, tmp_path / name)
    _run("--newsroom", tmp_path, "schema", "--language", "fr")
    blocks = _schema(tmp_path, "issue")["definitions"]
    signed = blocks["Article"]["properties"]["signature"]["anyOf"][0]["examples"]
    assert {"camille", "basile"} <= set(signed)
    assert "principal" in blocks["SponsorSlot"]["properties"]["emplacement"]["examples"]
    assert "courtefeuille/ligne-carnet" in blocks["SponsorSlot"]["properties"]["creation"]["examples"]
    assert "2026-11-28-pont.png" in blocks["Figure"]["properties"]["fichier"]["examples"]
    assert "naurouze" in blocks["Links"]["properties"]["liste"]["anyOf"][0]["items"]["examples"]
    assert "bulletin-c" in blocks["ASurveiller"]["properties"]["suite_de"]["examples"]
    assert "vendredi" in _schema(tmp_path, "sponsor")["definitions"]["Booking"]["properties"]["publication"]["examples"]


def test_check_new_and_doctor_say_that_schemas_are_old_and_new_renews_them(tmp_path: Path) -> None:
    root = tmp_path / "room"
    _run("init", root)
    assert "schema/" not in _run("--newsroom", root, "check", "--all").stdout
    now = (root / "schema/issue.fr.json").read_text()
    (root / "schema/issue.fr.json").write_text(now.replace("rubrique", "genre_de_rubrique"))
    assert "schema/ date d’une autre version" in _run("--newsroom", root, "check", "--all").stdout
    assert "schema/ date d’une autre version" in _run("--newsroom", root, "doctor", "--offline").stdout
    made = _run("--newsroom", root, "new", "lettre")
    assert "schema/ a été récrit" in made.stderr
    assert old_schemas(root / "schema", FILE_KINDS) == {}
    assert "schema/" not in _run("--newsroom", root, "check", "--all").stdout
    assert "schema/" not in _run("--newsroom", root, "new", "lettre").stderr


def test_new_writes_the_schema_that_its_skeleton_names(tmp_path: Path) -> None:
    root = tmp_path / "room"
    _run("init", root)
    shutil.rmtree(root / "schema")
    path = Path(_run("--newsroom", root, "new", "lettre").stdout.strip())
    named = path.read_text().splitlines()[0].partition("$schema=")[2]
    assert (path.parent / named).is_file()


def test_an_issue_that_names_a_schema_which_is_not_there_is_told(tmp_path: Path) -> None:
    root = tmp_path / "room"
    _run("init", root)
    path = Path(_run("--newsroom", root, "new", "lettre").stdout.strip())
    shutil.rmtree(root / "schema")
    (found,) = (
        each
        for each in json.loads(_run("--newsroom", root, "check", str(path), "--json").stdout)["findings"]
        if each["code"] == "missing-schema"
    )
    assert (found["severity"], found["place"]["line"], found["place"]["column"]) == ("note", 1, 33)


def test_the_schemas_of_the_example_newsroom_are_those_of_this_version() -> None:
    """``make grammar`` writes them."""
    assert old_schemas(ROOT / "schema", FILE_KINDS) == {}
