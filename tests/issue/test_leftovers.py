"""What a paste leaves around the words, and HTML, are said with the line without them."""

from __future__ import annotations

import pytest

from composer.issue.blocks import body
from composer.issue.markdown import inline

LEFT = [
    ("[10:32, 12/11/2026] Anne: Salut", "Anne: Salut"),
    ("[12/11/2026 10:32:11] Anne : Salut", "Anne : Salut"),
    ("12/11/2026, 10:32 - Anne: Salut", "Anne: Salut"),
    ("Un mot. Erreur ! Signet non défini.", "Un mot."),
    ('Voir HYPERLINK "https://example.org" le relevé', "Voir le relevé"),
    ("Un mot [AD1] de plus", "Un mot de plus"),
    ("Un mot [Supprimé : ancien] de plus", "Un mot de plus"),
    ("Un mot cou¬pé", "Un mot coupé"),
    ("Un mot \ufffc de plus", "Un mot de plus"),
    ("Voir [image: pont.png] là", "Voir là"),
    ("Voir <image1.jpg> là", "Voir là"),
    ("Le pont rouvre.[a][b] Enfin.", "Le pont rouvre. Enfin."),
    ("Le pont [modifier | modifier le code]", "Le pont"),
    ("hashtag#Pont rouvre", "#Pont rouvre"),
    ("[18:32] Anne Duval : le pont", "Anne Duval : le pont"),
    ("Il rouvre enfin … Voir plus", "Il rouvre enfin"),
    ("Introduction ............ 3", "Introduction"),
]


@pytest.mark.parametrize(("typed", "better"), LEFT)
def test_what_was_left_is_said_with_the_line_without_it(typed: str, better: str) -> None:
    (found,) = body(typed).problems
    assert (found.code, found.suggestion) == ("leftover", better)
    assert body(better).problems == ()


@pytest.mark.parametrize(
    "typed",
    [
        "Le jeu. 12 nov. 2026 à 10:32, Anne Duval a écrit :",
        "-----Message d'origine-----",
        "---------- Forwarded message ---------",
        "Envoyé depuis l’application Mail de Windows",
        "Télécharger BlueMail pour Android",
        "ChatGPT a dit :",
        "[Image]",
        "[a]Vérifier ce nombre",
        "Le pont ferme. // à relire",
        "À COMPLÉTER : la date",
        "{à vérifier}",
        "???",
        "[Photo : le pont]",
        "Un mot [à vérifier], un autre.",
        "Lorem ipsum dolor sit amet.",
        "Un mot [TK] encore.",
        "Bonjour [Prénom], merci.",
        "Bien sûr ! Voici une version plus courte de votre texte :",
        "As an AI language model, I cannot check this.",
        "Traduit avec DeepL.com (version gratuite)",
        "Page 2 sur 5",
        "Voir la version en ligne",
        "Se désabonner | Gérer mes préférences",
        "Ce message a été supprimé",
        "Ils sont #REF! de plus.",
        "Ils sont 1,20E+05 de plus.",
        "Un mot (cid:12) de plus.",
        "La carte est là : C:\\Users\\anne\\carte.png",
        "data:image/png;base64,iVBORw0KGgo=",
        "CAUTION: This email originated from outside of the organization.",
        "Ce message et ses pièces jointes sont confidentiels.",
        "Traduire le post",
        "1,2 k vues",
        "10:32 AM · 12 nov. 2026",
        "Temps de lecture : 3 min",
        "Leave a comment",
        "Titre provisoire",
        "© 2026 Example Media. All rights reserved.",
        "(chapô à venir)",
    ],
)
def test_what_has_no_mending_is_said_alone(typed: str) -> None:
    (found,) = body(typed).problems
    assert (found.code, found.suggestion) == ("leftover", None)


@pytest.mark.parametrize(
    "typed",
    [
        "Le lundi 12 à 10:30, le maire a écrit : « Non. »",
        "12/11/2026, 10:30 – Rendez-vous : mairie.",
        "[Vidéo] Le port ferme ; [photo : AFP] et [G7], [A6].",
        "Erreur ! Le signet n’est pas défini.",
        "[s]ic, il[s] voi[ent] : « [l]e pont » ; les élu[e]s.",
        "Bien sûr ! Voici le pont : il rouvre.",
        "Page 2 sur 5, le maire répond.",
        "Se désabonner d’un geste. Voir la version en ligne, dit-il.",
        "La clé C: et le disque /home, le #1 et le ticket #12.",
        "Supprimé par le maire, le poste de directeur renaît.",
        "La liste TODO, un TK, un XXX ; « à vérifier », dit-il.",
        "Envoyé à partir de Vix, le courrier arrive.",
        "Un reportage sur ¬A, et → là.",
        "Partager le pont. Ce message du maire, que rien ne disait confidentiel : « Attendez. »",
        "12 vues du pont, 3 commentaires et une suite. Il attend..... 3 jours.",
    ],
)
def test_ordinary_words_are_left_alone(typed: str) -> None:
    assert [each.code for each in body(typed).problems] == []


