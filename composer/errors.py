"""What can go wrong, and whose turn it is.

FiligraneError
├── Refused          exit 1: the input, or the state, says no; nothing was changed
│   └── Mistakes     exit 1: mistakes in files, each with its place
├── WrongUsage       exit 2: the command line does not make sense
└── OutsideWorld     exit 3: a relay, a disk, a database, a port did not do its part

Each message says what is wrong, where, why, and what to type instead; the command line prints it as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from composer.source.finding import Finding


class FiligraneError(Exception):
    """Any error a person can do something about."""

    exit_code: ClassVar[int] = 1

    def shown(self) -> str:
        """What the terminal shows. ``str`` is what logs, alerts and holds say: it never holds a line of a file."""
        return str(self)


class Refused(FiligraneError):
    """The input or the state says no. Nothing was changed."""

    exit_code = 1


class Mistakes(Refused):
    """Mistakes in files. ``findings`` holds all of them, in the order of the files.

    As text it is their codes, places and messages; ``shown`` has the faulty lines too.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.brief() for finding in self.findings))

    def shown(self) -> str:
        return "\n\n".join(str(finding) for finding in self.findings)


class WrongUsage(FiligraneError):
    """The command line does not make sense."""

    exit_code = 2


class OutsideWorld(FiligraneError):
    """Something outside Filigrane did not do its part."""

    exit_code = 3
