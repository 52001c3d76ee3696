"""A sentence left in the letter is written into its file, where it stood, and nothing else moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from composer.issue.blocks import Article
from composer.issue.inline import Break, Code, Emphasis, Link, Spans, Strong, Text, plain
from composer.issue.load import load_issue
from composer.issue.markdown import inline
from composer.issue.model import Issue
from composer.issue.revision.model import Stale, Unwritable, digest_of
from composer.issue.revision.sentence import shown_sentence, with_sentence
from composer.newsroom.model import Newsroom
from composer.source.document import Document
from tests.issue.support import sample_issue

FILE = """\
# Le numéro du samedi
subject: Le canal rouvre     # l'objet
preheader: 'L''eau revient : enfin'
also:
  - "Le \\"bac\\" attend"
blocks:
  - article:
      headline: Un pont, deux "rives"
      standfirst: "L'arche tient..."   # à relire
      figure:
        src: carte.png
        alt: Une carte
        caption: Le plan (échelle 1:500)
        credit: {photo: Agence Rive, source: IGN}
      body: |
        Le pont *tient* : 2 \\* 3 = 6, dit l'ingénieur...
        et la rivière monte.

        ## La crue

        - **L'alerte :** à midi
          sonne.
        - **Le soir :** rien.

        > Nous avons **attendu**
        > toute la nuit.
        >
        > Rien.

        :::en_filigrane Le titre
        Un mot du [bac](#bac).
        :::
        :::quote "Une passante"
        Il pleut.
        :::

        Un lien [caché](#bac), une `` clé ` `` et <https://example.org/>.
  - table:
      title: Les crues
      rows: |
        Année | Hauteur
        1910 | 8,62 m
        2016 | 6,10 m
  - briefs: |
      - **Le bac.** Il attend. {#bac}
      - **La gare.** Elle ferme
        demain.
  - insight:
      label: L'échelle
      title: Un mètre
      text: |
        Une ligne.
"""

Change = Callable[[str], str]


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    return sample_issue.newsroom(tmp_path, publication={"typography": {"profile": "french"}})


def read(newsroom: Newsroom, text: str) -> Document[Issue]:
    document = load_issue(newsroom.root / "issues/samedi/2026-11-28.yaml", newsroom, text.encode())
    assert document.value is not None, document.findings
    return document


def after(newsroom: Newsroom, at: str, wanted: Spans | str, text: str = FILE) -> str:
    """The file with the sentence at ``at`` as ``wanted``."""
    document = read(newsroom, text)
    shown = shown_sentence(document, newsroom, "paid", at)
    spans = inline(wanted).spans if isinstance(wanted, str) else wanted
    revision = with_sentence(document, newsroom, "paid", at, shown.digest, shown.spans, spans)
    assert revision.text == text[: revision.start] + revision.new + text[revision.end :]
    return revision.text


def words(newsroom: Newsroom, at: str, text: str = FILE) -> str:
    return plain(shown_sentence(read(newsroom, text), newsroom, "paid", at).spans)


@pytest.mark.parametrize(
    ("at", "wanted", "old", "new"),
    [
        ("subject", "Le canal rouvre demain", "rouvre     #", "rouvre demain     #"),
        ("subject", "Le canal : il rouvre", "Le canal rouvre", '"Le canal : il rouvre"'),
        ("subject", "Le canal # rouvre", "Le canal rouvre", '"Le canal # rouvre"'),
        ("subject", "- Le canal rouvre", "Le canal rouvre", '"- Le canal rouvre"'),
        ("subject", "true", "Le canal rouvre", '"true"'),
        ("subject", "non", "Le canal rouvre", '"non"'),
        ("subject", "-5 %", "Le canal rouvre", "-5 %"),
        ("subject", "-5", "Le canal rouvre", '"-5"'),
        ("subject", "Rouvre !", "Le canal rouvre", "Rouvre !"),
        ("subject", "!rouvre", "Le canal rouvre", '"!rouvre"'),
        ("subject", "1910", "Le canal rouvre", '"1910"'),
        ("subject", "2026-12-01", "Le canal rouvre", '"2026-12-01"'),
        ("preheader", "L’eau revient : d'un coup", "revient : enfin", "revient : d''un coup"),
        ("also/0", 'Le « bac » attend "là"', r'\"bac\" attend"', r'\"bac\" attend \"là\""'),
        ("blocks/0/headline", "Un pont, trois « rives »", "deux", "trois"),
        ("blocks/0/headline", 'Un pont : deux "rives"', 'Un pont, deux "rives"', "'Un pont : deux \"rives\"'"),
        ("blocks/0/standfirst", "L’arche **tient**…", "arche tient...", "arche **tient**..."),
        ("blocks/0/standfirst", "L’arche tient", "tient...", "tient"),
        ("blocks/0/figure/caption", "Le plan (échelle 1:5000)", "1:500)", "1:5000)"),
        ("blocks/0/figure/alt", "Une carte du port", "alt: Une carte", "alt: Une carte du port"),
        ("blocks/0/figure/credit/photo", "Agence, Rive", "photo: Agence Rive", 'photo: "Agence, Rive"'),
        ("blocks/0/body#0", "Le pont *tient* : 2 * 3 = 6, dit l’ingénieur… et la rivière baisse.", "monte", "baisse"),
        ("blocks/0/body#0", "Le pont *tient* : 2 * 3 = 6, et la rivière monte.", "dit l'ingénieur...\n        ", ""),
        ("blocks/0/body#0", "Le pont tient : 2 * 3 = 6, dit l’ingénieur… et la rivière monte.", "*tient*", "tient"),
        ("blocks/0/body#3", "La grande crue", "La crue", "La grande crue"),
        ("blocks/0/body#5/0/lead", "La fausse alerte", "L'alerte", "La fausse alerte"),
        ("blocks/0/body#5/0/text", "à minuit sonne.", "à midi", "à minuit"),
        ("blocks/0/body#5/1/text", "rien, rien.", "rien.\n\n", "rien, rien.\n\n"),
        ("blocks/0/body#9/0", "Nous avons attendu toute la nuit.", "**attendu**", "attendu"),
        ("blocks/0/body#9/0", "Nous avons **attendu** toute une nuit.", "la nuit", "une nuit"),
        ("blocks/0/body#9/1", "Rien du tout.", "> Rien.", "> Rien du tout."),
        ("blocks/0/body#14/title", "Le grand titre", "Le titre", "Le grand titre"),
        ("blocks/0/body#14/text/0", "Un *mot* du [bac](#bac).", "Un mot du", "Un *mot* du"),
        ("blocks/0/body#17/text/0", "Il pleut, « dit-elle ».", "Il pleut.", "Il pleut, « dit-elle »."),
        ("blocks/1/title", "Les *crues*", "title: Les crues", "title: Les *crues*"),
        ("blocks/1/rows#1/1", "8,62 m | ou plus", "8,62 m", r"8,62 m \| ou plus"),
        ("blocks/1/rows#2/0", "2017", "2016", "2017"),
        ("blocks/2/items/0/headline", "Le grand bac", "**Le bac.**", "**Le grand bac.**"),
        ("blocks/2/items/1/text#0", "Elle ferme après-demain.", "        demain.", "        après-demain."),
        ("blocks/3/label", "L’échelle", "", ""),
        ("blocks/3/title", "Un mètre de plus", "title: Un mètre", "title: Un mètre de plus"),
    ],
)
def test_a_sentence_is_written_where_it_stands(newsroom: Newsroom, at: str, wanted: str, old: str, new: str) -> None:
    is_words = at in ("subject", "preheader", "blocks/0/figure/alt", "blocks/0/figure/credit/photo", "blocks/3/label")
    assert after(newsroom, at, (Text(wanted),) if is_words else wanted) == FILE.replace(old, new, 1)


def test_what_is_shown_is_what_the_letter_prints(newsroom: Newsroom) -> None:
    assert words(newsroom, "preheader") == "L’eau revient\u00a0: enfin"
    assert words(newsroom, "blocks/0/body#0") == (
        "Le pont tient\u00a0: 2 * 3 = 6, dit l’ingénieur… et la rivière monte."
    )
    assert words(newsroom, "also/0") == "Le «\u00a0bac\u00a0» attend"


def test_a_break_of_line_goes_on_where_its_text_does(newsroom: Newsroom) -> None:
    spans: Spans = (Text("à midi"), Break(), Text("sonne "), Strong((Text("fort"),)), Text("."))
    expected = FILE.replace("à midi\n          sonne.", "à midi\\\n          sonne **fort**.")
    assert after(newsroom, "blocks/0/body#5/0/text", spans) == expected
    spans = (Text("Nous avons "), Strong((Text("attendu"),)), Break(), Text("toute la nuit."))
    assert after(newsroom, "blocks/0/body#9/0", spans) == FILE.replace("**attendu**\n", "**attendu**\\\n")
    crlf = FILE.replace("\n", "\r\n")
    spans = (Text("Rien"), Break(), Text("du tout."))
    assert after(newsroom, "blocks/0/body#9/1", spans, crlf) == crlf.replace(
        "> Rien.", "> Rien\\\r\n        > du tout."
    )


def test_links_and_code_are_written_in_the_grammar(newsroom: Newsroom) -> None:
    at = "blocks/0/body#21"
    spans = (
        Text("Un lien "),
        Link("#bac", (Text("caché"),)),
        Text(", une "),
        Code("clé `"),
        Text(" et "),
        Link("https://example.org/", (Text("https://example.org/"),)),
        Text(", et "),
        Emphasis((Link("https://example.org/(a", (Text("ici"),)),)),
        Text("."),
    )
    assert after(newsroom, at, spans) == FILE.replace("org/>.", "org/>, et [*ici*](<https://example.org/(a>).")
    with pytest.raises(Unwritable, match="nulle-part"):
        after(newsroom, at, (*spans[:-1], Link("#nulle-part", (Text(" là"),))))


def test_a_link_that_this_edition_lacks_stays_in_the_file(newsroom: Newsroom) -> None:
    text = (
        FILE.replace("  - briefs: |", "  - briefs:\n      audience: paid\n      items: |")
        .replace("      - **Le bac.**", "        - **Le bac.**")
        .replace("      - **La gare.** Elle ferme\n        demain.", "        - **La gare.** Elle ferme.")
    )
    document = read(newsroom, text)
    at = "blocks/0/body#14/text/0"
    shown = shown_sentence(document, newsroom, "free", at)
    assert shown.spans == (Text("Un mot du bac."),)
    wanted = (Text("Un mot du bac"), Strong((Text("heron"),)), Text("."))
    revision = with_sentence(document, newsroom, "free", at, shown.digest, shown.spans, (Text("Un mot du beau bac."),))
    assert "Un mot du beau [bac](#bac)." in revision.text
    revision = with_sentence(document, newsroom, "free", at, shown.digest, shown.spans, wanted)
    assert "Un mot du [bac](#bac)**heron**." in revision.text


def test_an_untouched_sentence_changes_nothing(newsroom: Newsroom) -> None:
    document = read(newsroom, FILE)
    shown = shown_sentence(document, newsroom, "paid", "blocks/0/body#0")
    for wanted in (shown.spans, (Text(" "), *shown.spans, Text("\u00a0"))):
        revision = with_sentence(document, newsroom, "paid", "blocks/0/body#0", shown.digest, shown.spans, wanted)
        assert revision.text == FILE


def test_a_sentence_that_has_changed_meanwhile_is_said(newsroom: Newsroom) -> None:
    document = read(newsroom, FILE)
    with pytest.raises(Stale, match="Le canal rouvre") as caught:
        with_sentence(document, newsroom, "paid", "subject", digest_of("Le canal ferme"), (Text("a"),), (Text("b"),))
    assert caught.value.now == "Le canal rouvre"
    for nowhere in ("blocks/9/headline", "", "blocks/0/body#1", "../etc", "blocks/0/body#5/7/text"):
        with pytest.raises(Stale) as gone:
            with_sentence(document, newsroom, "paid", nowhere, "", (Text("a"),), (Text("b"),))
        assert gone.value.now == ""
    for other in ((Text("Zzz"),), (), (Text("Le"),)):  # the digest is right, and what was shown is another sentence
        with pytest.raises(Stale):
            with_sentence(document, newsroom, "paid", "subject", digest_of("Le canal rouvre"), other, (Text("Yyy"),))


@pytest.mark.parametrize(
    ("at", "wanted", "why"),
    [
        ("subject", (Strong((Text("Le"),)), Text(" canal rouvre")), "words alone"),
        ("subject", (Text("Le canal"), Break(), Text("rouvre")), "words alone"),
        ("blocks/0/headline", (Text("Un pont"), Break(), Text("deux")), "stands on one line of the file"),
        ("blocks/0/body#3", (Text("La"), Break(), Text("crue")), "no break of line can stand here"),
        ("blocks/0/body#0", (Text(" "),), "nothing would be left"),
        ("blocks/0/body#3", (Strong((Text("La."),)), Text("crue")), r"between “\.” and “c”"),
    ],
)
def test_what_cannot_be_written_is_refused_in_words(newsroom: Newsroom, at: str, wanted: Spans, why: str) -> None:
    with pytest.raises(Unwritable, match=why):
        after(newsroom, at, wanted)


def test_a_value_of_several_lines_that_yaml_joins_is_left_alone(newsroom: Newsroom) -> None:
    text = FILE.replace("caption: Le plan (échelle 1:500)", "caption: Le plan\n          du port")
    with pytest.raises(Unwritable, match=r"joined into one in the file, at line \d+: put \| after its key"):
        after(newsroom, "blocks/0/figure/caption", "Le plan du quai", text)
    text = FILE.replace("title: Un mètre", "title: >\n        Un\n        mètre")
    with pytest.raises(Unwritable, match=r"folded in the file, at line \d+: put \| in place of >"):
        after(newsroom, "blocks/3/title", "Deux mètres", text)


def test_a_file_with_an_error_elsewhere_is_mended_first(newsroom: Newsroom) -> None:
    content = FILE.replace("src: carte.png", "srcc: carte.png").encode()
    document = load_issue(newsroom.root / "issues/samedi/2026-11-28.yaml", newsroom, content)
    with pytest.raises(Unwritable, match="the file has a mistake at line 11"):
        shown_sentence(document, newsroom, "paid", "subject")
    content = FILE.replace("[caché](#bac)", "[caché](#bateau)").encode()  # a mistake that leaves the issue whole
    document = load_issue(newsroom.root / "issues/samedi/2026-11-28.yaml", newsroom, content)
    assert document.value is None
    shown = shown_sentence(document, newsroom, "paid", "subject")
    revision = with_sentence(document, newsroom, "paid", "subject", shown.digest, shown.spans, (Text("Autre"),))
    assert revision.text == content.decode().replace("Le canal rouvre", "Autre", 1)


def test_characters_that_are_not_read_stay_in_the_file(newsroom: Newsroom) -> None:
    text = FILE.replace("La crue", "La\u200b cru\u00ade").replace("Il attend.", "Il\u200b a\u0301ttend.")
    assert after(newsroom, "blocks/0/body#3", "La grande crue", text) == text.replace(
        "La\u200b cru", "La\u200b grande cru"
    )
    assert after(newsroom, "blocks/2/items/0/text#0", "Il áttend encore.", text) == text.replace(
        "a\u0301ttend.", "a\u0301ttend encore."
    )


def test_no_byte_order_mark_is_counted(newsroom: Newsroom) -> None:
    document = read(newsroom, "\ufeff" + FILE)
    shown = shown_sentence(document, newsroom, "paid", "subject")
    revision = with_sentence(document, newsroom, "paid", "subject", shown.digest, shown.spans, (Text("Autre"),))
    assert revision.text == FILE.replace("Le canal rouvre", "Autre", 1)


@pytest.mark.parametrize("signs", ["[", "*", "**a ", "_a", "``a`", "\\\\", "![", "[a](", ": #", "'\""])
def test_a_long_row_of_signs_is_words_as_any_other(newsroom: Newsroom, signs: str) -> None:
    typed = (signs * 500).strip()
    text = after(newsroom, "blocks/0/headline", (Text(typed),))
    headline = read(newsroom, text).require().front.blocks[0]
    assert isinstance(headline, Article)
    assert headline.headline.plain == typed


def test_a_file_grows_to_what_can_be_read(newsroom: Newsroom) -> None:
    text = FILE + "# " + "é" * (499_900 - len(FILE.encode()) // 2) + "\n"
    with pytest.raises(Unwritable, match="too large"):
        after(newsroom, "blocks/0/body#3", "La crue " + "a" * 10_000, text)
