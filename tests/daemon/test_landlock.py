"""What a process may change, once it has given the rest up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

TRIES = """
import json, os, sys
from pathlib import Path
from composer.daemon.landlock import change_only_below
inside, outside = map(Path, sys.argv[1:])
held = change_only_below(inside)
def may(change):
    try:
        change()
    except PermissionError:
        return False
    return True
print(json.dumps([
    held,
    may(lambda: (inside / "new").write_text("x")),
    may(lambda: (inside / "new").unlink()),
    may(lambda: (outside / "old").read_text()),
    may(lambda: (outside / "old").write_text("x")),
    may(lambda: (outside / "old").unlink()),
    may(lambda: (outside / "new").write_text("x")),
    may(lambda: (outside / "folder").mkdir()),
    may(lambda: os.truncate(outside / "old", 0)),
    may(lambda: (inside / "link").symlink_to(outside / "old") or (inside / "link").write_text("x")),
]))
"""


def test_only_the_folders_named_are_changed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "old").write_text("kept")
    command = [sys.executable, "-c", TRIES, str(inside), str(outside)]
    held, made, removed, read, *changed = json.loads(subprocess.check_output(command, text=True))
    assert (made, removed, read) == (True, True, True)
    if held:  # this kernel has it, and no filter forbids it
        assert changed == [False] * 6
        assert (outside / "old").read_text() == "kept"
