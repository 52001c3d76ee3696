"""What another product calls a list, a dialogue or a table: said for each line, with what to type."""

from __future__ import annotations

import pytest

from composer.issue.blocks import body

SINGLE = [
    "• un",
    "•un",
    "•\u00a0un",
    "▪ un",
    "●\tun",
    "◦ un",
    "‣ un",
    "·\tun",
    "· un",
    "\uf0b7 un",
    "\uf0a7un",
    "o\tun",
    "o   un",
    "·       un",
    "§       un",
    "§\tun",
    "Ø\tun",
]


@pytest.mark.parametrize("line", SINGLE)
def test_a_bullet_is_said_even_alone_and_on_each_line(line: str) -> None:
    (found,) = body(line).problems
    assert (found.code, found.suggestion) == ("bullet", "- un")
    found_two = body(f"Il y a :\n{line}\n{line}\n").problems
    assert [(each.code, each.line, each.suggestion) for each in found_two] == [
        ("bullet", 1, "- un"),
        ("bullet", 2, "- un"),
    ]


RUNS = [
    ("– un", "– deux", "- un"),
    ("‐ un", "‐ deux", "- un"),
    ("− un", "− deux", "- un"),
    ("a) un", "b) deux", "- un"),
    ("(a) un", "(b) deux", "- un"),
    ("1/ un", "2/ deux", "1. un"),
    ("1° un", "2° deux", "1. un"),
    ("1.- un", "2.- deux", "1. un"),
    ("(1) un", "(2) deux", "1. un"),
    ("1.\u00a0un", "2.\u00a0deux", "1. un"),
    ("① un", "② deux", "- un"),
    ("a.\tun", "b.\tdeux", "- un"),
    ("ii) un", "iii) deux", "- un"),
    ("➢ un", "➢ deux", "- un"),
    ("*\u00a0un", "*\u00a0deux", "- un"),
    ("-- un", "-- deux", "- un"),
    ("1 - un", "2 - deux", "1. un"),
    ("1: un", "2: deux", "1. un"),
    ("I. un", "II. deux", "- un"),
    ("A. un", "B. deux", "- un"),
    ("[1] un", "[2] deux", "- un"),
]

#: Lines that begin so run into one paragraph too; a line alone is words but for the hyphen, which is none of a word.
DRAWN = [
    ("👉 un", "👉 deux", "- 👉 un"),
    ("✅ un", "❌ deux", "- ✅ un"),
    ("1️⃣ un", "2️⃣ deux", "1. un"),
    ("-un", "-deux", "- un"),
    ("*un", "*deux", "- un"),
]


@pytest.mark.parametrize(("one", "two", "better"), DRAWN)
def test_points_that_begin_with_a_drawing_or_touch_their_mark_are_said(one: str, two: str, better: str) -> None:
    found = body(f"{one}\n{two}\n").problems
    assert [(each.code, each.line) for each in found] == [("bullet", 0), ("bullet", 1)]
    assert found[0].suggestion == better


@pytest.mark.parametrize(
    "text", ["V. Hugo écrit.\nA. Dumas aussi.", "🎧 À écouter", "⚠️ Attention :\nle pont ferme.", "-5 °C"]
)
def test_initials_drawings_and_minuses_are_words(text: str) -> None:
    assert body(text).problems == ()


def test_a_plus_that_would_be_a_bullet_is_said() -> None:
    (found,) = body("+ 3 % en mars\n").problems
    assert (found.code, found.suggestion) == ("bullet", "+3 % en mars")
    assert body("+ un point\n+ un autre\n").problems == ()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Ville;Prix\nGué;12", ["| Ville | Prix |", "| Gué | 12 |"]),
        ('"Ville";"Prix"\n"Gué";"12"', ["| Ville | Prix |", "| Gué | 12 |"]),
        ("Ville      Prix\nGué        12", ["| Ville | Prix |", "| Gué | 12 |"]),
        ("Ville      Prix\n·          12", ["| Ville | Prix |", "| · | 12 |"]),
        ("|Ville|Prix|\n|-|-|\n|Gué|12|", ["| Ville | Prix |", "| Gué | 12 |"]),
        ("A\tB\tC\n1\t2\t3\n\tTotal\t3", ["| A | B | C |", "| 1 | 2 | 3 |", "|  | Total | 3 |"]),
    ],
)
def test_a_table_of_a_spreadsheet_or_of_a_page_is_said(text: str, rows: list[str]) -> None:
    (found,) = body(text).problems
    assert (found.code, (found.suggestion or "").split("\n")[1:-1]) == ("table", rows)


