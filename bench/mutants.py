"""Write mistakes into one subject's code, one at a time, and see whether its tests notice.

    make mutants ROOM=paywall

mutmut (https://mutmut.readthedocs.io) makes the mistakes, in a copy of the checkout under ``var/mutants``. The
subjects, their files, their tests and the mistakes that change nothing (each with its reason) are in ``mutants.toml``.
The share of those that are noticed is printed with the others' differences; under ``AIM`` the run fails.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_suffix(".toml")
WORK = CHECKOUT / "var" / "mutants"
AIM = 0.95

#: Lines left as they are: the words of a message are held by the catalogues' tests, a log's by docs/logs.md's.
SPARED = (r"_\(", r"ngettext\(", r"_?log\.\w+\(", r"raise AssertionError")

#: mutmut's exit codes (0: no test failed; 33: no test reaches it).
SURVIVED, UNREACHED = 0, 33


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that start a PostgreSQL server last: most mistakes are noticed before. pytest calls this."""
    items.sort(key=lambda item: item.get_closest_marker("postgres") is not None)


@dataclass(frozen=True)
class Survivor:
    """A mistake that no test noticed: ``was`` and ``becomes`` are the changed lines, without their indent."""

    name: str
    was: str
    becomes: str


def copied(subject: str, given: dict[str, Any]) -> Path:
    """A copy of what git tracks, with mutmut told what to change and what to run."""
    folder = WORK / subject
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.split("\0") if name and (CHECKOUT / name).is_file()]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / name, folder / name)
    settings = {
        "source_paths": ["composer"],
        "only_mutate": given["files"],
        "also_copy": sorted({Path(name).parts[0] for name in names} - {"composer", ".github", ".ci"}),
        "pytest_add_cli_args": ["-n0", "-x", "-q", "-p", "no:cacheprovider", "-p", "bench.mutants"],
        "pytest_add_cli_args_test_selection": given["tests"],
        "do_not_mutate_patterns": list(SPARED),
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")
    return folder


def mutmut(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=folder, text=True, capture_output=arguments[0] != "run", check=False)


def outcomes(folder: Path) -> dict[str, int | None]:
    """Name of each mistake → mutmut's exit code for it, None where it was not tried."""
    found: dict[str, int | None] = {}
    for meta in sorted((folder / "mutants" / "composer").rglob("*.meta")):
        found |= json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def survivors(folder: Path, codes: dict[str, int | None]) -> Iterator[Survivor]:
    for name in (name for name, code in codes.items() if code in (SURVIVED, UNREACHED)):
        shown = mutmut(folder, "show", name).stdout
        changed = {sign: re.findall(rf"^\{sign}(?!\{sign}\{sign})(.*)$", shown, re.MULTILINE) for sign in "-+"}
        yield Survivor(name, *(" ".join(line.strip() for line in changed[sign]) for sign in "-+"))


def same(survivor: Survivor, harmless: list[dict[str, str]]) -> bool:
    """Whether ``mutants.toml`` gives a reason for which this one changes nothing."""
    return any((survivor.was, survivor.becomes) == (each["was"], each["becomes"]) for each in harmless)


def main() -> None:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    if len(sys.argv) != 2 or sys.argv[1] not in table:
        sys.exit(f"make mutants ROOM=…, one of: {', '.join(table)}")
    given = table[sys.argv[1]]
    folder = copied(sys.argv[1], given)
    mutmut(folder, "run")
    codes = outcomes(folder)
    if not codes or None in codes.values():
        sys.exit("mutmut did not try every mistake: see above")
    left = list(survivors(folder, codes))
    alike = [each for each in left if same(each, given.get("harmless", []))]
    noticed = len(codes) - len(left)
    for each in left:
        if each not in alike:
            print(f"\n{each.name}\n  - {each.was}\n  + {each.becomes}")
    share = noticed / (len(codes) - len(alike))
    print(f"\n{sys.argv[1]}: {len(codes)} mistakes, {noticed} noticed, {len(alike)} that change nothing: {share:.1%}")
    print(f"by exit code: {dict(Counter(codes.values()))}")
    if share < AIM:
        sys.exit(f"under {AIM:.0%}")


if __name__ == "__main__":
    main()
