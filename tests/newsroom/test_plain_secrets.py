"""A secret in a file that git keeps is told, without being shown, and stops nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from composer.cli import filigrane
from composer.errors import Refused
from composer.newsroom import examine, load_newsroom
from composer.newsroom.environment import ping_url, webhook_url
from composer.newsroom.unread import files_with_errors
from tests.support.newsrooms import write_newsroom

SECRET = "hunter-two-and-a-half"


def _codes(root: Path, **settings: object) -> list[tuple[str, str]]:
    newsroom, findings = examine(write_newsroom(root, **settings))  # type: ignore[arg-type] # reason: any setting
    assert newsroom is not None, findings
    assert SECRET not in "".join(map(str, findings))
    return [(finding.code, finding.severity.value) for finding in findings]


def test_a_password_in_the_file_is_an_error_that_stops_nothing(tmp_path: Path) -> None:
    url = f"postgresql://filigrane:{SECRET}@localhost/x"
    assert _codes(tmp_path, database=url) == [("password-in-file", "error")]
    newsroom = load_newsroom(tmp_path)
    assert newsroom.settings.database == url
    assert files_with_errors(newsroom) == {}
    said = CliRunner().invoke(filigrane, ["--newsroom", str(tmp_path), "check", "--all"])
    assert said.exit_code == 1
    assert "FILIGRANE_DATABASE_URL" in said.output
    assert SECRET not in said.output


@pytest.mark.parametrize(
    "settings",
    [
        {"database": "postgresql://filigrane@localhost/x"},
        {"database": "sqlite:///var/filigrane.db"},
        {"database": "postgresql:///x?host=/run/postgresql"},
        {"webhook": "https://alertes.example", "ping": "http://127.0.0.1:9/" + SECRET},
    ],
)
def test_what_holds_no_secret_is_not_told(tmp_path: Path, settings: dict[str, str]) -> None:
    assert _codes(tmp_path, **settings) == []


@pytest.mark.parametrize("key", ["webhook", "ping"])
def test_an_address_that_anybody_can_use_is_a_warning(tmp_path: Path, key: str) -> None:
    assert _codes(tmp_path, **{key: f"https://alertes.example/{SECRET}"}) == [("secret-in-file", "warning")]


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_newsroom(write_newsroom(tmp_path, webhook="https://a.example", ping="https://b.example")).settings
    assert (webhook_url(settings), ping_url(settings)) == ("https://a.example", "https://b.example")
    monkeypatch.setenv("FILIGRANE_WEBHOOK", "https://c.example/x")
    monkeypatch.setenv("FILIGRANE_PING", "https://d.example/x")
    assert (webhook_url(settings), ping_url(settings)) == ("https://c.example/x", "https://d.example/x")
    monkeypatch.setenv("FILIGRANE_WEBHOOK", f"http://c.example/{SECRET}")
    with pytest.raises(Refused, match="FILIGRANE_WEBHOOK") as refused:
        webhook_url(settings)
    assert SECRET not in str(refused.value)
