"""What is said of a picture, changed where it stands: in every sample, under keys, in boxes and as Markdown."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.issue.revision.block_list import list_digest
from composer.issue.revision.figure_edits import with_article_figure, with_figure_words
from composer.issue.revision.figures import DECORATION, FigureWords, listed_figures
from composer.issue.revision.model import Stale, Unwritable
from composer.newsroom import load_newsroom
from composer.source.document import Document
from tests.issue.support.file_forms import FORMS, SAMPLES, document, typed
from tests.support.lengths import length
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

#: What a figure becomes: each field alone, then all.
CHANGES: dict[str, dict[str, Any]] = {
    "description": {"alt": 'Deux ponts : l’un "haut", l\'autre non [1] # bas'},
    "decoration": {"alt": DECORATION},
    "caption": {"caption": "Une *autre* légende : celle-ci"},
    "no caption": {"caption": ""},
    "credit": {"credit": {"ai": "o3 : Pro", "by": "Une autre"}},
    "dark": {"dark": "2026-11-28-autre-nuit.png"},
    "no dark": {"dark": ""},
    "file": {"src": "2026-11-28-autre.png", "dark": ""},
}


@pytest.mark.slow
def test_pictures_of_the_samples_are_changed_and_nothing_else_in_any_form_of_file() -> None:
    chosen, made = random.Random(13), 0
    for _turn in range(length(10)):
        for sample in SAMPLES:
            form = chosen.choice([*FORMS])
            content = FORMS[form](sample.read_text(encoding="utf-8"))
            found = document(sample, content)
            for figure in listed_figures(found.require()):
                change = chosen.choice([*CHANGES])
                wanted = replace(figure.words, **CHANGES[change])
                try:
                    revision = with_figure_words(found, figure.at, figure.digest, wanted)
                except Unwritable as refusal:
                    pytest.fail(f"{sample.name}, {form}, {figure.at}, {change}: {refusal}")
                old = typed(content)
                assert revision.text == old[: revision.start] + revision.new + old[revision.end :]
                again = document(sample, revision.text.encode()).require()
                expected = [wanted if each.at == figure.at else each.words for each in listed_figures(found.require())]
                assert [each.words for each in listed_figures(again)] == expected, (
                    sample.name,
                    form,
                    figure.at,
                    change,
                )
                made += 1
    assert made > 20


KEYS = """\
      figure: # la halle
        src: halle.png  # avant
        alt: La halle vide
        credit:
          photo: Zoé Lac
        caption: 'Un *matin*'
"""
LITERAL = """\
      figure: |
        ![La halle vide](halle.png)
        :photo: Zoé Lac
        Un *matin*
"""
BODY = "        ![La halle vide](halle.png)\n        :photo: Zoé Lac\n        Un *matin*\n\n"
BOX = """\
        :::figure halle.png
        :alt: La halle vide
        :photo: Zoé Lac
        Un *matin*
        :::

"""
OLD = FigureWords("halle.png", "La halle vide", "Un *matin*", {"photo": "Zoé Lac"})
ISSUE = """\
subject: Un
preheader: Deux
blocks:
  - article:
      headline: Le marché
{figure}      body: |
{text}        Des étals.
  - masthead: auto
"""


def of(root: Path, figure: str = "", text: str = "") -> Document[Issue]:
    path = write_issue(
        write_newsroom(root), "vendredi", FRIDAY, ISSUE.replace("{figure}", figure).replace("{text}", text)
    )
    return load_issue(path, load_newsroom(root))


@pytest.mark.parametrize(
    ("figure", "text", "old", "new"),
    [
        (KEYS, "", "alt: La halle vide", "alt: La halle : pleine"),
        (LITERAL, "", "![La halle vide]", "![La halle : pleine]"),
        ("", BODY, "![La halle vide]", "![La halle : pleine]"),
        ("", BOX, ":alt: La halle vide", ":alt: La halle : pleine"),
    ],
)
def test_one_description_is_changed_and_every_other_byte_stays(
    figure: str, text: str, old: str, new: str, tmp_path: Path
) -> None:
    found = of(tmp_path, figure, text)
    [listed] = listed_figures(found.require())
    assert listed.words == OLD
    revision = with_figure_words(found, listed.at, listed.digest, replace(OLD, alt="La halle : pleine"))
    new = new.replace("alt: La halle : pleine", 'alt: "La halle : pleine"') if figure == KEYS else new
    assert revision.text == found.source.text.replace(old, new)
    for words in (replace(OLD, alt=DECORATION, caption="", credit={"none": "archives"}), replace(OLD, alt="[un]")):
        changed = with_figure_words(found, listed.at, listed.digest, words)
        again = load_issue(tmp_path / found.source.file, load_newsroom(tmp_path), content=changed.text.encode())
        assert [each.words for each in listed_figures(again.require())] == [words]
    with pytest.raises(Stale):
        with_figure_words(found, listed.at, "0" * 16, OLD)


def test_a_picture_in_a_way_of_its_own_is_left_to_the_editor_and_says_its_line(tmp_path: Path) -> None:
    found = of(tmp_path, "      figure: {{src: halle.png, alt: La halle vide, credit: {{photo: Zoé Lac}}}}\n")
    [listed] = listed_figures(found.require())
    with pytest.raises(Unwritable, match="line 6 of the file"):
        with_figure_words(found, listed.at, listed.digest, OLD)


def test_a_picture_goes_under_a_headline(tmp_path: Path) -> None:
    found = of(tmp_path)
    revision = with_article_figure(found, 0, list_digest(found), replace(OLD, dark="halle-nuit.png"))
    assert revision.new == (
        "\n      figure:\n        src: halle.png\n        dark: halle-nuit.png\n        alt: La halle vide\n"
        "        caption: Un *matin*\n        credit:\n          photo: Zoé Lac"
    )
    with pytest.raises(Stale):
        with_article_figure(found, 0, "0", OLD)