@pytest.mark.parametrize(
    "text", ["Un mot ; un autre.\nUn troisième ; un dernier.", "Un   mot\nun autre", "–\tun\n–\tdeux"]
)
def test_marks_of_a_sentence_part_no_cells(text: str) -> None:
    assert "table" not in [each.code for each in body(text).problems]


@pytest.mark.parametrize(("one", "two", "better"), RUNS)
def test_points_that_run_into_one_paragraph_are_said(one: str, two: str, better: str) -> None:
    found = body(f"{one}\n{two}\n").problems
    assert [each.code for each in found] == ["bullet", "bullet"]
    assert found[0].suggestion == better
    assert [each.line for each in body(f"Il y a :\n{one}\n{two}\n").problems] == [1, 2]


@pytest.mark.parametrize("above", ["Il y a :\n", "Il y a :\n\n"])
def test_points_too_far_to_the_right_are_said(above: str) -> None:
    found = body(f"{above}    - un\n    - deux\n").problems
    assert [(each.code, each.suggestion) for each in found][-1:] == [("bullet", "- deux")]


@pytest.mark.parametrize(("one", "two", "_better"), RUNS)
def test_a_mark_alone_is_words(one: str, two: str, _better: str) -> None:
    assert body(f"{one}\n\n{two}\n").problems == ()
    assert body(f"{one} ou bien\nautre chose.\n").problems == ()


def test_a_dialogue_without_empty_lines_is_said() -> None:
    (found,) = body("— Oui, dit-il.\n— Non.\n").problems
    assert (found.code, found.line, found.suggestion) == ("run-on-lines", 1, "\n— Non.")
    assert body("— Oui, dit-il.\n\n— Non.\n").problems == ()
    assert body("— Oui, dit-il.\\\n— Non.\n").problems == ()
    assert body("— Oui, dit-il.  \n— Non.\n").problems == ()


def test_questions_and_answers_without_empty_lines_are_said() -> None:
    (found,) = body("Q : Et demain ?\nR : On verra.\n").problems
    assert (found.code, found.line, found.suggestion) == ("run-on-lines", 1, "\nR : On verra.")
    assert body("Q: One?\n\nA: Two.\n").problems == ()


def test_dashes_around_a_remark_at_the_ends_of_lines_are_words() -> None:
    assert body("Le port avance\n– très lentement, dit-on\n– et la digue respire.\n").problems == ()


TABLE = "| Ville | Prix | Note |\n|---|:--:|---|\n| Paris | 3 | a |\n| Lyon | 4 | |\n"


@pytest.mark.parametrize(
    "text", [TABLE, TABLE.replace("\n|", "\n").replace("|\n", "\n")[1:], TABLE.replace("|---|:--:|---|\n", "")]
)
def test_a_table_is_said_once_with_the_box_that_holds_it(text: str) -> None:
    (found,) = body(f"Voici.\n\n{text}").problems
    assert (found.code, found.line) == ("table", 2)
    assert found.suggestion is not None
    assert found.suggestion.startswith(":::tab")
    assert found.suggestion.split("\n")[1:4] == ["| Ville | Prix | Note |", "| Paris | 3 | a |", "| Lyon | 4 |  |"]
    assert body(f"Voici.\n\n{found.suggestion}\n").problems == ()


def test_a_table_that_no_box_can_hold_is_points() -> None:
    (found,) = body("| a | b | c | d | e |\n|---|---|---|---|---|\n| 1 | 2 | 3 | 4 | 5 |\n").problems
    assert (found.code, found.suggestion) == ("table", "- **1 :** 2, 3, 4, 5")


