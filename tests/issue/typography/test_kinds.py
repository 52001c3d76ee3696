"""What other typography programs are tested with, kind by kind, in our own words; and where we differ, why.

``_`` is a no-break space. A kind stands under the first suite that has it: many have it too.
"""

from __future__ import annotations

import pytest

from composer.issue.typography import PROFILES, Ruleset, set_text
from composer.issue.typography.doubts import doubts

FRENCH = Ruleset(PROFILES["french"])
ENGLISH = Ruleset(PROFILES["english"], "en")


def shown(text: str, rules: Ruleset = FRENCH) -> str:
    return set_text(text, rules).replace("\u00a0", "_")


JOLITYPO = (
    ("les copains' restent", "les copains’ restent"),
    ("Le frangin'", "Le frangin’"),
    ("2'33\" au tour", "2'33\" au tour"),
    ("un smiley triste :'(", "un smiley triste :'("),
    ("Dehors - il gelait - le puits fumait.", "Dehors –_il gelait_– le puits fumait."),
    ("Dehors--il gelait", "Dehors_– il gelait"),
    ("Dehors-- il gelait", "Dehors_– il gelait"),
    ("git log --oneline", "git log --oneline"),
    ("n!, 5! = 120, (n-k)! Ils sont 5!", "n!, 5! = 120, (n-k)! Ils sont 5_!"),
    ("Il neige..", "Il neige.."),
    ("Il neige....", "Il neige…"),
    ("fe80:1cc:9:4::2a", "fe80:1cc:9:4::2a"),
    ('"Le gel est venu." - un voisin', "«_Le gel est venu._»_– un voisin"),
    ('("gué" puis "digue")', "(«_gué_» puis «_digue_»)"),
    ('un guillemet seul : " !', 'un guillemet seul_: "_!'),
    ('un guillemet seul : " ! Ceux-ci sont "sûrs".', 'un guillemet seul_: "_! Ceux-ci sont «_sûrs_».'),
    ('"...", dit-elle', "«_…_», dit-elle"),
    ('"... à suivre"', "«_… à suivre_»"),
    ('une baisse de "-20 %"', "une baisse de «_-20_%_»"),
    ('le domaine ".fr"', "le domaine «_.fr_»"),
    ('"¡Viva!" et "!Viva!"', "«_¡Viva_!_» et «_!Viva_!_»"),
    ("un écran de 27\" et un 'petit'", "un écran de 27\" et un 'petit'"),
    ("le gué ,puis le pont", "le gué, puis le pont"),
    ("le gué  ,  puis le pont", "le gué, puis le pont"),
    ("1,7 million", "1,7_million"),
    ("6 ฿, 6 ₩, 6 ¢", "6_฿, 6_₩, 6_¢"),
    ("6 ºC et 6 °C", "6_ºC et 6_°C"),
    ("8º 18′ 30″", "8º_18′_30″"),
    ("13 Ω, 13 kΩ, 13 \u2126", "13_Ω, 13_kΩ, 13_\u2126"),
    ("la 10e place", "la 10e place"),
    ("nº 11", "nº_11"),
)
PHP_TYPOGRAPHY = (
    ("10 m2, 10 m3, 10 km²", "10_m2, 10_m3, 10_km²"),
    ('ici 1" "Type 2" et là', 'ici 1" «_Type 2_» et là'),
    ('l\'"âge" N112', "l’«_âge_» N112"),
    ('("Un" mot', "(«_Un_» mot"),
    ('Un "mot")', "Un «_mot_»)"),
    ("[«sans» la case «départ»]", "[«_sans_» la case «_départ_»]"),
)
LANGUAGETOOL = (
    ("Ceci(?) et cela[?]", "Ceci(?) et cela[?]"),
    ("1;2;3", "1;2;3"),
    ("Est-ce vrai ??", "Est-ce vrai_??"),
    ("le 5/08/2019 à 23:30", "le 5/08/2019 à 23:30"),
)
TYPOGRAPHEUR = (
    ("( le gué ) et ( … )", "(le gué) et (…)"),
    ("(  \u00a0le gué \u00a0)", "(le gué)"),
    ("le gué .", "le gué."),
    ("le gué \u00a0 .", "le gué."),
    ("le gué …", "le gué…"),
    ("le gué \u00a0,", "le gué,"),
    ("le gué.........", "le gué…"),
    ('" le gué   "', "«_le gué_»"),
    ('Le gué est " fermé ".', "Le gué est «_fermé_»."),
    ("l' arbre", "l’arbre"),
    ('si "j\'essaie\nencore"...', "si «_j’essaie\nencore_»…"),
)
TYPOGRAPHY_FIXER = (
    ("Un    jour", "Un jour"),
    ("le taux en % du budget", "le taux en_% du budget"),
    ("un taux de 3 ‰ ou 3 ‱", "un taux de 3_‰ ou 3_‱"),
    ("En 2016: rien", "En 2016_: rien"),
    ("Dans 20 , 30 ou 50 ans", "Dans 20, 30 ou 50 ans"),
    ("le gué – le pont", "le gué_– le pont"),
    ("le gué –le pont", "le gué_– le pont"),
    ("le gué– le pont", "le gué_– le pont"),
    ("Me Ancelin, Me voici", "Me_Ancelin, Me voici"),
)
MESCONSEILSCOVID = (
    ("1 j, 18 h, 200 µg, 35,5 °C", "1_j, 18_h, 200_µg, 35,5_°C"),
    ("10 000 lecteurs", "10_000 lecteurs"),
    ("vacciné(e) : oui", "vacciné(e)_: oui"),
)
GRAMMALECTE = (
    ("M. \u00a0Martin", "M._Martin"),
    ("un mot [ entre crochets ]", "un mot [entre crochets]"),
    ("(a + b)²", "(a + b)²"),
    ("C’ est lui ; lorsqu’ il vient", "C’est lui_; lorsqu’il vient"),
    ("quatre points…. et cinq…..", "quatre points… et cinq…"),
    ("—Viens là.", "—_Viens là."),
    ("Le ‘grand' pont", "Le ‘grand’ pont"),
    ("Vos “excuses ” ici", "Vos “excuses” ici"),
    ("37 min 54 s, 8 h 30", "37_min_54_s, 8_h_30"),
    ("p.12, art.3, pp. 4", "p._12, art._3, pp._4"),
    ("01 99 00 12 34, +33 1 99 00 12 34", "01_99_00_12_34, +33_1_99_00_12_34"),
    ("+33 (0)1 99 00 12 34", "+33_(0)1_99_00_12_34"),
    ("-- Oui. -- Non.", "–_Oui. –_Non."),
    ("--option", "--option"),
)
ALL = JOLITYPO + PHP_TYPOGRAPHY + LANGUAGETOOL + TYPOGRAPHEUR + TYPOGRAPHY_FIXER + MESCONSEILSCOVID + GRAMMALECTE


