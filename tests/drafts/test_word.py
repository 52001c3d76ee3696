"""Documents as word processors and people make them: nothing silently in, nothing silently out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from composer.drafts.draft_process import draft_kind
from composer.drafts.plain_files import read_markdown, read_plain_text
from composer.drafts.recognising import recognised
from composer.drafts.word import read_word
from composer.errors import Refused
from composer.newsroom.model import Publication
from tests.drafts.support.word_document import WordDocument
from tests.issue.support.sample_issue import PUBLICATION

HOUSE = Publication.model_validate(PUBLICATION)
LEVEL = '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>'
BOX = "<w:txbxContent><w:p><w:r><w:t>Dans la boîte</w:t></w:r></w:p></w:txbxContent>"
DRAWN = f"<w:drawing><wp:inline><a:graphic><wps:txbx>{BOX}</wps:txbx></a:graphic></wp:inline></w:drawing>"
NEW_BOX = f'<mc:Choice Requires="wps">{DRAWN}</mc:Choice>'
OLD_BOX = f"<mc:Fallback><w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict></mc:Fallback>"


def text(xml: str) -> Callable[[WordDocument], None]:
    return lambda document: document.xml(f"<w:p><w:r><w:t>Avant</w:t></w:r>{xml}<w:r><w:t> après</w:t></w:r></w:p>")


def footnote(document: WordDocument) -> None:
    document.paragraph("Un fait.", extra=document.footnote("Sa source."))


def comment(document: WordDocument) -> None:
    document.paragraph("Un fait.")
    document.parts["word/comments.xml"] = (
        '<w:comments xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:comment w:id="1">'
        "<w:p><w:r><w:t>À vérifier</w:t></w:r></w:p></w:comment></w:comments>"
    )


def header(document: WordDocument) -> None:
    document.paragraph("Un fait.")
    document.parts["word/header1.xml"] = document.parts.pop("x", "") or (
        '<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:p><w:r><w:t>Confidentiel</w:t></w:r></w:p></w:hdr>"
    )


def sizes(document: WordDocument) -> None:
    document.paragraph("Un grand titre", size=20)
    document.paragraph("Un texte ordinaire, qui dit ce qu’il a à dire et qui s’arrête là, sans plus.", size=11)
    document.paragraph("Un intertitre", size=14)
    document.paragraph("Un autre texte ordinaire, qui dit autre chose, un peu plus longuement que le premier.", size=11)


def table(document: WordDocument) -> None:
    document.table([["Année", "Hauteur"], ["1932", "12 m"]])


def wide(document: WordDocument) -> None:
    document.table([list("abcdefg"), list("hijklmn")])


#: What a document holds, what is read of it (kind or why, words), and what is said to be left out.
READ: dict[str, tuple[Callable[[WordDocument], None], list[tuple[str, str]], list[tuple[str, str]]]] = {
    "hidden": (
        text("<w:r><w:rPr><w:vanish/></w:rPr><w:t> caché</w:t></w:r>"),
        [("text", "Avant après"), ("hidden", "caché")],
        [],
    ),
    "not hidden": (
        text('<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> montré</w:t></w:r>'),
        [("text", "Avant montré après")],
        [],
    ),
    "deleted": (
        text("<w:del><w:r><w:delText> ôté</w:delText></w:r></w:del>"),
        [("text", "Avant après")],
        [("deletion", "ôté")],
    ),
    "inserted": (
        text("<w:ins><w:r><w:t> mis</w:t></w:r></w:ins>"),
        [("text", "Avant mis après")],
        [("insertion", "mis")],
    ),
    "moved": (
        text("<w:moveFrom><w:r><w:t> parti</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t> venu</w:t></w:r></w:moveTo>"),
        [("text", "Avant venu après")],
        [("deletion", "parti")],
    ),
    "equation": (
        text("<m:oMathPara><m:oMath><m:r><m:t>E = mc²</m:t></m:r></m:oMath></m:oMathPara>"),
        [("text", "Avant après"), ("equation", "E = mc²")],
        [],
    ),
    "box": (
        text(f"<w:r><mc:AlternateContent>{NEW_BOX}{OLD_BOX}</mc:AlternateContent></w:r>"),
        [("text", "Avant après"), ("text", "Dans la boîte")],
        [],
    ),
    "new box": (
        text(f"<w:r><mc:AlternateContent>{NEW_BOX}</mc:AlternateContent></w:r>"),
        [("text", "Avant après"), ("text", "Dans la boîte")],
        [],
    ),
    "unknown": (
        text("<w:unheard><w:r><w:t> inouï</w:t></w:r></w:unheard>"),
        [("text", "Avant après"), ("unread", "inouï")],
        [],
    ),
    "control": (
        text("<w:sdt><w:sdtContent><w:r><w:t> champ</w:t></w:r></w:sdtContent></w:sdt>"),
        [("text", "Avant champ après")],
        [],
    ),
    "level": (
        lambda document: document.xml(f"<w:p>{LEVEL}<w:r><w:t>Un titre</w:t></w:r></w:p>"),
        [("heading", "Un titre")],
        [],
    ),
    "footnote": (footnote, [("text", "Un fait."), ("footnote", "1 Sa source.")], []),
    "comment": (comment, [("text", "Un fait.")], [("comment", "À vérifier")]),
    "header": (header, [("text", "Un fait.")], [("header", "Confidentiel")]),
    "table": (table, [("table", "Année Hauteur 1932 12 m")], []),
}


@pytest.mark.parametrize("case", READ)
def test_what_a_document_holds_is_read_or_said(case: str) -> None:
    make, passages, omissions = READ[case]
    document = WordDocument()
    make(document)
    read = read_word(document.saved())
    assert [(each.why or each.kind, each.text) for each in read.passages] == passages
    assert [(each.what, each.words) for each in read.omissions] == omissions


def test_titles_without_a_style_are_told_by_their_size() -> None:
    document = WordDocument()
    sizes(document)
    pieces = recognised(read_word(document.saved()).passages, HOUSE)
    assert [each.role for each in pieces] == ["headline", "paragraph", "crosshead", "paragraph"]


def test_the_table_of_the_publication_goes_before_our_own() -> None:
    table = {"Ma citation": "standfirst", "Le fil :": "en_filigrane"}
    own = Publication.model_validate({**PUBLICATION, "drafts": table})
    document = WordDocument({"Ma citation": ""})
    document.paragraph("Un titre", size=20)
    document.paragraph("Ce qu’il faut savoir.", "Ma citation")
    document.paragraph("Le fil : La corde. Elle tient.")
    pieces = recognised(read_word(document.saved()).passages, own)
    assert [each.role for each in pieces] == ["headline", "standfirst", "en_filigrane"]


MARKDOWN = """\
# Le pont attendra

> « Rien ne presse. »

Une *phrase* et **une autre**, [ici](https://example.org/).

- **Le coût.** Il double.
- **Le délai.** Il triple.

===

| RUBRIQUE |
"""


def test_markdown_and_text_are_read_by_the_same_habits() -> None:
    roles = ["headline", "citation", "paragraph", "point", "point", "paywall", "section-label"]
    assert [each.role for each in recognised(read_markdown(MARKDOWN).passages, HOUSE)] == roles
    typed = "Le pont attendra\n\nUne phrase, pour un début.\n\n• Le coût • Il double.\n• Le délai • Il triple."
    found = recognised(read_plain_text(typed).passages, HOUSE)
    assert [each.role for each in found] == ["headline", "standfirst", "point", "point"]


@pytest.mark.parametrize("name", ["texte.odt", "texte.pages", "texte.xlsx", "texte"])
def test_another_kind_of_file_is_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(Refused, match="docx"):
        draft_kind(name, b"anything")
