"""Change what a figure says where it stands: under its keys, or in a text as a box or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from composer.issue.blocks.figure import Credit, Figure
from composer.issue.model import Issue
from composer.issue.revision.block_list import StaleList, list_digest
from composer.issue.revision.figures import (
    DECORATION,
    FigureWords,
    ListedFigure,
    alt_spelled,
    credit_lines,
    figure_lines,
    known_figure,
    named,
    require_said,
    spaced_out,
)
from composer.issue.revision.model import Revision, Unwritable, between
from composer.issue.revision.written_body import WrittenBody, said_of, written_body
from composer.issue.revision.written_file import Content, WrittenFile, content_of_node
from composer.locale import Language
from composer.locale import gettext as _
from composer.source import tree
from composer.source.document import Document, Mark
from composer.source.editing import Edit, edited
from composer.source.items import last_line
from composer.source.pictures import OPTION, PICTURE
from composer.source.quoting import spelled
from composer.source.tree import Mapping, Node, Scalar
from composer.source.vocabulary import find_key, key_name, value_name

_OPTIONS = ("alt", "dark", "caption", *Credit.model_fields)


def with_figure_words(document: Document[Issue], at: str, digest: str, words: FigureWords) -> Revision:
    """Have the figure at ``at`` say ``words``; ``digest`` is that of what was shown."""
    found = known_figure(document, at, digest)
    if found.words == words:
        return Revision(WrittenFile.of(document.source).text, 0, 0, "")
    return _in_text(document, found, words) if found.line is not None else _under_keys(document, found, words)


def with_article_figure(document: Document[Issue], index: int, digest: str, words: FigureWords) -> Revision:
    """Add the picture under the headline of the block at ``index``; ``digest`` is that of the list of blocks."""
    if list_digest(document) != digest:
        raise StaleList("", _("the list of blocks has changed in the file meanwhile: nothing was changed"))
    file = WrittenFile.of(document.source)
    mark = document.source.marks.get(("blocks", index, "headline"))
    above = _owner(file.root, mark) if mark is not None else None
    if above is None:
        raise Unwritable(_("a picture under a headline stands below the headline’s own line: write it in the file"))
    entries = above.entries
    text = next((number for number, (key, _v) in enumerate(entries) if number and _key(key) == "body"), len(entries))
    key, value = entries[text - 1]
    indent = key.span.column
    line = max(key.span.line, last_line(file.lines, value))
    language: Language = "en" if any(each.text == "blocks" for each, _v in file.root.entries) else "fr"
    lines = [f"{key_name('figure', language, 'Article')}:", *spaced_out(figure_lines(words, language), 2)]
    end = file.line_end(line)
    file.offset(line, 0)
    edit = Edit(end, end, file.with_breaks("".join(f"\n{each}" for each in spaced_out(lines, indent))))
    again = file.read_with(edit)
    held = _owner(again, mark) if again is not None and mark is not None else None
    if again is None or held is None or [*map(_content, entries)] != _without(held, text):
        raise Unwritable(_("this would not be read again as it was meant: write it in the file"))
    _require_others(file.root, above, again, held)
    return file.revision(edit)


def _content(entry: tuple[Scalar, Node]) -> tuple[Content, Content]:
    return content_of_node(entry[0]), content_of_node(entry[1])


def _without(held: Mapping, number: int) -> list[tuple[Content, Content]]:
    rest = [*held.entries]
    del rest[number : number + 1]
    return [*map(_content, rest)]


def _key(key: Scalar) -> str | None:
    return find_key(key.text, ("body", *Figure.model_fields))


# In a text


def _in_text(document: Document[Issue], found: ListedFigure, words: FigureWords) -> Revision:
    body_ = written_body(document, found.loc)
    number = body_.number(found.line or 0)
    lines, _element = body_.elements[number]
    new = _lines_said(body_.lines[lines.start : lines.end], found.words, words, body_.language)
    return _body_with(body_, number, [*body_.lines[: lines.start], *new, *body_.lines[lines.end :]], words)


def _body_with(body_: WrittenBody, number: int, lines: Sequence[str], words: FigureWords) -> Revision:
    again = body_.read("\n".join(lines)).elements
    figure = again[number] if number < len(again) else None
    require_said(figure if isinstance(figure, Figure) else None, words)
    said = [said_of(element) for _lines, element in body_.elements]
    said[number] = figure
    return body_.rewritten(lines, said)


def _lines_said(lines: Sequence[str], old: FigureWords, words: FigureWords, language: Language) -> list[str]:
    """The lines of a picture in a text, with what differs between ``old`` and ``words``."""
    first, end = lines[0], len(lines)
    closed = lines[-1].strip().startswith("::") and end > 1
    wanted = {"caption": words.caption, **dict.fromkeys(Credit.model_fields, ""), **words.options()}
    wanted = {"alt": "", "dark": "", **wanted}
    before = {"caption": old.caption, "alt": "", "dark": "", **dict.fromkeys(Credit.model_fields, ""), **old.options()}
    if old.src != words.src:
        head, _name, tail = first.rpartition(old.src)
        first = head + words.src + tail
    picture = PICTURE.match(first.lstrip())
    if picture is not None and picture["alt"] and before["alt"] != wanted["alt"]:
        alt = value_name(DECORATION, language) if words.alt == DECORATION else words.alt
        start = first.index("![") + 2
        plain = not set(alt) & set("[]")
        first = first[:start] + (alt if plain else "") + first[start + len(picture["alt"]) :]
        before["alt"] = wanted["alt"] if plain else ""
    options: list[str] = []
    at = 1
    while at < end - closed and (match := OPTION.match(lines[at])):
        key = find_key(match["name"], _OPTIONS, Figure.__name__) or ""
        if key not in wanted or before[key] == wanted[key]:
            options.append(lines[at])
        elif wanted[key]:
            options.append(_option(match["name"], key, wanted[key], language))
        before[key] = wanted.get(key, "")  # nothing is left to be said of it
        at += 1
    options += [
        _option(_named(key, language), key, each, language)
        for key, each in wanted.items()
        if each and key != "caption" and before[key] != each
    ]
    rest = [*lines[at : end - closed]]
    if before["caption"] != wanted["caption"]:
        rest = [wanted["caption"]] if wanted["caption"] else []
    return [first, *options, *rest, *([lines[-1]] if closed else [])]


def _named(key: str, language: Language) -> str:
    return key_name(key, language, Credit.__name__) if key in Credit.model_fields else named(key, language)


def _option(name: str, key: str, value: str, language: Language) -> str:
    if key == "alt" and value == DECORATION:
        value = value_name(value, language)
    return f":{name}: {value}"


# Under its keys


def _under_keys(document: Document[Issue], found: ListedFigure, words: FigureWords) -> Revision:
    file = WrittenFile.of(document.source)
    mark = document.source.marks.get((*found.loc, "src"))
    if mark is not None and mark.part is not None:
        return _in_literal(file, mark, found, words)
    mapping = _owner(file.root, mark) if mark is not None else None
    if mark is None or mapping is None or mapping.flow or _starts(file, mapping) is None:
        line = mark.line if mark is not None else 1
        message = _("line {line} of the file: this picture is written in a way of its own, change it there")
        raise Unwritable(message.format(line=line))
    language: Language = "en" if any(key.text == "blocks" for key, _v in file.root.entries) else "fr"
    edits = [*_edits(file, mapping, found.words, words, language)]
    text = edited(file.text, edits)
    again = file.read_with(*edits)
    held = _owner(again, mark) if again is not None else None
    if again is None or held is None or not _says(held, words):
        raise Unwritable(_("this would not be read again as it was meant: write it in the file"))
    _require_others(file.root, mapping, again, held)
    return between(file.text, text)


def _edits(
    file: WrittenFile, mapping: Mapping, old: FigureWords, words: FigureWords, language: Language
) -> Iterator[Edit]:
    """Of each key, the lines that change; a new one stands below those that are there."""
    entries = {find_key(key.text, Figure.model_fields, "Figure"): (key, value) for key, value in mapping.entries}
    indent = mapping.entries[0][0].span.column
    new: list[str] = []
    wanted = {
        "src": (old.src, words.src, spelled(words.src)),
        "dark": (old.dark, words.dark, spelled(words.dark)),
        "alt": (old.alt, words.alt, alt_spelled(words.alt, language)),
        "caption": (old.caption, words.caption, spelled(words.caption)),
    }
    for name, (before, after, written) in wanted.items():
        if before == after:
            continue
        if name not in entries:
            new.append(f"{named(name, language)}: {written}")
        elif after:
            key, _value = entries[name]
            yield _replaced(file, *entries[name], [f"{key.text}: {written}"], indent)
        else:
            yield _replaced(file, *entries[name], [], indent)
    if dict(old.credit) != {key: each for key, each in words.credit.items() if each}:
        lines = credit_lines(words.credit, language)
        if "credit" in entries:
            yield _replaced(file, *entries["credit"], lines, indent)
        else:
            new += lines
    if new:
        _last_key, last = mapping.entries[-1]
        end = file.line_end(max(_last_key.span.line, last_line(file.lines, last)))
        yield Edit(end, end, file.with_breaks("".join(f"\n{line}" for line in spaced_out(new, indent))))


def _replaced(file: WrittenFile, key: Scalar, value: Node, lines: Sequence[str], indent: int) -> Edit:
    """The edit that puts ``lines`` in the place of those of a key; a comment behind a value of one line stays."""
    last = max(key.span.line, last_line(file.lines, value))
    start = file.offset(key.span.line, key.span.column)
    if len(lines) == 1 and isinstance(value, Scalar) and value.style in ("", "'", '"') and last == key.span.line:
        return Edit(start, file.offset(last, value.span.end_column), lines[0])
    if lines:
        return Edit(start, file.line_end(last), file.with_breaks("\n".join([lines[0], *spaced_out(lines[1:], indent)])))
    return Edit(file.starts[key.span.line], file.starts[last + 1], "")


def _in_literal(file: WrittenFile, mark: Mark, found: ListedFigure, words: FigureWords) -> Revision:
    """Of a picture that is written as Markdown under its key."""
    first = mark.line - 1
    scalar = next((each for each in _scalars(file.root) if each.style == "|" and each.span.line == first - 1), None)
    if scalar is None:
        message = _("line {line} of the file: this picture is written in a way of its own, change it there")
        raise Unwritable(message.format(line=mark.line))
    lines = scalar.text.rstrip("\n").split("\n")
    indent = mark.indent
    language: Language = "en" if any(key.text == "blocks" for key, _v in file.root.entries) else "fr"
    new = _lines_said(lines, found.words, words, language)
    file.offset(first, 0)
    edit = Edit(
        file.starts[first],
        file.line_end(first + len(lines) - 1),
        file.with_breaks("\n".join(spaced_out(new, indent))),
    )
    again = file.read_with(edit)
    held = next((each for each in _scalars(again) if each.span.line == first - 1), None) if again is not None else None
    if again is None or held is None or held.text.rstrip("\n") != "\n".join(new):
        raise Unwritable(_("this would not be read again as it was meant: write it in the file"))
    _require_others(file.root, scalar, again, held)
    return file.revision(edit)


def _says(held: Mapping, words: FigureWords) -> bool:
    read = {find_key(key.text, Figure.model_fields, "Figure"): value for key, value in held.entries}
    texts = {name: value.text.strip() for name, value in read.items() if isinstance(value, Scalar)}
    given = {"src": words.src, "caption": words.caption}
    return all(texts.get(name, "") == each.strip() for name, each in given.items()) and len(read) == len(held.entries)


def _starts(file: WrittenFile, mapping: Mapping) -> int | None:
    """The column of its keys, each of which begins a line of its own but perhaps the first; None otherwise."""
    for number, (key, _value) in enumerate(mapping.entries):
        before = file.lines[key.span.line][: key.span.column]
        if before.strip(" -" if not number else " "):
            return None
    return mapping.entries[0][0].span.column


def _owner(node: Node | None, mark: Mark | None) -> Mapping | None:
    """The mapping of which a value begins at ``mark``."""
    for each in _nodes(node):
        if isinstance(each, Mapping) and mark is not None:
            places = ((value.span.line, value.span.column) for _key, value in each.entries)
            if (mark.line - 1, mark.column - 1) in places:
                return each
    return None


def _nodes(node: Node | None) -> Iterator[Node]:
    if node is not None:
        yield node
    match node:
        case tree.Sequence(items=items):
            for each in items:
                yield from _nodes(each)
        case Mapping(entries=entries):
            for _key, each in entries:
                yield from _nodes(each)
        case _:
            pass


def _scalars(node: Node | None) -> Iterator[Scalar]:
    return (each for each in _nodes(node) if isinstance(each, Scalar))


def _require_others(before: Node, own: Node, after: Node, held: Node) -> None:
    """Raise ``Unwritable`` where anything but ``own``, which became ``held``, is read otherwise."""

    def content(node: Node, left_out: Node) -> object:
        if node is left_out:
            return None
        match node:
            case tree.Sequence(items=items):
                return [content(each, left_out) for each in items]
            case Mapping(entries=entries):
                return [(content_of_node(key), content(value, left_out)) for key, value in entries]
            case _:
                return content_of_node(node)

    if content(before, own) != content(after, held):
        message = _(
            "this would have changed how something else in the file is read, and nothing was written: use a text editor"
        )
        raise Unwritable(message)
