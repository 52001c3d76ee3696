"""The pictures of an issue from the studio: read where one may go, put one in, say another thing of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from composer.issue.blocks.figure import Credit, Described, Figure, described
from composer.issue.files import key_of
from composer.issue.inline import Text
from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.issue.revision.element_wire import clean_words
from composer.issue.revision.figure_edits import with_figure_words
from composer.issue.revision.figures import DECORATION, FigureWords, ListedFigure, known_figure, listed_figures
from composer.issue.revision.model import Revision, Unwritable
from composer.issue.revision.sentence_markdown import markdown_of
from composer.locale import gettext as _
from composer.source.document import Document
from composer.studio.act import Writing, hour_of
from composer.studio.choices import block_titles
from composer.studio.made_of import remade
from composer.studio.pictures.arriving import ArrivedPicture
from composer.studio.pictures.places import picture_places, place_below, placing
from composer.studio.pictures.waiting import WAITING
from composer.studio.saving.actor import Actor
from composer.studio.saving.pictures_beside import KeptPicture, keep_beside, let_go, named_in, picture_name

#: By how much the shapes of a picture and of its version for the dark may differ, as ``check`` says.
_ALIKE = 0.04


class NotWaiting(Unwritable):
    """The picture waits no more: the page is to send it again."""


def read_pictures(writing: Writing) -> Mapping[str, Any]:
    """``places`` where a picture may be put, in groups; and the ``pictures`` that the issue has: of each ``at``, ``d``,
    the digest of what is said of it, its file ``src`` and ``dark``, ``alt``, ``caption`` in plain words and whether it
    is ``marked``, and ``credit``.

    Raises ``Unwritable``.
    """
    document = load_issue(writing.path, writing.newsroom)
    places = [
        {"group": each.group, "places": [{"at": one.key, "words": one.words, "d": one.digest} for one in each.within]}
        for each in picture_places(document, block_titles())
    ]
    issue = document.value
    pictures = [
        {"at": each.at, "d": each.digest, **vars(_whole(issue, each)), **_caption(each.figure)}
        for each in (listed_figures(issue) if issue is not None else ())
    ]
    return {"places": places, "pictures": pictures}


def _whole(issue: Issue | None, listed: ListedFigure) -> FigureWords:
    """What the letter says of a picture, which is described and credited once, wherever that is."""
    told = described(issue.front if issue is not None else ()).get(listed.figure.src, Described())
    words = listed.words
    credit = told.credit.model_dump(exclude_none=True) if told.credit is not None else {}
    return replace(words, alt=words.alt or told.alt or "", credit=words.credit or credit)


def _caption(figure: Figure) -> Mapping[str, Any]:
    """The caption without its marks, and whether it has any."""
    if figure.caption is None:
        return {"marked": False}
    return {"caption": figure.caption.plain, "marked": any(not isinstance(each, Text) for each in figure.caption.spans)}


def change_picture(writing: Writing, actor: Actor, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put a picture that waits into the issue, at ``at``, or change what is said of the one there, its file as well.

    The answer: ``saved``, the hour; ``undo``, what ``history`` takes back; ``file``, the picture's, and ``kept``,
    whether it was there before; ``next``, the place below it.
    """
    match said:
        case {"act": "add", "at": str(at), "d": str(digest), "picture": str(picture), "words": dict(given)}:
            place = placing(at, digest)
            words, arrived = _words(given), _waiting(picture)
            answer = _made(writing, actor, words, (arrived, _dark(said)), lambda found, told: place(found, told))
            return {**answer, "next": place_below(load_issue(writing.path, writing.newsroom), at)}
        case {"act": "change", "at": str(at), "d": str(digest), "words": dict(given)}:
            return _changed(writing, actor, said, (at, digest), _words(given))
        case _:
            raise Unwritable(_("a picture is added, or what is said of one is changed"))


def _changed(
    writing: Writing, actor: Actor, said: Mapping[str, Any], where: tuple[str, str], words: FigureWords
) -> Mapping[str, Any]:
    at, digest = where
    document = load_issue(writing.path, writing.newsroom)
    listed = known_figure(document, at, digest)
    old, whole = listed.words, _whole(document.value, listed)
    given = said.get("picture")
    arrived = _waiting(given) if isinstance(given, str) and given else None
    keeps_dark = said.get("keep_dark") is True and arrived is None
    wanted = replace(words, src=old.src, dark=old.dark if keeps_dark else "")
    if said.get("same_caption") is True:  # not rewritten: its own Markdown stays
        wanted = replace(wanted, caption=old.caption)
    if arrived is None:  # said elsewhere in the issue, and not said otherwise here
        wanted = replace(
            wanted,
            alt=old.alt if wanted.alt == whole.alt else wanted.alt,
            credit=old.credit if wanted.credit == whole.credit else wanted.credit,
        )
    return _made(
        writing,
        actor,
        wanted,
        (arrived, _dark(said)),
        lambda found, told: with_figure_words(found, at, digest, told),
    )