def test_rows_parted_by_tabs_are_a_table() -> None:
    (found,) = body("Voici :\nVille\tHabitants\nGué\t12 000\n").problems
    assert (found.code, found.line) == ("table", 1)
    assert (found.suggestion or "").split("\n")[1:] == ["| Ville | Habitants |", "| Gué | 12 000 |", ":::"]
    assert body("Une phrase\tet sa tabulation,\nqui va à la ligne.\n").problems == ()


@pytest.mark.parametrize("line", ["a | b | c", "Le canal | le port", "|x| est une valeur absolue", "||", "a -- b | c"])
def test_a_bar_is_a_sign_like_another(line: str) -> None:
    assert body(line).problems == ()


def test_a_point_that_is_right_is_offered_no_other_line() -> None:
    (problem,) = body("1.\u00a0Un mot.\n2. Un autre.").problems
    assert (problem.code, problem.line, problem.suggestion) == ("bullet", 0, "1. Un mot.")


@pytest.mark.parametrize("mark", ["=>", "->", "~"])
def test_points_drawn_with_other_signs_are_said(mark: str) -> None:
    found = body(f"{mark} Un mot.\n{mark} Un autre.").problems
    assert [each.suggestion for each in found] == ["- Un mot.", "- Un autre."]


@pytest.mark.parametrize("drawn", ["• • •", "•••", "· · ·", "~ ~ ~", "◆ ◆ ◆"])
def test_an_ornament_that_is_drawn_is_given_its_form(drawn: str) -> None:
    (found,) = body(f"Un mot.\n\n{drawn}\n\nUn autre.").problems
    assert (found.code, found.line, found.suggestion) == ("bullet", 2, "* * *")
    assert body("Un mot.\n\n★★★☆☆\n\n⁂\n").problems == ()


def test_a_bullet_without_words_is_said() -> None:
    assert [(each.line, each.suggestion) for each in body("• un\n•\n• deux").problems] == [
        (0, "- un"),
        (1, None),
        (2, "- deux"),
    ]


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("Gué\n: un passage\n: un autre", "- **Gué :** un passage\n- un autre"),
        ("Gué\n: un\nPont\n: deux", "- **Gué :** un\n- **Pont :** deux"),
        (": un passage", "un passage"),
    ],
)
def test_definitions_are_points(text: str, better: str) -> None:
    (found,) = body(text).problems
    assert (found.code, found.line, found.suggestion) == ("bullet", 0, better)
    assert body(better).problems == ()
    assert body("Le maire répond\n: « Non. »").problems == ()


def test_points_on_one_line_are_parted_and_roman_figures_count() -> None:
    assert body("• Un • Deux").problems[0].suggestion == "- Un\n- Deux"
    assert [each.suggestion for each in body("i. Un\nii. Deux").problems] == ["- Un", "- Deux"]


def test_a_note_below_its_call_is_told_to_be_no_point() -> None:
    (found,) = body("Le prix* est haut.\n\n*Hors taxe.").problems
    assert (found.line, found.suggestion) == (2, None)


def test_a_list_has_one_mark() -> None:
    (found,) = body("1) Un\n2. Deux").problems
    assert (found.code, found.suggestion) == ("list-number", "2) Deux")
    assert body("1) Un\n2) Deux").problems == ()


def test_hashes_alone_are_told_once() -> None:
    (found,) = body("###").problems
    assert (found.code, found.suggestion) == ("crosshead", None)


def test_questions_in_bold_on_lines_of_one_paragraph_are_parted() -> None:
    (found,) = body("**Et le pont ?** Il ferme.\n**Et la halle ?** Non.").problems
    assert (found.code, found.suggestion) == ("run-on-lines", "**Et le pont ?** Il ferme.\\\n**Et la halle ?** Non.")


def test_a_numbered_link_loses_its_number() -> None:
    found = body(":::links\n- [A](https://example.org/a)\n2. [B](https://example.org/b)\n:::").problems
    assert [each.suggestion for each in found] == ["- [B](https://example.org/b)"]
