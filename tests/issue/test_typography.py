"""Each rule of house typography, and each trap. A no-break space is written ``_`` here, a narrow one ``^``."""

from __future__ import annotations

import pytest

from composer.issue.inline import Code, Emphasis, Link, Strong, Text
from composer.issue.markdown import inline
from composer.issue.typography import PROFILES, Ruleset, set_spans, set_text
from composer.newsroom.model import Typography

FRENCH = Ruleset(PROFILES["french"])
ENGLISH = Ruleset(PROFILES["english"], "en")
#: A house that glues its colons, its per cents, and points its thousands.
GLUED = Ruleset(
    Typography(colon="none", percent="none", thousands="dot", quotes="curly", currency="none").over(PROFILES["french"])
)
THIN = Ruleset(Typography(thin_space="nnbsp").over(PROFILES["french"]))


def shown(text: str, hand: Ruleset = FRENCH) -> str:
    assert "_" not in text
    return set_text(text, hand).replace("\u00a0", "_").replace("\u202f", "^")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        # colon, semicolon, exclamation and question marks
        ("Le prix : trois euros", "Le prix_: trois euros"),
        ("Le prix: trois euros", "Le prix_: trois euros"),
        ("Ceci ; cela", "Ceci_; cela"),
        ("Ceci; cela", "Ceci_; cela"),
        ("Quoi ?", "Quoi_?"),
        ("Quoi?! Assez!!!", "Quoi_?! Assez_!!!"),
        ("(sic !)", "(sic_!)"),
        ("(sic!)", "(sic_!)"),
        ("Vraiment (?) oui", "Vraiment (?) oui"),
        ("Eh bien…?", "Eh bien…?"),
        ("deux   espaces  : oui", "deux espaces_: oui"),
        # guillemets
        ("« mot »", "«_mot_»"),
        ("«mot»", "«_mot_»"),
        ("« ? »", "«_?_»"),
        ("« Oui ! » dit-il.", "«_Oui_!_» dit-il."),
        ("« a « b » c »", "«_a “b” c_»"),
        ("l’«exemple»", "l’«_exemple_»"),
        # straight quotes
        ('Il dit "oui".', "Il dit «_oui_»."),
        ('"oui" et "non" !', "«_oui_» et «_non_»_!"),
        ('« il dit "oui" »', "«_il dit “oui”_»"),
        ('un écran de 15" et un "vrai" clavier', 'un écran de 15" et un «_vrai_» clavier'),
        ('une seule " ici', 'une seule " ici'),
        # apostrophes
        ("l'eau d'hier, aujourd'hui", "l’eau d’hier, aujourd’hui"),
        ('l\'"eau"', "l’«_eau_»"),
        ("l´eau", "l’eau"),
        ("5'30 de pause", "5'30 de pause"),
        ("les années '90", "les années ’90"),
        # ellipses
        ("Etc... et [...]", "Etc… et […]"),
        ("quatre points....", "quatre points…"),
        ("../fichier et .../dossier", "../fichier et .../dossier"),
        # dashes
        ("un mot -- un autre", "un mot_– un autre"),
        ("Apple - AMD", "Apple_– AMD"),
        ("10 - 5", "10 - 5"),
        ("peut-être", "peut-être"),
        ("– Bonjour", "–_Bonjour"),
        # numbers
        ("1 000 km", "1_000_km"),
        ("9 192 631 770 périodes", "9_192_631_770 périodes"),
        ("en 2018 500 personnes", "en 2018 500 personnes"),
        ("01 99 00 12 34", "01_99_00_12_34"),
        ("0 800 123 456", "0_800_123_456"),
        ("3.500 et 3,500", "3.500 et 3,500"),
        ("20 %", "20_%"),
        ("20% de", "20_% de"),
        ("100€ et 5 M€, 3 $", "100_€ et 5_M€, 3_$"),
        ("12 km, 50mm, 7 m, 30 °C", "12_km, 50_mm, 7_m, 30_°C"),
        ("5G, 4K, A4", "5G, 4K, A4"),
        ("15 millions", "15_millions"),
        ("il en a 2 s’il vend", "il en a 2 s’il vend"),
        # abbreviations, initials, ordinals
        ("M. X et Mme Y, MM. A et B", "M._X et Mme_Y, MM._A et B"),
        ("Mme de Z", "Mme de Z"),
        ("Dr House et Pr Tournesol", "Dr_House et Pr_Tournesol"),
        ("n°5 et n° 6", "n°_5 et n°_6"),
        ("N°5 est un parfum", "N°5 est un parfum"),
        ("p. 12, art. 3", "p._12, art._3"),
        ("J. K. Rowling, J.R.R. Tolkien", "J._K._Rowling, J.R.R._Tolkien"),
        ("George W. Bush", "George W._Bush"),
        ("La vitamine C. Elle manque.", "La vitamine C. Elle manque."),
        (
            "le XXe siècle, la Ve République, le 2e arrondissement",
            "le XXe_siècle, la Ve_République, le 2e_arrondissement",
        ),
        ("le 1er, la 2e, le XXe", "le 1er, la 2e, le XXe"),
        # stray no-break spaces
        ("un\u00a0mot\u202fcollé\u2009ici", "un mot collé ici"),
        ("\u00a0début et fin\u00a0", " début et fin "),
        ("mot\u202f: suite", "mot_: suite"),
        ("10\u202f000", "10_000"),
    ],
)
def test_french(typed: str, expected: str) -> None:
    assert shown(typed) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://exemple.example:80/a?b;c!d",
        'https://exemple.example/l\'eau..."x"',
        "écrire à o'neil@exemple.example",
        "mailto:a@exemple.example?subject=x",
        "exemple.example/a:b?c",
        "10:30, 19:30:05, 7h30, 19h",
        "16:9 et 3:1",
        "un sourire :) et ;-) et :-/",
        "{{ a : b }} et {date} et %%x : y%% et *|X ; Y|*",
        "fichier l'eau.png:2",
        "C:\\dossier\\d'eau",
        "a::b et clé:valeur et x!y et foo?bar",
        "&nbsp; et &#8239;",
        "println!(x) != y",
    ],
)
def test_what_is_never_touched(text: str) -> None:
    kept = text.replace("l'eau.png", "leau.png")
    assert set_text(kept, FRENCH) == kept


