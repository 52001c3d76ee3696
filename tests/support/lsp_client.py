"""A text editor, as a language server sees one: a process on stdin and stdout, and what it sends."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

#: Seconds for which an answer is waited for.
PATIENCE = 60

Message = dict[str, Any]


class Editor:
    """``told`` is what the server published last, by uri."""

    def __init__(self, command: Sequence[str], root: Path, settings: Message | None = None) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root)
        self._settings = settings or {}
        self._heard: Queue[Message | None] = Queue()
        self._asked = self._version = 0
        self.told: dict[str, list[Message]] = {}
        Thread(target=self._hear, daemon=True).start()
        workspace = {"configuration": settings is not None}
        completion = {"completionItem": {"snippetSupport": True}}
        capabilities = {"workspace": workspace, "textDocument": {"completion": completion, "publishDiagnostics": {}}}
        folders = [{"uri": root.as_uri(), "name": "newsroom"}]
        asked = {"processId": None, "locale": "fr", "rootUri": root.as_uri(), "workspaceFolders": folders}
        self.abilities = self.ask("initialize", {**asked, "capabilities": capabilities})["capabilities"]
        self.tell("initialized", {})

    def _hear(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while head := stream.readline():
            length = int(head.partition(b":")[2]) if head.lower().startswith(b"content-length") else 0
            while head.strip():
                head = stream.readline()
                if head.lower().startswith(b"content-length"):
                    length = int(head.partition(b":")[2])
            self._heard.put(json.loads(stream.read(length)))
        self._heard.put(None)

    def _send(self, message: Message) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self._process.stdin.flush()

    def _until(self, awaited: Callable[[Message], bool]) -> Message:
        while True:
            message = self._heard.get(timeout=PATIENCE)
            assert message is not None, "the server ended"
            if message.get("method") == "textDocument/publishDiagnostics":
                self.told[message["params"]["uri"]] = message["params"]["diagnostics"]
            if "method" in message and "id" in message:  # a question of the server's
                asked = message["params"] or {}
                answer = [self._settings.get(each.get("section", "")) for each in asked.get("items", [])]
                self._send({"id": message["id"], "result": answer or None})
            elif awaited(message):
                return message

    def tell(self, method: str, params: Message) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Message) -> Any:
        self._asked += 1
        own = self._asked
        self._send({"id": own, "method": method, "params": params})
        answer = self._until(lambda message: message.get("id") == own)
        assert "error" not in answer, answer
        return answer["result"]

    def at(self, method: str, path: Path, line: int, column: int) -> Any:
        """What is asked of a place; lines and columns from 0."""
        where = {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": column}}
        return self.ask(f"textDocument/{method}", where)

    def published(self, path: Path, times: int = 1) -> list[Message]:
        """What is told of a file, once it was told so many times more."""
        for _time in range(times):
            self._until(
                lambda message: (
                    message.get("method") == "textDocument/publishDiagnostics"
                    and message["params"]["uri"] == path.as_uri()
                )
            )
        return self.told[path.as_uri()]

    def open(self, path: Path, text: str, times: int = 1) -> list[Message]:
        self._version += 1
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": self._version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return self.published(path, times)

    def change(self, path: Path, text: str, times: int = 1) -> list[Message]:
        self._version += 1
        document = {"uri": path.as_uri(), "version": self._version}
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        return self.published(path, times)

    def close(self, path: Path) -> None:
        """Close a file; what was told of it is taken back."""
        self.tell("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})
        assert self.published(path) == []

    def end(self) -> int:
        """The exit code, after the usual farewell."""
        self.ask("shutdown", {})
        self.tell("exit", {})
        return self._process.wait(PATIENCE)

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


@contextmanager
def editor(command: Sequence[str], root: Path, settings: Message | None = None) -> Iterator[Editor]:
    made = Editor(command, root, settings)
    try:
        yield made
    finally:
        made.kill()
