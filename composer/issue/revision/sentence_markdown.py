"""A sentence written in the grammar, with no more escapes than it needs.

It is written without any first; whether it says the same is seen by reading it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from composer.issue.blocks import body
from composer.issue.body import Paragraph
from composer.issue.inline import Break, Code, Emphasis, Link, Spans, Strong, Text
from composer.issue.markdown import inline
from composer.issue.revision.letters import MarkedLetter, lettered, nested, tightened
from composer.issue.revision.model import Unwritable
from composer.locale import gettext as _
from composer.source.finding import Problem, Severity

#: Signs that Markdown may read as something else; those that rarely need an escape first.
_SIGNS = ")]!@:.|=~+-><#_*`\\["

#: Most escapes that are tried one by one; of more, those of one sign together.
_ONE_BY_ONE = 16

#: Reads a text back; None for one that is no single sentence there.
SentenceReader = Callable[[str], Spans | None]


def in_paragraph(text: str) -> Spans | None:
    """The sentence of ``text`` as the only paragraph of a body."""
    found = body(text)
    match found.elements:
        case (Paragraph(spans),) if not _is_wrong(found.problems):
            return spans
    return None


def in_field(text: str) -> Spans | None:
    """The sentence of ``text`` as a field of one sentence: a headline, a caption."""
    found = inline(text)
    return None if _is_wrong(found.problems) else found.spans


def _is_wrong(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def markdown_of(spans: Spans, read: SentenceReader = in_paragraph) -> str:
    r"""``spans`` as one sentence of Markdown that ``read`` reads so; a break is ``\`` and a line end.

    Spaces at its ends and at those of its marks are left out or stand outside of the marks, as Markdown cannot hold
    them. Raises ``Unwritable`` where the grammar cannot say it, or where it has no words.
    """
    letters = tightened(lettered(spans))
    if not letters:
        raise Unwritable(_("nothing would be left of this sentence: take its paragraph out, or its line in the file"))

    def holds(text: str) -> bool:
        found = read(text)
        return found is not None and tightened(lettered(found)) == letters

    written = fitted(letters, holds)
    if written is None:
        raise Unwritable(why_not(letters))
    return written


def fitted(letters: Sequence[MarkedLetter], holds: Callable[[str], bool]) -> str | None:
    """``letters`` in Markdown, with the fewest escapes for which it ``holds``; None where it holds with none."""
    tree = nested(letters)
    signs = {index: letter.text for index, letter in enumerate(letters) if letter.kind == "text"}
    for written in (partial(_written, tree, "*"), partial(_written, tree, "_")):
        escapes = least_escapes(signs, lambda each: holds(written(each)))  # noqa: B023 # reason: called at once
        if escapes is not None:
            return written(escapes)
    return None


def least_escapes(signs: Mapping[int, str], holds: Callable[[frozenset[int]], bool]) -> frozenset[int] | None:
    r"""Which of ``signs``, letters by their numbers, need a ``\`` before them for it to hold; None where none help."""
    none: frozenset[int] = frozenset()
    if holds(none):
        return none
    needed = frozenset(index for index, letter in signs.items() if letter in _SIGNS)
    if not needed or not holds(needed):
        return None
    for each in _SIGNS:
        fewer = frozenset(index for index in needed if signs[index] != each)
        needed = fewer if fewer < needed and holds(fewer) else needed
    for index in sorted(needed, reverse=True) if len(needed) <= _ONE_BY_ONE else ():
        needed = needed - {index} if holds(needed - {index}) else needed
    return needed


def _written(tree: Spans, sign: str, escapes: frozenset[int]) -> str:
    return "".join(_each(tree, escapes, sign, [0]))


def _each(tree: Spans, escapes: frozenset[int], sign: str, at: list[int]) -> Iterator[str]:
    """The text of ``tree``; its letters are counted from ``at[0]``, which is left at the next one's number."""
    for span in tree:
        match span:
            case Text(text):
                for index, letter in enumerate(text, at[0]):
                    yield f"\\{letter}" if index in escapes else letter
                at[0] += len(text)
            case Break():
                at[0] += 1
                yield "\\\n"
            case Code(text):
                at[0] += 1
                yield code_markdown(text)
            case Strong(children):
                yield from ("**", *_each(children, escapes, sign, at), "**")
            case Emphasis(children):
                yield from (sign, *_each(children, escapes, sign, at), sign)
            case Link(url, (Text(words),)) if _is_bare(url, words):
                at[0] += len(words)
                yield f"<{words}>"
            case Link(url, children):
                yield from ("[", *_each(children, escapes, sign, at), "](", _destination(url), ")")


def _is_bare(url: str, words: str) -> bool:
    return (url in (words, f"mailto:{words}")) and words[:1] != "#" and not re.search(r"[\s<>]", words)


def _destination(url: str) -> str:
    """``url`` between the parentheses of a link; between angle brackets where its own would end it."""
    depth = 0
    for letter in url:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
    return url if depth == 0 else f"<{url}>"


def code_markdown(text: str) -> str:
    """``text`` between backquotes, more of them than it holds in a row."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    padded = text[:1] in ("`", " ") or text[-1:] in ("`", " ")
    return f"{fence} {text} {fence}" if padded and text.strip() else f"{fence}{text}{fence}"


def why_not(letters: Sequence[MarkedLetter]) -> str:
    """Why no escape helps: where a mark of bold or italics touches a letter, most often."""
    for index in range(1, len(letters)):
        before, after = letters[index - 1], letters[index]
        edge = {mark.kind for mark in before.marks ^ after.marks} - {"link"}
        signs = [not letter.text[-1:].isalnum() and not letter.is_blank for letter in (before, after)]
        if edge and any(signs) and not (before.is_blank or after.is_blank):
            message = _(
                "bold and italics cannot begin or end between “{before}” and “{after}”: a space is missing there, "
                "or the sign belongs on the other side"
            )
            return message.format(before=before.text[-1:], after=after.text[:1])
    if all(letter.kind == "text" and not letter.marks for letter in letters):
        return _("these words would not be read as they are here: write them in the file")
    return _("these marks cannot stand one against the other or one in the other: take one of them out")