@pytest.mark.parametrize(("typed", "expected"), ALL)
def test_kinds_of_other_programs(typed: str, expected: str) -> None:
    assert shown(typed) == expected
    assert set_text(set_text(typed, FRENCH), FRENCH) == set_text(typed, FRENCH)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Il neige..", "one point or three: either may be meant"),
        ("Booking.com", "a point inside a name"),
        ("Zut .Net", "a name may begin with a point"),
        ("Paris–Lyon", "a dash without spaces links two names"),
        ("le gué’ neuf", "no elision: the plural of a foreign name may end so"),
        ("(re)voir", "part of a word in brackets"),
        ("acteur(rice)s", "part of a word in brackets"),
        ("« Un paragraphe d’une longue citation.", "the next paragraph closes it"),
        ("qu ' elle", "may open a quotation"),
        ("l’'eau", "may open a quotation"),
        ("c’est « stupide”", "which of the two marks is wrong"),
        ("à bar:12:21:56", "a time, and no word beside it"),
        ("4 x 4, (c) 2026, 2ème, oeil, CO2, 1000-1500, etc…", "words and signs are never rewritten"),
        ("mot . . . mot", "dots between spaces may be meant"),
        ("le framework .NET et un .docx", "a name may begin with a point"),
        ("1 ,5", "a number, and no one knows which"),
        ("- [ ] à faire", "not a bracket of prose"),
    ],
)
def test_where_we_leave_what_others_change(text: str, why: str) -> None:
    assert shown(text).replace("_", " ") == text.replace(" …", "…"), why


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("two  words , and ( three ) .", "two words, and (three)."),
        ("one ,two", "one, two"),
        ("the parents' house", "the parents’ house"),
        ("a 'quoted' word", "a 'quoted' word"),
        ('an "odd" 27" screen', 'an “odd” 27" screen'),
        ('he said " yes "', "he said “yes”"),
        ("word … word", "word … word"),
        ("word -- word--word", "word -- word--word"),
        ("it' s", "it’ s"),
    ],
)
def test_english_takes_what_is_common(typed: str, expected: str) -> None:
    assert shown(typed, ENGLISH) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Un seul – et voilà.", "Un seul_– et voilà."),
        ("Un – deux – trois – quatre", "Un_– deux_– trois_– quatre"),
        ("Il part – enfin. Elle reste – hélas.", "Il part_– enfin. Elle reste_– hélas."),
        ("Il part – dit M. Martin – demain.", "Il part –_dit M._Martin_– demain."),
        ("Il part – dit-on –, demain.", "Il part –_dit-on_–, demain."),
        ("10 – 5 – mot", "10 – 5_– mot"),
        ("— Oui, dit-il. — Non. — Si !", "—_Oui, dit-il. —_Non. —_Si_!"),
        ("— Oui – dit-il – mais. — Non.", "—_Oui –_dit-il_– mais. —_Non."),
        ("– Oui. – Non.", "–_Oui. –_Non."),
    ],
)
def test_dashes_hold_to_a_word(typed: str, expected: str) -> None:
    assert shown(typed) == expected


