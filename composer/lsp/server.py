"""``filigrane lsp``: the language server, over stdin and stdout, for one text editor.

The event loop answers; threads check (``desk``). The server reads below the newsroom that an open file is in, and
writes no file of it; it opens no network.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from composer import __version__, locale
from composer.errors import FiligraneError
from composer.issue.typography.apply_file import rewriting
from composer.locale import gettext as _
from composer.lsp import protocol
from composer.lsp.completion import keys_spoken, offers
from composer.lsp.cursor import cursor_at
from composer.lsp.desk import Desk, OpenFile, Remark
from composer.lsp.lines import Lines
from composer.lsp.reading import Heading, defined, hover_words, outline
from composer.lsp.room import TEXT_CAP
from composer.source.finding import Finding
from composer.source.fixes import Fix, fix_of

T = TypeVar("T")

#: Most findings of the lines asked about for which a fix is looked for: each reads the file again.
_FIXES = 8

#: Characters of a corrected line that the name of a fix shows.
_SHOWN = 60

#: Typed characters at which editors ask what may follow.
_TRIGGERS = [":", "#", " ", "-"]


class Server(LanguageServer):
    """``explained``: what each code of a finding means, in the language of messages."""

    def __init__(self, explained: Callable[[], Mapping[str, str]]) -> None:
        super().__init__("filigrane", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.explained = explained
        self.desk = Desk(self._publish)
        self._worker: asyncio.Task[None] | None = None

    @property
    def units(self) -> str:
        return str(getattr(self.server_capabilities.position_encoding, "value", None) or "utf-16")

    def _publish(self, uri: str, text: str | None, remarks: Sequence[Remark], version: int | None) -> None:
        if text is None:
            found = [protocol.on_its_line(each, self.units) for each in remarks if isinstance(each, Finding)]
        else:
            lines = Lines(text, self.units)
            found = [protocol.diagnostic(each, lines) for each in remarks]
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, version))

    def start(self) -> None:
        if self._worker is None:
            self._worker = asyncio.get_running_loop().create_task(self.desk.work())

    def file(self, document: Any) -> tuple[OpenFile, Lines] | None:
        """An open file of a newsroom, and its lines; the language of messages becomes its newsroom's.

        None where there is none, or a text far longer than ``check`` reads.
        """
        file = self.desk.files.get(document.uri)
        if file is None or len(file.text) > TEXT_CAP:
            return None
        locale.use(file.room.language)
        return file, Lines(file.text, self.units)

    async def checked(self, function: Callable[..., T], *arguments: object) -> T:
        """The result of a function that reads files, in the thread of checks."""
        return await asyncio.get_running_loop().run_in_executor(self.desk.pool, function, *arguments)


def make_server(explained: Callable[[], Mapping[str, str]]) -> Server:
    """The server, with what it answers."""
    server = Server(explained)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.start()
        document = params.text_document
        path = to_fs_path(document.uri) if document.uri.startswith("file:") else None
        if path:
            server.desk.open(document.uri, Path(path), document.text, document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        text = params.content_changes[-1].text
        server.desk.change(params.text_document.uri, text, params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.desk.close(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def saved(_params: lsp.DidSaveTextDocumentParams) -> None:
        server.desk.saved()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def watched(_params: lsp.DidChangeWatchedFilesParams) -> None:
        server.desk.saved()

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=_TRIGGERS))
    async def completion(params: lsp.CompletionParams) -> lsp.CompletionList:
        found, at = server.file(params.text_document), params.position
        view = found[0].room.view(found[0].path) if found is not None else None
        if found is None or view is None:
            return lsp.CompletionList(is_incomplete=True, items=[])
        file, lines = found
        column = lines.to_column(at.line, at.character)
        given = offers(cursor_at(lines.all, at.line, column), file.model, lines.all, view)
        snippets = _snippets(server)
        items = [protocol.item(offer, lines, at.line, column, order, snippets) for order, offer in enumerate(given)]
        return lsp.CompletionList(is_incomplete=False, items=items)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        found, at = server.file(params.text_document), params.position
        view = found[0].room.view(found[0].path) if found is not None else None
        if found is None or view is None:
            return None
        file, lines = found
        column = lines.to_column(at.line, at.character)
        words = hover_words(lines.all, at.line, column, file.model, view, server.explained())
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, words)) if words else None

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: lsp.DefinitionParams) -> lsp.Location | None:
        found, at = server.file(params.text_document), params.position
        view = found[0].room.view(found[0].path) if found is not None else None
        if found is None or view is None:
            return None
        file, lines = found
        column = lines.to_column(at.line, at.character)
        place = defined(lines.all, at.line, column, file.model, file.path, view)
        if place is None:
            return None
        uri = file.uri if place.file == file.name else (file.room.root / place.file).as_uri()
        start = lsp.Position(place.line - 1, place.column - 1)
        return lsp.Location(uri, lsp.Range(start, start))

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        found = server.file(params.text_document)
        if found is None or not found[0].is_issue:
            return []
        file, lines = found
        headings = await server.checked(_outline, file, file.text)
        return [protocol.symbol(each, lines) for each in headings]

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
    )
    async def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        found = server.file(params.text_document)
        if found is None:
            return []
        file, lines = found
        first, last = params.range.start.line, params.range.end.line
        near = [each for each in (*file.quick, *file.late) if isinstance(each, Finding)]
        near = [each for each in near if first <= each.place.line - 1 <= last and each.suggestion][:_FIXES]
        fixes = await server.checked(_fixes, file, file.text, near)
        title = _("Correct: {line}")
        return [protocol.action(each, file.uri, title.format(line=_shortened(each.lines[0])), lines) for each in fixes]

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    async def formatting(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        found = server.file(params.text_document)
        if found is None or not found[0].is_issue:
            return []
        file, lines = found
        after = await server.checked(_typography, file, file.text)
        if after is None:
            words = _("typography is set once the file has no errors")
            server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Info, words))
            return []
        return protocol.line_edits(lines, Lines(after, lines.units))

    return server


def _snippets(server: Server) -> bool:
    document = server.client_capabilities.text_document
    completion = document.completion if document is not None else None
    item = completion.completion_item if completion is not None else None
    return bool(item is not None and item.snippet_support)


def _shortened(line: str) -> str:
    line = line.strip()
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"


def _outline(file: OpenFile, text: str) -> list[Heading]:
    newsroom, document = file.room.document(file.path, text)
    if newsroom is None or document is None:
        return []
    issue = document.value or (document.partial.remains if document.partial is not None else None)
    return [] if issue is None else outline(issue, keys_spoken(Lines(text).all, newsroom.settings.keys))


def _fixes(file: OpenFile, text: str, findings: Sequence[Finding]) -> list[Fix]:
    late = set(file.late)

    def read(new: str, whole: bool) -> Sequence[Finding]:
        if not file.is_issue:
            return file.room.configuration(file.path, new)
        return (file.room.whole if whole else file.room.typed)(file.path, new) or ()

    try:
        fixes = [fix_of(each, text, partial(read, whole=each in late)) for each in findings]
        return [fix for fix in fixes if fix is not None]
    finally:
        read(text, whole=False)  # the room goes on with what the editor shows


def _typography(file: OpenFile, text: str) -> str | None:
    """The text with house typography; None where the file has errors."""
    newsroom, document = file.room.document(file.path, text)
    if newsroom is None or document is None or document.value is None:
        return None
    try:
        return rewriting(document.value, newsroom).text
    except FiligraneError:
        return text


def serve_editor(explained: Callable[[], Mapping[str, str]]) -> None:
    """Answer on stdin and stdout until the editor ends it. What is printed elsewhere goes to stderr."""
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    gc.collect()
    gc.freeze()  # what was imported stays: looking through it again took 80 ms of some key
    make_server(explained).start_io(sys.stdin.buffer, answers)
