"""An issue's file: what its name says, what must hold inside it, where each mistake stands."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from composer import locale
from composer.errors import Refused
from composer.issue import find_issues, issue_files, issue_path, key_of, load_issue, sealed_path
from composer.issue.model import Issue, IssueKey
from composer.newsroom.model import Newsroom
from composer.source.document import Document
from composer.source.finding import Severity
from tests.issue.support.sample_issue import newsroom

START = "objet: Le pont attendra\nblocs:\n"
ARTICLE = "- article:\n    titre: Le pont\n    texte: |\n      Une phrase.\n"


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


def load(house: Newsroom, text: str, name: str = "2026-11-28.yaml") -> Document[Issue]:
    path = house.root / "issues" / "samedi" / name
    path.write_text(text)
    return load_issue(path, house)


def found(document: Document[Issue]) -> list[tuple[str, int, int]]:
    return [(finding.code, finding.place.line, finding.place.column) for finding in document.findings]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("2026-11-28.yaml", IssueKey("samedi", date(2026, 11, 28))),
        ("2026-11-28-hors-serie.yaml", IssueKey("samedi", date(2026, 11, 28), "hors-serie")),
        ("2026-11-28.en.yaml", IssueKey("samedi", date(2026, 11, 28), "", "en")),
        ("2026-11-28-crue-2.en.yaml", IssueKey("samedi", date(2026, 11, 28), "crue-2", "en")),
    ],
)
def test_the_path_says_which_issue_it_is(house: Newsroom, name: str, key: IssueKey) -> None:
    original = name.replace(".en", "")
    if original != name:
        load(house, START + ARTICLE, original)
    said = f"traduction_de: {original}\n" if original != name else ""
    document = load(house, said + START + ARTICLE, name)
    assert document.require().key == key
    path = house.root / "issues" / "samedi" / name
    assert issue_path(house, key) == path
    assert key_of(path, house) == key
    assert sealed_path(path).name == name.removesuffix(".yaml") + ".sealed"


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("28-11-2026.yaml", "2026-11-28.yaml"),
        ("2026_11_28.yaml", "2026-11-28.yaml"),
        ("20261128 Hors série.yaml", "2026-11-28-hors-serie.yaml"),
        ("2026-11-28.yml", "2026-11-28.yaml"),
        ("2026-11-28-Titre.en.yaml", "2026-11-28-titre.en.yaml"),
        ("2026-11-31.yaml", None),
        ("brouillon.yaml", None),
    ],
)
def test_a_wrong_file_name_is_answered_with_the_right_one(house: Newsroom, name: str, better: str | None) -> None:
    document = load(house, START + ARTICLE, name)
    assert found(document) == [("file-name", 1, 1)]
    assert document.findings[0].suggestion == better
    assert document.value is None
    with pytest.raises(Refused, match="2026-11-28"):
        key_of(house.root / "issues" / "samedi" / name, house)


def test_an_issue_is_in_the_folder_of_a_publication(house: Newsroom) -> None:
    for folder in ("issues/samedis", "ailleurs", "issues/samedi/brouillons"):
        (house.root / folder).mkdir(parents=True)
        path = house.root / folder / "2026-11-28.yaml"
        path.write_text(START + ARTICLE)
        assert [finding.code for finding in load_issue(path, house).findings] == ["file-name"]
    with pytest.raises(Refused, match="did you mean samedi"):
        key_of(house.root / "issues" / "samedis" / "2026-11-28.yaml", house)


@pytest.mark.parametrize("line", ["date: 2026-11-28", "publication: samedi", "langue: fr", "language: fr"])
def test_what_the_path_says_is_not_said_again(house: Newsroom, line: str) -> None:
    document = load(house, f"{line}\n{START}{ARTICLE}")
    assert ("unknown-key", 1, 1) in found(document)
    assert "issues/<publication>/<date>.yaml" in document.findings[0].message


def test_issues_are_found_by_their_names(house: Newsroom) -> None:
    for name in ("2026-12-05.yaml", "2026-11-28.yaml", "2026-11-28.en.yaml", "notes.yaml", ".2026-11-28.yaml"):
        load(house, START + ARTICLE, name)
    names = [file.path.name for file in find_issues(house)]
    assert names == ["2026-11-28.en.yaml", "2026-11-28.yaml", "2026-12-05.yaml"]
    assert [file.key.date.day for file in find_issues(house, "samedi")] == [28, 28, 5]
    assert "notes.yaml" in [path.name for path in issue_files(house)]
    assert find_issues(house, "vendredi") == ()


@pytest.mark.parametrize(
    ("blocks", "code", "line", "column"),
    [
        ("- article:\n    titre: A\n    id: un\n    texte: |\n      B\n" * 2, "duplicate-id", 10, 9),
        (
            "- article:\n    titre: A\n    id: un\n    texte: |\n      B\n\n      :::a_surveiller C\n      :id: un\n"
            "      D\n      :::\n",
            "duplicate-id",
            9,
            7,
        ),
        ("- article:\n    titre: A\n    texte: |\n      B\n      et [là](#absent).\n", "unknown-id", 7, 15),
        ("- article:\n    titre: A [là](#absent)\n    texte: |\n      B\n", "unknown-id", 4, 19),
        (ARTICLE + "    pour_aller_plus_loin:\n    - absent\n", "unknown-id", 8, 7),
        ("- liens:\n    liste: [absent]\n", "unknown-id", 4, 13),
        ("- exclusivites:\n    liste:\n    - {texte: A, bloc: absent}\n", "unknown-id", 5, 24),
        (ARTICLE + "    signature: paull\n", "unknown-person", 7, 16),
        ("- ours:\n    biographies: [ines, pol]\n", "unknown-person", 4, 25),
        (ARTICLE + "    embargo: 2026-11-28T09:00\n", "embargo", 7, 14),
        ("- edito:\n    titre: A\n    texte: |\n      B\n\n      ===\n\n      C\n", "paywall", 8, 7),
        (ARTICLE + "    style:\n      dates: courtes\n", "style-without-effect", 8, 14),
        ("- article:\n    titre: A\n    texte: |\n      B\n\n      ===\n", "empty-paid-part", 8, 7),
    ],
)
def test_what_must_hold_inside_an_issue(house: Newsroom, blocks: str, code: str, line: int, column: int) -> None:
    assert found(load(house, START + blocks)) == [(code, line, column)]


def test_the_nearest_name_is_suggested(house: Newsroom) -> None:
    text = (
        START + "- article:\n    titre: A\n    id: pont\n    texte: |\n      Voir [là](#pnt).\n    signature: paull\n"
    )
    messages = [finding.message for finding in load(house, text).findings]
    assert ["did you mean pont?" in messages[0], "did you mean paul?" in messages[1]] == [True, True]


@pytest.mark.parametrize(
    ("signed", "near"),
    [
        ("Inez", None),
        ("Ine", None),
        ("Paull", "paul"),
        ("Paul", "paul"),
        ("Paul Garnié", "paul"),
        ("Ines Valmond", "ines"),
    ],
)
def test_a_signature_that_is_nearly_somebody_s_is_a_warning(house: Newsroom, signed: str, near: str | None) -> None:
    document = load(house, START + ARTICLE + f"    signature: {signed}\n")
    assert document.value is not None
    assert [(each.code, each.severity) for each in document.findings] == (
        [] if near is None else [("unknown-person", Severity.WARNING)]
    )
    assert all(f"did you mean {near}?" in each.message for each in document.findings)


@pytest.mark.parametrize(
    "signed", ["Paul Garnier", "Paula Garance", "Agence Rive", "Léa", "{nom: Camille, fonction: f}"]
)
def test_a_guest_s_signature_is_nobody_else_s(house: Newsroom, signed: str) -> None:
    assert load(house, START + ARTICLE + f"    signature: {signed}\n").findings == ()


def test_a_paywall_that_says_nothing_of_what_follows_is_remarked_once(house: Newsroom) -> None:
    cut = "- article:\n    titre: A\n    texte: |\n      B\n\n      ===\n\n      C\n"
    assert load(house, START + cut).findings == ()
    samedi = house.publications["samedi"].model_copy(update={"subscribe_url": None})
    without = replace(house, publications={"samedi": samedi})
    assert [(each.code, each.severity, each.place.line) for each in load(without, START + cut + cut).findings] == [
        ("dead-end", Severity.NOTE, 4)
    ]
    assert load(without, START + cut.replace("    texte", "    amorce: Bientôt\n    texte")).findings == ()
    assert load(without, START + cut.replace("    texte", "    public: payant\n    texte")).findings == ()


def test_an_embargo_is_read_on_the_newsroom_s_clock(house: Newsroom) -> None:
    assert load(house, START + ARTICLE + "    embargo: 2026-11-28T07:00\n").value is not None
    assert load(house, START + ARTICLE + "    embargo: 2026-11-28T06:30:00Z\n").value is None


def test_files_that_are_named_exist(house: Newsroom) -> None:
    replay = "- reecoute:\n    emission: A\n    diffusion: 2026-11-20\n    lien: https://a.example/\n"
    replay += "    transcription: t.txt\n"
    assert found(load(house, START + replay)) == [("file-missing", 7, 20)]


@pytest.mark.parametrize(
    ("name", "said", "expected", "line"),
    [
        ("2026-11-28.en.yaml", "", [("translation", 1, 1)], None),
        ("2026-11-28.en.yaml", "traduction_de: 2026-11-28.yaml\n", [], None),
        ("2026-11-28.en.yaml", "traduction_de: 2026-11-28.fr.yaml\n", [("file-missing", 1, 16)], None),
        ("2026-11-28.en.yaml", "traduction_de: 2026-11-21.yaml\n", [("translation", 1, 16)], "2026-11-28.yaml"),
        ("2026-11-28-a.en.yaml", "traduction_de: 2026-11-28.yaml\n", [("translation", 1, 16)], "2026-11-28-a.yaml"),
        ("2026-11-28.yaml", "traduction_de: 2026-11-28.fr.yaml\n", [("translation", 1, 16)], None),
        ("2026-11-28.fr.yaml", "traduction_de: 2026-11-28.yaml\n", [("translation", 1, 16)], None),
    ],
)
def test_a_translation_names_the_original_it_leaves_with(
    house: Newsroom, name: str, said: str, expected: list[tuple[str, int, int]], line: str | None
) -> None:
    load(house, START + ARTICLE, "2026-11-28.yaml")
    document = load(house, said + START + ARTICLE, name)
    assert found(document) == expected
    if expected:
        suggestion = document.findings[0].suggestion
        assert (suggestion or "").endswith(line or "")


def test_a_notice_announces_an_edition_that_there_is(house: Newsroom) -> None:
    notice = "- annonce: {{texte: Cette lettre existe aussi dans une autre langue, edition: {}{}}}\n"
    text = START + ARTICLE + notice.format("en", "")
    (finding,) = load(house, text).findings
    assert (finding.code, finding.severity) == ("no-edition", Severity.WARNING)
    assert "2026-11-28.en.yaml" in finding.message
    assert load(house, START + ARTICLE + notice.format("en", ", lien: 'https://a.example/en'")).findings == ()
    load(house, "traduction_de: 2026-11-28.yaml\n" + START + ARTICLE, "2026-11-28.en.yaml")
    assert load(house, text).findings == ()
    back = "traduction_de: 2026-11-28.yaml\n" + START + ARTICLE + notice.format("fr", "")
    assert load(house, back, "2026-11-28.en.yaml").findings == ()
    assert [finding.code for finding in load(house, START + ARTICLE + notice.format("fr", "")).findings] == [
        "own-edition"
    ]


def test_a_day_without_an_issue_is_a_warning_that_can_be_ignored(house: Newsroom) -> None:
    document = load(house, START + ARTICLE, "2026-11-27.yaml")
    assert [(finding.code, finding.severity) for finding in document.findings] == [("weekday", Severity.WARNING)]
    assert "2026-11-28" in document.findings[0].message
    assert document.value is not None
    assert load(house, "ignorer: [weekday]\n" + START + ARTICLE, "2026-11-27.yaml").findings == ()
    assert load(house, START + ARTICLE, "2026-11-27-hors-serie.yaml").findings == ()


def test_an_error_cannot_be_ignored(house: Newsroom) -> None:
    document = load(house, "ignorer: [unknown-person]\n" + START + ARTICLE + "    signature: paull\n")
    assert document.value is None
    assert [finding.code for finding in document.findings] == ["unknown-person"]


def test_findings_are_in_the_newsroom_s_language(house: Newsroom) -> None:
    locale.use("fr")
    try:
        document = load(house, START + ARTICLE, "2026-11-27.yaml")
    finally:
        locale.use("en")
    assert "est un vendredi" in document.findings[0].message
    assert "paraît le samedi" in document.findings[0].message


def codes(house: Newsroom, text: str) -> set[str]:
    return {code for code, _line, _column in found(load(house, text))}


def test_a_slot_is_printed_once(house: Newsroom) -> None:
    twice = "objet: A\napercu: B\nblocs:\n- publicite: principal\n- publicite: principal\n- ours: auto\n"
    assert "slot-printed-twice" in codes(house, twice)
    parted = twice.replace("principal", "{emplacement: principal, public: gratuit}", 1)
    assert "slot-printed-twice" in codes(house, parted)
    each = "{emplacement: principal, public: %s}"
    both = twice.replace("principal", each % "gratuit", 1).replace(
        "publicite: principal", f"publicite: {each % 'payant'}"
    )
    assert "slot-printed-twice" not in codes(house, both)


def test_a_box_that_nobody_gets_is_named(house: Newsroom) -> None:
    head = "objet: A\napercu: B\nblocs:\n- article:\n    titre: T\n"
    text = f"{head}    texte: |\n      Libre.\n\n      ===\n\n      Payant.\n"
    box = "\n      :::citation Qui\n      :public: gratuit\n      Mots.\n      :::\n"
    assert "unreachable-box" not in codes(house, text)
    assert "unreachable-box" in codes(house, text + box)


_FREE_ONLY = "- article:\n    titre: A\n    public: gratuit\n"


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        (f"{_FREE_ONLY}    texte: |\n      B\n\n      ===\n\n      C\n", [("unreachable-text", 9, 7)]),
        (f"{_FREE_ONLY}    amorce: B\n    acces: payant\n    texte: |\n      C\n", [("unreachable-text", 8, 12)]),
        (f"{_FREE_ONLY}    texte: |\n      B\n\n      ===\n", [("empty-paid-part", 9, 7)]),
        (f"{_FREE_ONLY}    texte: |\n      B\n\n      :::citation C\n      :public: payant\n      D\n      :::\n",
         [("unreachable-box", 9, 7)]),
        (f"{_FREE_ONLY}    texte: |\n      B\n\n      ===\n\n      :::citation C\n      D\n      :::\n",
         [("unreachable-text", 9, 7)]),
        (f"{_FREE_ONLY.replace('gratuit', 'payant')}    texte: |\n      B\n\n      :::citation C\n"
         "      :public: gratuit\n      D\n      :::\n", [("unreachable-box", 9, 7)]),
        (f"{_FREE_ONLY.replace('gratuit', 'payant')}    texte: |\n      B\n\n      ===\n\n      C\n", []),
        (f"{_FREE_ONLY.replace('gratuit', 'payant')}    acces: payant\n    texte: |\n      B\n", []),
    ],
)  # fmt: skip
def test_a_text_that_nobody_gets_is_named(house: Newsroom, blocks: str, expected: list[tuple[str, int, int]]) -> None:
    assert found(load(house, START + blocks)) == expected


@pytest.mark.slow
def test_several_threads_may_read_the_first_issue_at_once() -> None:
    """Models are built when they are first used; the studio reads for each open page."""
    program = (
        "import sys; from concurrent.futures import ThreadPoolExecutor; from pathlib import Path\n"
        "from threading import Barrier\n"
        "from composer.issue import load_issue; from composer.newsroom import load_newsroom\n"
        "sys.setswitchinterval(1e-6); root = Path(sys.argv[1]); all_at_once = Barrier(8)\n"
        "def read(number):\n"
        "    all_at_once.wait()\n"
        "    return load_issue(root / 'issues/samedi/2026-11-28.yaml', load_newsroom(root)).require().key.date\n"
        "with ThreadPoolExecutor(8) as pool: print({str(date) for date in pool.map(read, range(8))})\n"
    )
    root = Path(__file__).parent.parent.parent
    done = subprocess.run([sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{'2026-11-28'}\n", "")
