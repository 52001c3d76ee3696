"""Apply house typography to an issue's file: list the differences, and give the rewritten text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from composer.errors import Refused
from composer.issue.blocks import body
from composer.issue.body import Body
from composer.issue.inline import Inline
from composer.issue.markdown import inline
from composer.issue.model import Issue
from composer.issue.typography.apply_edition import set_value
from composer.issue.typography.rules import set_text
from composer.issue.typography.ruleset import Ruleset, ruleset
from composer.issue.typography.sentences import Sentence, sentences_of, typeset_texts
from composer.issue.typography.spans import letters_of, set_leaves, set_spans
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.document import Loc, Source
from composer.source.editing import Edit, WrittenText, edited, rewritten, same_but, written_texts
from composer.source.finding import Place

_GAP = re.compile(r"[ \t\r\n]")


@dataclass(frozen=True)
class Difference:
    """Words as typed and with house typography applied, at their place in the file."""

    place: Place
    before: str
    after: str


@dataclass(frozen=True)
class Rewriting:
    """``text`` is the whole file rewritten; ``differences`` is empty where nothing changes."""

    text: str
    differences: tuple[Difference, ...]


def rewriting(issue: Issue, newsroom: Newsroom) -> Rewriting:
    """Apply the typography of its publication to the file of ``issue``.

    Raises ``Refused`` where that would change how YAML reads anything else.
    """
    publication = newsroom.publications[issue.key.publication]
    language = issue.key.language or publication.language
    rules = ruleset(publication, language, tuple(newsroom.lexicon.names))
    source = issue.source
    found: list[tuple[Loc, list[Edit], str]] = []
    standings = written_texts(source)
    for each in typeset_texts(issue.front) if rules.profile else ():
        held = standings.get(each.loc)
        if held is not None:
            changes = _changes(held.text, each.kind, rules.for_headers if each.header else rules)
            edits, text = _placed(held, changes)
            if edits:
                found.append((each.loc, edits, text))
    if not _reads(source, found, standings):
        found = [one for one in found if _reads(source, [one], standings)]
    if not _reads(source, found, standings):
        message = _("{file} cannot be rewritten without changing more than its typography; nothing was written")
        raise Refused(message.format(file=source.file))
    edits = [edit for _loc, own, _text in found for edit in own]
    return Rewriting(edited(source.text, edits), tuple(_differences(source, edits)))


def _reads(source: Source, found: Sequence[tuple[Loc, list[Edit], str]], standings: Mapping[Loc, WrittenText]) -> bool:
    """True if YAML reads the edited file like the original, except for the intended texts."""
    texts = {standings[loc].begins: text for loc, _edits, text in found if standings[loc].whole is None}
    parts: dict[tuple[int, int], tuple[WrittenText, list[Edit]]] = {}
    for loc, edits, _text in found:
        if (whole := standings[loc].whole) is not None:
            parts.setdefault(whole.begins, (whole, []))[1].extend(edits)
    texts |= {begins: rewritten(whole, edits) for begins, (whole, edits) in parts.items()}
    return same_but(source.text, edited(source.text, (edit for _loc, edits, _text in found for edit in edits)), texts)


def _changes(text: str, kind: type, rules: Ruleset) -> Mapping[int, str]:
    """The replacement of each character of ``text`` that changes, except those that would alter how it parses."""
    sentences = [_of_sentence(sentence, rules) for sentence in sentences_of(text, kind)]
    whole = {place: letter for own in sentences for place, letter in own.items()}
    if _bears(text, whole, kind, rules):
        return whole
    changes: dict[int, str] = {}
    for own in sentences:
        if own and _bears(text, {**changes, **own}, kind, rules):
            changes |= own
            continue
        for place, letter in own.items():
            if _bears(text, {**changes, place: letter}, kind, rules):
                changes[place] = letter
    return changes


def _of_sentence(sentence: Sentence, rules: Ruleset) -> dict[int, str]:
    buffer = set_leaves(sentence.leaves, rules)
    if buffer is None:
        return {}
    letters = letters_of(buffer, sentence.leaves)
    typed = "".join(leaf.text for leaf in sentence.leaves)
    return {
        place: new
        for place, old, new in zip(sentence.places, typed, letters, strict=True)
        if place is not None and new != old
    }


def _applied(text: str, changes: Mapping[int, str]) -> str:
    return "".join(changes.get(index, letter) for index, letter in enumerate(text))


def _bears(text: str, changes: Mapping[int, str], kind: type, rules: Ruleset) -> bool:
    """True if the changed text parses to the same Markdown, so that the composed letter is the same."""
    new = _applied(text, changes)
    if kind is Inline:
        return _read(inline(new), rules) == _read(inline(text), rules)
    if kind is Body:
        return body(new).lines == body(text).lines and _read(body(new), rules) == _read(body(text), rules)
    return True


def _read(value: object, rules: Ruleset) -> object:
    """What ``value`` prints with house typography applied, as values to compare."""
    match value:
        case Inline(spans=spans):
            return set_spans(spans, rules)
        case Body(elements=elements):
            return [_read(element, rules) for element in elements]
        case BaseModel():
            return {name: _read(getattr(value, name), rules) for name in type(value).model_fields}
        case tuple():
            return [_read(each, rules) for each in value]
        case str():
            return set_text(value, rules)
        case _:
            return set_value(value, rules)


def _placed(held: WrittenText, changes: Mapping[int, str]) -> tuple[list[Edit], str]:
    """The changes that have a position in the file, as edits; and the resulting text."""
    own = {index: new for index, new in changes.items() if held.places[index] is not None}
    edits = [Edit(*place, new) for index, new in sorted(own.items()) if (place := held.places[index]) is not None]
    return edits, _applied(held.text, own)


def _differences(source: Source, edits: Sequence[Edit]) -> Iterator[Difference]:
    """The edits as differences of whole words, with those of neighbouring words merged."""
    text = source.text
    groups: list[list[Edit]] = []
    ends = -1
    for edit in sorted(edits, key=lambda edit: edit.start):
        start = _word_start(text, edit.start)
        if start < ends:
            groups[-1].append(edit)
        else:
            groups.append([edit])
        ends = _word_end(text, edit.end)
    for group in groups:
        start, end = _word_start(text, group[0].start), _word_end(text, group[-1].end)
        if not any(letter.isalnum() for letter in text[start:end]):  # a dash alone is unclear: add its neighbours
            start, end = _word_start(text, max(start - 1, 0)), _word_end(text, min(end + 1, len(text)))
        moved = [Edit(edit.start - start, edit.end - start, edit.new) for edit in group]
        line = len(re.findall(r"\r\n|\r|\n", text[:start])) + 1
        column = start - max(text.rfind("\n", 0, start), text.rfind("\r", 0, start))
        yield Difference(source.at(line, column), text[start:end], edited(text[start:end], moved))


def _word_start(text: str, position: int) -> int:
    """Where the word at ``position`` begins, or the word before it if a space stands there."""
    while position > 0 and text[position : position + 1] in (" ", "\t") and text[position - 1] in " \t":
        position -= 1
    while position > 0 and not _GAP.match(text[position - 1]):
        position -= 1
    return position


def _word_end(text: str, position: int) -> int:
    """Where the word that ends at ``position`` ends, or the word after it if a space stands before ``position``."""
    while 0 < position < len(text) and text[position - 1] in " \t" and text[position] in " \t":
        position += 1
    while position < len(text) and not _GAP.match(text[position]):
        position += 1
    return position
