"""``filigrane typo``: what house typography would change in an issue, shown or written to its file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from composer.cli.configuration import load_newsroom
from composer.cli.issue import issue_named
from composer.cli.say import say
from composer.errors import OutsideWorld, Refused
from composer.issue import load_issue
from composer.issue.typography.apply_file import Rewriting, rewriting
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.locale.os_errors import os_reason
from composer.source.reading import clean

#: Visible signs for spaces that cannot be seen: no-break, narrow no-break, figure, thin.
_SHOWN = str.maketrans({"\u00a0": "␣", "\u202f": "⍽", "\u2007": "⟦2007⟧", "\u2009": "⟦2009⟧"})

_MARK = b"\xef\xbb\xbf"


@click.command()
@click.argument("issue", metavar="ISSUE")
@click.option("--write", is_flag=True, help="Rewrite the file; only its texts change.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_context
def typo(ctx: click.Context, issue: str, write: bool, as_json: bool) -> None:
    """Show what house typography changes in ISSUE, a file or publication/date. Exit code 1 where it changes anything.

    ␣ is a no-break space, ⍽ a narrow one.
    """
    newsroom = load_newsroom(ctx.obj)
    path = issue_named(newsroom, issue)
    document = load_issue(path, newsroom)
    found = rewriting(document.require(), newsroom)
    if write and found.differences:
        _write(path, document.source.text, found.text)
    if as_json:
        say(json.dumps(_as_json(document.source.file, found, write), ensure_ascii=False, indent=2))
    else:
        _print(document.source.file, found, write)
    ctx.exit(1 if found.differences and not write else 0)


def _print(file: str, found: Rewriting, write: bool) -> None:
    for each in found.differences:
        say(f"{each.place}: {each.before.translate(_SHOWN)} → {each.after.translate(_SHOWN)}")
    count = len(found.differences)
    if not count:
        say(_("{file}: nothing to change").format(file=file))
    elif write:
        message = ngettext("{file}: {count} place rewritten", "{file}: {count} places rewritten", count)
        say(message.format(file=file, count=count))
    else:
        message = ngettext("{file}: {count} place to change", "{file}: {count} places to change", count)
        say(message.format(file=file, count=count) + _("; --write changes the file"))


def _as_json(file: str, found: Rewriting, write: bool) -> dict[str, object]:
    differences = [
        {"line": each.place.line, "column": each.place.typed_column, "before": each.before, "after": each.after}
        for each in found.differences
    ]
    return {"file": file, "written": write and bool(differences), "differences": differences}


def _write(path: Path, before: str, after: str) -> None:
    """Write ``after`` to the file, whole or not at all. Raises ``Refused`` where it no longer reads ``before``."""
    try:
        content = path.read_bytes()
        head = _MARK if content.startswith(_MARK) else b""
        if clean(content.removeprefix(_MARK).decode(), path.name, [])[0] != before:
            raise Refused(_("{file} changed while it was read: nothing was written").format(file=path))
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
            new.write(head + after.encode())
            new.flush()
            os.fsync(new.fileno())
        Path(new.name).chmod(path.stat().st_mode & 0o7777)
        Path(new.name).replace(path)
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=path, why=os_reason(error))) from error
