"""The exceptions of Filigrane, and the exit code of each.

FiligraneError
├── Refused          exit 1: the input or the state does not permit it; nothing was changed
│   └── Mistakes     exit 1: errors in files, each with its place
├── WrongUsage       exit 2: the command line is invalid
└── OutsideWorld     exit 3: a relay, disk, database or port failed

Each message says what is wrong, where, why, and what to type instead; the command line prints it unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from composer.source.finding import Finding


class FiligraneError(Exception):
    """Any error that the user or the operator can do something about."""

    exit_code: ClassVar[int] = 1

    def shown(self) -> str:
        """The text for the terminal. Logs, alerts and holds use ``str``, which never quotes a line of a file."""
        return str(self)


class Refused(FiligraneError):
    """The input or the state does not permit the action. Nothing was changed."""

    exit_code = 1


class Mistakes(Refused):
    """Errors in files. ``findings`` holds all of them, in the order of the files.

    ``str`` gives their codes, places and messages; ``shown`` also quotes the lines concerned.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.brief() for finding in self.findings))

    def shown(self) -> str:
        return "\n\n".join(str(finding) for finding in self.findings)


class WrongUsage(FiligraneError):
    """The command line is invalid."""

    exit_code = 2


class OutsideWorld(FiligraneError):
    """Something outside Filigrane failed: a relay, a disk, a database, a port."""

    exit_code = 3
