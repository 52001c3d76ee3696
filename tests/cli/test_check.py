"""``filigrane check``: all the mistakes of a file at once, each with its line and what to type instead."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from composer.approval.freeze import approve
from composer.cli import filigrane, main
from composer.errors import Mistakes
from composer.newsroom import load_newsroom
from composer.newsroom.starting import KINDS, start
from tests.support.starter import fill_in

EIGHT = """\
objet: Le port : trois quais pour un seul bateau
aperçu: "Un matin au bord de l'eau
blocs:
- edito:
    titre: **Trois** quais
    texte: |
      Bonjour.
- article:
    titer: Le bateau
    texte: |
      Il entre au port.
    accès: payent
- anonce: La lettre revient vendredi
- a_surveiller:
    titre: La marée
    texte: |
      Elle monte.
    échéance: 15 décembre 2026
- citation:
    texte: Vu sur le quai #marée
"""

#: line, column, code, corrected line
FOUND = [
    (1, 16, "colon-in-text", 'objet: "Le port : trois quais pour un seul bateau"'),
    (2, 9, "unclosed-quote", 'aperçu: "Un matin au bord de l\'eau"'),
    (5, 12, "reserved-character", '    titre: "**Trois** quais"'),
    (9, 5, "unknown-key", "    titre: Le bateau"),
    (12, 12, "unknown-value", "    accès: payant"),
    (13, 3, "unknown-block", "- annonce: La lettre revient vendredi"),
    (18, 15, "not-a-date", "    échéance: 2026-12-15"),
    (20, 27, "truncated-text", '    texte: "Vu sur le quai #marée"'),
]

FRENCH = [
    "deux-points dans un texte font croire à YAML qu’une autre clé commence",
    'ce guillemet " n’est jamais refermé',
    "un texte qui commence par * est pour YAML un alias",
    "la clé «\u00a0titer\u00a0» n’existe pas ici\u00a0; vouliez-vous dire «\u00a0titre\u00a0»\u00a0?",
    "«\u00a0payent\u00a0» n’est pas possible ici\u00a0; choisissez entre\u00a0: gratuit, payant",
    "le bloc «\u00a0anonce\u00a0» n’existe pas\u00a0; vouliez-vous dire «\u00a0annonce\u00a0»\u00a0?",
    "une date s’écrit année-mois-jour",
    "après #, tout est commentaire pour YAML et ne serait pas imprimé",
]


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    root = tmp_path / "redaction"
    start(root, KINDS, "fr")
    fill_in(root)
    return root


def _issue(newsroom: Path, text: str, date: str = "2026-11-27") -> Path:
    path = newsroom / f"issues/lettre/{date}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _check(newsroom: Path, *arguments: str) -> Result:
    return CliRunner().invoke(filigrane, ["--newsroom", str(newsroom), "check", *arguments])


def test_eight_mistakes_are_all_named_in_french_by_line_and_column_with_the_line_to_type(newsroom: Path) -> None:
    _issue(newsroom, EIGHT)
    result = _check(newsroom, "lettre/2026-11-27")
    assert result.exit_code == 1
    shown = result.stdout.split("\n\n")
    assert shown[-1].startswith("8 erreurs, 0 avertissement, 0 remarque\n")
    assert len(shown) == 10  # with the rehearsal that ``init`` writes
    lines = EIGHT.split("\n")
    for (line, column, code, better), french, remark in zip(FOUND, FRENCH, shown, strict=False):
        first, excerpt, caret, suggestion = remark.split("\n")
        assert first.startswith(f"issues/lettre/2026-11-27.yaml:{line}:{column}: {french}")
        assert first.endswith(f"[{code}]")
        assert excerpt == f"    {lines[line - 1]}"
        assert caret.index("^") == 4 + column - 1
        assert suggestion == f"  → {better}"


def test_json_says_the_same_and_nothing_else(newsroom: Path) -> None:
    _issue(newsroom, EIGHT)
    result = _check(newsroom, "lettre/2026-11-27", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert (document["errors"], document["warnings"], document["notes"], document["issues"]) == (8, 0, 0, 1)
    found = [
        (each["place"]["line"], each["place"]["column"], each["code"], each["suggestion"])
        for each in document["findings"]
    ]
    assert found == FOUND
    assert all(each["severity"] == "error" for each in document["findings"])


def test_the_suggested_lines_typed_in_leave_nothing_to_correct(newsroom: Path) -> None:
    lines = EIGHT.split("\n")
    for line, _column, _code, better in FOUND:
        lines[line - 1] = better
    text = "\n".join(lines).replace("    accès: payant", "    accès: payant\n    amorce: La suite.")
    _issue(newsroom, text)
    result = _check(newsroom, "lettre/2026-11-27", "--json")
    assert [each for each in json.loads(result.stdout)["findings"] if each["severity"] == "error"] == []
    assert result.exit_code == 0


def test_an_issue_that_is_right(newsroom: Path) -> None:
    path = _issue(newsroom, "objet: Le port\napercu: Ici\nblocs:\n- annonce: Bonjour\n- ours:\n")
    result = _check(newsroom, str(path))
    rehearsal, _empty, said, *_length, unlooked = result.stdout.splitlines()
    assert (result.exit_code, said) == (0, "1 numéro relu\u00a0: rien à signaler")
    assert unlooked == "L’orthographe, la grammaire et les accords ne sont pas vérifiés\u00a0: c’est à relire."
    assert "seulement_a" in rehearsal  # as ``init`` writes it; there is no database that could count


ADVERTISER = """\
annonceur: Le Pré-Long
categorie: {category}
creations:
  livret: {{titre: Un livret, mention_legale: "L’abus d’alcool est dangereux pour la santé."}}
