"""What a word processor or another product calls a list, a dialogue or a table, and what is one paragraph here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from composer.issue.body import LEAST_COLUMNS, MOST_COLUMNS
from composer.issue.body_lines import ODD_SPACES
from composer.locale import gettext as _
from composer.source.late_pattern import late

_SPACE = rf"[ \t{ODD_SPACES}]"

#: What begins nothing but a point, even alone: drawn bullets, those of Word and its fonts, its hollow one (an o), the
#: letters that Wingdings draws as a square, an arrow, a tick, a diamond or a box, before a tab.
_BULLET = late(
    rf"{_SPACE}{{0,40}}(?:[•▪●◦‣⁃∙\uf000-\uf0ff]{_SPACE}*|·{_SPACE}+|o(?:\t|{_SPACE}{{2}}){_SPACE}*|[§Øüvq](?:\t|{_SPACE}{{3}}){_SPACE}*)"
    r"(?=\S)"
)

#: What begins a point where its neighbour begins so too: alone, it is a dialogue's dash, an arrow, a note.
_MARKS = tuple(
    late(rf"{_SPACE}{{0,40}}{mark}{_SPACE}+(?=\S)")
    for mark in (
        "(?P<dash>[–—―‒−‐‑]|--)",
        rf"(?:[QRA]{_SPACE}?:|[QR]\.)",
        "(?:[■□▫○◘◙►▶➤➢❖✓✔✗☐☑→⇒*+~]|[=-]>)",
        r"(?:\(?(?:[a-zA-Z]|[ivx]{2,4})\)|(?:[a-z]|[ivx]{2,4})\.(?=\t))",
        rf"(?:\(|#|[Nn]°{_SPACE}?)?(?P<number>\d{{1,2}})(?:[.)°º/:-]|\.-|{_SPACE}[:–-])",
        "[①-⑳]",
        rf"(?:[IVX]{{1,4}}|[ivx]{{1,4}}|[A-Za-h])(?:[.)]|{_SPACE}[–—-]|[.)]{_SPACE}?[–—-])",
        r"\[\d{1,2}\]",
    )
)
_DASHES, _ANSWERS, _CAPITALS = 0, 1, 6
_HYPHEN = re.compile(rf"{_SPACE}{{0,40}}-{_SPACE}+(?=\S)")
#: Marks glued to their words, and drawings that are words of their own: what follows the hyphen is the whole line.
_GLUED = late(rf"{_SPACE}{{0,40}}(?:[-−‐‑](?=[^\W\d_]{{2}})|\*(?=[^\W\d_]{{2}})(?=[^*]*$))")
_DRAWN = late(
    rf"{_SPACE}{{0,40}}(?:(?P<key>\d)\ufe0f?\u20e3|[\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]?)"
    rf"{_SPACE}*(?=\S)"
)

#: Three bullets or stars alone on a line, as a word processor draws an ornament; and a bullet that has no words.
_ORNAMENT = late(rf"(?:{_SPACE}*[•·∙●○◦◆◇■□▪✶✻✽∗⁎※~]){{3,9}}{_SPACE}*")
_NO_WORDS = late(rf"{_SPACE}*[•▪●◦‣⁃∙]{_SPACE}*")

#: A definition below its word, or alone: elsewhere its colon is not printed.
_DEFINITION = late(rf"{_SPACE}{{0,3}}:{_SPACE}+(?=\S)")

#: Who speaks, after what is said.
_INCISE = late(
    r"[,?!…][ \u00a0](?:(?:dit|fit|fait|répond(?:it)?|repr(?:it|end)|demand[ae]|lan[cç][ea]|ajout[ae]|cri[ae]"
    r"|murmur[ae]|souffl[ae]|rétorqu[ae]|insist[ae])|s[’'](?:exclam|étonn|écri|enqui|impatient|inqui[eé]t)\w{1,5})-(?:t-)?"
    r"(?:ils?|elles?|je)\b(?!,)"
)
_QUOTES = late('[«»“”"]')
_ENDS = late(r"[.?!…»”][*_ \u00a0]*$")
#: A line that ends so is broken there on purpose.
_BROKEN = ("\\", "  ")

#: The line under the head of a table holds nothing else.
_RULE = frozenset("-:| \t")
_CELL = late(r"(?<!\\)\|")
#: A row that a word processor or a spreadsheet parts by tabs.
_TABS, _TAB = late("\t+"), late("\t")
#: Columns drawn with spaces, as in a PDF; the cells of a file of a spreadsheet, none of which holds a sentence.
_SPACES = late(r"(?<=\S)[ \u00a0]{3,}(?=\S)")
_SEMICOLONS, _COMMAS = late(r"(?<=[^\s;]);(?=[^\s;])"), late(r"(?<=[^\s,]),(?=[^\s,])")
#: A cell between quotes (RFC 4180), which may hold what parts cells, and quotes that are doubled; and its place.
_QUOTED, _HELD = late(r'(?<![^\s;,])"(?:[^"]|""){0,500}"(?![^\s;,])'), "\ue000"
_TABBED = late(r"[^\t]*[^\s\t.)][ \t]*\t[ \t]*[^\s\t]")


@dataclass(frozen=True)
class Paste:
    """What is wrong with line ``number`` of a paragraph, and the line or lines to type instead."""

    code: str
    number: int
    message: str
    better: str


def pasted(lines: Sequence[str], table: str = "") -> Iterator[Paste]:
    """The lines of a paragraph that were meant as a table, as points of a list, or as lines of a dialogue.

    ``table`` is the line that opens a table where they stand; empty where none can.
    """
    if (found_table := _table(lines)) is not None:
        first, parting = found_table
        rows = _rows(lines[first:], parting)
        if len(rows) < 2:
            yield Paste("table", first, _("this is the head of a table, and nothing follows it"), "")
        elif table and all(LEAST_COLUMNS <= len(row) <= MOST_COLUMNS for row in rows):
            message = _("this would be printed as one paragraph: a table stands between {opening} and a line :::")
            better = "\n".join((table, *(f"| {' | '.join(row)} |" for row in rows), ":::"))
            yield Paste("table", first, message.format(opening=table), better)
        else:
            message = _("this would be printed as one paragraph, and no table can hold it: write its rows as points")
            yield Paste("table", first, message, _points(rows))
        return
    for number, line in enumerate(lines):
        if _ORNAMENT.fullmatch(line):
            message = _("an ornament is written * * *, alone between two empty lines: its drawing is the letter's")
            yield Paste("bullet", number, message, "* * *")
        elif _NO_WORDS.fullmatch(line):
            yield Paste("bullet", number, _("nothing follows this bullet, and it would be printed: take it out"), "")
        elif found := _BULLET.match(line):
            message = _("a point of a list begins with a hyphen: the bullet is printed by the letter")
            points = line[found.end() :].strip().split(" • ") if "•" in found[0] else [line[found.end() :].strip()]
            yield Paste("bullet", number, message, "\n".join(f"- {each.strip()}" for each in points))
    yield from _unmarked(lines)
    yield from _defined(lines)
    yield from _answered(lines)
    for start, end, kind in _runs(lines):
        if kind == _DASHES and start and not lines[start - 1].rstrip().endswith(":"):
            continue  # a pair of dashes around a remark, where the lines of a paragraph happen to end
        if kind == _CAPITALS and not _counts(lines[start:end]):
            continue  # initials
        spoken = kind == _ANSWERS or (kind == _DASHES and not start and lines[0].lstrip()[0] in "—―")
        for number in range(start + spoken, end):
            paste = _run_on(lines[number], number, _MARKS[kind], spoken)
            if paste.better != lines[number].strip():  # else it is right, below one that is not
                yield paste
    for number, line in enumerate(lines):  # four columns in, or below such a line: elsewhere it is a point
        if line.lstrip().startswith("- ") and line.strip() != "-":
            yield _run_on(line, number, _HYPHEN, False)


def dialogue(points: Sequence[str]) -> Paste | None:
    """What is said of the ``points`` of a list that are lines of a dialogue, typed with hyphens."""
    said = len(points) > 1 and any(map(_INCISE.search, points))
    if not said or any(_QUOTES.search(point) or "\n" in point for point in points):
        return None
    message = _("these would be printed as points: what someone says begins with a dash, and an empty line parts them")
    return Paste("bullet", 0, message, "\n\n".join(f"— {point}" for point in points))


def _table(lines: Sequence[str]) -> tuple[int, re.Pattern[str]] | None:
    """The first line of a table, and what parts its cells."""
    if sum(map(_is_row, lines)) > 1 or any(map(_is_rule, lines)):
        return next(number for number, line in enumerate(lines) if "|" in line), _CELL
    if sum(map(_is_tabbed, lines)) > 1:
        first = next(number for number, line in enumerate(lines) if _is_tabbed(line))
        widths = {len(_TABS.split(line.strip())) for line in lines[first:] if "\t" in line}
        return first, _TABS if len(widths) == 1 else _TAB
    for parting in (_SPACES, _SEMICOLONS, _COMMAS) if len(lines) > 1 else ():
        if not all(map(parting.search, lines)):
            continue
        cells = [len(spreadsheet_cells(line, parting)) for line in lines]
        if parting is _COMMAS and cells[0] < 3 and not all(map(_QUOTED.match, lines)):
            continue  # words that lack a space, or decimals
        bulleted = parting is _SPACES and all(map(_BULLET.match, lines))  # a word processor draws points in columns
        if cells[0] > 1 and len(set(cells)) == 1 and not bulleted:
            return 0, parting
    return None


def _answered(lines: Sequence[str]) -> Iterator[Paste]:
    """A line that answers, in a paragraph that begins with a dash, after another that ends a sentence."""
    if lines[0].lstrip()[:1] not in tuple("—―"):
        return
    for number in range(2, len(lines)):
        before = lines[number - 1]
        if before.lstrip()[:1] not in tuple("—–―") and _ENDS.search(before) and _MARKS[_DASHES].match(lines[number]):
            yield _run_on(lines[number], number, _MARKS[_DASHES], True)


def _unmarked(lines: Sequence[str]) -> Iterator[Paste]:
    """Points with a hyphen that touches their words; and lines that all begin with a drawing, which is kept."""
    message = _("this line runs into its neighbours: points begin with a hyphen, or with a number and a full stop")
    drawn = [_DRAWN.match(line) for line in lines]
    if len(lines) > 1 and all(drawn) and not any(line.endswith(_BROKEN) for line in lines):
        for number, (line, found) in enumerate(zip(lines, drawn, strict=True)):
            if found is not None and next((k for k in _MARKS if k.match(line)), None) is None:
                key = found["key"]
                better = f"{key}. {line[found.end() :].strip()}" if key else f"- {line.strip()}"
                yield Paste("bullet", number, message, better)
    hyphened = [number for number, line in enumerate(lines) if _GLUED.match(line)]
    for number in hyphened if hyphened[:1] == [0] or len(hyphened) > 1 else ():
        words = lines[number].strip()[1:]
        space = _("a point of a list begins with a hyphen and a space, and what someone says with a dash and a space")
        note = len(hyphened) == 1 and lines[number].lstrip()[0] == "*"
        if note:
            space = _(
                "this asterisk would be printed: a point begins with a hyphen and a space, and italics end where their "
                "paragraph does, *so*"
            )
        yield Paste("bullet", number, space, "" if note else f"- {words}")


def _defined(lines: Sequence[str]) -> Iterator[Paste]:
    """Definitions, each below its word. One alone reads as the sentence that it ends."""
    below = [number for number, line in enumerate(lines) if _DEFINITION.match(line)]
    if not below or (below[0] > 0 and len(below) == 1):
        return
    message = _("a line that begins with a colon is a definition elsewhere: here points begin with a hyphen")
    points: list[str] = []
    for number, line in enumerate(lines):
        words = _DEFINITION.sub("", line).strip()
        if number not in below:
            points.append(f"- **{words} :**")
        elif number - 1 in below or not points:
            points.append(f"- {words}" if points else words)
        else:
            points[-1] += f" {words}"
    whole = all(number in below or number + 1 in below for number in range(len(lines)))
    yield Paste("bullet", 0, message, "\n".join(points) if whole else "")


def _is_row(line: str) -> bool:
    """True for a line that begins and ends with a bar, with another between them or words."""
    row = line.strip()
    return len(row) > 2 and row[0] == row[-1] == "|"


def _is_tabbed(line: str) -> bool:
    return "\t" in line and _TABBED.match(line) is not None and not any(mark.match(line) for mark in (_BULLET, *_MARKS))


def _is_rule(line: str) -> bool:
    return "|" in line and "-" in line and _RULE.issuperset(line)


def _runs(lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """First line, line after the last, and mark of each run of lines that begin alike."""
    if len(lines) < 2:
        return
    kinds = [next((kind for kind, mark in enumerate(_MARKS) if mark.match(line)), None) for line in lines]
    start = 0
    for number in range(1, len(lines) + 1):
        ends = number == len(lines) or kinds[number] != kinds[start] or lines[number - 1].endswith(_BROKEN)
        if ends:
            kind = kinds[start]
            if kind is not None and number - start > 1:
                yield start, number, kind
            start = number


def _counts(lines: Sequence[str]) -> bool:
    """True if the capitals that begin the ``lines`` follow one another: A, B; I, II."""
    capitals = [re.sub(r"[^A-Z].*", "", line.strip().lstrip("(").upper()) for line in lines]
    numbers = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"]
    for known in (numbers, [chr(code) for code in range(ord("A"), ord("Z") + 1)]):
        if capitals[0] in known and capitals == known[(at := known.index(capitals[0])) : at + len(capitals)]:
            return True
    return False


def _run_on(line: str, number: int, mark: re.Pattern[str], spoken: bool) -> Paste:
    if spoken:
        message = _("this line runs into the one above: an empty line parts what two people say")
        return Paste("run-on-lines", number, message, f"\n{line.strip()}")
    found = mark.match(line)
    assert found is not None
    digits = found.groupdict().get("number")
    message = _("this line runs into its neighbours: points begin with a hyphen, or with a number and a full stop")
    return Paste("bullet", number, message, f"{digits + '.' if digits else '-'} {line[found.end() :].strip()}")


def _rows(lines: Sequence[str], parting: re.Pattern[str]) -> list[list[str]]:
    """The cells of each row, without the line that is drawn under the head."""
    written = (line.strip() if "|" in line else line.rstrip().strip(" ") for line in lines if not _is_rule(line))
    bare = (line.removeprefix("|").removesuffix("|") for line in written if parting.search(line))
    rows = [spreadsheet_cells(line, parting) for line in bare]
    return [row + [""] * (len(rows[0]) - len(row)) for row in rows]


def spreadsheet_cells(row: str, parting: re.Pattern[str]) -> list[str]:
    """The cells of a row that ``parting`` parts outside of quotes, without those."""
    quoted = iter(_QUOTED.findall(row))
    cells = parting.split(_QUOTED.sub(_HELD, row.strip(" ")))
    return [next(quoted)[1:-1].replace('""', '"') if cell.strip() == _HELD else cell.strip() for cell in cells]


def _points(rows: Sequence[Sequence[str]]) -> str:
    """The rows of a table as points, its first cell as their lead."""
    return "\n".join(f"- **{row[0]} :** {', '.join(cell for cell in row[1:] if cell)}" for row in rows[1:] if any(row))
