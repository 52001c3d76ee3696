"""Commands on an issue that is a symbolic link: within the newsroom, out of it, to a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.cli import main
from composer.issue import key_of, load_issue
from composer.newsroom import load_newsroom
from composer.studio.issue_list import issue_file
from tests.support.newsrooms import ISSUE, write_newsroom

SECRET = "5ec7e7c0ffee"
NAME = "vendredi/2999-12-20"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_newsroom(
        tmp_path / "redaction", dkim={"domain": "example.org", "selector": "un", "key": "keys/dkim.pem"}
    )
    for folder in ("issues/vendredi", "keys", "partage"):
        (root / folder).mkdir(parents=True)
    (root / "keys/dkim.pem").write_text(f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n")
    (root / "partage/brouillon.yaml").write_text(ISSUE.format(subject="La halle"), encoding="utf-8")
    (tmp_path / "dehors.yaml").write_text(f"subject: {SECRET}\n")
    return root


def link(root: Path, away: str) -> Path:
    path = root / f"issues/{NAME}.yaml"
    path.symlink_to(away)
    return path


def said(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["--newsroom", str(root), *arguments])
    printed = capsys.readouterr()
    assert ended.value.code == 1
    assert SECRET not in printed.out + printed.err
    return printed.out + printed.err


def test_an_issue_that_leads_out_of_the_newsroom_is_not_approved(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link(root, "../../../dehors.yaml")
    assert "leads out of the newsroom" in said(root, capsys, "approve", NAME, "--by", "Alix")


@pytest.mark.parametrize("arguments", [["check", NAME], ["typo", NAME], ["render", NAME, "--out", "var/x"]])
def test_an_issue_that_leads_out_of_the_newsroom_is_said_to(
    root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    link(root, "../../../dehors.yaml")
    shown = said(root, capsys, *arguments)
    assert "outside-newsroom" in shown
    assert "leads out of the newsroom" in shown
    assert "an issue is kept in" not in shown


@pytest.mark.slow
def test_an_issue_that_leads_to_a_key_prints_nothing_of_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = link(root, "../../keys/dkim.pem")
    for arguments in (["check", "--all"], ["check", "--all", "--json"], ["check", NAME]):
        assert "outside-newsroom" in said(root, capsys, *arguments)
    path.unlink()
    path.hardlink_to(root / "keys/dkim.pem")
    assert "outside-newsroom" in said(root, capsys, "check", "--all")


def test_an_issue_that_is_a_link_in_the_newsroom_is_of_the_place_where_it_stands(root: Path) -> None:
    path, newsroom = link(root, "../../partage/brouillon.yaml"), load_newsroom(root)
    assert str(key_of(path, newsroom)) == NAME
    assert load_issue(path, newsroom).require().source.file == f"issues/{NAME}.yaml"
    assert issue_file(newsroom.root, *NAME.split("/")) == newsroom.root / f"issues/{NAME}.yaml"


def test_a_folder_of_issues_may_be_a_link(root: Path) -> None:
    (root / "issues/vendredi").rename(root / "partage/vendredi")
    (root / "issues/vendredi").symlink_to("../partage/vendredi")
    (root / "issues/ancienne").symlink_to("vendredi")
    newsroom = load_newsroom(root)
    for folder in ("issues/vendredi", "partage/vendredi", "issues/ancienne"):
        assert str(key_of(root / folder / "2999-12-20.yaml", newsroom)) == NAME
