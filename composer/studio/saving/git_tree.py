"""Git, run in the newsroom's work tree so that nothing of the repository can start a program or ask a question.

The repository is data that others push to. Of git's environment nothing is inherited; hooks, the file system monitor,
signing, upkeep in the background, transports and every filter are turned off; names are taken literally, and never
where an option could stand. The settings are given in the environment (``GIT_CONFIG_COUNT``), which wins over the
repository's own, also for a filter with an odd name.

What cannot be closed: the ``git`` that is found first in ``PATH``, and a setting that is written into ``.git/config``
between our look at it and git's (whoever can write there can as well wait for the account's next ``git`` command).
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.environment import plain_environment

#: Seconds for one command, and for it to end once it is asked to: killed, it would leave its lock.
PATIENCE, _ENDING = 30.0, 5.0

_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "commit.gpgSign": "false",
    "log.showSignature": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.allow": "never",
    "i18n.commitEncoding": "UTF-8",
    "i18n.logOutputEncoding": "UTF-8",
}
_FILTER_KEYS = {"clean": "", "smudge": "", "process": "", "required": "false"}
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "false",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
}


class GitFailed(OutsideWorld):
    """Git did not do it; ``why`` is its first line."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(_("git did not do it: {why}").format(why=why))


@dataclass(frozen=True)
class Done:
    code: int
    out: bytes
    err: str


class WorkTree:
    """The work tree that the folder ``root`` is in, or the root of. Several threads may use it."""

    def __init__(self, program: str, root: Path) -> None:
        self._program, self._root = program, root
        self.git_folder = root

    @classmethod
    def of(cls, root: Path) -> WorkTree | None:
        """None where ``root`` is in no work tree, or git is not installed. Raises ``GitFailed`` where git will not
        say: the repository is another account's, or damaged."""
        program = shutil.which("git")
        if program is None:
            return None
        tree = cls(program, root)
        inside = tree.run("rev-parse", "--is-inside-work-tree")
        if inside.code and "not a git repository" in inside.err:
            return None
        if tree.checked(inside).strip() != b"true":
            return None
        folder = tree.checked(tree.run("rev-parse", "--absolute-git-dir")).removesuffix(b"\n")
        tree.git_folder = Path(folder.decode("utf-8", "surrogateescape"))
        return tree

    def run(
        self, *arguments: str, said: str = "", signature: tuple[str, str] | None = None, closed: bool = False
    ) -> Done:
        """Run ``git`` with ``arguments``; ``said`` is its input, ``signature`` name and address of author and
        committer. ``closed``: what may read a file of the work tree, so that its filters are turned off first.

        Raises ``GitFailed`` where it does not start, or does not end in time.
        """
        settings = dict(_SETTINGS)
        if closed:
            settings |= self._filters_off()
        environment = plain_environment() | _ENVIRONMENT | {"GIT_CONFIG_COUNT": str(len(settings))}
        for number, (key, value) in enumerate(settings.items()):
            environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        if signature is not None:
            for each in ("AUTHOR", "COMMITTER"):
                environment |= {f"GIT_{each}_NAME": signature[0], f"GIT_{each}_EMAIL": signature[1]}
        try:
            with subprocess.Popen(  # noqa: S603 # reason: always git, with our own arguments
                [self._program, *arguments],
                cwd=self._root,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C ends the studio, which waits for git
            ) as process:
                return _ended(process, said.encode("utf-8", "replace"))
        except OSError as error:
            raise GitFailed(os_reason(error)) from error

    def checked(self, done: Done) -> bytes:
        """Its output. Raises ``GitFailed`` where it ended with another code than 0."""
        if done.code:
            raise GitFailed(done.err.strip().partition("\n")[0] or str(done.code))
        return done.out

    def _filters_off(self) -> dict[str, str]:
        """Settings against the filters that the configuration names: a refresh of the index runs them on any file."""
        names = self.checked(self.run("config", "--list", "--name-only", "-z")).decode("utf-8", "surrogateescape")
        found: dict[str, str] = {}
        for key in names.split("\0"):
            section, _dot, rest = key.partition(".")
            driver, _dot, last = rest.rpartition(".")
            if section == "filter" and driver and last in _FILTER_KEYS:
                found |= {f"filter.{driver}.{each}": value for each, value in _FILTER_KEYS.items()}
        return found


def _ended(process: subprocess.Popen[bytes], said: bytes) -> Done:
    try:
        out, err = process.communicate(said, timeout=PATIENCE)
    except subprocess.TimeoutExpired as late:
        process.terminate()
        try:
            process.communicate(timeout=_ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
        raise GitFailed(_("it did not end within {seconds:.0f} s").format(seconds=PATIENCE)) from late
    return Done(process.returncode, out, err.decode("utf-8", "replace"))