HTML = [
    ("Un <b>mot</b> et <em>un autre</em>", "Un **mot** et *un autre*"),
    ('Un <a href="https://example.org/?a=1">lien</a>', "Un [lien](https://example.org/?a=1)"),
    ("Un <strong>mot <i>et un autre</i></strong>", "Un **mot *et un autre***"),
    ("30 m<sup>2</sup>, H<sub>2</sub>O, 1<sup>er</sup>", "30 m², H₂O, 1er"),
    ('<p style="text-align:center">Un mot</p>', "Un mot"),
    ("<h2>Un titre</h2>", "## Un titre"),
    ("<span lang=FR>Un mot</span><o:p></o:p>", "Un mot"),
    ("Un mot<br>", "Un mot\\"),
    ("Il <del>ferme</del> <ins>rouvre</ins>.", "Il rouvre."),
]


@pytest.mark.parametrize(("typed", "better"), HTML)
def test_html_is_said_with_the_line_in_markdown(typed: str, better: str) -> None:
    (found,) = body(typed).problems
    assert (found.code, found.suggestion) == ("html", better)
    assert body(f"{better}\nfin").problems == () or better.startswith("##")


@pytest.mark.parametrize(
    "typed", ["<ul><li>un</li><li>deux</li></ul>", "un<br>deux", '<img src="a.png">', "<table>", "un <Prénom> là"]
)
def test_html_that_no_line_says_is_said_alone(typed: str) -> None:
    assert [(each.code, each.suggestion) for each in body(typed).problems] == [("html", None)]


def test_each_line_of_html_is_said() -> None:
    assert [each.line for each in body("<p>\nUn mot\n</p>\n").problems] == [0, 2]


