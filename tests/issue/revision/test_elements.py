"""Elements of a text parted, joined, added, retyped, taken out and moved in an issue's file."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from composer.issue.body import Asterism, Body, Citation, Crosshead, Paragraph, Paywall, Point, Points
from composer.issue.inline import Emphasis, Spans, Strong, Text, plain
from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.issue.revision.element_lines import NewBox
from composer.issue.revision.elements import (
    joined_above,
    listed_elements,
    moved_element,
    retyped,
    split,
    with_element,
    without_element,
)
from composer.issue.revision.model import Revision, Stale, Unwritable, digest_of
from composer.issue.revision.written_body import said_of
from composer.issue.text_iter import texts
from composer.issue.typed_places import TypedPlace, typed_sentences
from composer.newsroom.model import Newsroom
from composer.source.document import Document
from composer.source.quoting import split_lines
from tests.issue.support.file_forms import FORMS, SAMPLES, document, house, said, typed
from tests.issue.support.sample_issue import DAY
from tests.issue.support.sample_issue import newsroom as small_newsroom
from tests.support.lengths import length

TEXT = """\
objet: Un marché
blocs:
- article:
    titre: Un
    texte: |
      Une *ligne longue* et **grasse** du port.
      Sa suite.

      ## Un intertitre bref

      - **Le lieu :** la halle neuve
      - deux mots
        et leur suite

      1. un premier
      2. un second

      > On y va. Vraiment.
      >
      > Oui.

      :::a_surveiller Le recours
      :echeance: 2026-12-15
      Il expire bientôt. Ou pas.

      - un point
      :::

      ===

      La fin.   # non
    id: un