reservations:
- {{publication: lettre, date: 2026-11-27, emplacement: principal, creation: livret}}
"""


@pytest.mark.parametrize(("category", "unexamined"), [("finance", ["finance"]), ("alcool", []), ("general", [])])
def test_legal_words_that_are_not_examined_are_said_to_be_so(
    newsroom: Path, category: str, unexamined: list[str]
) -> None:
    (newsroom / "config/sponsors").mkdir(exist_ok=True)
    (newsroom / "config/sponsors/long.yaml").write_text(ADVERTISER.format(category=category), encoding="utf-8")
    text = (
        "objet: Le bateau entre\napercu: Un matin\nblocs:\n- edito:\n    titre: Quais\n    texte: |\n      Bonjour.\n"
    )
    path = _issue(newsroom, text + "- publicite: principal\n- ours: auto\n")
    for arguments in ([str(path)], ["--past"]):
        result = _check(newsroom, *arguments)
        assert result.exit_code == 0, result.output
        said = "les termes de la mention légale des publicités ne sont pas examinés\u00a0: finance"
        assert (said in result.output) is bool(unexamined)
        assert json.loads(_check(newsroom, *arguments, "--json").output)["unexamined"] == unexamined
    alone = _issue(newsroom, text + "- ours: auto\n", "2026-12-04")
    assert json.loads(_check(newsroom, str(alone), "--json").output)["unexamined"] == []


def test_remarks_of_the_proofreader_do_not_fail(newsroom: Path) -> None:
    _issue(newsroom, "objet: Le port\nblocs:\n- edito:\n    titre: Le quai\n    texte: Bonjour\n")
    result = _check(newsroom, "lettre/2026-11-27")
    assert result.exit_code == 0
    assert "remarque" in result.stdout
    assert "[no-preheader]" in result.stdout


LETTER = """\
objet: Le port
aperçu: Ici
blocs:
- article:
    titre: Le quai
    texte: |
      Il **attend** un bateau.
