"""A block that was added is checked, approved and printed like the others, with no list that must know of it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from composer.issue.blocks import BLOCK_TYPES
from tests.issue.support.with_essay import TEMPLATES
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

ROOT = Path(__file__).parents[2]

WRONG = """\
subject: La digue
preheader: Trois choses
blocks:
- essay:
    headline: Un essai
    id: essai
    label: Chez Orpheon
    byline: [odile, inconue]
    reader: inconu
    document: rien.pdf
    answers: absent
    embargo_until: 2026-12-01T08:00
    further: [absente]
    chapters:
    - {title: Un, id: essai}
    body: |
      Voir [là](#nulle-part).

      :::links À lire
      - inconnu-aussi
      :::

      :::a_surveiller Titre
      :id: essai
      Texte.
      :::

      ===

      :::quote Qui
      :audience: free
      Mots.
      :::
- masthead: auto
"""

#: Code, line, column.
FOUND = {
    ("misspelt-name", 7, 17),
    ("unknown-person", 8, 21),
    ("unknown-person", 9, 13),
    ("file-missing", 10, 15),
    ("unknown-id", 11, 14),
    ("embargo", 12, 20),
    ("unknown-id", 13, 15),
    ("duplicate-id", 15, 23),
    ("unknown-id", 17, 17),
    ("unknown-id", 20, 9),
    ("duplicate-id", 23, 7),
    ("paywall", 28, 7),
    ("unreachable-box", 30, 7),
}

RIGHT = """\
subject: La digue
blocks:
- essay:
    headline: Un essai
    standfirst: De quoi il parle
    id: essai
    document: pieces.txt
    answers: chapitre
    further: [chapitre, boite]
    chapters:
    - {title: Premier chapitre, id: chapitre}
    body: |
      Voir [le chapitre](#chapitre), [la boîte](#boite) et [la boîte payante](#payante).

      :::a_surveiller La boîte
      :id: boite
      Texte.
      :::

      :::a_surveiller Pour les abonnés
      :id: payante
      :audience: paid
      Texte.
      :::
- masthead: auto
"""


def _run(root: Path, text: str) -> dict[str, Any]:
    """What the program with one more block, in a process of its own, finds in an issue and makes of it."""
    write_newsroom(root)
    (root / "config" / "lexicon.yaml").write_text("names:\n  Orphéon: [Orpheon]\n", encoding="utf-8")
    issue = write_issue(root, "vendredi", FRIDAY, text.replace("{", "{{").replace("}", "}}"))
    document = issue.with_name("pieces.txt")
    document.write_text("as approved", encoding="utf-8")
    for name, template in TEMPLATES.items():
        path = root / "templates" / "blocks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(template, encoding="utf-8")
    program = [sys.executable, "-m", "tests.issue.support.with_essay", str(root), str(issue), str(document)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_every_check_reads_a_block_that_was_added(tmp_path: Path) -> None:
    assert {tuple(each) for each in _run(tmp_path, WRONG)["found"]} == FOUND


@pytest.mark.slow
def test_an_approval_and_a_letter_hold_all_of_a_block_that_was_added(tmp_path: Path) -> None:
    made = _run(tmp_path, RIGHT)
    assert [code for code, _line, _column in made["found"]] == ["no-preheader"]
    assert made["preheader"] == "De quoi il parle"
    assert made["verdicts"] == [None, "media-changed"], "the document beside the issue was changed after the approval"
    free, paid = (made["html"][audience] for audience in ("free", "paid"))
    assert re.search(r'<h2 class="headline lead"', free)
    linked = [set(re.findall(r'href="#([\w-]+)"', html)) for html in (free, paid)]
    assert linked == [{"chapitre", "boite"}, {"chapitre", "boite", "payante"}]
    for words in ("Premier chapitre", "La boîte"):  # once as itself, once under Further reading
        assert free.count(words) == 2


def _lists(tree: ast.AST, blocks: set[str]) -> Iterator[str]:
    """The places of a module that tell at least two blocks from the others by their class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "type"):
            parts: list[ast.AST] = [*node.args]
        elif isinstance(node, ast.Match):
            parts = [case.pattern for case in node.cases]
        else:
            continue
        named = {each.id for part in parts for each in ast.walk(part) if isinstance(each, ast.Name)} & blocks
        if len(named) > 1:
            yield f"line {node.lineno}: {', '.join(sorted(named))}"


def test_no_module_lists_blocks_by_their_class() -> None:
    blocks = {each.__name__ for block in BLOCK_TYPES for each in (block.model, block.resolved)}
    found = {
        f"{path.relative_to(ROOT)}, {each}"
        for path in sorted((ROOT / "composer").rglob("*.py"))
        for each in _lists(ast.parse(path.read_text(encoding="utf-8")), blocks)
    }
    assert found == set(), "give the field a type (composer/issue/field_types.py), or the block an attribute"
    listed = "isinstance(a, (Edito, Article))", "isinstance(a, Edito | Article)"
    matched = "match a:\n    case Edito(): pass\n    case Article(body=b): pass\n"
    for text in (*listed, matched):
        assert [*_lists(ast.parse(text), blocks)] == ["line 1: Article, Edito"]
