"""``filigrane check --explain CODE``: what a finding means, away from the documents, in the newsroom's language."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from composer.cli import explain, filigrane, main
from composer.locale import Language
from composer.newsroom.starting import KINDS, start
from tests.support import finding_codes


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> Language:
    return "fr" if request.param == "fr" else "en"


@pytest.fixture
def newsroom(tmp_path: Path, language: Language) -> Path:
    root = tmp_path / "newsroom"
    start(root, KINDS, language)
    return root


def _check(newsroom: Path, *arguments: str) -> Result:
    return CliRunner().invoke(filigrane, ["--newsroom", str(newsroom), "check", *arguments])


@pytest.mark.slow
def test_each_code_is_explained(newsroom: Path, language: Language) -> None:
    for code in finding_codes.found():
        result = _check(newsroom, "--explain", code)
        assert result.exit_code == 0, result.output
        first, entry = result.stdout.split("\n\n", 1)
        assert first == code
        assert entry.startswith("*")
        assert "###" not in entry
    assert ("Avertissement" in _check(newsroom, "--explain", "weekday").stdout) is (language == "fr")


def test_an_entry_keeps_its_example(newsroom: Path) -> None:
    assert _check(newsroom, "--explain", "missing-bar").stdout.endswith("```\n")


def test_a_code_is_taken_as_it_was_copied(newsroom: Path) -> None:
    assert _check(newsroom, "--explain", "[Unknown-Key]").stdout.startswith("unknown-key\n")


def test_an_unknown_code_is_a_wrong_usage_and_the_nearest_is_named(
    newsroom: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--newsroom", str(newsroom), "check", "--explain", "unkown-key"])
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "unknown-key" in shown.err
    assert str(explain.page()) in shown.err


@pytest.mark.slow
def test_findings_end_with_the_way_to_what_their_codes_mean(newsroom: Path, language: Language) -> None:
    (folder,) = (newsroom / "issues").iterdir()
    (folder / "2026-11-27.yaml").write_text("subject: x\nblocks:\n- oours:\n", encoding="utf-8")
    shown = _check(newsroom, "--past").stdout
    assert "filigrane check --explain unknown-block\n" in shown
    assert explain.page().name == explain.PAGES[language]
    assert explain.page().is_file()
    assert shown.splitlines()[-2].endswith(str(explain.page()))  # above what check does not look at


def test_where_there_is_nothing_to_say_nothing_is_explained(newsroom: Path) -> None:
    assert "--explain" not in _check(newsroom, "--past").stdout
