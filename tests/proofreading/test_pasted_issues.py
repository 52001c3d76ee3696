"""Whole issues as people paste them: what is said, with lines that the check is content with once they are taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue.load import load_issue
from composer.newsroom.model import Newsroom
from composer.proofreading import review
from composer.proofreading.proofread import Reading
from composer.source.fixes import fix_of
from tests.issue.support.sample_issue import newsroom

HEAD = "objet: Le pont\napercu: Et la halle\nblocs:\n- ours: auto\n"


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path, publication={"typography": {"profile": "french"}})


def read(house: Newsroom, text: str) -> Reading:
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(text, encoding="utf-8")
    return review(load_issue(path, house), house, lambda _newsroom, _key: ())


def printed(house: Newsroom, blocks: str) -> str:
    found = read(house, HEAD + blocks)
    assert found.findings == ()
    return found.letters["paid"][1].text.replace("\u00a0", " ")


#: Blocks, the codes found, and the blocks after every fix that a text editor offers.
MENDED = [
    (
        '- lecture:\n    - "[Le titre](https://example.org/a)"\n',
        ["wrong-shape"],
        '- lecture:\n    - {titre: "Le titre", lien: "https://example.org/a"}\n',
    ),
    (
        "- breves:\n    noms: autos\n    liste:\n    - {titre: A, texte: B.}\n",
        ["unknown-value"],
        "- breves:\n    noms: auto\n    liste:\n    - {titre: A, texte: B.}\n",
    ),
    ("- exclusivites: tout\n", ["unknown-value"], "- exclusivites: auto\n"),
    (
        "- agenda:\n    liste:\n    - {date: 2026-12-12 6pm, titre: A}\n",
        ["not-a-date"],
        "- agenda:\n    liste:\n    - {date: 2026-12-12 18:00, titre: A}\n",
    ),
    (
        '- lecture:\n    liste:\n    - {titre: A, lien: "https://example.org/a "}\n',
        ["bad-url"],
        "- lecture:\n    liste:\n    - {titre: A, lien: https://example.org/a}\n",
    ),
    (
        "- article:\n    titre: A\n    signature: Par Inès Valmont\n    texte: |\n      Un mot.\n",
        ["unknown-person"],
        "- article:\n    titre: A\n    signature: ines\n    texte: |\n      Un mot.\n",
    ),
    (
        "- article:\n    titre: A\n    signature: Inès Valmont et Paul Garnier\n    texte: |\n      Un mot.\n",
        ["unknown-person"],
        "- article:\n    titre: A\n    signature: [ines, paul]\n    texte: |\n      Un mot.\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n    Un mot.\n\n    Un autre.\n",
        ["bad-indent"],
        "- article:\n    titre: A\n    texte: |\n      Un mot.\n\n      Un autre.\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      ::à surveiller Un\n      Deux.\n      :::\n",
        ["unknown-key"],
        "- article:\n    titre: A\n    texte: |\n      :::a_surveiller Un\n      Deux.\n      :::\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      :::encadre Un\n      rubrique: Deux\n      Trois.\n      :::\n",
        ["box-colons"],
        "- article:\n    titre: A\n    texte: |\n      :::encadre Un\n      :rubrique: Deux\n      Trois.\n      :::\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      Ville;Prix\n      Gué;12\n",
        ["table"],
        "- article:\n    titre: A\n    texte: |\n      :::tableau\n      | Ville | Prix |\n"
        "      | Gué | 12 |\n      :::\n",
    ),
    (
        "- breves: |\n    ## Le pont\n    Il ferme.\n",
        ["not-a-list", "not-a-list"],
        "- breves: |\n    - **Le pont**\n      Il ferme.\n",
    ),
    (
        '- annonce: "Lire [le pont] (https://example.org/a)"\n',
        ["broken-link"],
        '- annonce: "Lire [le pont](https://example.org/a)"\n',
    ),
    (
        '- agenda:\n    liste:\n    - {date: 2026-12-12, titre: "[Un bal] (https://example.org)", lieu: "**A**"}\n',
        ["broken-link", "plain-field"],
        '- agenda:\n    liste:\n    - {date: 2026-12-12, titre: "[Un bal](https://example.org)", lieu: "A"}\n',
    ),
    ('- annonce: Il lit {"oui" et rien.\n', ["straight-quotes"], "- annonce: Il lit {«\u00a0oui\u00a0» et rien.\n"),
    ("- liens: pont\n", ["wrong-shape"], "- liens: [pont]\n"),
    (
        "- article:\n    titre: A\n    texte: |\n      Un titre\n      =\n\n      Un mot.\n",
        ["run-on-lines"],
        "- article:\n    titre: A\n    texte: |\n      ## Un titre\n\n\n      Un mot.\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      Cher lecteur,\n      Le pont ferme.\n"
        "      À demain,\n      Anne\n",
        ["run-on-lines"],
        "- article:\n    titre: A\n    texte: |\n      Cher lecteur,\\\n      Le pont ferme.\\\n"
        "      À demain,\\\n      Anne\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      Ô temps ! Et vous !\n"
        "        Suspendez :\n      Laissez-nous !\n",
        ["run-on-lines"],
        "- article:\n    titre: A\n    texte: |\n      Ô temps ! Et vous !\\\n"
        "        Suspendez :\\\n      Laissez-nous !\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      - Oui, dit-il.\n      - Non.\n",
        ["bullet"],
        "- article:\n    titre: A\n    texte: |\n      — Oui, dit-il.\n\n      — Non.\n",
    ),
    ("- annonce: lâ€™Ã©tÃ©\n", ["lost-character"], "- annonce: l’été\n"),
    (
        "- breves:\n    - **Le tram.** Il dort.\n    - **Le port.** Il veille.\n",
        ["missing-bar"],
        "- breves: |\n    - **Le tram.** Il dort.\n    - **Le port.** Il veille.\n",
    ),
    (
        "- breves: |\n    **Le tram.** Il dort.\n    Encore.\n\n    Il rêve.\n\n    **Le port.** Il veille.\n",
        ["not-a-list"] * 4,
        "- breves: |\n    - **Le tram.** Il dort.\n      Encore.\n\n      Il rêve.\n\n    - **Le port.** Il veille.\n",
    ),
    (
        "- breves: |\n    Le tram\n\n    Il dort.\n",
        ["not-a-list"] * 2,
        "- breves: |\n    - **Le tram**\n\n      Il dort.\n",
    ),
    (
        "- tableau: |\n    Ville;Prix\n    Gué;12\n",
        ["table-columns"],
        "- tableau: |\n    Ville | Prix\n    Gué | 12\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      :::tableau\n      Ville;Prix\n      Gué;12\n      :::\n",
        ["table-columns"],
        "- article:\n    titre: A\n    texte: |\n      :::tableau\n      Ville | Prix\n      Gué | 12\n      :::\n",
    ),
    (
        '- tableau: |\n    "Ville","Prix"\n    "Gué, nord","12,5"\n',
        ["table-columns"],
        "- tableau: |\n    Ville | Prix\n    Gué, nord | 12,5\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      Ville,Prix,Part\n      Gué,12,3\n",
        ["table"],
        "- article:\n    titre: A\n    texte: |\n      :::tableau\n      | Ville | Prix | Part |\n"
        "      | Gué | 12 | 3 |\n      :::\n",
    ),
    (
        "- tableau:\n    barres: false\n    lignes: |\n      Ville | Prix\n      Gué | 12\n",
        ["unknown-value"],
        "- tableau:\n    barres: non\n    lignes: |\n      Ville | Prix\n      Gué | 12\n",
    ),
    (
        '- breves:\n    rubrique: "non"\n    liste:\n    - {titre: A, texte: B.}\n',
        ["yaml-word"],
        "- breves:\n    rubrique: aucune\n    liste:\n    - {titre: A, texte: B.}\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      Un mot.\n\n      ![Un pont](carte.png)\n"
        "      Photo : Anne Duval\n",
        ["missing-key"],
        "- article:\n    titre: A\n    texte: |\n      Un mot.\n\n      ![Un pont](carte.png)\n"
        "      :photo: Anne Duval\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      Un.\n\n      ![Un pont](carte.png \"C\")\n"
        "      :photo: D\n",
        ["markdown-image", "raw-marks"],
        "- article:\n    titre: A\n    texte: |\n      Un.\n\n      ![Un pont](carte.png)\n      :photo: D\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      Un.\n\n      ![Un pont](carte.png)\n      :photo: D\n"
        "      lien : https://example.org\n      E.\n",
        ["box-colons"],
        "- article:\n    titre: A\n    texte: |\n      Un.\n\n      ![Un pont](carte.png)\n      :photo: D\n"
        "      :lien: https://example.org\n      E.\n",
    ),
    (
        "- article:\n    titre: A\n    signature: ines, Anne Duval\n    texte: |\n      B.\n",
        ["unknown-person"],
        "- article:\n    titre: A\n    signature: [ines, Anne Duval]\n    texte: |\n      B.\n",
    ),
    (
        "- article:\n    id: quai\n    titre: A\n    texte: |\n      B.\n- annonce: Voir [là](#quais).\n",
        ["unknown-id"],
        "- article:\n    id: quai\n    titre: A\n    texte: |\n      B.\n- annonce: Voir [là](#quai).\n",
    ),
    (
        "- article:\n    id: quai\n    titre: A\n    texte: |\n      B.\nsommaire:\n- quai\n",
        ["raw-marks"],
        "- article:\n    id: quai\n    titre: A\n    texte: |\n      B.\nsommaire:\n- \"[A](#quai)\"\n",
    ),
    (
        "- article:\n    id: quai\n    titre: A\n    texte: |\n      B.\net_aussi:\n- #Quai\n",
        ["truncated-text"],
        "- article:\n    id: quai\n    titre: A\n    texte: |\n      B.\net_aussi:\n- \"#Quai\"\n",
    ),
    (
        "- illustration: {fichier: Carte.PNG, description: Un pont, credit: Anne Duval}\n",
        ["file-missing"],
        "- illustration: {fichier: carte.png, description: Un pont, credit: Anne Duval}\n",
    ),
    (
        '- lecture:\n    liste:\n    - {titre: A, lien: "https://www.google.com/url?q=https://example.org/a&sa=D"}\n',
        ["broken-link"],
        '- lecture:\n    liste:\n    - {titre: A, lien: "https://example.org/a"}\n',
    ),
    (
        "- annonce: Un [lien](https://example.org/a 'titre') ici.\n",
        ["broken-link"],
        "- annonce: Un [lien](https://example.org/a) ici.\n",
    ),
    (
        "- citation: |\n    « Il ferme »\n    Anne Duval\n",
        ["run-on-lines"],
        "- citation: |\n    « Il ferme »\n    — Anne Duval\n",
    ),
    ('- annonce: "Un\\nDeux"\n', ["backslash"], '- annonce: "Un Deux"\n'),
    ("- breves: Le tram. Il dort.\n", ["wrong-shape"], "- breves: |\n    - **Le tram.** Il dort.\n"),
    ("- annonce: {texte: Un mot}, un autre.\n", ["reserved-character"], '- annonce: {texte: "Un mot, un autre."}\n'),
    (
        "- article:\n    titre: A\n    texte: |\n      Un titre\n      =====\n      Un mot.\n",
        ["paywall"],
        "- article:\n    titre: A\n    texte: |\n      ## Un titre\n\n      Un mot.\n",
    ),
    (
        "- article:\n    titre: A\n    texte: |\n      :::a_surveiller B\n      :noms: R&amp;D, C&A; D\n"
        "      E.\n      :::\n",
        ["entity"],
        "- article:\n    titre: A\n    texte: |\n      :::a_surveiller B\n      :noms: R&D, C&A; D\n"
        "      E.\n      :::\n",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("blocks", "codes", "better"), MENDED)
def test_the_lines_that_are_offered_leave_nothing_to_say(
    house: Newsroom, blocks: str, codes: list[str], better: str
) -> None:
    text = HEAD + blocks
    found = read(house, text).findings
    assert [each.code for each in found] == codes
    for _turn in range(len(codes)):
        offered = [fix_of(each, text, lambda new: read(house, new).findings) for each in read(house, text).findings]
        fix = next((each for each in offered if each is not None), None)
        if fix is not None:
            text = fix.applied(text.split("\n"))
    assert text == HEAD + better


def test_a_title_that_is_a_link_gives_the_address(house: Newsroom) -> None:
    text = printed(
        house, '- lecture:\n    liste:\n    - {titre: "[Le titre](https://example.org/a)", texte: Un mot.}\n'
    )
    assert "example.org : Le titre [" in text
    assert "https://example.org/a" in text


def test_who_said_a_quotation_may_stand_under_it_after_a_dash(house: Newsroom) -> None:
    by_key = printed(house, "- citation: {texte: Le fleuve monte., auteur: Anne Duval}\n")
    assert printed(house, "- citation: |\n    « Le fleuve monte. »\n    — Anne Duval\n") == by_key
    assert printed(house, "- citation: |\n    Le fleuve monte.\n\n    – Anne Duval\n") == by_key
    assert printed(house, "- citation: « Le fleuve monte. » — Anne Duval\n") == by_key
    assert printed(house, '- citation: {texte: Le fleuve monte., auteur: "— Anne Duval"}\n') == by_key
    dialogue = printed(house, "- citation: |\n    — Vous venez ?\n\n    — Non.\n")
    assert "— Non." in dialogue


LISTS = [
    (
        "- lecture: |\n    - [Le pont](https://example.org/a) : il ferme.\n    - **[La halle](https://example.org/b)**\n",
        "- lecture:\n    liste:\n    - {titre: Le pont, lien: https://example.org/a, texte: il ferme.}\n"
        "    - {titre: La halle, lien: https://example.org/b}\n",
    ),
    (
        "- agenda: |\n    - **2026-12-12 18:30 :** Un bal\n    - **2026-12-13** [Un marché](https://example.org/m)\n",
        "- agenda:\n    liste:\n    - {date: 2026-12-12 18:30, titre: Un bal}\n"
        '    - {date: 2026-12-13, titre: "[Un marché](https://example.org/m)"}\n',
    ),
    (
        "- courrier: |\n    - **Anne, à Vix.** Bravo.\n    - **Paul**\n\n      Un premier.\n\n      Un second.\n",
        "- courrier:\n    liste:\n    - {auteur: 'Anne, à Vix', texte: Bravo.}\n"
        "    - auteur: Paul\n      texte: |\n        Un premier.\n\n        Un second.\n",
    ),
]


@pytest.mark.parametrize(("listed", "keyed"), LISTS)
def test_a_list_in_markdown_prints_what_its_keys_print(house: Newsroom, listed: str, keyed: str) -> None:
    assert printed(house, listed) == printed(house, keyed)


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("- courrier: |\n    - « Bravo » — Anne, Vix\n", "    - **Anne, Vix.** « Bravo »"),
        ("- agenda: |\n    - 2026-12-12 : un bal\n", "    - **2026-12-12.** un bal"),
        ("- breves: |\n    - __Le pont.__ Il ferme.\n", "    - **Le pont.** Il ferme."),
    ],
)
def test_a_point_without_its_headline_is_given_one(house: Newsroom, typed: str, better: str) -> None:
    assert read(house, HEAD + typed).findings[0].suggestion == better


def test_a_page_to_read_needs_its_link(house: Newsroom) -> None:
    (found,) = read(house, HEAD + "- lecture: |\n    - **Le pont.** Il ferme.\n").findings
    assert (found.code, found.place.line) == ("point", 6)


def test_an_option_outside_any_box_is_said_as_one(house: Newsroom) -> None:
    text = "- article:\n    titre: A\n    texte: |\n      Un mot.\n\n      :photo: Anne\n"
    (found,) = read(house, HEAD + text).findings
    assert found.code == "raw-marks"
    assert "box" in found.message


def test_a_date_of_a_box_is_given_its_form(house: Newsroom) -> None:
    box = "      :::a_surveiller : Un titre\n      :echeance: 31 mars 2027\n      Un mot.\n      :::\n"
    (found,) = read(house, f"{HEAD}- article:\n    titre: A\n    texte: |\n{box}").findings
    assert (found.code, found.suggestion) == ("bad-value", "      :echeance: 2027-03-31")


def test_nothing_is_told_twice_of_a_line_without_its_dash(house: Newsroom) -> None:
    text = "- liens: |\n    - [Un](https://example.org/a)\n    [Deux](https://example.org/b)\n"
    assert [(each.code, each.suggestion) for each in read(house, HEAD + text).findings] == [
        ("not-a-list", "    - [Deux](https://example.org/b)")
    ]


def test_raw_signs_are_said_in_the_cells_of_a_table(house: Newsroom) -> None:
    text = "- tableau: |\n    Ville | Lien\n    Gué | [le relevé] (https://example.org)\n    Ys | a&nbsp;b\n"
    assert [(each.code, each.place.line) for each in read(house, HEAD + text).findings] == [
        ("broken-link", 7),
        ("entity", 8),
    ]


@pytest.mark.parametrize("typed", ["*Vous venez ?* Non.", "*« Vous venez ? »*"])
def test_a_question_in_italics_is_one(house: Newsroom, typed: str) -> None:
    start = "- entretien:\n    titre: A\n    texte: |\n      "
    assert "– " + typed.strip("*").partition("*")[0] in printed(house, f"{start}{typed}\n\n      Encore.\n")
    text = f"{start}*Un mot en italique.* Encore.\n\n      **Et vous ?** Oui.\n"
    assert printed(house, text).count("– ") == 1


def test_what_may_be_typed_for_true_is_said_with_the_other_words(house: Newsroom) -> None:
    text = (
        "- reecoute:\n    emission: A\n    diffusion: 2026-11-20\n    lien: https://example.org/a\n    citations:\n"
        '    - {minutage: "16:27", intervenant: Anne, texte: Un mot, verifie: oui}\n'
    )
    (found,) = read(house, HEAD + text).findings
    assert (found.code, "a-l-oreille" in found.message or "by-ear" in found.message) == ("not-a-boolean", True)


@pytest.mark.parametrize("typed", ["- ours: oui\n", '- ours: "oui"\n'])
def test_a_word_for_auto_that_would_be_printed_is_said(house: Newsroom, typed: str) -> None:
    text = HEAD.replace("- ours: auto\n", typed) + "- annonce: Un mot.\n"
    (found,) = read(house, text).findings
    assert (found.code, found.suggestion) == ("yaml-word", "- ours: auto")


TITLES = [
    ("Un titre\n==============", "paywall", "      ## Un titre\n"),
    ("Un titre\n--------------", "rule", "      ## Un titre\n"),
    ("=== Un titre ===", "paywall", "      ## Un titre"),
    ("+---+---+", "paywall", None),
    ("Un paragraphe qui finit.\n------", "rule", "      * * *"),
    ("Un paragraphe qui finit.\n======", "paywall", "      ==="),
]


@pytest.mark.parametrize(("text", "code", "better"), TITLES)
def test_a_line_under_a_title_is_not_told_to_become_the_paywall(
    house: Newsroom, text: str, code: str, better: str | None
) -> None:
    lines = "".join(f"      {line}\n" for line in text.split("\n"))
    issue = f"{HEAD}- article:\n    titre: A\n    texte: |\n      Un mot.\n\n{lines}\n      Encore.\n"
    (found,) = read(house, issue).findings
    assert (found.code, found.suggestion) == (code, better)


def test_marks_within_html_and_shortcodes_are_told_with_them(house: Newsroom) -> None:
    text = '- annonce: |\n    <!-- wp:paragraph --> [gallery ids="1,2"] [caption id="a" width="3"]Un mot[/caption]\n'
    assert {each.code for each in read(house, HEAD + text).findings} == {"html", "raw-marks"}


def test_a_link_that_leads_elsewhere_is_told_once(house: Newsroom) -> None:
    text = HEAD + "- edito:\n    titre: Un mot\n    texte: |\n"
    text += "      Voir [https://example.org/a](https://example.com/a), ici.\n"
    assert [each.code for each in read(house, text).findings] == ["broken-link"]
    text = text.replace("[https://example.org/a]", "[www.example.org]")
    assert [each.code for each in read(house, text).findings] == ["broken-link"]
    mail = text.replace("[www.example.org]", "[anne@example.org]")
    assert [each.code for each in read(house, mail).findings] == ["misleading-link"]
    assert read(house, text.replace("example.com", "example.org")).findings == ()


def test_a_sentence_between_quotes_is_not_parted(house: Newsroom) -> None:
    text = HEAD + "- courrier: |\n    - « Le pont. »\n"
    assert [(each.code, each.suggestion) for each in read(house, text).findings] == [("point", None)]
    parted = read(house, text.replace("« Le pont. »", "Anne. Le pont.")).findings
    assert [(each.code, each.suggestion) for each in parted] == [("point", "    - **Anne.** Le pont.")]


@pytest.mark.parametrize(
    ("typed", "line", "better"),
    [
        (
            "- annonce: Un mot\n  lien: https://example.org\n",
            5,
            "- annonce:\n    texte: Un mot\n    lien: https://example.org",
        ),
        (
            '- article:\n    titre: A\n    texte: "Un mot.\\n\\nUn autre."\n',
            7,
            "    texte: |\n      Un mot.\n\n      Un autre.",
        ),
        ("- courrier: |\n    - Le pont me manque. Anne\n", 6, None),
        ("- courrier: |\n    - Anne : le pont me manque.\n", 6, "    - **Anne.** le pont me manque."),
    ],
)
def test_other_lines_to_type_instead(house: Newsroom, typed: str, line: int, better: str | None) -> None:
    (found,) = read(house, HEAD + typed).findings
    assert (found.place.line, found.suggestion) == (line, better)


def test_what_is_around_a_file_or_in_place_of_its_colons_is_said_there(house: Newsroom) -> None:
    text = f"```yaml\n{HEAD}- annonce: Un mot.\n```\n"
    assert [(each.place.line, each.suggestion) for each in read(house, text).findings] == [(1, None), (7, None)]
    (found,) = read(house, HEAD.replace(": L", "：L").replace(": E", "： E") + "- annonce: Un.\n").findings
    assert (found.code, found.place.line, found.suggestion) == ("missing-colon", 1, "objet: Le pont")


@pytest.mark.parametrize(
    "typed",
    [
        "---\ntitle: Le pont\n---\n\n# Le pont\n\nUn paragraphe.\n\n## Un autre : oui\n",
        "objet: Le pont\napercu: Et la halle\n---\nUn paragraphe.\n\nLe pont : un mot.\n",
        "Un paragraphe.\n",
    ],
)
def test_a_text_in_place_of_an_issue_is_said_once_with_its_blocks(house: Newsroom, typed: str) -> None:
    (found,) = read(house, typed).findings
    title = "Le pont" if "# Le" in typed else "…"
    better = f"blocks:\n- article:\n    headline: {title}\n    body: |\n      Un paragraphe."
    assert (found.code, found.excerpt, found.suggestion) == ("wrong-shape", "Un paragraphe.", better)


def test_a_label_typed_before_a_credit_is_printed_once(house: Newsroom) -> None:
    credits = ("Photo : Anne", '{photo: "Photo : Anne"}', "{photo: Anne}")
    figure = "- illustration: {{fichier: carte.png, description: Une carte, credit: {0}}}\n"
    assert len({printed(house, figure.format(each if each[0] == "{" else f'"{each}"')) for each in credits}) == 1
