"""Every text that goes through gettext has its French; every French text keeps the placeholders of the English one."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

import composer
from composer import locale
from composer.locale.catalogue import read_catalogues
from composer.source.vocabulary import words

PACKAGE = Path(composer.__file__).parent
#: Functions that take a message, and how many of their arguments are one.
SAYING = {"_": 1, "gettext": 1, "translate": 1, ".say": 1, "ngettext": 2}


def trees(*rooms: str) -> Iterator[ast.AST]:
    """The parsed source of ``rooms``, or of the whole package."""
    for room in rooms or (".",):
        for path in sorted((PACKAGE / room).rglob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"))


def strings(node: ast.AST) -> set[str]:
    """Every string literal in ``node``: both arms of a condition, adjacent ones as one."""
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def used() -> set[str]:
    """Every message identifier in the package: in calls, and in the descriptions that the schemas translate."""
    found: set[str] = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = f".{node.func.attr}" if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                for argument in node.args[: SAYING.get(name, 0)]:
                    values = (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,)
                    for value in values:
                        if isinstance(value, ast.Constant):
                            found |= strings(value)
    for tree in trees("issue", "newsroom"):
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "description":
                found |= strings(node.value)
            if isinstance(node, ast.Assign) and {getattr(each, "id", "") for each in node.targets} == {"described"}:
                found |= strings(node.value)
    for tree in trees("cli"):
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "help":
                found |= strings(node.value)
            if isinstance(node, ast.FunctionDef) and any(map(_declares_a_command, node.decorator_list)):
                found.add(ast.get_docstring(node) or "")
    return found - {""}


def of_templates() -> set[str]:
    """Every message that a template says, with ``t`` in a letter and ``_`` in a page."""
    found: set[str] = set()
    for path in (PACKAGE.parent / "templates").rglob("*.j2"):
        found |= set(re.findall(r'\b[t_]\("([^"]*)"', path.read_text(encoding="utf-8")))
    return found


def told(what: str, messages: Iterable[str]) -> str:
    """The text of a failure that names every message: pytest shows the first one only."""
    return "\n".join([what, *(f"  msgid {json.dumps(message, ensure_ascii=False)}" for message in messages)])


def _declares_a_command(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(function, ast.Attribute) and function.attr in ("command", "group")


def french() -> dict[str, tuple[str, str]]:
    """Message identifier → (French, catalogue); of a message with a plural, both identifiers."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted((PACKAGE / "locale" / "fr").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="fr", abort_invalid=True):
                ids = (message.id,) if isinstance(message.id, str) else message.id
                texts = (message.string or "",) if isinstance(message.string, str | None) else message.string
                for one, text in zip(ids, texts, strict=True):
                    if one:
                        assert found.get(one, (text,))[0] == text, f"{one!r}: {found[one][1]} and {path.name}"
                        found[one] = (text, path.name)
    return found


def test_the_catalogues_are_read_as_babel_reads_them() -> None:
    """Escapes, strings over several lines, plurals; a message marked fuzzy or without a text is none for either."""
    theirs: dict[str, tuple[str, ...]] = {}
    for path in sorted((PACKAGE / "locale" / "fr").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="fr", abort_invalid=True):
                texts = (message.string,) if isinstance(message.string, str) else message.string or ()
                if message.id and all(texts) and not message.fuzzy:
                    theirs[message.id if isinstance(message.id, str) else message.id[0]] = tuple(texts)
    assert read_catalogues("fr") == theirs


def test_french_counts_nought_as_one() -> None:
    locale.use("fr")
    said = [locale.ngettext("{count} error", "{count} errors", count) for count in (0, 1, 2)]
    locale.use("en")
    assert said == ["{count} erreur", "{count} erreur", "{count} erreurs"]
    assert locale.ngettext("{count} error", "{count} errors", 0) == "{count} errors"


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)[^}]*\}", text))


def test_every_message_has_its_french() -> None:
    catalogue = french()
    missing = sorted(message for message in used() | of_templates() if not catalogue.get(message, ("", ""))[0])
    assert missing == [], told("no French for these: a msgid and a msgstr in composer/locale/fr/<room>.po", missing)


def test_french_keeps_the_placeholders() -> None:
    wrong = {
        message: text for message, (text, _file) in french().items() if placeholders(text) != placeholders(message)
    }
    assert wrong == {}, told("other placeholders in the French of these", wrong)


def test_french_punctuation_has_its_no_break_spaces() -> None:
    """A command or an address in the text keeps its own spaces: they are between backquotes or at a line's end."""
    wrong = re.compile(r"\w (?=[;?!»])|« |\w : ")
    found = {text: name for text, name in french().values() if wrong.search(re.sub(r"`[^`]*`", "", text))}
    assert found == {}, "U+00A0 is missing before : ; ! ? or inside « » of:\n" + "\n".join(found)


@pytest.mark.slow
def test_what_counts_has_its_plural() -> None:
    """`{n}` and `{count}` are numbers of things: "1 messages" is no language's."""
    ever_great = {  # never 0 nor 1
        "{n} a minute",
        "{count} characters: most lists of messages cut a subject after {shown}",
        "the letter has {count} <h1>: one is expected, its title",
    }
    counting = {message for message in used() if re.search(r"\{(n|count)\} \w", message)} - ever_great
    counting -= {message for message in counting if "readers in a row" in message}  # twenty at least
    in_two_forms: set[str] = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ngettext":
                in_two_forms |= strings(node.args[0]) | strings(node.args[1])
    missing = sorted(counting - in_two_forms)
    assert missing == [], told("say these with ngettext, in two forms", missing)


@pytest.mark.slow
def test_no_french_is_left_over() -> None:
    words = set().union(*map(strings, trees()), *map(strings, trees(str(Path(click.__file__).parent))), used())
    templates = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE.parent / "templates").rglob("*.j2"))
    left = sorted(message for message in french() if message not in words and message not in templates)
    assert left == [], told("nothing says these any more: take them out of composer/locale/fr", left)


def test_the_french_names_keys_in_french() -> None:
    """Between backquotes, but for commands, and with an underscore stand keys of files, which have French names."""
    english = words()["en"]
    keys = re.compile(r"(?<![{\w./])[a-z]+(?:_[a-z]+)+(?![\w}])")
    wrong = {
        f"{word}: {text[:60]}"
        for texts in read_catalogues("fr").values()
        for text in texts
        for word in (
            *keys.findall(text),
            *re.findall(r"[a-z_]+", " ".join(re.findall(r"`(?!filigrane )([a-z_: ]+)`", text))),
        )
        if word in english
    }
    assert wrong == set()
