"""What a key costs in a text editor: from a change to its findings, from a question to what is offered.

    python -m bench.lsp

The long sample is typed into, key by key, by a client over stdin and stdout; beside it, where npm brought it,
yaml-language-server with the newsroom's schema. Milliseconds: median and 95th percentile.
"""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from tests.support.lsp_client import Editor, editor

ROOT = Path(__file__).parents[1]
SAMPLE = Path("issues/samedi/2026-11-28.yaml")
SERVER = [sys.executable, "-c", "from composer.cli import main; main()", "lsp"]
YAML_SERVER = ROOT / "tests/node/node_modules/yaml-language-server/bin/yaml-language-server"
SETTINGS = {"yaml": {"validate": True, "completion": True, "schemaStore": {"enable": False}}}

#: Keys typed, and seconds between them: a quick hand.
KEYS, GAP = 100, 0.12

#: What stands before the cursor when it is asked what fits.
ASKED = ("- ", "    ", "    acces: ", "      Voir [ici](#", "      :::", "      Le Kiss")


def _timed(action: Callable[[], object]) -> float:
    start = perf_counter()
    action()
    return 1000 * (perf_counter() - start)


def keys(server: Editor, path: Path, composes: bool = False) -> list[float]:
    """Milliseconds from each change to what is told of it."""
    text = path.read_text(encoding="utf-8")
    head, body = text.split("    texte: |\n      ", 1)
    server.open(path, text, times=2 if composes else 1)
    sleep(1)
    taken: list[float] = []
    for count in range(1, KEYS + 1):
        typed = f"{head}    texte: |\n      {'lettre ' * 20}"[: len(head) + 23 + count] + body
        taken.append(_timed(lambda typed=typed: server.change(path, typed)))  # type: ignore[misc] # reason: bound at once
        sleep(max(0.0, GAP - taken[-1] / 1000))
    return taken


def questions(server: Editor, path: Path) -> list[float]:
    """Milliseconds from each question to what is offered."""
    lines = path.read_text(encoding="utf-8").split("\n")
    text = next(number for number, line in enumerate(lines) if line == "    texte: |")
    taken: list[float] = []
    for typed in ASKED * 5:
        at = text + 1 if typed.startswith("      ") else lines.index("- article:") + (1 if typed[0] == " " else 0)
        server.change(path, "\n".join([*lines[:at], typed, *lines[at:]]))
        taken.append(_timed(lambda typed=typed, at=at: server.at("completion", path, at, len(typed))))  # type: ignore[misc] # reason: as above
    return taken


def _row(name: str, taken: Sequence[float]) -> str:
    ordered = sorted(taken)
    return f"{name:58} {statistics.median(ordered):6.0f} {ordered[int(len(ordered) * 0.95) - 1]:6.0f}"


def main() -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name in ("config", "issues", "schema"):
            shutil.copytree(ROOT / name, root / name)
        print(f"{'milliseconds':58} median   95 %")
        with editor(SERVER, root) as server:
            print(_row("filigrane lsp, findings after a key", keys(server, root / SAMPLE, composes=True)))
            print(_row("filigrane lsp, completion", questions(server, root / SAMPLE)))
        if YAML_SERVER.exists():
            with editor(["node", str(YAML_SERVER), "--stdio"], root, SETTINGS) as server:
                server.tell("workspace/didChangeConfiguration", {"settings": {}})
                print(_row("yaml-language-server, what the schema shows after a key", keys(server, root / SAMPLE)))


if __name__ == "__main__":
    main()
