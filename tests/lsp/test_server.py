"""The server as a text editor knows it: a real process, on stdin and stdout."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from composer.source.reading import SIZE_CAP
from tests.lsp.conftest import SERVER
from tests.support.lsp_client import Editor, editor

pytestmark = pytest.mark.slow  # a process of its own, and letters composed

ISSUE = """\
objet: Le quai rouvre au printemps
apercu: Dix-huit mois de travaux, et la rivière n’y est pour rien.
blocs:
- article:
    id: quai
    titre: Le quai rouvre au printemps
    signature: basile
    texte: |
      Un mot, qui renvoie à [la digue](#digue).

      ## Un intertitre

      :::a_surveiller La levée de doute
      :id: doute
      Ce que l’on saura.
      :::

- breves:
    liste:
    - id: digue
      titre: Une digue, deux communes
      texte: Les deux communes paieront.

- ours: auto
"""


def _path(root: Path) -> Path:
    return root / "issues" / "vendredi" / "2026-12-11-essai.yaml"


@pytest.fixture
def issue(root: Path, typing: Editor) -> Any:
    """The issue, open, and read whole."""
    path = _path(root)
    assert typing.open(path, ISSUE, times=2) == []
    yield path
    typing.close(path)


def _labels(typing: Editor, path: Path, text: str, typed: str) -> list[str]:
    """What is offered after ``typed``, the first line of ``text`` that is it."""
    typing.change(path, text)
    line = next(number for number, each in enumerate(text.split("\n")) if each == typed)
    return [each["label"] for each in typing.at("completion", path, line, len(typed))["items"]]


@pytest.mark.parametrize(
    ("before", "typed", "offered"),
    [
        ("- breves:\n", "- ", {"article", "publicite", "ours"}),
        ("    id: quai\n", "    ", {"chapo", "acces", "amorce"}),
        ("    id: quai\n", "    acces: ", {"gratuit", "payant"}),
        ("    id: quai\n", "    signature: ", {"basile", "camille"}),
        ("- breves:\n", "- publicite: ", {"principal", "pied"}),
        ("    id: quai\n", "    pour_aller_plus_loin:\n    - ", {"quai", "digue", "doute"}),
        ("      ## Un", "      Voir [ici](#", {"quai", "digue", "doute"}),
        ("      ## Un", "      :::", {"a_surveiller", "illustration", "encadre"}),
        ("      ## Un", "      :::illustration ", {"2026-12-04-ecartements.png"}),
        ("      Ce que l’on", "      :", {"echeance", "noms", "suite_de"}),
        ("      Ce que l’on", "      :suite_de: ", {"bulletin-c"}),
        ("      ## Un", "      Vu à Kiss", {"Kissimmee"}),
    ],
)
def test_what_fits_is_offered(before: str, typed: str, offered: set[str], issue: Path, typing: Editor) -> None:
    text = ISSUE.replace(before, f"{typed}\n{before}", 1)
    assert offered <= set(_labels(typing, issue, text, typed.rpartition("\n")[2]))


def test_keys_that_are_there_are_not_offered_again(issue: Path, typing: Editor) -> None:
    text = ISSUE.replace("    id: quai\n", "    \n    id: quai\n")
    assert not {"titre", "texte", "signature", "id"} & set(_labels(typing, issue, text, "    "))


def test_a_block_comes_with_what_it_needs(issue: Path, typing: Editor) -> None:
    text = ISSUE.replace("- breves:\n", "- \n- breves:\n", 1)
    typing.change(issue, text)
    items = typing.at("completion", issue, text.split("\n").index("- "), 2)["items"]
    article = next(each for each in items if each["label"] == "article")
    assert article["textEdit"]["newText"] == "article:\n    titre: $1\n    texte: |\n      $2"
    assert article["insertTextFormat"] == 2


def _told(typing: Editor, path: Path, line: int, column: int) -> str:
    found = typing.at("hover", path, line, column)
    return str(found["contents"]["value"]) if found else ""


def test_hover_tells_what_a_key_a_block_a_name_and_an_id_are(issue: Path, typing: Editor) -> None:
    lines = ISSUE.split("\n")
    assert _told(typing, issue, 3, 4).startswith("**article** · Un article")
    assert "Qui signe" in _told(typing, issue, lines.index("    signature: basile"), 6)
    assert _told(typing, issue, lines.index("    signature: basile"), 18) == "**basile** · Basile Trémeur"
    reference = next(number for number, line in enumerate(lines) if "#digue" in line)
    assert "Une digue, deux communes" in _told(typing, issue, reference, lines[reference].index("#digue") + 2)
    box = lines.index("      :::a_surveiller La levée de doute")
    assert _told(typing, issue, box, 10).startswith("**a_surveiller**")
    assert _told(typing, issue, lines.index("      Ce que l’on saura."), 10) == ""


def test_hover_explains_the_code_of_an_ignored_warning(issue: Path, typing: Editor) -> None:
    typing.change(issue, "ignorer: [no-preheader]\n" + ISSUE)
    assert "aperçu" in _told(typing, issue, 0, 14).replace("apercu", "aperçu")


def test_a_name_leads_to_where_it_is_defined(root: Path, issue: Path, typing: Editor) -> None:
    lines = ISSUE.split("\n")
    reference = next(number for number, line in enumerate(lines) if "#digue" in line)
    found = typing.at("definition", issue, reference, lines[reference].index("#digue") + 2)
    assert (found["uri"], found["range"]["start"]["line"]) == (issue.as_uri(), lines.index("    - id: digue"))
    found = typing.at("definition", issue, lines.index("    signature: basile"), 17)
    assert found["uri"] == (root / "config/publications/vendredi.yaml").as_uri()
    assert (
        "basile"
        in (root / "config/publications/vendredi.yaml").read_text().split("\n")[found["range"]["start"]["line"] - 1]
    )


def test_the_outline_has_blocks_crossheads_and_boxes(issue: Path, typing: Editor) -> None:
    found = typing.ask("textDocument/documentSymbol", {"textDocument": {"uri": issue.as_uri()}})
    assert [(each["name"], each["detail"]) for each in found] == [
        ("Le quai rouvre au printemps", "article"),
        ("breves", "breves"),
        ("ours", "ours"),
    ]
    assert [each["name"] for each in found[0]["children"]] == ["Un intertitre", "La levée de doute"]


def _applied(text: str, edits: list[dict[str, Any]]) -> str:
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda each: -each["range"]["start"]["line"]):
        start, end = edit["range"]["start"], edit["range"]["end"]
        before = "\n".join([*lines[: start["line"]], lines[start["line"]][: start["character"]]])
        last = lines[end["line"]] if end["line"] < len(lines) else ""
        after = "\n".join([last[end["character"] :], *lines[end["line"] + 1 :]])
        lines = f"{before}{edit['newText']}{after}".split("\n")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    titre: Le quai rouvre", "    tirte: Le quai rouvre"),
        ("objet: Le quai rouvre", "objet: Le quai : il rouvre"),
        ("- ours: auto", "- oours: auto"),
        ("    texte: |\n      Un mot", "    texte: >\n      Un mot"),
        ("objet: Le quai rouvre au printemps\n", ""),
        ("    titre: Le quai rouvre au printemps\n", ""),
    ],
)
def test_a_corrected_line_is_a_quick_fix_after_which_the_mistake_is_gone(
    right: str, wrong: str, issue: Path, typing: Editor
) -> None:
    text = ISSUE.replace(right, wrong, 1)
    (told, *_others) = typing.change(issue, text)
    asked = {"textDocument": {"uri": issue.as_uri()}, "range": told["range"], "context": {"diagnostics": [told]}}
    actions = typing.ask("textDocument/codeAction", asked)
    assert len(actions) == 1
    assert actions[0]["title"].startswith("Corriger")
    mended = _applied(text, actions[0]["edit"]["changes"][issue.as_uri()])
    assert told["code"] not in {each["code"] for each in typing.change(issue, mended)}


def test_formatting_sets_house_typography_line_by_line(issue: Path, typing: Editor) -> None:
    text = ISSUE.replace("Les deux communes paieront.", "Les deux communes paieront, qui d'autre ?")
    typing.change(issue, text)
    asked = {"textDocument": {"uri": issue.as_uri()}, "options": {"tabSize": 2, "insertSpaces": True}}
    (edit,) = typing.ask("textDocument/formatting", asked)
    assert "paieront, qui d’autre\u202f?" in edit["newText"].replace("\u00a0?", "\u202f?")


def test_columns_are_counted_as_the_editor_counts_them(issue: Path, typing: Editor) -> None:
    text = ISSUE.replace("Les deux communes paieront.", "🎈🎈 Les deux communes, à [rien](#rien).")
    (told,) = typing.change(issue, text)
    line = text.split("\n")[told["range"]["start"]["line"]]
    units = line.encode("utf-16-le")
    assert units[2 * told["range"]["start"]["character"] :].decode("utf-16-le").startswith(("[rien", "rien", "#rien"))


def test_a_text_of_any_size_is_answered(issue: Path, typing: Editor) -> None:
    (told,) = typing.change(issue, ISSUE + "#" * SIZE_CAP)
    assert told["code"] == "too-large"
    assert typing.change(issue, ISSUE) == []


def test_findings_of_letters_come_after_a_pause_and_stay_at_their_line_while_one_types(
    issue: Path, typing: Editor
) -> None:
    text = ISSUE.replace("- breves:", "- publicite: pied\n  # réservé\n\n- breves:").replace("pied", "lointain")
    (told,) = typing.change(issue, text, times=2)
    assert told["code"] == "unknown-slot"
    (moved,) = typing.change(issue, f"# Une ligne de plus.\n{text}")
    assert (moved["code"], moved["range"]["start"]["line"]) == ("unknown-slot", told["range"]["start"]["line"] + 1)


def test_a_file_of_the_configuration_is_read_as_it_is_typed(root: Path, issue: Path, typing: Editor) -> None:
    path = root / "config" / "publications" / "vendredi.yaml"
    text = path.read_text(encoding="utf-8")
    assert typing.open(path, text.replace("basile:", "basille:", 1)) == []
    assert {each["code"] for each in typing.published(issue)} == {"unknown-person"}
    assert [each["code"] for each in typing.change(path, text.replace("devise:", "devize:", 1))] == ["unknown-key"]
    typing.close(path)
    while typing.published(issue):
        pass


def test_what_is_in_no_newsroom_is_left_alone_and_the_server_ends_when_asked(tmp_path: Path) -> None:
    with editor(SERVER, tmp_path) as alone:
        document = {"uri": (tmp_path / "a.yaml").as_uri(), "languageId": "yaml", "version": 1, "text": "a: ["}
        alone.tell("textDocument/didOpen", {"textDocument": document})
        assert alone.at("hover", tmp_path / "a.yaml", 0, 0) is None
        assert alone.told == {}
        assert alone.end() == 0


def test_it_writes_nothing_and_says_where_the_newsroom_itself_cannot_be_read(root: Path, tmp_path: Path) -> None:
    room = tmp_path / "room"
    for name in ("config", "issues"):
        shutil.copytree(root / name, room / name)
    settings = room / "config" / "newsroom.yaml"
    settings.write_text(settings.read_text().replace("fuseau:", "fuzeau :", 1))
    before = {path: path.read_bytes() for path in room.rglob("*") if path.is_file()}
    with editor(SERVER, room) as other:
        (told,) = other.open(_path(room), ISSUE)
        assert "aucun numéro n’a été lu" in told["message"]
        assert "config/newsroom.yaml" in told["message"]
    assert {path: path.read_bytes() for path in room.rglob("*") if path.is_file()} == before


def test_composing_letters_changes_no_file_of_the_newsroom(root: Path, tmp_path: Path) -> None:
    for name in ("config", "issues"):
        shutil.copytree(root / name, tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    sample = tmp_path / "issues" / "vendredi" / "2026-12-04.yaml"
    with editor(SERVER, tmp_path) as other:
        other.open(sample, sample.read_text(encoding="utf-8"), times=2)
    made = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.relative_to(tmp_path).parts[0] for path in made - before.keys()} <= {"var"}, "the cache of pictures"
    assert {path: path.read_bytes() for path in before} == before


def test_a_link_out_of_the_newsroom_is_not_followed(root: Path, tmp_path: Path, typing: Editor) -> None:
    (tmp_path / "far.yaml").write_text("objet: [\n")
    link = root / "issues" / "vendredi" / "2027-03-05.yaml"
    link.symlink_to(tmp_path / "far.yaml")
    document = {"uri": link.as_uri(), "languageId": "yaml", "version": 1, "text": "objet: [\n"}
    typing.tell("textDocument/didOpen", {"textDocument": document})
    assert typing.at("hover", link, 0, 0) is None
    assert link.as_uri() not in typing.told
    link.unlink()


CRASHING = """
from composer.lsp import room
def broken(*_arguments):
    raise ZeroDivisionError
room.review_text = broken
from composer.cli import main
main(["lsp"])
"""


def test_a_defect_of_a_check_is_told_in_the_file_and_ends_nothing(root: Path) -> None:
    with editor([sys.executable, "-c", CRASHING], root) as other:
        (told,) = other.open(_path(root), ISSUE)
        assert "ZeroDivisionError" in told["message"]
        assert other.at("hover", _path(root), 3, 4) is not None
        assert other.end() == 0


WITHOUT = """
import sys
sys.modules["pygls"] = None
from importlib import util
util.find_spec = lambda name, _find=util.find_spec: None if name == "pygls" else _find(name)
from composer.cli import main
main(["lsp"])
"""


def test_without_pygls_it_says_what_to_install(root: Path) -> None:
    command = [sys.executable, "-c", WITHOUT]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install 'filigrane[lsp]'" in done.stderr
