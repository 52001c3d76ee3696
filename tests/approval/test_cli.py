"""approve and unapprove, as scripts call them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from composer.cli import filigrane, main
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_newsroom(tmp_path)
    write_issue(tmp_path, "vendredi", FRIDAY)
    return tmp_path


def test_approve_and_take_back(root: Path) -> None:
    name = f"vendredi/{FRIDAY}"
    for arguments, said in (
        (["approve", name, "--by", "Odile"], "is approved by Odile"),
        (["approve", str(root / "issues" / f"{name}.yaml"), "--by", "Odile"], "is approved by Odile"),
        (["unapprove", f"issues/{name}.yaml"], "not approved any more"),
    ):
        result = CliRunner().invoke(filigrane, ["--newsroom", str(root), *arguments], catch_exceptions=False)
        assert (result.exit_code, said in result.output) == (0, True)
    assert not (root / "issues" / "vendredi" / f"{FRIDAY}.sealed").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["approve", "vendredi/2026-12-04", "--by", "Odile"], 1, "there is no issue"),
        (["approve", f"vendredi/{FRIDAY}"], 2, "--by"),
        (["approve", "config/newsroom.yaml", "--by", "Odile"], 1, "issues/<publication>/"),
        (["unapprove", f"vendredi/{FRIDAY}"], 1, "nothing to take back"),
    ],
)
def test_refusals(root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--newsroom", str(root), *arguments])
    assert ended.value.code == code
    assert said in capsys.readouterr().err
