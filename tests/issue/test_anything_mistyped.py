"""A file of a newsroom with a slip of the hand in it: it is read, or its mistakes are named; nothing raises."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from composer.issue.compose import composed
from composer.issue.load import load_issue
from composer.issue.model import Front
from composer.newsroom.model import Lexicon, Publication, Settings, Sponsor
from composer.source import load
from tests.issue.support.sample_issue import newsroom

ROOT = Path(__file__).parents[2]
NOTICE = "objet: x\nblocs:\n- notice: {text: ,?, until: 2026-12-01}\n- ours:\n"

#: What fingers leave behind: marks that mean something to YAML or to us, invisible characters, values of other kinds.
SLIPS = [
    *"-:,?!|>[]{}#&*%@`'\"~ \t\n\\/=.0;«»—•\r\0",
    *("- ", "? ", ": ", "''", '""', "\u00a0", "\u202f", "\u200b", "\ufeff", "\u2028", "\x85", "😀", "\u0301"),
    *("===", "null", "true", "[]", "{}", "[,]", ",?,", "? :", "<<: ", "!!str ", "&a ", "*a", "---\n", "...\n", "|9\n"),
    *("9999-12-31", "0001-01-01 00:00", "-1", "1e9", "9" * 30, ":::", "::: ", "## ", "**", "[x](", "http://[", "@"),
]
FILES: list[tuple[str, type[BaseModel]]] = [
    *((str(path.relative_to(ROOT)), Front) for path in sorted((ROOT / "issues").glob("*/*.yaml"))),
    *((str(path.relative_to(ROOT)), Publication) for path in sorted((ROOT / "config/publications").glob("*.yaml"))),
    *((str(path.relative_to(ROOT)), Sponsor) for path in sorted((ROOT / "config/sponsors").glob("*.yaml"))),
    ("config/newsroom.yaml", Settings),
    ("config/lexicon.yaml", Lexicon),
]


@st.composite
def mistyped(draw: st.DrawFn) -> tuple[str, type[BaseModel]]:
    """Some lines of a file of the samples, after its first ones, with up to four slips."""
    name, model = draw(st.sampled_from(FILES))
    lines = (ROOT / name).read_text().split("\n")
    start = draw(st.integers(0, len(lines) - 1))
    text = "\n".join([*lines[: draw(st.sampled_from((0, 4, 8)))], *lines[start : start + 20]])
    for _slip in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(SLIPS)) + text[at + draw(st.sampled_from((0, 0, 1, 4, 30))) :]
    return text, model


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mistyped())
@example((NOTICE, Front))
@example(("objet: x\nblocs:\n- \u2028? [\n", Front))
@example(("noms:\n  '': [a]\n", Lexicon))
def test_no_slip_in_a_file_of_the_newsroom_makes_the_reader_raise(file: tuple[str, type[BaseModel]]) -> None:
    text, model = file
    with TemporaryDirectory() as folder:
        root = Path(folder)
        path = root / "issues" / "samedi" / "2026-11-28.yaml"
        house = newsroom(root)
        path.write_bytes(text.encode())
        if model is not Front:
            findings = load(path, model, root=root).findings
        else:
            document = load_issue(path, house)
            findings = document.findings
            if document.value is not None:
                for audience in ("free", "paid"):
                    findings += tuple(composed(document.value, house, audience)[1])
    for finding in findings:
        assert finding.place.line >= 1
        assert finding.place.column >= 1
        assert str(finding)
        assert finding.as_json()


@pytest.mark.parametrize("name", ["9999-12-31", "9999-12-29", "0001-01-01", "0001-01-03", "0999-05-05"])
def test_a_date_at_the_end_of_the_calendar_is_no_issue_s(tmp_path: Path, name: str) -> None:
    house = newsroom(tmp_path)
    path = tmp_path / "issues" / "samedi" / f"{name}.yaml"
    path.write_text("objet: x\nblocs:\n- ours:\n")
    assert [finding.code for finding in load_issue(path, house).findings] == ["file-name"]


@pytest.mark.parametrize("hour", ["9999-12-31T23:59-14:00", "9999-12-31T12:00Z", "0001-01-01T00:00+14:00"])
def test_an_embargo_at_the_end_of_the_calendar_is_no_hour(tmp_path: Path, hour: str) -> None:
    house = newsroom(tmp_path)
    path = tmp_path / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(f"objet: x\nblocs:\n- article:\n    titre: A\n    embargo: {hour}\n    texte: B\n- ours:\n")
    assert [finding.code for finding in load_issue(path, house).findings] == ["not-a-date"]
