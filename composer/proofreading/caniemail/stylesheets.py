"""Style sheets and style attributes → the CSS features that they use, as Can I email calls them.

Read token by token: a parser would drop unknown rules, the very ones that mail clients drop too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cssutils.tokenize2 import Tokenizer

from composer.proofreading.caniemail.css_names import AT_RULES, FAMILIES, FUNCTIONS, MEDIA, PROPERTIES, WORDS

#: A token: its kind, as cssutils names it, and its text.
Token = tuple[str, str]

#: Feature → the first place where it is used, such as ``gap:8px``.
Uses = dict[str, str]

_EXAMPLE = 60


@dataclass(frozen=True)
class AtRule:
    name: str
    prelude: tuple[Token, ...]


@dataclass(frozen=True)
class Selector:
    """``nested``: it stands in the block of another selector."""

    tokens: tuple[Token, ...]
    nested: bool


@dataclass(frozen=True)
class Declaration:
    property: str
    value: tuple[Token, ...]


@dataclass(frozen=True)
class Comment:
    text: str


@lru_cache(maxsize=2048)
def features(css: str) -> Uses:
    """The features used by a style sheet, or by declarations of a style attribute. Never raises, even if invalid."""
    uses: Uses = {}
    for piece in _pieces(css):
        match piece:
            case AtRule(name, prelude):
                found = _of_at_rule(name, prelude)
                example = f"{name} {_written(prelude)}"
            case Selector(tokens, nested):
                found = [*_of_selector(tokens), *(["css-nesting"] if nested else [])]
                example = _written(tokens)
            case Declaration(name, value):
                found = _of_declaration(name, value)
                example = f"{name}:{_written(value)}"
            case Comment(text):
                found, example = ["css-comments"], text
        for feature in found:
            uses.setdefault(feature, example.strip()[:_EXAMPLE])
    return uses


def _pieces(css: str) -> Iterator[AtRule | Selector | Declaration | Comment]:
    opened: list[type] = []
    gathered: list[Token] = []
    parentheses = 0
    for kind, value, _line, _column in Tokenizer().tokenize(css, fullsheet=True):
        if kind == "COMMENT":
            yield Comment(value)
            continue
        if kind != "EOF" and (parentheses or kind != "CHAR" or value not in "{};"):
            parentheses = max(0, parentheses + value.endswith("(") - (value == ")"))
            gathered.append((kind, value))
            continue
        start = [token for token in gathered if token[0] != "S"][:1]
        at_rule = bool(start) and start[0][1].startswith("@")
        if at_rule:
            yield AtRule(start[0][1].lower(), tuple(gathered[gathered.index(start[0]) + 1 :]))
        elif start and value == "{":
            yield Selector(tuple(gathered), Selector in opened)
        elif start:
            yield from _declaration(gathered)
        if value == "{":
            opened.append(AtRule if at_rule else Selector)
        elif value == "}" and opened:
            opened.pop()
        gathered = []


def _declaration(tokens: Sequence[Token]) -> Iterator[Declaration]:
    values = [value for _kind, value in tokens]
    if ":" in values:
        colon = values.index(":")
        yield Declaration("".join(values[:colon]).strip().lower(), tuple(tokens[colon + 1 :]))


def _written(tokens: Sequence[Token]) -> str:
    return "".join(" " if kind == "S" else value for kind, value in tokens).strip()


def _of_at_rule(name: str, prelude: Sequence[Token]) -> list[str]:
    found = [AT_RULES[name]] if name in AT_RULES else []
    if name == "@media":
        for _kind, value in prelude:
            found += [feature for word, feature in MEDIA.items() if value.lower().endswith(word)]
    return found


def _of_declaration(name: str, value: Sequence[Token]) -> list[str]:
    if name.startswith("--"):
        return ["css-variables"]
    found = [PROPERTIES.get(name, f"css-{name}")]
    found += [feature for prefix, feature in FAMILIES.items() if name.startswith(prefix)]
    for kind, written in value:
        word = written.lower()
        if kind == "DIMENSION":
            found.append("css-unit-" + word.lstrip("+-.0123456789"))
        elif kind == "PERCENTAGE":
            found.append("css-unit-percent")
        elif kind == "URI" and name.startswith("background"):
            found.append("css-background-image")
        elif kind == "URI" and name.startswith("list-style"):
            found.append("css-list-style-image")
        elif kind == "FUNCTION":
            found.append(FUNCTIONS.get(word.removeprefix("repeating-"), ""))
        elif word in ("flex", "inline-flex", "grid", "inline-grid", "none") and name == "display":
            found.append(f"css-display-{word.removeprefix('inline-')}")
        elif kind == "IDENT":
            found.append(WORDS.get(word, ""))
    return [feature for feature in found if feature]


def _of_selector(tokens: Sequence[Token]) -> list[str]:
    """The features of a selector. ``compound`` counts the simple selectors since the last white space or combinator."""
    found: list[str] = []
    compound, colons, brackets, spaced, function = 0, 0, 0, False, 0
    for kind, value in tokens:
        if brackets or value == "[":
            brackets += (value == "[") - (value == "]")
            if value == "[":
                found.append("css-selector-attribute")
                compound, spaced = _simple(found, compound, spaced)
        elif kind == "S":
            spaced, compound = compound > 0, 0
        elif value in (">", "+", "~", ","):
            combinators = {">": "child", "+": "adjacent-sibling", "~": "general-sibling", ",": "grouping"}
            if value != "," or not function:
                found.append(f"css-selector-{combinators[value]}")
            compound, spaced = 0, False
        elif value == ":":
            colons += 1
        elif colons:
            found.append(_pseudo(value, colons))
            function += value.endswith("(")
            compound, colons = 0 if value.endswith("(") else compound, 0
        elif value == ")":
            compound, function = 1, function - 1
        elif value == "*" or kind in ("IDENT", "HASH", "CLASS"):
            dotted = found and found[-1] == "."
            if dotted:
                found.pop()
            form = "class" if dotted else {"*": "universal"}.get(value, "id" if kind == "HASH" else "type")
            found.append(f"css-selector-{form}")
            compound, spaced = _simple(found, compound, spaced)
        elif value == ".":
            found.append(".")
    return [feature for feature in found if feature != "."]


def _simple(found: list[str], compound: int, spaced: bool) -> tuple[int, bool]:
    if spaced:
        found.append("css-selector-descendant")
    elif compound == 1:
        found.append("css-selector-chaining")
    return compound + 1, False


def _pseudo(value: str, colons: int) -> str:
    name = value.lower().rstrip("(")
    element = colons == 2 or name in ("before", "after", "first-letter", "first-line")
    return f"css-pseudo-{'element' if element else 'class'}-{name}"
