"""What the README shows is true: its issue composes, its commands and its documents exist."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from composer.cli import COMMANDS, filigrane
from composer.issue import load_issue
from composer.newsroom import load_newsroom
from composer.proofreading import proofread

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")

BOOKING = """
advertiser: Example & Sons
creatives:
  autumn: {headline: Apples}
bookings:
- {publication: letter, date: 2026-11-27, slot: main, creative: autumn}
"""


def test_the_issue_it_shows_is_in_order(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    made = CliRunner().invoke(filigrane, ["init", str(tmp_path / "mine"), "--language", "en"])
    assert made.exit_code == 0, made.output
    root = tmp_path / "mine"
    (root / "config" / "sponsors").mkdir(exist_ok=True)
    (root / "config" / "sponsors" / "example.yaml").write_text(BOOKING)
    path = root / "issues" / "letter" / "2026-11-27.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(shown, encoding="utf-8")
    newsroom = load_newsroom(root)
    document = load_issue(path, newsroom)
    assert [*document.findings, *proofread(document.require(), newsroom)] == []


def test_every_command_it_names_exists() -> None:
    named = set(re.findall(r"^filigrane ([a-z-]+)", README, re.MULTILINE)) | set(
        re.findall(r"`filigrane ([a-z][a-z-]+)", README)
    )
    assert named
    assert named <= set(COMMANDS)


def test_every_file_it_links_to_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (CHECKOUT / link).exists()] == []


def test_it_links_to_every_document() -> None:
    documents = {f"docs/{path.name}" for path in (CHECKOUT / "docs").glob("*.md")}
    assert documents <= set(re.findall(r"\]\(([^)#]+)", README))
