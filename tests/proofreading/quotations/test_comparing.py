"""Quotations of a broadcast, and its transcript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from composer.issue.load import load_issue
from composer.newsroom.model import Lexicon, Newsroom
from composer.proofreading import proofread
from composer.proofreading.quotations import comparing
from composer.proofreading.quotations.negations import turned_round
from composer.source.finding import Finding, Severity
from tests.issue.support.sample_issue import newsroom

TRANSCRIPT = """00:00 bonsoir on vend la mer par les bords
00:04 et personne ne s’étonne
03:10 euh le quai de 1926 a coûté 30 000 francs à la commune
03:15 c’est-à-dire le cœur du port
03:20 et c’est la commune elle même qui paye
10:00 à Kaube on compte depuis trois siècles
14:30 au revoir
"""

BLOCK = """objet: Le pont attendra
apercu: Et la halle
blocs:
- reecoute:
    emission: Les pieds dans l’eau
    diffusion: 2026-11-24
    lien: https://radio.example/quai
    transcription: quai.txt
    citations:
"""

QUAY = "Le quai de 1926 a coûté 30 000 francs à la commune, c’est-à-dire le cœur du port."


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    house = newsroom(tmp_path)
    (house.root / "issues" / "samedi" / "quai.txt").write_text(TRANSCRIPT, encoding="utf-8")
    return house


def quoted(at: str, words: str, checked: str = "true") -> str:
    return f'    - minutage: "{at}"\n      intervenant: Anaïg Péron\n      texte: "{words}"\n      verifie: {checked}\n'


def found(house: Newsroom, quotations: str, block: str = BLOCK, language: str = "") -> Sequence[Finding]:
    path = house.root / "issues" / "samedi" / f"2026-11-28{language}.yaml"
    path.write_text(f"{block}{quotations}- ours: auto\n", encoding="utf-8")
    issue = load_issue(path, house).require()
    return [each for each in proofread(issue, house) if each.code.startswith(("quote", "transcript"))]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("03:10", QUAY),
        ("3:10", QUAY.upper()),
        ("00:03:10", "le quai de 1926, a couté 30000 francs à la commune; c'est à dire le coeur du port"),
        ("04:40", QUAY),
        ("01:40", QUAY),
        ("03:12", "« Le quai […] le cœur du port, et c’est la commune elle-même qui paye ! »"),
        ("03:12", "Le quai de 1926… le cœur du port"),
        ("03:12", "*Le quai* [celui de la criée] a coûté 30 000 francs"),
        ("03:12", "Le quai de 1926 coûta 30 000 francs à la commune, c’est-à-dire, euh, le cœur du port"),
        ("03:10", "Le quai de 1926 a coûté 30 000 euros"),
        ("00:00", "On vend la mer par les bords, et personne ne s’étonne."),
    ],
)
def test_words_that_are_said_then_pass(house: Newsroom, at: str, words: str) -> None:
    assert found(house, quoted(at, words)) == []


@pytest.mark.parametrize(
    "words",
    [
        "Le quai de 1962 a coûté 30 000",  # seven words: of eight, one may differ
        "Le cœur du port, le quai de 1926, a coûté 30 000 francs à la commune.",
        "Le cœur du port […] le quai de 1926",
        "Le quai de 1926 n’a jamais coûté 30 000 francs à personne",
    ],
)
def test_other_words_are_an_error(house: Newsroom, words: str) -> None:
    assert [(each.code, each.severity) for each in found(house, quoted("03:10", words))] == [
        ("quote-not-said", Severity.ERROR)
    ]


def test_the_error_quotes_the_nearest_passage_and_its_suggestion_passes(house: Newsroom) -> None:
    [error] = found(house, quoted("03:10", "Le quai de 1962 a coûté 40 000 francs à cette commune."))
    assert (error.place.line, error.place.column) == (12, 14)
    assert "at 03:10: “le quai de 1926 a coûté 30 000 francs à la commune”" in error.message
    assert "“1962” for “1926”, “40 000” for “30 000”, “cette” for “la”" in error.message
    assert "type checked: by-ear and by: with" in error.message
    assert error.suggestion == '      texte: "Le quai de 1926 a coûté 30 000 francs à la commune."'
    assert found(house, quoted("03:10", error.suggestion.strip().removeprefix('texte: "').removesuffix('"'))) == []


def test_an_invented_sentence_is_told_what_is_said_then(house: Newsroom) -> None:
    [error] = found(house, quoted("14:30", "La Lune est faite d’un fromage que nul ne mange."))
    assert error.code == "quote-not-said"
    assert "Around 14:30, it says: “au revoir”" in error.message
    assert error.suggestion is None


def test_words_said_at_another_time_are_given_it(house: Newsroom) -> None:
    [error] = found(house, quoted("10:00", QUAY))
    assert (error.code, error.severity) == ("quote-elsewhere", Severity.ERROR)
    assert error.suggestion == '    - minutage: "03:10"'
    [error] = found(house, quoted("0:10:00", QUAY))
    assert error.suggestion == '    - minutage: "0:03:10"'


def test_a_time_after_the_end_is_no_time_of_the_last_words(house: Newsroom) -> None:
    assert [each.code for each in found(house, quoted("1:30:00", "Au revoir"))] == ["quote-elsewhere"]


def test_the_next_words_of_a_transcript_that_jumps_are_not_near(house: Newsroom) -> None:
    """What follows the last words near a time is not near for it: here it is said six minutes later."""
    words = "à Kaube on compte depuis trois siècles"
    assert [each.code for each in found(house, quoted("04:00", words))] == ["quote-elsewhere"]
    assert found(house, quoted("09:00", words)) == []


def test_a_name_that_the_transcript_misspells_is_no_difference(house: Newsroom) -> None:
    quotation = quoted("10:00", "À Kaub, on compte.")
    assert [each.code for each in found(house, quotation)] == ["quote-not-said"]
    assert found(replace(house, lexicon=Lexicon(names={"Kaub": ("Kaube", "Caube")})), quotation) == []


def test_a_quotation_that_is_not_checked_is_not_compared(house: Newsroom) -> None:
    assert found(house, quoted("10:00", "Rien de tel.", "false")) == []


def test_what_somebody_heard_passes_and_says_who(house: Newsroom) -> None:
    [note] = found(house, quoted("10:00", "Rien de tel.", "à l'oreille\n      par: Odile"))
    assert (note.code, note.severity) == ("quote-by-ear", Severity.NOTE)
    assert "Odile" in note.message


def test_without_a_transcript_nothing_was_compared(house: Newsroom) -> None:
    without = BLOCK.replace("    transcription: quai.txt\n", "")
    [remark] = found(house, quoted("10:00", "Rien de tel."), without)
    assert (remark.code, remark.severity, remark.place.line) == ("quote-not-compared", Severity.WARNING, 12)
    assert "give the transcript, or type checked: by-ear" in remark.message


def test_a_translation_needs_no_transcript(house: Newsroom) -> None:
    without = BLOCK.replace("    transcription: quai.txt\n", "")
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(f"{without}- ours: auto\n", encoding="utf-8")
    assert (
        found(house, quoted("10:00", "Nothing of the kind."), f"traduction_de: 2026-11-28.yaml\n{without}", ".en") == []
    )


def test_a_transcript_that_cannot_be_read_is_said_once(house: Newsroom) -> None:
    (house.root / "issues" / "samedi" / "quai.txt").write_bytes(b"%PDF-1.7\n\0")
    [remark] = found(house, quoted("10:00", "Rien.") + quoted("11:00", "Rien."))
    assert (remark.code, remark.severity, remark.place.line) == ("transcript-unread", Severity.WARNING, 8)


def test_what_is_too_much_to_compare_is_left(house: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "_STEPS", 30)
    codes = [each.code for each in found(house, quoted("03:10", QUAY) + quoted("03:10", QUAY))]
    assert codes == ["quote-not-compared", "quote-not-compared"]


def test_no_more_transcripts_are_read_then(house: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "_STEPS", 30)
    second = BLOCK[BLOCK.index("- reecoute") :].replace("quai.txt", "note.txt")
    (house.root / "issues" / "samedi" / "note.txt").write_bytes(b"no transcript")
    codes = [each.code for each in found(house, quoted("03:10", QUAY) + second + quoted("03:10", QUAY))]
    assert codes == ["quote-not-compared", "quote-not-compared"]


SAID = "05:00 nous ne fermerons pas le pont au printemps parce que la ville l’a promis\n"


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("Nous ne fermerons pas le pont au printemps parce que la ville l’a promis.", []),
        ("Nous ne fermerons pas ce pont au printemps parce que la ville l’a promis.", []),
        ("Nous fermerons pas le pont au printemps parce que la ville l’a promis.", []),
        ("Nous fermerons le pont au printemps parce que la ville l’a promis.", ["quote-not-said"]),
        ("Nous ne fermerons jamais le pont, parce que la ville l’a promis, au printemps.", ["quote-not-said"]),
        ("Nous ne fermerons pas le pont […] parce que la ville ne l’a pas promis.", ["quote-not-said"]),
        ("Nous […] le pont au printemps parce que la ville l’a promis.", []),
    ],
)
def test_no_negation_is_the_one_word_that_may_differ(house: Newsroom, words: str, codes: list[str]) -> None:
    (house.root / "issues" / "samedi" / "quai.txt").write_text(SAID, encoding="utf-8")
    assert [each.code for each in found(house, quoted("05:00", words))] == codes


def test_a_contraction_denies() -> None:
    said = ["so", "you", "see", "we", "won", "t", "close", "it"]
    assert turned_round([["so", "you", "see", "we", "will", "close", "it"]], said)
    assert not turned_round([["on", "ne", "sait", "pas"]], ["on", "ne", "sait", "pas", "pas"])
    assert not turned_round([["we", "do", "not", "close"]], ["we", "don", "t", "close"])
