"""Files below ``config/`` that are never read, and copies of those that are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from composer.locale import gettext as _
from composer.newsroom.unread import LEXICON, PUBLICATIONS, SPONSORS
from composer.source.finding import Finding, Place, Severity
from composer.source.opening import relative
from composer.source.paths import is_of_a_system
from composer.source.vocabulary import fold_key, nearest_word

#: What is read directly below ``config/``, by the words that an editor calls it.
_READ = {
    "lexicon": LEXICON,
    "lexique": LEXICON,
    "newsroom": "config/newsroom.yaml",
    "redaction": "config/newsroom.yaml",
    "publications": f"{PUBLICATIONS}/",
    "publication": f"{PUBLICATIONS}/",
    "sponsors": f"{SPONSORS}/",
    "annonceurs": f"{SPONSORS}/",
    "publicites": f"{SPONSORS}/",
    "team": "config/team.yaml",
}


def unread_files(root: Path) -> Iterator[Finding]:
    """A warning for each YAML file directly in ``config/``, or in a folder of it, that is not one of those read."""
    config = root / "config"
    folders = {root / PUBLICATIONS, root / SPONSORS}
    for path in sorted([*config.glob("*.y*ml"), *config.glob("*/*.y*ml")]):
        name = relative(path, root)
        if path.parent in folders or name in _READ.values() or is_of_a_system(path.name) or not path.is_file():
            continue
        word = path.stem if path.parent == config else path.parent.name
        message = _("nothing reads this file: below config/ there are {files}").format(
            files=f"newsroom.yaml, lexicon.yaml, {_below(PUBLICATIONS)}, {_below(SPONSORS)}"
        )
        near = nearest_word(fold_key(word), _READ)
        meant = _READ[near] if near is not None else None
        better = None if meant is None else f"{meant}{path.name}" if meant.endswith("/") else meant
        if better is not None and (root / better).exists():
            better = None
        yield Finding("bad-file-name", Severity.WARNING, Place(name, 1, 1), message, suggestion=better)


def original(path: Path) -> Path | None:
    """The file of which ``path`` is probably a copy, as a system or a shared folder names one: ``lettre (1).yaml``,
    ``lettre copie.yaml``. None where no such file stands beside it.
    """
    there = [each for each in path.parent.glob("*.yaml") if each != path and path.stem.startswith(each.stem)]
    nearest = max(there, key=lambda each: len(each.stem), default=None)
    if nearest is None or path.stem[len(nearest.stem)] not in " (.":
        return None
    return nearest


def _below(folder: str) -> str:
    return f"{folder.removeprefix('config/')}/*.yaml"
