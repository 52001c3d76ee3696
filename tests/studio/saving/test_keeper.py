"""One save: what stays of the file, what is refused, and what is noticed afterwards."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from composer.errors import OutsideWorld, Refused
from composer.issue.revision.model import Revision
from composer.source.opening import FileMissing, OutsideNewsroom
from composer.studio.saving import exchange as exchanging
from composer.studio.saving import saved_file
from composer.studio.saving.actor import Actor
from composer.studio.saving.keeper import Keeper
from composer.studio.saving.saved_file import BeingSaved
from tests.support.saving import ODILE, TEXT, history_of, kept_words, replaced, typed, words_in


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_nothing_else_of_the_file_changes(path: Path, root: Path, mark: bytes, ends: str) -> None:
    content = mark + TEXT.replace("\n", ends).encode()
    path.write_bytes(content)
    path.chmod(0o664)
    os.setxattr(path, "user.note", b"kept")
    saved = Keeper(root).save(path, replaced("anne: mots", "anne: des mots"), ODILE)
    assert path.read_bytes() == content.replace(b"anne: mots", b"anne: des mots")
    assert saved.text.encode() == path.read_bytes().removeprefix(mark)
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    assert os.getxattr(path, "user.note") == b"kept"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_keeps_its_owner(path: Path, root: Path) -> None:
    os.chown(path, 1234, 2345)
    Keeper(root).save(path, typed("anne", "mot"), ODILE)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 2345)


def test_a_file_that_would_change_hands_is_refused(path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setxattr", refuse)
    Path(path).touch()
    monkeypatch.setattr(exchanging, "_attributes", lambda _descriptor: (("user.note", b""),))
    with pytest.raises(Refused, match="belongs to another account"):
        Keeper(root).save(path, typed("anne", "mot"), ODILE)
    assert path.read_text() == TEXT
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_what_is_kept_is_for_the_account_alone(path: Path, root: Path) -> None:
    Keeper(root).save(path, typed("anne", "mot"), ODILE)
    kept = [root / "var/history", *(root / "var/history").rglob("*")]
    assert {stat.S_IMODE(each.stat().st_mode) for each in kept if each.is_dir()} == {0o700}
    assert {stat.S_IMODE(each.stat().st_mode) for each in kept if each.is_file()} == {0o600}


def test_a_change_that_changes_nothing_writes_nothing(path: Path, root: Path) -> None:
    before = path.stat()
    assert Keeper(root).save(path, lambda text: Revision(text, 0, 0, ""), ODILE).text == TEXT
    assert path.stat().st_ino == before.st_ino
    assert not (history_of(root, path) / "journal.jsonl").exists()


def test_characters_that_are_not_read_stay(path: Path, root: Path) -> None:
    """Accents beside their letters, zero-width spaces: the offsets are those of the text as ``source`` reads it."""
    written = TEXT.replace("Une", "U\u200bne\u0301e").replace("bruno: mots", "bru\u200bno: mo\u200bts")
    path.write_text(written.replace("ici", "i\u200bci"), "utf-8")
    read = path.read_text("utf-8").replace("\u200b", "").replace("e\u0301", "é")
    Keeper(root).save(path, lambda _text: replaced("no: m", "no: des m")(read), ODILE)
    assert path.read_text("utf-8") == written.replace("ici", "i\u200bci").replace("no: m", "no: des m")


def test_a_change_of_another_text_is_refused(path: Path, root: Path) -> None:
    with pytest.raises(Refused):
        Keeper(root).save(path, lambda text: Revision(text.upper(), 0, 0, "x"), ODILE)
    assert path.read_text() == TEXT


@pytest.mark.parametrize(
    ("content", "change"),
    [
        (b"\xe9" * 10, typed("anne", "mot")),
        (TEXT.encode(), replaced("ici", "\ud83d")),
        (TEXT.encode(), replaced("ici", "i" * 1_000_001)),
        (b"x" * 1_000_001, replaced("ici", "là")),
    ],
)
def test_what_cannot_be_a_text_is_refused(
    path: Path, root: Path, content: bytes, change: Callable[[str], Revision]
) -> None:
    path.write_bytes(content)
    with pytest.raises(Refused):
        Keeper(root).save(path, change, ODILE)
    assert path.read_bytes() == content


def test_what_a_change_raises_is_raised(path: Path, root: Path) -> None:
    with pytest.raises(LookupError):
        Keeper(root).save(path, replaced("absent", "x"), ODILE)
    assert path.read_text() == TEXT


@pytest.mark.parametrize(
    "name", ["../out.yaml", "issues/.git/a.yaml", "var/a.yaml", "VAR/a.yaml", "a.yaml", "issues/a.sh"]
)
def test_paths_that_are_no_files_of_editors_are_refused(root: Path, name: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(TEXT)
    with pytest.raises(OutsideNewsroom):
        Keeper(root).save(root / name, typed("anne", "mot"), ODILE)
    assert (root / name).read_text() == TEXT


def test_a_name_that_is_no_name_is_refused(root: Path) -> None:
    with pytest.raises(OutsideNewsroom):
        Keeper(root).save(root / "issues/a\0.yaml", typed("anne", "mot"), ODILE)


def test_the_name_of_a_person_may_hold_anything(path: Path, root: Path) -> None:
    keeper = Keeper(root)
    keeper.save(path, typed("anne", "mot"), Actor("\ud83d\n{", "<"))
    path.write_text(TEXT)
    assert [span.after.strip() for span in keeper.missing(path)] == ["- anne: mots mot"]


def test_no_link_is_followed(path: Path, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.yaml").write_text(TEXT)
    (path.parent / "link.yaml").symlink_to(outside / "a.yaml")
    (root / "issues/linked").symlink_to(outside)
    for name in ("vendredi/link.yaml", "linked/a.yaml"):
        with pytest.raises((OutsideNewsroom, OutsideWorld), match="link"):
            Keeper(root).save(root / "issues" / name, typed("anne", "mot"), ODILE)
    assert (outside / "a.yaml").read_text() == TEXT
    (root / "var").mkdir(exist_ok=True)
    for each in (root / "var/history").rglob("*"):
        assert not each.is_symlink()


def test_a_history_that_leads_elsewhere_is_refused(path: Path, root: Path, tmp_path: Path) -> None:
    (root / "var").mkdir()
    (root / "var/history").symlink_to(tmp_path)
    with pytest.raises(OutsideNewsroom, match="link"):
        Keeper(root).save(path, typed("anne", "mot"), ODILE)
    assert path.read_text() == TEXT
    assert sorted(each.name for each in tmp_path.iterdir()) == ["newsroom"]


def test_a_pipe_and_an_absent_file_are_refused(path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanging, "PATIENCE", 0.05)
    os.mkfifo(path.with_name("pipe.yaml"))
    with pytest.raises(Refused):
        Keeper(root).save(path.with_name("pipe.yaml"), typed("anne", "mot"), ODILE)
    with pytest.raises(FileMissing):
        Keeper(root).save(path.with_name("absent.yaml"), typed("anne", "mot"), ODILE)
    with pytest.raises(FileMissing):
        Keeper(root).save(root / "issues/absent/a.yaml", typed("anne", "mot"), ODILE)


@pytest.mark.parametrize("name", ["-rf.yaml", "new\nline.yaml", "é 'q\" $(x).yaml"])
def test_odd_names_are_names(path: Path, root: Path, name: str) -> None:
    path.rename(path.with_name(name))
    Keeper(root).save(path.with_name(name), typed("anne", "mot"), ODILE)
    assert "mot" in words_in(path.with_name(name))


def test_a_full_disk_changes_nothing(path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutsideWorld, match="the disk is full"):
        Keeper(root).save(path, typed("anne", "mot"), ODILE)
    assert path.read_text() == TEXT
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_another_save_is_waited_for_and_not_for_ever(path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, inside, go_on = Keeper(root), threading.Event(), threading.Event()

    def slow(text: str) -> Revision:
        inside.set()
        assert go_on.wait(60)
        return typed("bruno", "lent")(text)

    other = threading.Thread(target=keeper.save, args=(path, slow, ODILE))
    other.start()
    assert inside.wait(60)
    monkeypatch.setattr(saved_file, "PATIENCE", 0.05)
    with pytest.raises(BeingSaved):
        keeper.save(path, typed("anne", "mot"), ODILE)
    go_on.set()
    other.join()
    keeper.save(path, typed("anne", "mot"), ODILE)
    assert {"lent", "mot"} <= words_in(path)


def test_what_a_killed_save_had_in_hand_goes_into_the_history(path: Path, root: Path) -> None:
    keeper = Keeper(root)
    keeper.save(path, typed("anne", "mot"), ODILE)
    path.with_name(f".{path.name}.0a1b2c3d.saving").write_text(typed("rename", "perdu")(TEXT).text)
    path.with_name(f".{path.name}.1a1b2c3d.saving").write_text(TEXT)  # what was displaced, and changed: known
    keeper.missing(path)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert "perdu" in kept_words(root, path)
    assert len([*history_of(root, path).glob("*.yaml")]) == 2  # as it was found, and what was in hand


def test_words_taken_back_are_noticed_offered_and_put_back(path: Path, root: Path) -> None:
    keeper = Keeper(root)
    keeper.save(path, typed("anne", "un"), ODILE)
    keeper.save(path, typed("anne", "deux"), Actor("Bruno", "bruno@example.org"))
    keeper.save(path, typed("bruno", "trois"), ODILE)
    assert keeper.missing(path) == []
    path.write_text(typed("place", "p1")(TEXT).text)  # a stale buffer
    first, second = keeper.missing(path)
    assert [(span.name, span.before.strip(), span.after.strip()) for span in (first, second)] == [
        ("Bruno", "- anne: mots", "- anne: mots un deux"),
        ("Odile Ferrand", "- bruno: mots", "- bruno: mots trois"),
    ]
    keeper.put_back(path, first.id, ODILE)
    keeper.dismiss(path, second.id)
    assert keeper.missing(path) == []
    assert words_in(path) >= {"p1", "un", "deux"}
    assert "trois" in kept_words(root, path)
    with pytest.raises(Refused):
        keeper.put_back(path, second.id, ODILE)
