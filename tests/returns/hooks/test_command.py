"""``filigrane returns hooks``: the addresses to type, and what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from composer.cli import filigrane
from composer.returns.hooks.doors import hook_secret
from tests.delivery.support.sample_newsroom import SECRET
from tests.support.newsrooms import write_newsroom


def said(root: Path) -> str:
    found = CliRunner().invoke(filigrane, ["--newsroom", str(root), "returns", "hooks"])
    assert found.exit_code == 0, found.output
    return found.output


def test_each_open_door_has_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    assert "no door is open" in said(write_newsroom(tmp_path))
    write_newsroom(tmp_path, hooks={"providers": ["brevo", "mailgun"]})
    told = said(tmp_path)
    assert f"brevo: https://lettre.example.org/hooks/brevo/{hook_secret(SECRET, 'brevo', 1)}\n" in told
    assert "FILIGRANE_MAILGUN_SIGNING_KEY is not given" in told
    monkeypatch.setenv("FILIGRANE_MAILGUN_SIGNING_KEY", "key")
    write_newsroom(tmp_path, hooks={"providers": ["mailgun"], "turn": 2}, public_url="http://127.0.0.1:8025")
    told = said(tmp_path)
    assert hook_secret(SECRET, "mailgun", 2) in told
    assert "is not given" not in told
    assert "no https address" in told