- ours:
"""


def test_signs_and_words_stand_beside_the_length_that_the_publication_asks_for(newsroom: Path) -> None:
    _issue(newsroom, LETTER)
    with (newsroom / "config/publications/lettre.yaml").open("a", encoding="utf-8") as stream:
        stream.write("longueur: {signes: 20-25, mots: 6}\n")
    line = "27 signes, espaces comprises, 6 mots, 1 minute de lecture (la publication demande de 20 à 25 signes\u00a0: "
    line += "2 de trop\u00a0; la publication demande au plus 6 mots)"
    said = _check(newsroom, "lettre/2026-11-27").stdout.splitlines()
    assert said[-2] == line
    table = _check(newsroom, "lettre/2026-11-27", "--length").stdout.splitlines()
    assert [each.split() for each in table[-4:-2]] == [["27", "6", "article", "Le", "quai"], ["signes", "mots"]]
    found = json.loads(_check(newsroom, "lettre/2026-11-27", "--json").stdout)["length"]
    assert found["asked"] == {"signs": [20, 25], "words": [0, 6]}
    assert found["blocks"] == [{"block": "article", "title": "Le quai", "signs": 27, "words": 6}]
    assert found["editions"]["free"] == found["editions"]["paid"] == {"signs": 27, "words": 6, "minutes": 1}


def test_a_changed_issue_is_told_to_have_lost_its_approval_and_by_what(newsroom: Path) -> None:
    path = _issue(newsroom, LETTER)
    approve(path, load_newsroom(newsroom), "Odile", now=datetime(2026, 11, 26, 17, 4, tzinfo=UTC))
    said = _check(newsroom, "lettre/2026-11-27").stdout
    assert "Approuvé par Odile le jeudi 26 novembre 2026 à 18:04, et inchangé depuis." in said
    path.write_text(LETTER.replace("un bateau", "deux grands bateaux"), encoding="utf-8")
    for asked in ("lettre/2026-11-27", "--past"):
        said = _check(newsroom, asked).stdout
        assert "Le bon à tirer donné par Odile le jeudi 26 novembre 2026 à 18:04 ne vaut plus\u00a0: " in said
        assert "Changé depuis\u00a0: article «\u00a0Le quai\u00a0»\u00a0: 2 mots changés, 1 mot ajouté." in said
        assert "rien à signaler" not in said
    (found,) = json.loads(_check(newsroom, "lettre/2026-11-27", "--json").stdout)["approvals"]
    assert (found["valid"], found["reason"], found["by"]) == (False, "source-changed", "Odile")
    assert found["at"] == "2026-11-26T18:04:00+01:00"


def test_what_init_wrote_as_a_model_is_an_error_and_is_not_approved(tmp_path: Path) -> None:
    start(tmp_path / "neuve", KINDS, "fr")
    path = _issue(tmp_path / "neuve", LETTER)
    result = _check(tmp_path / "neuve", "lettre/2026-11-27")
    assert result.exit_code == 1
    assert result.stdout.count("[placeholder]") == 2
    assert "(lignes\u00a0: 6, 8, 26, 31, 32, 33, 35, 36)" in result.stdout
    with pytest.raises(Mistakes, match="placeholder"):
        approve(path, load_newsroom(tmp_path / "neuve"), "Odile")
    assert not path.with_suffix(".sealed").exists()


@pytest.mark.slow
def test_all_reads_every_issue(newsroom: Path) -> None:
    _issue(newsroom, EIGHT)
    _issue(newsroom, "objet: x\nblocs:\n- oours:\n", "2026-12-04")
    document = json.loads(_check(newsroom, "--past", "--json").stdout)
    assert (document["errors"], document["issues"]) == (9, 2)


def test_the_newsroom_s_own_mistakes_come_first(newsroom: Path) -> None:
    _issue(newsroom, EIGHT)
    with (newsroom / "config/newsroom.yaml").open("a") as stream:
        stream.write("fuseaux: Europe/Paris\n")
    result = _check(newsroom, "--all")
    assert result.exit_code == 1
    assert result.stdout.startswith("config/newsroom.yaml:")
    assert "aucun numéro n’a été lu" in result.stdout


def test_a_mistake_that_the_issue_does_not_need_is_shown_after_its_own_and_is_no_failure(newsroom: Path) -> None:
    _issue(newsroom, "objet: Le port\nblocs:\n- edito:\n    titre: Le quai\n    texte: Bonjour\n")
    (newsroom / "config/sponsors").mkdir(exist_ok=True)
    (newsroom / "config/sponsors/phare.yaml").write_text("annonceur: Le Phare\ncreation: {}\n", encoding="utf-8")
    result = _check(newsroom, "lettre/2026-11-27", "--json")
    document = json.loads(result.stdout)
    files = [finding["place"]["file"] for finding in document["findings"]]
    assert files[:2] == ["issues/lettre/2026-11-27.yaml"] * 2
    assert set(files[2:]) == {"config/sponsors/phare.yaml"}
    assert (result.exit_code, document["errors"], document["beside"]) == (0, len(files) - 2, len(files) - 2)
    assert _check(newsroom, "--all").exit_code == 1


def test_a_mistake_in_the_issue_s_own_publication_is_a_failure(newsroom: Path) -> None:
    _issue(newsroom, "objet: Le port\nblocs:\n- annonce: Bonjour\n")
    with (newsroom / "config/publications/lettre.yaml").open("a", encoding="utf-8") as stream:
        stream.write("titer: x\n")
    result = _check(newsroom, "lettre/2026-11-27", "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert document["findings"][0]["code"] == "publication-unread"
    assert document["findings"][-1]["place"]["file"] == "config/publications/lettre.yaml"
    assert document["beside"] == 0


@pytest.mark.parametrize("arguments", [[], ["lettre/2026-11-27", "--all"]])
def test_one_issue_or_all(newsroom: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--newsroom", str(newsroom), "check", *arguments])
    assert stopped.value.code == 2
    assert "--all" in capsys.readouterr().err


def test_a_folder_that_is_no_newsroom_in_a_real_process(tmp_path: Path) -> None:
    code = "from composer.cli import main; main()"
    command = [sys.executable, "-c", code, "--newsroom", str(tmp_path), "check", "--all"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "filigrane init" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_past_with_one_issue_is_said_to_go_with_all(newsroom: Path) -> None:
    _issue(newsroom, LETTER)
    result = _check(newsroom, "lettre/2026-11-27", "--past")
    assert result.exit_code != 0
    assert "--past va avec --all" in result.output + str(result.exception)
    assert "--past va avec" not in _check(newsroom, "--all", "--past").output