def _made(
    writing: Writing,
    actor: Actor,
    words: FigureWords,
    pictures: tuple[ArrivedPicture | None, ArrivedPicture | None],
    change: Callable[[Document[Issue], FigureWords], Revision],
) -> Mapping[str, Any]:
    """Keep the files, then change the issue. Files that were kept for a change that is refused are taken away."""
    picture, dark = pictures
    if picture is not None and dark is not None:
        _require_alike(picture, dark)
    root, path = writing.newsroom.root, writing.path
    kept: list[KeptPicture] = []
    try:
        if picture is not None:
            kept.append(_kept(writing, picture, words))
            words = replace(words, src=kept[-1].name)
        if dark is not None:
            kept.append(_kept(writing, dark, words, for_the_dark=True))
            words = replace(words, dark=kept[-1].name)
        saved = remade(writing, actor, lambda document: change(document, words))
    except BaseException:  # reason: whatever ends it, no picture stays beside an issue that does not print it
        for each in kept:
            let_go(root, path, each)
        raise
    answer = {"saved": hour_of(saved, writing.newsroom), "undo": saved.span, "file": words.src}
    return answer | {"kept": bool(picture is not None and kept and not kept[0].is_new)}


def _kept(writing: Writing, picture: ArrivedPicture, words: FigureWords, *, for_the_dark: bool = False) -> KeptPicture:
    said = "" if words.alt == DECORATION else words.alt
    day = key_of(writing.path, writing.newsroom).date
    stem = picture_name(day, said or words.caption, picture.digest)
    if for_the_dark:
        head, _dash, digest = stem.rpartition("-")
        stem = f"{head}-{_('night')}-{digest}"
    return keep_beside(writing.newsroom.root, writing.path, stem, picture.content, picture.extension)


def _require_alike(picture: ArrivedPicture, dark: ArrivedPicture) -> None:
    (width, height), (other, higher) = picture.pixels, dark.pixels
    if abs(width * higher / (height * other) - 1) > _ALIKE:
        message = _("the version for the dark is {dark} pixels, and the picture {size}: give both one shape")
        raise Unwritable(message.format(dark=f"{other} × {higher}", size=f"{width} × {height}"))


def _dark(said: Mapping[str, Any]) -> ArrivedPicture | None:
    given = said.get("dark")
    return _waiting(given) if isinstance(given, str) and given else None


def _waiting(digest: str) -> ArrivedPicture:
    found = WAITING.of(digest)
    if found is None:
        raise NotWaiting(_("the picture waits no more: send it again"))
    return found


def _words(given: Mapping[Any, Any]) -> FigureWords:
    """What is said of a picture, its file apart. Raises ``Unwritable`` where a description or a credit is missing."""
    credit = given.get("credit")
    if not isinstance(credit, dict) or not set(credit) <= set(Credit.model_fields):
        raise Unwritable(_("a credit names a photo, a source, an ai, a by or a credit, or says why there is none"))
    alt = clean_words(given.get("alt", "")).strip()
    if not alt and given.get("decoration") is not True:
        raise Unwritable(
            _("say what the picture shows, for those who cannot see it; or that it is decoration, and says nothing")
        )
    named = {key: words for key in Credit.model_fields if (words := clean_words(credit.get(key, "")).strip())}
    if not named:
        raise Unwritable(_("say who made the picture, or why nobody is named"))
    caption = " ".join(clean_words(given.get("caption", "")).split())
    written = markdown_of((Text(caption),)) if caption else ""
    return FigureWords("", DECORATION if given.get("decoration") is True else alt, written, named)


def picture_stays(writing: Writing, id: str, text: str) -> str:
    """Says which pictures stay beside the issue, now that the change ``id`` is taken back; empty for none.

    They may be printed elsewhere, and the change be made again.
    """
    span = next((each for each in writing.keeper.spans(writing.path) if each.id == id), None)
    gone = [each for each in named_in(span.after) if each not in text] if span is not None else []
    if not gone:
        return ""
    message = _("{file} stays beside the issue: put in again, it is not copied; what you do not need, delete there")
    return message.format(file=", ".join(gone))
