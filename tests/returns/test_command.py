"""``filigrane returns judge``, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from composer.cli import main
from composer.message.verp import return_path
from tests.support.newsrooms import write_newsroom

PRESENT, FORMER = "0123456789abcdef" * 4, "fedcba9876543210" * 4
KEY = bytes.fromhex(FORMER)


def bounce(local: str) -> str:
    head = f"From: MAILER-DAEMON@mx.example\nTo: {local}@bounces.example\nSubject: Undelivered\n\n"
    return head + "a@b.example: 550 5.1.1 User unknown\n"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_a_message_is_judged_with_and_without_a_newsroom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    message = tmp_path / "x.eml"
    message.write_text(bounce(return_path(7, 3, KEY)), encoding="utf-8")
    (tmp_path / "empty").mkdir()
    assert run("--newsroom", str(tmp_path / "empty"), "returns", "judge", str(message), "--json") == 0
    said = capsys.readouterr()
    assert "no newsroom here" in said.err
    (found,) = json.loads(said.out)
    assert found["subscriber"] is None
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", PRESENT)
    monkeypatch.setenv("FILIGRANE_FORMER_KEYS", FORMER)
    root = write_newsroom(tmp_path / "newsroom")
    assert run("--newsroom", str(root), "returns", "judge", str(message), "--json") == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out) == [
        {
            "file": str(message),
            "kind": "bounce",
            "address": "a@b.example",
            "class": "hard",
            "status": "5.1.1",
            "why": found["why"],
            "subscriber": 7,
            "mailing": 3,
        }
    ]
    assert run("--newsroom", str(root), "returns", "judge", str(message)) == 0
    line = capsys.readouterr().out
    assert line.startswith(f"{message}: ")
    assert "a@b.example · 5.1.1 · " in line


def test_what_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--newsroom", str(tmp_path), "returns", "judge", str(tmp_path / "none.eml"), "--json") == 1
    assert "none.eml" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize("key", ["", "ab" * 8], ids=["none", "too short"])
def test_a_newsroom_without_a_key_is_told_once(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", key)
    root, message = write_newsroom(tmp_path / "newsroom"), tmp_path / "x.eml"
    (root / "var" / "secret.key").unlink(missing_ok=True)
    message.write_text(bounce(return_path(7, 3, KEY)), encoding="utf-8")
    assert run("--newsroom", str(root), "returns", "judge", str(message), "--json") == 0
    said = capsys.readouterr()
    assert said.err.startswith("Whose letter came back is not checked: the")
    assert (said.err.count("secret key"), said.err.count("checked")) == (1, 1)
    assert json.loads(said.out)[0]["subscriber"] is None
