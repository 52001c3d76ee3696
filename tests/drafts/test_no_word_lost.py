"""Whatever a draft says, and however it was typed, the issue says it: 24 drafts, 204 with FILIGRANE_WHOLE=1."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from composer.drafts.markup import read_html
from composer.drafts.passage import DraftRun, ReadDraft
from composer.drafts.plain_files import read_markdown, read_plain_text
from composer.drafts.word import read_word
from composer.newsroom import load_newsroom
from tests.drafts.support.issue_words import imported_words, small_words
from tests.drafts.support.written_drafts import FORMS, Typed
from tests.support.lengths import WHOLE

ROOT = Path(__file__).parents[2]
ROLES = ("headline", "standfirst", "crosshead", "paragraph", "point", "numbered", "citation", "brief", "en_filigrane")

#: Words and signs that mean something to Markdown, to YAML, to the grammar, or to the habits.
PIECES = """
le pont tient bon 2026. 1° - # ## > * ** _ __ ` === ::: :::figure | || [x](y) ![a](b) <b> &amp; {{x}} %%y%% \\ « oui »
“non” : ; ! ? … • – — À SURVEILLER : EN FILIGRANE : | EN BREF | Et aussi: Par Anne https://a.example/b?c=d_e a_b_c
*gras* **gras** ~~x~~ [^1] --- $x$ @nom n°5 10% 3.500 l’eau aujourd'hui ... : "x" 'y' objet: # -- é ß İ
""".split()  # noqa: SIM905 # reason: signs are seen better so


def typed(draw: Random) -> list[Typed]:
    def runs() -> tuple[DraftRun, ...]:
        words = (" ".join(draw.choices(PIECES, k=draw.randint(1, 14))) for _run in range(draw.randint(1, 3)))
        return tuple(DraftRun(f"{each} ", draw.random() < 0.3, draw.random() < 0.3) for each in words)

    return [Typed(draw.choice(ROLES), runs()) for _paragraph in range(draw.randint(1, 9))]


def said(read: ReadDraft) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in read.passages:
        found += small_words(each.text)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("form", [*FORMS, "markdown", "text"])
def test_no_word_is_lost(form: str) -> None:
    newsroom = load_newsroom(ROOT)
    for seed in range(34 if WHOLE else 4):
        draft = typed(Random(f"{form} {seed}"))
        lines = "\n\n".join("".join(run.text for run in each.runs) for each in draft)
        if form in FORMS:
            content = FORMS[form](draft)
            read = read_word(content) if isinstance(content, bytes) else read_html(content)
        else:
            read = read_markdown(lines) if form == "markdown" else read_plain_text(lines)
        if form != "markdown":
            assert small_words(lines) - said(read) == Counter(), seed
        if said(read):
            assert said(read) - imported_words(read, newsroom, "samedi/2027-01-09.yaml") == Counter(), seed
