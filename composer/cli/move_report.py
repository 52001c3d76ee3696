"""What is kept of a move, beside its files: the equation, and of each file the rows that were left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from composer.cli.move_words import closing_shown, equation_shown
from composer.clock import now
from composer.errors import FiligraneError, Refused
from composer.locale import gettext as _
from composer.subscribers.list_files import check_replaceable, replacing
from composer.subscribers.move_files import MovedFile
from composer.subscribers.move_in import Closing, Move, check_reports

#: The name of the file with the equation, and how it begins, in either language.
EQUATION = "equation.txt"
_BEGINNING = "filigrane move-in "


class KeptReport:
    """A folder ``move-in-PUBLICATION`` in ``folder``, for this account alone: files 0600, no link is followed.

    Where the operator ``named`` the folder, what cannot be kept stops the move before it begins; else it is said, for
    the rows that are left out can be had again by ``--report``.
    """

    def __init__(self, folder: Path, publication: str, *, named: bool) -> None:
        self.folder = folder / f"move-in-{publication}"
        self._publication, self._named = publication, named
        #: Why nothing is kept.
        self.trouble: FiligraneError | None = None
        self._paths: list[Path] = []
        self._lines: list[str] = []

    def check(self, files: Sequence[MovedFile]) -> None:
        """Make the folder. Raises ``Refused`` or ``OutsideWorld`` where the operator named one and it cannot be."""
        stems = [one.path.stem for one in files]
        self._paths = [
            self.folder / (f"{stem}.csv" if stems.count(stem) == 1 else f"{number}-{stem}.csv")
            for number, stem in enumerate(stems, 1)
        ]
        try:
            if self.folder.is_symlink():
                raise Refused(_("{folder} is a link, and nothing is written through one").format(folder=self.folder))
            try:
                self.folder.mkdir(mode=0o700, exist_ok=True)
            except OSError:
                check_replaceable(self.folder / EQUATION, _is_earlier)  # says why
                raise
            check_replaceable(self.folder / EQUATION, _is_earlier)
            check_reports(self._paths)
        except (FiligraneError, OSError) as error:
            told = error if isinstance(error, FiligraneError) else Refused(f"{self.folder}: {error.strerror}")
            if self._named:
                raise told from error
            self.trouble = told

    @property
    def told(self) -> str:
        """Where it is, or why it is nowhere."""
        if self.trouble is not None:
            message = _("The equation and the rows left out are not kept ({why}): --report FOLDER says where to")
            return message.format(why=self.trouble)
        return _("The equation and the rows left out, with reasons: {folder}").format(folder=self.folder)

    def write(self, move: Move) -> None:
        """Write the rows left out, and the equation, of a move that is not written yet."""
        if self.trouble is not None:
            return
        move.write_reports(self._paths)
        self._lines = [f"{_BEGINNING}{self._publication}", now().isoformat(timespec="seconds"), ""]
        for part in move.parts:
            platform = part.file.origin.name if part.file.origin else "-"
            self._lines += [f"{part.file.path.name}  {platform}  sha256 {part.file.digest}"]
            self._lines += [f"    {equation_shown(part.equation)}"]
        self._lines += ["", equation_shown(move.total)]
        self._put(_("Not written yet: nothing was changed."))

    def close(self, closing: Closing) -> None:
        """Write down what became of it."""
        if self.trouble is None:
            self._put(closing_shown(closing, self._publication))

    def _put(self, last: str) -> None:
        with replacing(self.folder / EQUATION, _is_earlier) as file:
            file.write("\n".join((*self._lines, last, "")))


def _is_earlier(start: str) -> bool:
    return start.startswith(_BEGINNING)