def test_marks_after_what_is_never_touched() -> None:
    assert shown("C++ : bien") == "C++_: bien"
    assert shown("voir https://exemple.example/a : oui") == "voir https://exemple.example/a_: oui"
    assert shown("à 10:30 : on part") == "à 10:30_: on part"
    assert shown("7 h 30") == "7_h_30"


def test_names_of_the_lexicon_stay_as_the_house_spells_them() -> None:
    hand = Ruleset(PROFILES["french"], "fr", ("Yahoo!", "L'Obs"))
    assert set_text("Yahoo! rachète L'Obs l'an prochain", hand) == "Yahoo! rachète L'Obs l’an prochain"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Le prix : 10 %", "Le prix: 10%"),
        ("à 10:30 : oui", "à 10:30: oui"),
        ("Un paradigme ? Oui !", "Un paradigme_? Oui_!"),
        ("3 500 euros, 1 000 000", "3.500 euros, 1.000.000"),
        ("en 2018 500 personnes", "en 2018 500 personnes"),
        ("10 €", "10€"),
        ('Il "fait tapis" sur l\'IA', "Il “fait tapis” sur l’IA"),
        ("mot :)", "mot :)"),
    ],
)
def test_a_house_that_glues_its_colons(typed: str, expected: str) -> None:
    assert shown(typed, GLUED) == expected


def test_narrow_spaces_are_an_option_and_never_in_headers() -> None:
    assert shown("Quoi ? 1 000 : « mot » ; 5 %", THIN) == "Quoi^? 1^000_: «_mot_»^; 5_%"
    assert shown("Quoi ? 1 000", THIN.for_headers) == "Quoi_? 1_000"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("What is it ? This : that ; so !", "What is it? This: that; so!"),
        ('He said "yes" and "no".', "He said “yes” and “no”."),
        ("don't, '90s", "don’t, ’90s"),
        ("12 500 people, 20 %", "12,500 people, 20%"),
        ("Dr. Who, Mr Bean, No. 5", "Dr._Who, Mr_Bean, No._5"),
        ("12 km", "12_km"),
        ("So did I. Then we left", "So did I. Then we left"),
        ("word - word", "word - word"),
    ],
)
def test_english(typed: str, expected: str) -> None:
    assert shown(typed, ENGLISH) == expected


def test_off_touches_nothing() -> None:
    assert set_text('l\'eau\u00a0: "x" ...', Ruleset(None)) == 'l\'eau\u00a0: "x" ...'


def test_passages_in_another_language_keep_their_own_typography() -> None:
    quoted = 'The future is already here: it\'s just not "evenly" distributed to the rest of us.'
    assert set_text(quoted, FRENCH) == quoted
    assert set_text("Le prix: il est dans la rue, et l'eau des villes est pour nous", ENGLISH).startswith("Le prix: ")
    assert "’" not in set_text("Le prix: il est dans la rue, et l'eau des villes est pour nous", ENGLISH)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("**mot** : suite", (Strong((Text("mot"),)), Text("_: suite"))),
        ("**mot**: suite", (Strong((Text("mot"),)), Text("_: suite"))),
        ("**mot :** suite", (Strong((Text("mot_:"),)), Text(" suite"))),
        ("«*mot*»", (Text("«_"), Emphasis((Text("mot"),)), Text("_»"))),
        ('"*mot*" !', (Text("«_"), Emphasis((Text("mot"),)), Text("_»_!"))),
        ("l'*eau*", (Text("l’"), Emphasis((Text("eau"),)))),
        ("`a : b`: suite", (Code("a : b"), Text("_: suite"))),
        ("l'`eau`", (Text("l’"), Code("eau"))),
        ("[mot](https://exemple.example/a?b): x", (Link("https://exemple.example/a?b", (Text("mot"),)), Text("_: x"))),
        ("**10** %", (Strong((Text("10"),)), Text("_%"))),
        ("M. **X**", (Text("M._"), Strong((Text("X"),)))),
    ],
)
def test_rules_see_across_the_borders_of_marks(typed: str, expected: tuple[object, ...]) -> None:
    assert str(set_spans(inline(typed).spans, FRENCH)).replace("\\xa0", "_") == str(expected)


def test_a_space_between_two_nodes_goes_to_the_one_under_fewer_marks() -> None:
    """Otherwise the Markdown that says the same would be ``mot** : x**``, where the asterisks mark nothing."""
    assert set_spans((Text("mot"), Strong((Text(": x"),))), FRENCH) == (Text("mot\u00a0"), Strong((Text(": x"),)))
    assert set_spans((Strong((Text("mot"),)), Text(": x")), FRENCH) == (Strong((Text("mot"),)), Text("\u00a0: x"))