LINKS = [
    ("[a](https:/example.org)", "bad-link", "[a](https://example.org)"),
    ("[a](htps://example.org)", "bad-link", "[a](https://example.org)"),
    ("[a](//example.org/x)", "bad-link", "[a](https://example.org/x)"),
    ("[a](https://https://example.org)", "broken-link", "[a](https://example.org)"),
    ("[a](mailto: anne@example.org)", "broken-link", "[a](mailto:anne@example.org)"),
    ("[a](https://exam ple.org/x y)", "broken-link", "[a](https://example.org/x%20y)"),
    ("[a](https://www.google.com/url?q=https://example.org/a&sa=D)", "broken-link", "[a](https://example.org/a)"),
    (
        "[a](https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fa&data=05)",
        "broken-link",
        "[a](https://example.org/a)",
    ),
    ("[a](http://localhost:3000/a)", "broken-link", None),
    ("[a](http://192.168.0.12/)", "broken-link", None),
    ("[a](https://anne:secret@example.org/)", "broken-link", None),
    ("[https://example.org](https://autre.example/x)", "broken-link", None),
    ("[a]()", "bad-link", None),
    ("[un mot](voir ici)", "broken-link", None),
    ("[un mot] [b](https://example.org)", "broken-link", None),
    ("Voir [ici].", "broken-link", None),
    ("[a](pont.html)", "bad-link", None),
    ("[a](https://example.org/a_(b)", "broken-link", "[a](https://example.org/a_(b))"),
    ("[[a](https://example.org)](https://example.com)", "broken-link", "[a](https://example.org)"),
    ("<https://example.org/a|un mot>", "broken-link", "[un mot](https://example.org/a)"),
    ("<mailto:anne@example.org>", "broken-link", "<anne@example.org>"),
    (
        "<mailto:anne@example.org?subject=A>",
        "broken-link",
        "[anne@example.org](mailto:anne@example.org?subject=A)",
    ),
    ("<tel:+33199001234>", "broken-link", "[+33199001234](tel:+33199001234)"),
    ("Voir[le pont](https://example.org).", "glued-words", "Voir [le pont](https://example.org)."),
    ("[le pont](https://example.org)ferme", "glued-words", "[le pont](https://example.org) ferme"),
    ("Il lit**Le Monde**.", "glued-words", "Il lit **Le Monde**."),
    ("*Le pont*ferme", "glued-words", "*Le pont* ferme"),
    ("Voir @_anne_.", "raw-marks", "Voir @\\_anne_."),
    ("Voir < https://example.org/a >.", "bare-address", "Voir <https://example.org/a>."),
    ("Voir <https://example.org/a b>.", "bare-address", "Voir <https://example.org/a%20b>."),
    ("Voir <example.org>.", "bare-address", "Voir [example.org](https://example.org)."),
    ("[a](“https://example.org”)", "bad-link", "[a](https://example.org)"),
    ("[a](https://exemple,org)", "broken-link", None),
    ("[a](https://example..org/x)", "broken-link", None),
    ("[a][https://example.org/x]", "broken-link", "[a](https://example.org/x)"),
    ("[a](https://example.org/?e=*|EMAIL|*)", "leftover", None),
    (
        "[a](https://example.org)[b](https://example.org)",
        "glued-words",
        "[a](https://example.org) [b](https://example.org)",
    ),
    ("Voir <www.example.org>.", "bare-address", "Voir [www.example.org](https://www.example.org)."),
    ("Voir example.org/page.", "bare-address", "Voir [example.org/page](https://example.org/page)."),
    ("Voir htpp://example.org/a.", "bare-address", "Voir <https://example.org/a>."),
    ("Voir https:/example.org.", "bare-address", "Voir <https://example.org>."),
    ("[a](https://example.org/a?fbclid=x&b=1#c)", "broken-link", "[a](https://example.org/a?b=1#c)"),
    ("[a](https://example.org/?utm_source=chatgpt.com)", "broken-link", "[a](https://example.org/)"),
    ("[a](https://www.google.com/amp/s/example.org/a)", "broken-link", "[a](https://example.org/a)"),
    ("[a](https://example.org/?p=1&preview=true)", "broken-link", None),
]


@pytest.mark.parametrize(("typed", "code", "better"), LINKS)
def test_a_link_that_leads_elsewhere_is_said(typed: str, code: str, better: str | None) -> None:
    (found,) = inline(typed).problems
    assert (found.code, found.suggestion) == (code, better)


@pytest.mark.parametrize(
    "typed",
    [
        "[https://www.example.org](https://example.org/)",
        "[example.org](https://example.org/a)",
        "[a](https://www.google.com/search?q=pont)",
        "[a](https://example.org/https://example.org)",
        "[a](https://example.org/@anne)",
        "[a](https://example.org/?utm_source=lettre&utm_medium=email)",
        "[a](https://example.org/a,b..c)",
        "exemple.org, Booking.com, index.html, Next.js/React",
        "[a](https://example.org)[, b](https://example.org)",
    ],
)
def test_a_link_that_leads_where_it_says_is_passed_over(typed: str) -> None:
    assert inline(typed).problems == ()


def test_an_entity_that_would_begin_a_tag_is_escaped() -> None:
    found = inline("un &lt;b&gt; et a &lt; b").problems
    assert found[0].suggestion == r"un \<b&gt; et a &lt; b"
    assert inline(r"un \<b> et a < b").problems == ()


def test_ligatures_and_loose_asterisks_are_said() -> None:
    assert [each.suggestion for each in inline("Un ﬁlet").problems] == ["Un filet"]
    assert [each.suggestion for each in inline("Un mot * en italique * ici").problems] == ["Un mot *en italique* ici"]
    assert [each.code for each in inline("Un mot, un *autre jamais fermé.").problems] == ["stray-asterisks"]
    found = inline("5*5=25 et 6*6=36").problems
    assert [each.code for each in found] == ["stray-asterisks"] * 2
    assert inline(r"5\*5=25, le *mot*, un **mot**s").problems == ()
    assert inline("L’astérisque* et sa note, 3 * 4 * 5, a * b.").problems == ()


def test_the_comments_of_google_docs_are_said_with_their_calls() -> None:
    found = body("Le pont[a] ferme[b], il[s] le di[sen]t.\n\n[a]Vérifier la date\n[b]Anne : oui\n").problems
    assert [(each.code, each.line) for each in found] == [("leftover", line) for line in (0, 0, 2, 3)]