- ours:
"""
AT = "blocks/0/body"
FIRST = "Une *ligne longue* et **grasse** du port."


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    return small_newsroom(tmp_path)


def read(text: str, newsroom: Newsroom) -> Document[Issue]:
    path = newsroom.root / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
    path.write_bytes(text.encode())
    return load_issue(path, newsroom)


def sentences(found: Document[Issue]) -> dict[str, Spans]:
    return {str(place): spans for place, spans in typed_sentences(found.require())}


def digest(found: Document[Issue], at: str) -> str:
    return digest_of(plain(sentences(found)[at]))


def element(found: Document[Issue], at: str) -> str:
    return next(each.digest for each in listed_elements(found, at.partition("#")[0]) if each.at == at)


def parted(found: Document[Issue], newsroom: Newsroom, at: str, *first: str) -> str:
    before = tuple(Text(each) for each in first)
    revision = split(found, newsroom, at, digest(found, at), before)
    outside(found.source.text, revision)
    return revision.text


def outside(before: str, revision: Revision) -> None:
    assert revision.text == before[: revision.start] + revision.new + before[revision.end :]


def test_a_text_is_listed(newsroom: Newsroom) -> None:
    listed = listed_elements(read(TEXT, newsroom), AT)
    assert [(each.at, each.kind) for each in listed] == [
        (f"{AT}#0", "paragraph"),
        (f"{AT}#3", "crosshead"),
        (f"{AT}#5", "points"),
        (f"{AT}#9", "points"),
        (f"{AT}#12", "citation"),
        (f"{AT}#16", "a_surveiller"),
        (f"{AT}#23", "paywall"),
        (f"{AT}#25", "paragraph"),
    ]
    assert listed[2].words == "- **Le lieu :** la halle neuve"


@pytest.mark.parametrize(
    ("at", "first", "old", "new"),
    [
        ("#0", "Une ligne longue et", "et **grasse**", "et\n\n      **grasse**"),
        ("#0", "Une ligne", "*ligne longue*", "*ligne*\n\n      *longue*"),
        ("#0", "Une ligne longue et grasse du port.", "port.\n      Sa", "port.\n\n      Sa"),
        ("#3", "Un intertitre", "intertitre bref", "intertitre\n\n      bref"),
        ("#5/0/text", "la halle", "la halle neuve", "la halle\n      - neuve"),
        ("#5/1/text", "deux mots et leur", "leur suite", "leur\n      - suite"),
        ("#9/0/text", "un", "1. un premier\n      2. un second", "1. un\n      2. premier\n      3. un second"),
        ("#25", "La fin.", "La fin.   # non", "La fin.\n\n      \\# non"),
        ("#12/0", "On y va.", "va. Vraiment", "va.\n      >\n      > Vraiment"),
        ("#16/text/0", "Il expire bientôt.", "bientôt. Ou", "bientôt.\n\n      Ou"),
        ("#16/text/2/0/text", "un", "- un point", "- un\n      - point"),
    ],
)
def test_a_sentence_is_parted(at: str, first: str, old: str, new: str, newsroom: Newsroom) -> None:
    assert old in TEXT
    assert parted(read(TEXT, newsroom), newsroom, AT + at, first) == TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("at", "above", "old", "new"),
    [
        ("#3", "#0", "Sa suite.\n\n      ## Un", "Sa suite.Un"),
        ("#5/1/text", "#5/0/text", "neuve\n      - deux mots", "neuvedeux mots"),
        ("#5/0/lead", "#3", "bref\n\n      - **Le lieu :** la halle neuve\n", "bref**Le lieu :** la halle neuve\n\n"),
        ("#9/1/text", "#9/0/text", "premier\n      2. un second", "premierun second"),
        ("#9/0/text", "#5/1/text", "suite\n\n      1. un premier\n      2.", "suiteun premier\n\n      1."),
        ("#12/1", "#12/0", "Vraiment.\n      >\n      > Oui.", "Vraiment.Oui."),
        ("#16/text/2/0/text", "#16/text/0", "pas.\n\n      - un point", "pas.un point"),
    ],
)
def test_a_sentence_is_joined_to_the_one_above(at: str, above: str, old: str, new: str, newsroom: Newsroom) -> None:
    assert old in TEXT
    found = read(TEXT, newsroom)
    revision = joined_above(found, AT + at, digest(found, AT + at), digest(found, AT + above))
    outside(TEXT, revision)
    assert revision.text == TEXT.replace(old, new)


def test_what_was_parted_is_joined_to_what_it_was(newsroom: Newsroom) -> None:
    found = read(TEXT, newsroom)
    text = parted(found, newsroom, f"{AT}#12/0", "On y va. Vrai")
    again = read(text, newsroom)
    assert joined_above(again, f"{AT}#12/1", digest(again, f"{AT}#12/1"), digest(again, f"{AT}#12/0")).text == TEXT


def test_the_caret_is_counted_in_what_the_letter_prints(tmp_path: Path) -> None:
    house_ = small_newsroom(tmp_path, publication={"typography": {"profile": "french"}})
    text = TEXT.replace("Une *ligne", "Oui... non ; *ligne")
    assert "Oui...\n\n      non ;" in parted(read(text, house_), house_, f"{AT}#0", "Oui…")
    assert "non ;\n\n      *ligne" in parted(read(text, house_), house_, f"{AT}#0", "Oui… non\u00a0;")


BOX = NewBox("insight", "Un titre", {"label": "La règle"}, ("Des mots.",))


@pytest.mark.parametrize(
    ("after", "new", "lines"),
    [
        ("#0", Crosshead((Text("Plus loin"),)), ["", "## Plus loin", ""]),
        ("#3", Paragraph((Text("Un "), Emphasis((Text("mot"),)))), ["", "Un *mot*", ""]),
        ("#3", Paragraph((Text("1986. Un an"),)), ["", "1986\\. Un an", ""]),
        ("#25", Asterism(), ["", "* * *"]),
        ("#0", Citation(((Text("Non."),), (Text("Oui."),))), ["", "> Non.", ">", "> Oui.", ""]),
        (
            "#12",
            Points((Point((Text("un"),), (Text("Le port"),)), Point((Text("deux"),)))),
            ["", "- **Le port :** un", "- deux", ""],
        ),
        ("#12", BOX, ["", ":::encadre Un titre", ":rubrique: La règle", "Des mots.", ":::", ""]),
        ("#12", NewBox("quote", '"Lui"', {}, ("Oui.",)), ["", ":::citation '\"Lui\"'", "Oui.", ":::", ""]),
        ("#12", NewBox("en_filigrane"), ["", ":::en_filigrane", ":::", ""]),
        ("#12", "## Revenu", ["", "## Revenu", ""]),
    ],
)
def test_an_element_is_added(after: str, new: Any, lines: list[str], newsroom: Newsroom) -> None:
    found = read(TEXT, newsroom)
    revision = with_element(found, AT + after, element(found, AT + after), new)
    outside(TEXT, revision)
    written = "\n".join(f"      {line}" if line else "" for line in lines)
    assert written in revision.text
    assert not Counter(split_lines(TEXT)) - Counter(split_lines(revision.text))


def test_the_first_paragraphs_of_a_new_block_are_written(newsroom: Newsroom) -> None:
    empty = "objet: Un\nblocs:\n- article:\n    titre: Un\n    texte: |\n- ours:\n"
    found = read(empty, newsroom)
    assert listed_elements(found, AT) == ()
    first = with_element(found, AT, "", Paragraph((Text("Le début."),)))
    assert first.text == empty.replace("|\n", "|\n      Le début.\n")
    again = read(first.text, newsroom)
    top = with_element(again, AT, element(again, f"{AT}#0"), Crosshead((Text("Avant"),)))
    assert top.text == empty.replace("|\n", "|\n      ## Avant\n\n      Le début.\n")


@pytest.mark.parametrize(
    ("at", "kind", "old", "new"),
    [
        ("#3", "paragraph", "## Un", "Un"),
        ("#25", "crosshead", "La fin.", "## La fin."),
        ("#0", "crosshead", f"{FIRST}\n      Sa", f"## {FIRST} Sa"),
        ("#9", "points", "1. un premier\n      2. un", "- un premier\n      - un"),
        (
            "#5",
            "numbered",
            "- **Le lieu :** la halle neuve\n      - deux mots\n        et",
            "1. **Le lieu :** la halle neuve\n      2. deux mots\n         et",
        ),
        ("#9", "citation", "1. un premier\n      2. un", "> un premier\n      >\n      > un"),
        ("#12", "paragraph", "> On y va. Vraiment.\n      >\n      > Oui", "On y va. Vraiment.\n\n      Oui"),
    ],
)  # fmt: skip
def test_an_element_is_turned_into_another_kind(at: str, kind: str, old: str, new: str, newsroom: Newsroom) -> None:
    assert old in TEXT
    found = read(TEXT, newsroom)
    revision = retyped(found, AT + at, element(found, AT + at), kind)
    outside(TEXT, revision)
    assert revision.text == TEXT.replace(old, new)


def test_an_element_is_taken_out_and_brought_back(newsroom: Newsroom) -> None:
    found = read(TEXT, newsroom)
    for each in listed_elements(found, AT):
        revision, lines = without_element(found, each.at, each.digest)
        outside(TEXT, revision)
        again = read(revision.text, newsroom)
        index = [one.at for one in listed_elements(found, AT)].index(each.at)
        above = listed_elements(again, AT)[index - 1] if index else listed_elements(again, AT)[0]
        back = with_element(again, above.at if index else AT, above.digest, lines)
        assert back.text == TEXT


def test_an_element_is_moved(newsroom: Newsroom) -> None:
    found = read(TEXT, newsroom)
    up = moved_element(found, f"{AT}#3", element(found, f"{AT}#3"), AT, element(found, f"{AT}#0"))
    outside(TEXT, up)
    assert "|\n      ## Un intertitre bref\n\n      Une *ligne" in up.text
    assert "Sa suite.\n\n      - **Le lieu" in up.text
    down = moved_element(found, f"{AT}#0", element(found, f"{AT}#0"), f"{AT}#25", element(found, f"{AT}#25"))
    outside(TEXT, down)
    assert (
        "La fin.   # non\n\n      Une *ligne longue* et **grasse** du port.\n      Sa suite.\n    id: un" in down.text
    )
    same = moved_element(found, f"{AT}#3", element(found, f"{AT}#3"), f"{AT}#0", element(found, f"{AT}#0"))
    assert same.text == TEXT


def test_a_stale_digest_is_told_with_what_stands_there(newsroom: Newsroom) -> None:
    found, changed = read(TEXT, newsroom), read(TEXT.replace("La fin", "Le bout"), newsroom)
    with pytest.raises(Stale) as stale:
        split(changed, newsroom, f"{AT}#25", digest(found, f"{AT}#25"), (Text("La"),))
    assert stale.value.now == "Le bout.   # non"
    with pytest.raises(Stale):
        without_element(changed, f"{AT}#25", element(found, f"{AT}#25"))
    for at in (f"{AT}#1", f"{AT}#0/1", "blocks/0/corps#0", "blocks/9/body#0", "", "#", "blocks/0/body"):
        with pytest.raises(Stale):
            split(found, newsroom, at, "", ())


@pytest.mark.parametrize(
    ("at", "kind", "words"),
    [("#5", "crosshead", "one line"), ("#16", "points", "only the sentences"), ("#0", "rien", "no such element")],
)
def test_what_cannot_be_retyped_is_refused(at: str, kind: str, words: str, newsroom: Newsroom) -> None:
    found = read(TEXT, newsroom)
    digest_ = element(found, AT + at)
    with pytest.raises(Unwritable, match=words):
        retyped(found, AT + at, digest_, kind)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (Paywall(), "one paywall"),
        ("a\n\nb", "meant"),
        (NewBox("rien"), "no such box"),
        (NewBox("quote", "a\nb"), "one line"),
        (NewBox("quote", options={"rien": "x"}), "no such option"),
        (Crosshead(()), "nothing would be left"),
    ],
)
def test_what_cannot_be_added_is_refused(new: Any, words: str, newsroom: Newsroom) -> None:
    found = read(TEXT, newsroom)
    digest_ = element(found, f"{AT}#0")
    with pytest.raises(Unwritable, match=words):
        with_element(found, f"{AT}#0", digest_, new)


@pytest.mark.parametrize(("at", "words"), [("#25", "empty|lead"), ("#5/0/lead", "lead"), ("#16/title", "one sentence")])
def test_what_cannot_be_parted_is_refused(at: str, words: str, newsroom: Newsroom) -> None:
    found = read(TEXT, newsroom)
    digest_ = digest(found, AT + at)
    with pytest.raises(Unwritable, match=words):
        split(found, newsroom, AT + at, digest_, (Text("L"),) if at == "#5/0/lead" else ())


@pytest.mark.parametrize(("at", "words"), [("#0", "nothing stands above"), ("#25", "only the sentences")])
def test_what_cannot_be_joined_is_refused(at: str, words: str, newsroom: Newsroom) -> None:
    found = read(TEXT, newsroom)
    digest_ = digest(found, AT + at)
    with pytest.raises(Unwritable, match=words):
        joined_above(found, AT + at, digest_, "")


def test_a_text_in_another_style_is_refused_with_what_to_do(newsroom: Newsroom) -> None:
    text = "objet: Un\nblocs:\n- article:\n    titre: Un\n    texte: Un texte. Sa suite.\n"
    found = read(text, newsroom)
    with pytest.raises(Unwritable, match=r"line 5.*write a \|"):
        split(found, newsroom, f"{AT}#0", digest(found, f"{AT}#0"), (Text("Un texte."),))


def test_a_bold_mark_is_closed_and_opened_again(newsroom: Newsroom) -> None:
    text = TEXT.replace("La fin.   # non", "**Tout est gras ici**")
    before: Spans = (Strong((Text("Tout est"),)),)
    found = read(text, newsroom)
    revision = split(found, newsroom, f"{AT}#25", digest(found, f"{AT}#25"), before)
    assert "      **Tout est**\n\n      **gras ici**\n" in revision.text


@pytest.mark.slow
def test_whatever_is_done_the_issue_is_the_intended_one() -> None:
    """Over every sample in every form: the text says what was meant, all else the same, no other byte changed."""
    chance = random.Random(7)
    outcomes: Counter[str] = Counter()
    for written in FORMS.values():
        for sample in SAMPLES:
            content = written(sample.read_text("utf-8"))
            found = document(sample, content)
            for _each in range(length(20)):
                outcomes[_one(chance, sample, content, found)] += 1
    assert outcomes["made"] * 10 > outcomes.total() * 8, outcomes.most_common()


def _one(chance: random.Random, sample: Path, content: bytes, found: Document[Issue]) -> str:
    """Do one thing at random; ``made``, or why it was refused."""
    issue = found.require()
    bodies = {loc: text for loc, text in texts(issue.front) if isinstance(text, Body)}
    loc = chance.choice([each for each in bodies if each[-1] == "body"])
    elements = listed_elements(found, "/".join(map(str, loc)))
    own = [said_of(each) for each in bodies[loc].elements]
    number = chance.randrange(len(elements))
    other = chance.randrange(len(elements))
    intended = [*own]
    words = 0
    try:
        match chance.choice(("split", "merge", "add", "retype", "remove", "move")):
            case "split":
                inside = [
                    (place, spans)
                    for place, spans in typed_sentences(issue)
                    if place.loc == loc and " " in plain(spans)
                ]
                place, spans = chance.choice(inside)
                revision = _split(chance, found, place, spans)
                words = 1
            case "merge":
                places = [each for each in typed_sentences(issue) if each[0].loc == loc]
                places = sorted((each for each in places if not isinstance((*each[0].part, 0)[0], str)), key=_in_order)
                (_above, upper), (place, spans) = chance.choice([*pairwise(places)])
                revision = joined_above(found, str(place), digest_of(plain(spans)), digest_of(plain(upper)))
                words = 1
            case "add":
                new: Any = chance.choice(
                    (Crosshead((Text("Un mot : de plus"),)), Paragraph((Text("- 3 % ; *oui*"),)), Asterism(), BOX)
                )
                revision = with_element(found, elements[number].at, elements[number].digest, new)
                words = 2
            case "retype":
                kind = chance.choice(("paragraph", "crosshead", "points", "numbered", "citation"))
                revision = retyped(found, elements[number].at, elements[number].digest, kind)
                words = 1
            case "remove":
                revision, _lines = without_element(found, elements[number].at, elements[number].digest)
                del intended[number]
            case _:
                revision = moved_element(
                    found, elements[number].at, elements[number].digest, elements[other].at, elements[other].digest
                )
                intended.insert(other + (other < number), intended.pop(number))
    except Unwritable as refusal:
        return str(refusal)
    outside(typed(content), revision)
    again = document(sample, revision.text.encode())
    front = (again.value or (again.partial.remains if again.partial is not None else None)).front  # type: ignore[union-attr] # reason: one of both is there
    text = next(each for where, each in texts(front) if where == loc)
    assert isinstance(text, Body)
    if words == 0:
        assert [said_of(each) for each in text.elements] == intended
    elif words == 1:
        assert _letters(text) == _letters(bodies[loc])
    else:
        assert len(text.elements) == len(own) + 1
        assert [said_of(each) for each in text.elements[: number + 1]] == own[: number + 1]
        assert [said_of(each) for each in text.elements[number + 2 :]] == own[number + 1 :]
    after = dict(_flat(said(front)))
    for where, value in _flat(said(issue.front)):
        if where[: len(loc)] != loc:
            assert after[where] == value
    return "made"


def _in_order(each: tuple[TypedPlace, Spans]) -> tuple[int, int, bool]:
    place = each[0]
    number = place.part[0] if place.part else 0
    return place.line or 0, int(number), place.part[-1:] != ("lead",)


def _split(chance: random.Random, found: Document[Issue], place: TypedPlace, spans: Spans) -> Revision:
    line = plain(spans)
    first = line[: chance.choice([at for at, letter in enumerate(line) if letter == " "])]
    return split(found, house(), str(place), digest_of(line), (Text(first),))


def _letters(text: Body) -> list[str]:
    """The letters and digits of a text, in order."""
    return [letter for letter in text.source if letter.isalpha()]


def _flat(value: object, loc: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], object]]:
    match value:
        case dict():
            return [each for key, below in value.items() for each in _flat(below, (*loc, key))]
        case list() if len(loc) < 6:
            return [each for index, below in enumerate(value) for each in _flat(below, (*loc, index))]
        case _:
            return [(loc, value)]
