"""What the guide for editors shows is true: its first ten minutes can be walked, its files load, its commands exist."""

from __future__ import annotations

import re
import shlex
from email import message_from_bytes
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner

from composer.cli import COMMANDS, filigrane
from composer.issue.block import Block
from composer.issue.blocks import BLOCKS, DIRECTIVES
from composer.newsroom import load_newsroom
from composer.source.vocabulary import block_name, french
from tests.support.newsrooms import png

CHECKOUT = Path(__file__).parents[1]
GUIDE = (CHECKOUT / "docs/editors.md").read_text(encoding="utf-8")
FENCES = re.findall(r"^```(sh|yaml)\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
SHELL = [text for kind, text in FENCES if kind == "sh"]
IN_ENGLISH = re.findall(
    r"^```(sh|yaml)\n(.*?)^```", (CHECKOUT / "docs/first-hour.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)
YAML = [text for kind, text in FENCES if kind == "yaml"]

OPENING = """\
objet: Une halle rouvre
apercu: Samedi
blocs:
- edito:
    titre: Une halle rouvre
    texte: |
      Bonjour.
"""


def commands(text: str) -> list[list[str]]:
    lines = [shlex.split(line, comments=True) for line in text.splitlines()]
    return [words[1:] for words in lines if words[:1] == ["filigrane"]]


def test_each_command_has_the_options_that_are_shown() -> None:
    shown = [
        words for text in [*SHELL, *(text for kind, text in IN_ENGLISH if kind == "sh")] for words in commands(text)
    ]
    assert len(shown) > 10
    for name, *words in shown:
        assert name in COMMANDS
        said = CliRunner().invoke(filigrane, [name, "--help"]).output
        assert [word for word in words if word.startswith("--") and word not in said] == []


@time_machine.travel("2026-11-28 12:00+00:00")
def test_the_first_ten_minutes_lead_to_a_letter_with_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    figure = next(text for text in YAML if text.startswith("- illustration"))
    for words in [words for text in SHELL[:2] for words in commands(text) if words[0] != "preview"]:
        done = CliRunner().invoke(filigrane, words)
        if words[0] == "init":
            monkeypatch.chdir(tmp_path / words[1])
        elif words[0] == "new":
            path = Path(done.stdout.strip())
            assert path.parts[-2:] == ("lettre", "2026-12-04.yaml")
            path.write_text(f"{OPENING}{figure}- ours: auto\n", encoding="utf-8")
            (path.parent / "pont.png").write_bytes(png())
        elif words[0] == "check":
            assert set(re.findall(r"\[([a-z-]+)\]$", done.stdout, re.MULTILINE)) == {"placeholder"}
            continue
        assert done.exit_code == 0, (words, done.output, done.exception)
    letters = sorted(Path("var/essai").iterdir())
    assert len(letters) == 2
    for letter in letters:
        kinds = [part.get_content_type() for part in message_from_bytes(letter.read_bytes()).walk()]
        assert kinds.count("image/png") == 1


def test_what_it_adds_to_git_is_all_that_a_new_issue_changes(tmp_path: Path) -> None:
    room = tmp_path / "room"
    CliRunner().invoke(filigrane, ["init", "--no-git", str(room)])
    before = {path: path.read_bytes() for path in room.rglob("*") if path.is_file()}
    assert CliRunner().invoke(filigrane, ["--newsroom", str(room), "new", "lettre/2026-12-04"]).exit_code == 0
    (room / "issues/lettre/pont.png").write_bytes(png())
    assert CliRunner().invoke(filigrane, ["--newsroom", str(room), "new", "lettre/2026-12-11"]).exit_code == 0
    after = {path: path.read_bytes() for path in room.rglob("*") if path.is_file()}
    changed = {path.relative_to(room).parts[0] for path, text in after.items() if before.get(path) != text}
    (added,) = re.findall(r"^git add (?!-)(.*?)(?: #|$)", "".join(SHELL), re.MULTILINE)
    assert changed == {"issues", "schema"}
    assert changed <= set(added.split())


def test_the_advertiser_it_shows_can_be_booked(tmp_path: Path) -> None:
    CliRunner().invoke(filigrane, ["init", str(tmp_path / "room")])
    folder = tmp_path / "room/config/sponsors"
    folder.joinpath("courtefeuille.yaml").write_text(
        next(text for text in YAML if text.startswith("annonceur")), "utf-8"
    )
    folder.joinpath("agenda.png").write_bytes(png())
    newsroom = load_newsroom(tmp_path / "room")
    assert [finding for finding in newsroom.findings if "sponsors" in finding.place.file] == []
    assert set(newsroom.sponsors) == {"courtefeuille", "exemple"}


def test_every_file_it_links_to_exists() -> None:
    links = [link for link in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#]+)", GUIDE) if "://" not in link]
    assert len(links) > 5
    assert [link for link in links if not (CHECKOUT / "docs" / link).exists()] == []


def test_the_issue_it_shows_loads_in_a_new_newsroom(tmp_path: Path) -> None:
    CliRunner().invoke(filigrane, ["init", "--no-git", str(tmp_path / "room")])
    path = tmp_path / "room/issues/lettre/2026-12-04.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(next(text for text in YAML if text.startswith("objet")), "utf-8")
    path.with_name("pont.png").write_bytes(png(size=(1280, 640)))
    said = CliRunner().invoke(filigrane, ["--newsroom", str(tmp_path / "room"), "check", "lettre/2026-12-04"]).stdout
    assert set(re.findall(r"\[([a-z-]+)\]$", said, re.MULTILINE)) == {"placeholder", "unbooked-slot"}


def test_what_the_first_hour_in_english_shows_is_without_a_mistake(tmp_path: Path) -> None:
    CliRunner().invoke(filigrane, ["init", "--no-git", "--language", "en", str(tmp_path)])
    blocks = [text for kind, text in IN_ENGLISH if kind == "yaml"]
    front = f"subject: The bridge\npreheader: It closes\n{blocks.pop()}blocks:\n"
    (tmp_path / "issues/letter/2026-12-04.yaml").write_text(front + "".join(blocks) + "- masthead: auto\n", "utf-8")
    (tmp_path / "issues/letter/bridge.png").write_bytes(png(size=(1280, 640)))
    said = CliRunner().invoke(filigrane, ["--newsroom", str(tmp_path), "check", "letter/2026-12-04"]).stdout
    assert set(re.findall(r"\[([a-z-]+)\]$", said, re.MULTILINE)) == {"placeholder"}


def test_it_names_every_block_and_every_field() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", GUIDE, re.MULTILINE))
    named = {name: block_name(name, "fr") for name in BLOCKS}
    assert set(rows) == set(named.values())
    for name, model in BLOCKS.items():
        row = rows[named[name]] + (rows["article"] if name == "interview" else "")
        own = [field for field in model.model_fields if field != "type" and field not in Block.model_fields]
        missing = [word for word in (french(field, model.__name__) for field in own) if f"`{word}" not in row]
        assert missing == [], named[name]


def test_it_names_every_box() -> None:
    (counted,) = re.findall(r"^(\w+) d’entre eux se glissent.*?: (.*?)\. ", GUIDE, re.MULTILINE | re.DOTALL)
    boxes = re.findall(r"`(\w+)`", counted[1])
    assert sorted(boxes) == sorted(block_name(name, "fr") for name in DIRECTIVES)
    assert counted[0] == {8: "Huit", 9: "Neuf", 10: "Dix"}[len(boxes)]
