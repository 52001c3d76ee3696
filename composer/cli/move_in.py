"""``filigrane move-in``: another platform's exports, closed to zero."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Unpack

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from composer.cli.confirm import confirm
from composer.cli.list_import import command_typed, cut_short
from composer.cli.list_words import json_option, open_for, publication_option
from composer.cli.move_report import KeptReport
from composer.cli.move_said import said_of_files
from composer.cli.move_words import closing_shown, equation_shown, figure_shown, refused_shown, told_of_move
from composer.cli.say import console, say
from composer.cli.terms_typed import Typed, delimiter_option, delimiter_typed, of_the_list, terms_typed
from composer.errors import OutsideWorld, Refused, WrongUsage
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.printable import printable
from composer.subscribers.move_files import MovedFile, lists_in, look_at
from composer.subscribers.move_in import Asked, Closing, Move, moving_in


@click.command("move-in")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@publication_option
@of_the_list
@click.option("--map", "mapping", metavar="[N:]FIELD=COLUMN", multiple=True, help="A column (of file N).")
@click.option(
    "--ignore", metavar="[N:]COLUMN", multiple=True, help="A column (of file N) that says nothing of who left."
)
@click.option(
    "--code",
    "codes",
    metavar="[N:]COLUMN:VALUE=STATE",
    multiple=True,
    help="What a value (of file N) means; once each.",
)
@click.option("--state", "states", metavar="[N:]STATE", multiple=True, help="What all rows (of file N) are.")
@delimiter_option
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where the equation and the rows left out are kept; beside the first file otherwise.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@json_option
@click.pass_obj
def move_in(
    folder: Path,
    files: tuple[Path, ...],
    publication: str,
    mapping: tuple[str, ...],
    ignore: tuple[str, ...],
    codes: tuple[str, ...],
    states: tuple[str, ...],
    delimiter: str | None,
    report: Path | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    **typed: Unpack[Typed],
) -> None:
    """Move in from another platform: its exports become readers, and every row is accounted for.

    Give all its files at once (who is subscribed, who left, who bounced), in any order: leaving wins. Nothing is
    written before each question is answered, every row is explained, and you say yes.
    """
    _check(files)
    newsroom, engine = open_for(folder, publication)
    terms = terms_typed(newsroom, publication, **typed)
    between = delimiter_typed(delimiter)
    moved = look_at(files, [between] * len(files))
    said = said_of_files(moved, mapping, ignore, states, between, codes)
    kept = KeptReport(report or files[0].absolute().parent, publication, named=report is not None)
    kept.check(moved)
    written = (0, 0)
    try:
        with _bar(moved) as shown, moving_in(engine, moved, said, terms, shown.reading) as move:
            shown.pause()
            kept.write(move)
            for line in (*told_of_move(move), *refused_shown(move), kept.told, equation_shown(move.total)):
                say(line, err=True)
            closing = None
            if not dry_run:
                _agree(move, publication, yes)
                shown.resume()

                def keep(rows: int, total: int) -> None:
                    nonlocal written
                    written = rows, total
                    shown.writing(rows, total)

                closing = move.write(keep)
                shown.pause()
                kept.close(closing)
            _end(move, closing, publication, kept, as_json)
    except (KeyboardInterrupt, OutsideWorld):
        say(cut_short(*written), err=True)
        raise
    except Asked as asked:
        command = " ".join([command_typed(click.get_current_context()), *asked.options])
        told = (
            _("For example, with an answer in place of each “?”: {command}")
            if any("?" in one for one in asked.options)
            else _("For example: {command}")
        )
        raise Refused(f"{asked}\n" + told.format(command=command)) from asked


#: Most files of a folder that are named in the command to type; of more, all are meant by a pattern, where it fits.
_NAMED = 20


def _check(files: Sequence[Path]) -> None:
    """Raise ``WrongUsage`` for a folder, and for a file that is given twice, under whatever name."""
    seen: dict[tuple[int, int], Path] = {}
    for path in files:
        if path.is_dir():
            lists, others = lists_in(path)
            all_of_them = len(lists) > _NAMED and not others
            few = f"{shlex.quote(str(path))}/*" if all_of_them else shlex.join(map(str, lists))
            message = _("{path} is a folder; name the files in it").format(path=path)
            if lists:
                message += _(": filigrane move-in {files}").format(files=few)
            if others:
                names = ", ".join(one.name for one in others)
                message += "\n" + _("Without those that are no lists, by what they hold: {names}").format(names=names)
            raise WrongUsage(message)
        status = path.stat()
        if (other := seen.setdefault((status.st_dev, status.st_ino), path)) is not path:
            raise WrongUsage(_("{path} and {other} are the same file: give it once").format(path=path, other=other))


def _agree(move: Move, publication: str, yes: bool) -> None:
    """Ask at a terminal; Raises ``Refused`` for a no. A script was told to do it, as by ``subscribers import``."""
    if sys.stdin.isatty():
        told = ngettext(
            "{n} reader of {publication} would come from these files",
            "{n} readers of {publication} would come from these files",
            move.total.readers,
        )
        confirm(yes, told.format(n=figure_shown(move.total.readers), publication=publication))


class _Bar:
    """The progress bar: bytes of all files while they are read, rows while they are written."""

    def __init__(self, files: Sequence[MovedFile], bar: Progress) -> None:
        self._bar, self._task = bar, bar.add_task("", rows=0, rate=0, total=sum(one.size for one in files))
        self._files = list(files)

    def reading(self, file: MovedFile, rows: int, done: int) -> None:
        at = self._files.index(file)
        before, above = sum(one.size for one in self._files[:at]), sum(one.rows for one in self._files[:at])
        self._show(_("reading {file}").format(file=file.path.name), above + rows, before + done)

    def writing(self, rows: int, total: int) -> None:
        if self._bar.tasks[self._task].total != total:
            self._bar.reset(self._task, total=total, rows=0, rate=0)
        self._show(_("writing"), rows, rows)

    def pause(self) -> None:
        self._bar.stop()

    def resume(self) -> None:
        self._bar.start()

    def _show(self, told: str, rows: int, done: int) -> None:
        rate = round(rows / (self._bar.tasks[self._task].elapsed or 1))
        self._bar.update(self._task, description=printable(told), completed=done, rows=rows, rate=rate)


@contextmanager
def _bar(files: Sequence[MovedFile]) -> Iterator[_Bar]:
    screen = console(stderr=True)
    columns = (TextColumn("{task.fields[rows]} · {task.fields[rate]}/s"), TimeRemainingColumn())
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    ) as bar:
        yield _Bar(files, bar)


def _end(move: Move, closing: Closing | None, publication: str, kept: KeptReport, as_json: bool) -> None:
    """Say what the database holds; exit code 1 where it does not hold it, or where no row was of use."""
    total = closing.total if closing else move.total
    if closing is None:
        say(_("Nothing was changed."), err=True)
    else:
        if total != move.total:
            changed = _("Others wrote meanwhile; as it was written: {equation}")
            say(changed.format(equation=equation_shown(total)), err=True)
        say(closing_shown(closing, publication), err=True)
    if as_json:
        say(json.dumps(_document(move, closing, publication, kept), ensure_ascii=False, indent=2))
    unusable = total.rows == total.refused
    if unusable:
        say(_("no row of these files can be moved in"), err=True)
    if unusable or (closing is not None and closing.unexplained):
        click.get_current_context().exit(Refused.exit_code)


def _document(move: Move, closing: Closing | None, publication: str, kept: KeptReport) -> dict[str, Any]:
    total = closing.total if closing else move.total
    return {
        "publication": publication,
        "dry_run": closing is None,
        **asdict(total),
        "unexplained": closing.unexplained if closing else total.unexplained,
        "before": closing.before.readers if closing else None,
        "after": closing.after.readers if closing else None,
        "report": None if kept.trouble else str(kept.folder),
        "remarks": move.remarks,
        "files": [
            {
                "file": str(part.file.path),
                "sha256": part.file.digest,
                "platform": part.file.origin.name if part.file.origin else None,
                "because": part.file.origin.because if part.file.origin else (),
                **asdict(part.equation),
                "understood": part.located.understood,
                "ignored": [part.located.shown(at) for at in part.located.ignored],
                "remarks": part.remarks,
            }
            for part in move.parts
        ],
    }
