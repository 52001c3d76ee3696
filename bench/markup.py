"""What an editor types beyond what is printed: the markup of issues, in characters.

    make bench-markup
    python -m bench.markup ISSUE...

Of each issue: the characters of its file, comments aside, less those of its texts (descriptions of pictures are read
aloud, and count as text) and of its addresses; and the lines that YAML wants between quotes. Without arguments, the
issues of the example newsroom, and one letter in both ways of writing it (``tests/issue/letters``).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from composer.issue.body import Body
from composer.issue.marked import marked
from composer.issue.model import Front
from composer.issue.text_iter import texts
from composer.issue.typography.edit_buffer import FIXED
from composer.issue.typography.sentences import Sentence, body_of, inline_of, words_of
from composer.newsroom.values import Typeset
from composer.source import tree
from composer.source.load import read

ROOT = Path(__file__).parents[1]
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s()\"'<>]+")
_COMMENT = re.compile(r"^ *#(?: .*)?\n", re.MULTILINE)


@dataclass(frozen=True)
class Markup:
    """Counts of characters; ``quoted`` counts lines."""

    whole: int
    printed: int
    addresses: int
    quoted: int

    @property
    def markup(self) -> int:
        return self.whole - self.printed - self.addresses


def markup(path: Path) -> Markup:
    """The markup of the issue at ``path``. Raises ``Mistakes`` where it cannot be read."""
    front = read(path.read_text(encoding="utf-8"), Front, file=path.name).require()
    text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    printed = sum(
        sum(len(leaf.text) for leaf in sentence.leaves if leaf.text != FIXED) for sentence in _sentences(front)
    )
    lines = {each.span.line for each in _scalars(tree.parse(text)) if each.style in ("'", '"')}
    return Markup(len(text), printed, sum(map(len, _ADDRESS.findall(text))), len(lines))


def _sentences(front: Front) -> Iterator[Sentence]:
    for _loc, text in texts(front):
        yield from body_of(text.source) if isinstance(text, Body) else (inline_of(text.source),)
    for prose in marked(front, Typeset):
        if prose.body is None:  # what is in a box is in its body's source
            yield words_of(prose.value)


def _scalars(node: tree.Node | None) -> Iterator[tree.Scalar]:
    match node:
        case tree.Scalar():
            yield node
        case tree.Sequence(items=items):
            for item in items:
                yield from _scalars(item)
        case tree.Mapping(entries=entries):
            for key, value in entries:
                yield key
                yield from _scalars(value)


def main(paths: list[Path]) -> None:
    print(f"{'issue':40} {'characters':>10} {'printed':>8} {'addresses':>9} {'markup':>7} {'quoted lines':>12}")
    for path in paths:
        count = markup(path)
        name = "/".join(path.parts[-2:])
        print(f"{name:40} {count.whole:10} {count.printed:8} {count.addresses:9} {count.markup:7} {count.quoted:12}")


if __name__ == "__main__":
    given = [Path(each) for each in sys.argv[1:]]
    main(given or [*sorted(ROOT.glob("issues/*/*.yaml")), *sorted(ROOT.glob("tests/issue/letters/*.yaml"))])
