"""Signs that Markdown reads as its marks and does not print, of a product or a name; and words that its marks part.

``a*b*c`` loses its asterisks, ``@_anne_`` its underscores; in ``lit**Le Monde**`` no space is left between the words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from composer.issue.hint import Hint
from composer.issue.inline_markdown import MarkdownRemark
from composer.issue.source_map import Piece, pieces
from composer.locale import gettext as _
from composer.source.finding import Severity
from composer.source.late_pattern import late

_PRODUCT = late(r"(?<=\d)\*(?=\d)|(?<=\b[^\W\d_])\*(?=[^\W\d_]\b)")
_HANDLE = late(r"(?<=[@#>^])_")
#: A sentence without any of these eats no sign, and glues no words.
HINT = Hint(
    form=late(r"(?<=\w)\*(?=\w)|[@#>^]_|[^\W\d_][*\[]{1,3}[^\W\d_]|[*)>][^\W\d_]{2}"),
    first=late(r"[*@#>^)\[](?:(?<=\w\*)\w|(?<=[@#>^])_|(?<=[^\W\d_][*\[])[*\[]{0,2}[^\W\d_]|(?<=[*)>])[^\W\d_]{2})"),
)
_LETTERS = late(r"[^\W\d_]{1,40}")
_ENDING = late(
    r"(?:e?s|x|ne?s?|m|ien(?:ne)?s?|is[mt]es?|isations?|esques?|ois|ais|eurs?|ing|ed|er|ers|like|ish|ment)(?![^\W\d_])"
)


def eaten(content: str, not_text: str, printed: str) -> Iterator[MarkdownRemark]:
    """The remarks on ``content``, one paragraph; ``printed`` is its mask, ``not_text`` where nothing is printed."""
    if not HINT.found_in(content):
        return
    held = [piece for piece in pieces(content) if piece.text]
    coded = [(piece.start, piece.start + len(piece.text) + 6) for piece in held if piece.kind == "code"]
    for form, sign in ((_PRODUCT, "*"), (_HANDLE, "_")):
        for match in form.finditer(content):
            at = match.start()
            if printed[at] == not_text and content[at - 1] != "\\" and not any(a <= at < b for a, b in coded):
                message = _("this {sign} reads as a mark, and would not be printed: a \\ before it keeps it")
                yield MarkdownRemark(
                    "stray-asterisks" if sign == "*" else "raw-marks",
                    message.format(sign=sign),
                    at,
                    Severity.WARNING,
                    sign,
                    f"\\{sign}",
                )
    yield from _glued(content, held)


def _glued(content: str, held: Sequence[Piece]) -> Iterator[MarkdownRemark]:
    """A link or an emphasis of several words that touches the word beside it."""
    for index in range(1, len(held)):
        before, after = held[index - 1], held[index]
        if before.depth == after.depth or not before.text[-1:].isalpha() or not after.text[:1].isalpha():
            continue
        opens = after.depth > before.depth
        inside = held[index:] if opens else held[:index][::-1]
        depth = after.depth if opens else before.depth
        texts: list[str] = []
        for piece in inside:
            if piece.depth < depth:
                break
            texts.append(piece.text)
        words = "".join(texts if opens else texts[::-1])
        if opens:
            at = before.start + len(before.text)
            word = before.text[-3:]
            named = words[:1].isupper() and words[1:3].islower() and len(word) == 3 and word.isalpha()
            apart = named or (" " in words and word[-2:].isalpha() and len(word) > 1)
        else:
            at = after.start
            beside = _LETTERS.match(after.text)
            apart = beside is not None and len(beside[0]) > 1 and " " in words and not _ENDING.match(after.text)
        if apart and before.kind != "code" and after.kind != "code":
            message = _("“{words}” touches the word beside it: a space is missing").format(words=words[:60])
            sign = content[at : at + 1]
            yield MarkdownRemark("glued-words", message, at, Severity.WARNING, sign, f" {sign}")
