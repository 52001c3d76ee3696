"""Marks of other products: each is said with what is typed here; what merely looks like one is words."""

from __future__ import annotations

import pytest

from composer.issue.blocks import body
from composer.issue.markdown import inline
from composer.source.finding import Severity

MARKS = [
    # LaTeX
    ("On sait que $E = mc^2$.", "On sait que E = mc²."),
    (r"On sait que \(a+b\) et $$x_1$$.", "On sait que a+b et x₁."),
    (r"\textbf{Un mot} et \emph{un autre}", "**Un mot** et *un autre*"),
    (r"Un angle \alpha et 10^{-3}", "Un angle α et 10⁻³"),
    (r"Il faut 30\,\% du prix", r"Il faut 30 \% du prix"),
    ("Il faut 12~km, M.~Duval, p.~12", "Il faut 12 km, M. Duval, p. 12"),
    (r"\og{}ainsi\fg{} et \ldots", "«ainsi» et …"),
    # A wiki, SPIP
    ("'''Un mot''' et ''un autre''", '**Un mot** et "un autre"'),
    ("Un [[Pont de Vix|pont]] et [[Vix]]", "Un pont et Vix"),
    ("== Un titre ==", "## Un titre"),
    ("## Un titre {#ancre}", "## Un titre"),
    ("{{{Un titre}}}", "## Un titre"),
    ("{{Un mot}} et [un lien->https://example.org/a]", "**Un mot** et [un lien](https://example.org/a)"),
    # Textile, AsciiDoc, reStructuredText
    ("h2. Un titre", "## Un titre"),
    ("bq. Une citation", "> Une citation"),
    ('Voir "le relevé":https://example.org/a.', "Voir [le relevé](https://example.org/a)."),
    ("Voir https://example.org/a[le relevé].", "Voir [le relevé](https://example.org/a)."),
    ("Voir `le relevé <https://example.org/a>`_.", "Voir [le relevé](https://example.org/a)."),
    ("Voir :ref:`le relevé`.", "Voir le relevé."),
    # A forum, a CMS
    ("[b]Un mot[/b], [i]un autre[/i]", "**Un mot**, *un autre*"),
    ("[url=https://example.org/a]Le relevé[/url]", "[Le relevé](https://example.org/a)"),
    ("Une image{width=50%} et un mot{.classe}.", "Une image et un mot."),
    # A chat, a notebook, quotation marks of a typewriter
    ("Il est ~barré~ là.", "Il est barré là."),
    ("Il est ||caché|| ou ++souligné++ là.", "Il est caché ou souligné là."),
    ("Il dit ``bonjour'' et <<au revoir>>.", 'Il dit "bonjour" et « au revoir ».'),
    ("L''arbre", "L'arbre"),
    ("Il dit ,,oui'' puis ,,non, merci”.", 'Il dit "oui" puis "non, merci".'),
    # Before it was decoded
    ("L=C3=A9t=C3=A9 et %C3%A9", "Lété et é"),
    (r"L\u00e9 gu\u00e9", "Lé gué"),
    ("Un mot^[une note].", "Un mot (une note)."),
]


@pytest.mark.parametrize(("typed", "better"), MARKS)
def test_a_mark_of_another_program_is_said_with_ours(typed: str, better: str) -> None:
    found = body(f"Un mot.\n\n{typed}\n").problems
    assert {(each.code, each.line, each.severity) for each in found} == {("raw-marks", 2, Severity.WARNING)}
    line = typed
    for _turn in found:  # a line is mended mark by mark, as `check` does at once
        line = body(f"Un mot.\n\n{line}\n").problems[0].suggestion or ""
    assert line == better
    assert body(f"Un mot.\n\n{better}\n").problems == ()


UNKNOWN = [
    r"Voir \cite{duval} là",
    "Voir [@duval2026]",
    "Il est là :tada: enfin",
    "[gallery ids='1,2']",
    "[vc_row]Un mot[/vc_row]",
    ".. note:: Attention",
    "!!! note",
    "*[HTML]: un langage",
    "![[carte.png]]",
    "<doc12|center>",
    "[caption id=1]",
    "[TOC]",
    "[gallery]",
]


@pytest.mark.parametrize("typed", UNKNOWN)
def test_a_mark_with_no_equal_here_is_said_alone(typed: str) -> None:
    assert {(each.code, each.suggestion) for each in body(typed).problems} == {("raw-marks", None)}


@pytest.mark.parametrize(
    "typed",
    [
        "{{ prenom }}",
        "{{first_name}}",
        "*|FNAME|*",
        "%%prenom%%",
        "{first_name|there}",
        "%FIRSTNAME%",
        "##nom##",
        "@@name@@",
        "{prenom}",
        "{% if x %}",
        "{{< fig >}}",
        "<?php x ?>",
        "<% x %>",
    ],
)
def test_what_another_program_fills_in_is_said(typed: str) -> None:
    (found,) = inline(f"Bonjour {typed}, merci").problems
    assert (found.code, found.column, found.severity) == ("leftover", 8, Severity.WARNING)


WORDS = [
    "Le billet coûte 5 $, le repas 12 $ ; US$ 30, 40 $US, de $30 à $40, 1 $ = 0,91 €.",
    "Le cours de $AAPL et de $TSLA ; il est ~20 h, à ~5 km ; le tilde (~), a ~~ b.",
    r"Il dit \[sic\], \(voir p. 3\), et cite C:\Users\anne.",
    "Un ensemble {a, b}, {1}, { x } ; a == b ; a || b, |x|, ||x|| ; C++, C++17, Canal++.",
    "Les années ’80, d’'un', rock 'n' roll, l’‘autre’.",
    "Le [relevé](https://example.org/a~b?x={id}&y=1) et [un pont](https://example.org/Pont_(ouvrage)).",
    "Le code `a~b`, `{{ x }}`, `$x^2$`, `[b]x[/b]`, `:smile:`, ``a ` b``, `\\textbf{x}`.",
    "À 12:30:45, std::vector, a:b:c, :-) et ::1 ; H1. h2o.",
    "a << b, 3 <-> 4 ; x -> y ; [a -> b].",
    r"Le chemin C:\nouveau\tri, 100 % sûr, a=b, 3 %, [anne@exemple](https://example.org).",
    "Voir [gallery] et [moyenne n=12] ; un,, deux ; a,,b” ; [toc toc] ; [audio](https://example.org).",
    "Voici ce que dit\n: un mot.",
    "[Vidéo] Le port ; [Le Monde] ; [sic] ; [...] ; [G7] ; [1] seul.",
]


@pytest.mark.parametrize("typed", WORDS)
def test_signs_of_ordinary_words_are_words(typed: str) -> None:
    assert [each.code for each in body(typed).problems] == []
