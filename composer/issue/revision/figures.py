"""The pictures of an issue's file: list them, add one, say another thing of one; every other byte stays.

A figure is named by its place as text: ``blocks/1/figure``, ``blocks/2``, ``cover``; in a text by its line, as of
``TypedPlace``: ``blocks/1/body#4``. Each function reads the file again before it returns, and raises ``Unwritable``
where anything else would have changed. ``Stale`` means that it is not what was shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from composer.issue.blocks.figure import Credit, Figure
from composer.issue.marked import Beside, marked
from composer.issue.model import Issue
from composer.issue.revision.element_lines import NewBox
from composer.issue.revision.model import Stale, Unwritable, digest_of
from composer.locale import Language
from composer.locale import gettext as _
from composer.source.document import Document, Loc
from composer.source.quoting import spelled
from composer.source.vocabulary import block_name, key_name, value_name

#: The description of a picture that is decoration.
DECORATION = "none"


@dataclass(frozen=True)
class FigureWords:
    """What is said of a picture. ``src`` and ``dark`` are names of files; ``caption`` is Markdown; ``credit`` has the
    English keys of ``Credit``. An empty value is one that is not given."""

    src: str
    alt: str = ""
    caption: str = ""
    credit: Mapping[str, str] = field(default_factory=dict)
    dark: str = ""

    def options(self) -> dict[str, str]:
        """What is given of ``alt``, ``dark`` and the credit, by English key."""
        return {key: each for key, each in {"dark": self.dark, "alt": self.alt, **self.credit}.items() if each}


@dataclass(frozen=True)
class ListedFigure:
    at: str
    loc: Loc
    line: int | None
    figure: Figure

    @property
    def words(self) -> FigureWords:
        """What its lines say. ``dark`` is whole, also where the file has only what it adds to the picture's name."""
        given = self.figure
        credit = given.credit.model_dump(exclude_none=True) if given.credit is not None else {}
        caption = given.caption.source if given.caption is not None else ""
        return FigureWords(given.src, given.alt or "", caption, credit, given.dark or "")

    @property
    def digest(self) -> str:
        return digest_of(repr(self.words))

    @property
    def name(self) -> str:
        """The name of its file, without folders."""
        return PurePath(self.figure.src).name


def listed_figures(issue: Issue) -> tuple[ListedFigure, ...]:
    """The figures of ``issue``, in the order of its grammar; none of an advertisement."""
    return tuple(_listed(issue))


def _listed(issue: Issue) -> Iterator[ListedFigure]:
    seen: set[str] = set()
    for each in marked(issue.front, Beside):
        figure = each.owner
        if not isinstance(figure, Figure) or each.value != figure.src:
            continue
        loc = each.loc[:-1] if each.body is None else each.loc
        at = "/".join(map(str, loc)) + (f"#{each.line}" if each.line is not None else "")
        if at not in seen:
            seen.add(at)
            yield ListedFigure(at, loc, each.line, figure)


def known_figure(document: Document[Issue], at: str, digest: str) -> ListedFigure:
    """The figure at ``at``, where it still has ``digest``. Raises ``Stale``; ``Unwritable`` where the file has a
    mistake."""
    if document.value is None:
        raise Unwritable(_("this file has a mistake, which must be mended before the picture can be changed"))
    found = next((each for each in listed_figures(document.value) if each.at == at), None)
    if found is None:
        raise Stale("")
    if found.digest != digest:
        raise Stale(found.words.alt or found.words.src)
    return found


def box_of(words: FigureWords) -> NewBox:
    """The box of a new picture in a text."""
    lines = (words.caption,) if words.caption else ()
    return NewBox("figure", words.src, words.options(), lines)


def figure_lines(words: FigureWords, language: Language) -> list[str]:
    """The keys of a figure, each on its lines."""
    lines = [f"{named('src', language)}: {spelled(words.src)}"]
    if words.dark:
        lines.append(f"{named('dark', language)}: {spelled(words.dark)}")
    if words.alt:
        lines.append(f"{named('alt', language)}: {alt_spelled(words.alt, language)}")
    if words.caption:
        lines.append(f"{named('caption', language)}: {spelled(words.caption)}")
    return [*lines, *credit_lines(words.credit, language)]


def figure_block(words: FigureWords, language: Language) -> list[str]:
    """The lines of a block that is a picture, its dash first."""
    return [f"- {block_name('figure', language)}:", *(f"    {line}" for line in figure_lines(words, language))]


def credit_lines(credit: Mapping[str, str], language: Language) -> list[str]:
    """The key of a credit and those in it; none for an empty one."""
    below = [f"  {key_name(key, language, Credit.__name__)}: {spelled(each)}" for key, each in credit.items() if each]
    return [f"{named('credit', language)}:", *below] if below else []


def alt_spelled(alt: str, language: Language) -> str:
    """A description as the value of its key."""
    return value_name(alt, language) if alt == DECORATION else spelled(alt)


def named(key: str, language: Language) -> str:
    """The name of a figure's key."""
    return key_name(key, language, Figure.__name__)


def require_said(found: Figure | None, wanted: FigureWords) -> None:
    """Raise ``Unwritable`` where ``found``, read again, does not say what is ``wanted``."""
    if found is None or ListedFigure("", (), None, found).words != wanted:
        raise Unwritable(_("this would not be read again as it was meant: write it in the file"))


def spaced_out(lines: Sequence[str], indent: int) -> list[str]:
    """``lines`` behind ``indent`` columns."""
    return [" " * indent + line for line in lines]