@pytest.mark.parametrize(
    ("typed", "kind", "index"),
    [
        ('un guillemet " seul', "straight-quotes", 13),
        ('"Oui, dit-il.', "straight-quotes", 0),
        ('dit"il', "straight-quotes", 3),
        ('"Oui.”', "straight-quotes", 0),
        ("le gué,puis", "glued-words", 6),
        ("en,30 ou 40", "glued-words", 2),
        ("Il neige.Encore", "glued-words", 8),
        ("Il neige .Encore", "glued-words", 9),
        ("Il neige…encore", "glued-words", 8),
        ("Il neige;encore", "glued-words", 8),
        ("Il neige ;encore", "glued-words", 9),
        ("En 2016 :50 cas", "glued-words", 8),
        ("Quoi?Rien", "glued-words", 4),
        ("au fond(celui de gauche)", "glued-words", 7),
        ("au fond (celui de gauche)puis", "glued-words", 24),
    ],
)
def test_what_may_be_read_in_two_ways_is_doubted(typed: str, kind: str, index: int) -> None:
    assert [(each.kind, each.index) for each in doubts(typed, FRENCH)] == [(kind, index)]


@pytest.mark.parametrize(
    "text",
    [
        'un 27" et 2\'33"',
        '"Oui", dit-il, "oui" !',
        "x,y et f(x,y) ; 1,5 et 1.000,5",
        "http://exemple.example/a,b;c?dd:ee et aa@bb.example,cc@dd.example",
        "mot(s), (re)voir, salarié(e)s, acteur(rice)s",
        "Booking.com, J.R.R. Tolkien, ASP.NET, image.png",
        ":sourire: et mot :-) puis 10:30",
        "M…e, l’«eau», (sic), etc.",
        "&amp;mot et &eacute;tude",
        "`code,code`",
    ],
)
def test_nothing_else_is_doubted(text: str) -> None:
    assert [*doubts(text.replace("`code,code`", "\ue000"), FRENCH)] == []


def test_a_subject_loses_its_doubled_spaces_too() -> None:
    assert shown("Le  gué : fin", FRENCH.for_headers) == "Le gué_: fin"


def test_a_house_without_typography_has_no_doubts() -> None:
    assert [*doubts('un " seul,mot', Ruleset(None))] == []
    keep = Ruleset(PROFILES["french"].model_copy(update={"quotes": "keep"}))
    assert [*doubts('un " seul', keep)] == []
