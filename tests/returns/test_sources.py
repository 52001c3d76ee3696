"""Where messages lie: each is found once, by a name that says where."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from composer.errors import Refused
from composer.returns.judge_process import MESSAGE_LIMIT
from composer.returns.sources import incoming

ONE, TWO = b"From: a@b.example\n\none\n", b"From: a@b.example\n\ntwo\n\nFrom here on\n"


def test_files_mboxes_maildirs_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one.eml").write_bytes(ONE)
    (tmp_path / "two.eml").write_bytes(TWO)
    (tmp_path / "box.mbox").write_bytes(b"From x\n" + ONE + b"\nFrom y\n" + ONE)
    (tmp_path / "single.mbox").write_bytes(b"From x\n" + ONE)
    for name in ("cur", "new", "tmp"):
        (tmp_path / "maildir" / name).mkdir(parents=True)
        (tmp_path / "maildir" / name / "1:2,S").write_bytes(ONE)
    (tmp_path / "link.eml").symlink_to(tmp_path / "one.eml")
    (tmp_path / "round").symlink_to(tmp_path)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"From x\n" + ONE + b"\nFrom y\n" + ONE)))
    found = {name.removeprefix(f"{tmp_path}/"): content for name, content in incoming([str(tmp_path), "-"])}
    assert list(found) == [
        "box.mbox#1", "box.mbox#2", "maildir/cur/1:2,S", "maildir/new/1:2,S", "one.eml", "single.mbox", "two.eml",
        "-#1", "-#2",
    ]  # fmt: skip
    assert found["two.eml"] == TWO
    assert found["box.mbox#1"] == b"From x\n" + ONE + b"\n"
    assert found["-#2"] == b"From y\n" + ONE


def test_what_is_not_there_is_told_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(ONE)
    with pytest.raises(Refused, match=r"gone\.eml"):
        next(incoming([str(tmp_path / "one.eml"), str(tmp_path / "gone.eml")]))


def test_a_message_without_end_is_cut(tmp_path: Path) -> None:
    with (tmp_path / "long.eml").open("wb") as file:
        file.write(ONE)
        file.truncate(3 * MESSAGE_LIMIT)
    (found,) = incoming([str(tmp_path / "long.eml")])
    assert len(found[1]) == MESSAGE_LIMIT + 1
