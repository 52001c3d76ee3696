"""What a command costs from its start to its end: whole processes, beside mjml and juice as one node process.

- Processes are started in turn, ``ROUNDS`` times each in one run; medians of processor (user and system) and of wall.
- Warm: the files are in the system's cache, modules are compiled, and what was made before is kept (var/cache and the
  account's cache of compiled templates), as for an editor who checks an issue for the second time. ``*_first`` is the
  same once, with nothing kept: a new checkout, a new picture.
- mjml and juice get the finished MJML of the same letter and make HTML of it. ``check`` reads YAML, makes both editions
  and proofreads them; ``render`` makes one and its message.
- ``check_past_500`` reads ``MANY`` issues of some ``WORDS`` words, generated, with two processes, once.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory, TemporaryFile
from time import perf_counter

from bench.letters import letter
from bench.render import COMPILE, FILIGRANE, ISSUE, ONCE, PREFIX, ROOT, SENTINEL
from composer.issue import compose, load_issue
from composer.newsroom import load_newsroom
from composer.rendering.letter import LetterTemplate

OUT = ROOT / "bench" / "out" / "start.json"
ROUNDS = 10
MANY, WORDS = 500, 800

#: What is asked of each: of mjml and juice's process, times; of the processor, seconds.
AIMS = {
    "version": (None, 0.2),
    "help": (None, 0.2),
    "check": (1.5, 0.8),
    "render": (1.2, 0.8),
    "calendar": (None, None),
}


def spent(command: Sequence[str], environment: dict[str, str], given: bytes = b"") -> tuple[float, float]:
    """Seconds of processor and of wall that a process took, those of its own children included."""
    with TemporaryFile() as file:
        file.write(given)
        file.seek(0)
        begin = perf_counter()
        process = Popen(command, cwd=ROOT, env=environment, stdin=file, stdout=DEVNULL, stderr=DEVNULL)
        _pid, status, used = os.wait4(process.pid, 0)
        wall = perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, wall


def many(root: Path) -> None:
    """A newsroom of ``MANY`` issues, a week from one to the next."""
    shutil.copytree(ROOT / "config", root / "config")
    folder = root / "issues" / "samedi"
    folder.mkdir(parents=True)
    for number in range(MANY):
        day = date(2027, 1, 2) + timedelta(weeks=number)
        (folder / f"{day}.yaml").write_text(letter(WORDS), encoding="utf-8")


def main() -> None:
    newsroom = load_newsroom(ROOT)
    made = LetterTemplate(compose(load_issue(ISSUE, newsroom).require(), newsroom, "paid"), newsroom)
    given = json.dumps({"mjml": made.document(made.blocks(), PREFIX + SENTINEL), "css": made.css()}).encode()
    node = bool(shutil.which("node")) and (COMPILE.parent / "node_modules" / ".built").exists()
    figures: dict[str, float] = {}
    with TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "config", root / "newsroom" / "config")
        shutil.copytree(ROOT / "issues", root / "newsroom" / "issues")
        environment = dict(os.environ) | {"XDG_CACHE_HOME": str(root / "account")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        ours = [*FILIGRANE, "--newsroom", str(root / "newsroom")]
        issue = ISSUE.relative_to(ROOT).as_posix()
        commands = {
            "version": [*ours, "version"],
            "help": [*ours, "--help"],
            "check": [*ours, "check", issue],
            "render": [*ours, "render", issue, "--out", str(root / "out")],
            "calendar": [*ours, "calendar"],
        }
        for command in commands.values():
            spent(command, environment)  # modules are compiled
        for name in ("check", "render"):
            for kept in (root / "newsroom" / "var", root / "account"):
                shutil.rmtree(kept, ignore_errors=True)
            figures[f"{name}_first_cpu_s"], figures[f"{name}_first_wall_s"] = spent(commands[name], environment)
        if node:
            commands["node"] = ["node", str(ONCE)]
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _round in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(spent(command, environment, given if name == "node" else b""))
        for name, each in times.items():
            figures[f"{name}_cpu_s"] = median(cpu for cpu, _wall in each)
            figures[f"{name}_wall_s"] = median(wall for _cpu, wall in each)
        show(figures, [*commands])
        many(root / "many")
        check = [*FILIGRANE, "--newsroom", str(root / "many"), "check", "--past", "--jobs", "2"]
        figures[f"check_past_{MANY}_cpu_s"], figures[f"check_past_{MANY}_wall_s"] = spent(check, environment)
    cpu, wall = figures[f"check_past_{MANY}_cpu_s"], figures[f"check_past_{MANY}_wall_s"]
    print(
        f"\n{MANY} issues of {WORDS} words, check --past, two processes: {cpu:.1f} s of processor, {wall:.1f} s of wall"
    )
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=2) + "\n")


def show(figures: dict[str, float], names: Sequence[str]) -> None:
    print(f"{ISSUE.relative_to(ROOT)}, medians of {ROUNDS} processes; Python {platform.python_version()}")
    print(f"\n{'':<34} {'processor':>10} {'wall':>10}  of mjml and juice: processor, wall")
    for name in names:
        cpu, wall = figures[f"{name}_cpu_s"], figures[f"{name}_wall_s"]
        label = "mjml and juice, node" if name == "node" else f"filigrane {name}"
        beside = ""
        if "node_cpu_s" in figures and name != "node":
            times, seconds = AIMS[name]
            beside = f"  {cpu / figures['node_cpu_s']:5.2f} {wall / figures['node_wall_s']:5.2f}"
            beside += f"   aim {times} times" if times else ""
            beside += f"   aim {seconds} s" if seconds else ""
        print(f"{label:<34} {cpu:8.2f} s {wall:8.2f} s{beside}")
    for name in ("check", "render"):
        cpu, wall = figures[f"{name}_first_cpu_s"], figures[f"{name}_first_wall_s"]
        print(f"{f'filigrane {name}, nothing kept':<34} {cpu:8.2f} s {wall:8.2f} s")


if __name__ == "__main__":
    main()
