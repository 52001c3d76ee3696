"""``filigrane import-draft``: a new issue, one that was begun, and nothing of it overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from composer.cli import filigrane
from tests.support.newsrooms import write_newsroom

DRAFT = """\
# Le pont attendra

Il manque une poutre, et personne ne la cherche.

![Le pont](pont.png)

- **Le coût.** Il double.
- **Le délai.** Il triple.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "texte.md").write_text(DRAFT)
    return write_newsroom(tmp_path / "room")


def run(root: Path, *words: str, file: str = "texte.md") -> Result:
    given = ["--newsroom", str(root), "import-draft", str(root.parent / file), "--issue", *words]
    return CliRunner().invoke(filigrane, given)


def test_a_draft_makes_an_issue_then_goes_below_what_is_there(root: Path) -> None:
    issue = root / "issues" / "vendredi" / "2026-12-04.yaml"
    dry = run(root, "vendredi/2026-12-04", "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert not issue.exists()
    assert run(root, "vendredi/2026-12-04").exit_code == 0
    first = issue.read_text()
    assert "- **Le coût" in first
    assert "headline: Le pont attendra" in first
    done = run(root, "vendredi/2026-12-04", "--json")
    said = json.loads(done.stdout)
    assert said["words"]["read"] == said["words"]["written"] == 24
    assert said["paragraphs"][0]["became"] == "headline"
    second = issue.read_text()
    line = said["to_place"][0]["line"]
    assert second.splitlines()[line - 1].strip().startswith("[TO PLACE: picture] Le pont (pont.png)")
    assert second.count("headline: Le pont attendra") == 2
    assert second.startswith(first.partition("- masthead")[0].rstrip()[:200])
    checked = CliRunner().invoke(filigrane, ["--newsroom", str(root), "check", "vendredi/2026-12-04"])
    assert checked.exit_code == 1
    assert checked.output.count("[unplaced]") == 3  # the subject, and the picture of each


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hier"], "publication/date"),
        (["lundi/2026-12-04"], "lundi"),
        (["2026-12-04"], "vendredi/2026-12-04"),
    ],
)
def test_a_name_that_is_none_is_answered_in_words(root: Path, words: list[str], said: str) -> None:
    done = run(root, *words)
    assert said in done.output + str(done.exception)
    assert not [*(root / "issues").glob("*/2026-12-04.yaml")] or done.exit_code == 0


def test_a_file_that_is_not_there_is_said(root: Path) -> None:
    assert "no-such.md" in str(run(root, "vendredi/2026-12-04", file="no-such.md").exception)
