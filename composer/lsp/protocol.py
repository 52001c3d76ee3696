"""Findings, offers and headings in the words of the protocol."""

from __future__ import annotations

import re

from lsprotocol import types as lsp

from composer.lsp.completion import Offer
from composer.lsp.desk import Remark
from composer.lsp.lines import Lines
from composer.lsp.reading import Heading
from composer.source.finding import Finding, Place, Severity
from composer.source.fixes import Fix

_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.NOTE: lsp.DiagnosticSeverity.Information,
}

_KINDS = {
    "key": lsp.CompletionItemKind.Property,
    "block": lsp.CompletionItemKind.Class,
    "value": lsp.CompletionItemKind.Value,
    "file": lsp.CompletionItemKind.File,
    "reference": lsp.CompletionItemKind.Reference,
}

_PLACE = re.compile(r"\$\{?\d+\}?")
_WORD = re.compile(r"[^\s,;:()\[\]{}]+")


def span(lines: Lines, line: int, start: int, end: int) -> lsp.Range:
    """A range within a line, from characters."""
    first, last = lines.to_units(line, start), lines.to_units(line, end)
    return lsp.Range(lsp.Position(line, first), lsp.Position(line, last))


def place_range(place: Place, lines: Lines) -> lsp.Range:
    """The word at a place; the line's last character where the place is its end."""
    line, start = place.line - 1, place.typed_column - 1
    text = lines.line(line)
    word = _WORD.match(text, start)
    end = word.end() if word else min(len(text), start + 1)
    return span(lines, line, min(start, len(text)), end)


def diagnostic(remark: Remark, lines: Lines) -> lsp.Diagnostic:
    if isinstance(remark, str):
        top = lsp.Range(lsp.Position(0, 0), lsp.Position(0, lines.to_units(0, len(lines.line(0)))))
        return lsp.Diagnostic(top, remark, severity=lsp.DiagnosticSeverity.Error, source="filigrane")
    return lsp.Diagnostic(
        place_range(remark.place, lines),
        remark.message,
        severity=_SEVERITIES[remark.severity],
        code=remark.code,
        source="filigrane",
    )


def on_its_line(finding: Finding, units: str) -> lsp.Diagnostic:
    """A finding on a file that is not open: its line is what the finding quotes."""
    text = "\n" * (finding.place.line - 1) + (finding.excerpt or "")
    return diagnostic(finding, Lines(text, units))


def item(offer: Offer, lines: Lines, line: int, column: int, order: int, snippets: bool) -> lsp.CompletionItem:
    snippet = offer.snippet and snippets
    new = offer.insert if snippet or not offer.snippet else _PLACE.sub("", offer.insert)
    return lsp.CompletionItem(
        offer.label,
        kind=_KINDS[offer.kind],
        detail=offer.told or None,
        sort_text=f"{order:04}",
        filter_text=offer.label,
        insert_text_format=lsp.InsertTextFormat.Snippet if snippet else lsp.InsertTextFormat.PlainText,
        text_edit=lsp.TextEdit(span(lines, line, offer.start, column), new),
    )


def symbol(heading: Heading, lines: Lines) -> lsp.DocumentSymbol:
    last = lines.to_units(heading.end, len(lines.line(heading.end)))
    whole = lsp.Range(lsp.Position(heading.line, 0), lsp.Position(heading.end, last))
    kind = lsp.SymbolKind.Class if heading.below or heading.end > heading.line else lsp.SymbolKind.String
    return lsp.DocumentSymbol(
        name=heading.name,
        detail=heading.kind,
        kind=kind,
        range=whole,
        selection_range=span(lines, heading.line, 0, len(lines.line(heading.line))),
        children=[symbol(each, lines) for each in heading.below],
    )


def action(fix: Fix, uri: str, title: str, lines: Lines) -> lsp.CodeAction:
    """The fix as an edit of whole lines: the break after a line goes with it."""
    count = len(lines.all)
    if fix.last < count:
        edit = lsp.TextEdit(
            lsp.Range(lsp.Position(fix.first, 0), lsp.Position(fix.last, 0)), "".join(f"{line}\n" for line in fix.lines)
        )
    else:
        first = min(fix.first, count - 1)
        start = lines.to_units(first, len(lines.line(first))) if fix.first >= count else 0
        head = "\n" if fix.first >= count else ""
        end = lines.to_units(count - 1, len(lines.line(count - 1)))
        edit = lsp.TextEdit(
            lsp.Range(lsp.Position(first, start), lsp.Position(count - 1, end)), head + "\n".join(fix.lines)
        )
    return lsp.CodeAction(
        title,
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(fix.finding, lines)],
        is_preferred=True,
        edit=lsp.WorkspaceEdit(changes={uri: [edit]}),
    )


def line_edits(before: Lines, after: Lines) -> list[lsp.TextEdit]:
    """The lines that differ, where both have as many; else the whole text."""
    if len(before.all) != len(after.all):
        last = len(before.all) - 1
        end = lsp.Position(last, before.to_units(last, len(before.line(last))))
        return [lsp.TextEdit(lsp.Range(lsp.Position(0, 0), end), after.text)]
    return [
        lsp.TextEdit(span(before, number, 0, len(old)), new)
        for number, (old, new) in enumerate(zip(before.all, after.all, strict=True))
        if old != new
    ]
