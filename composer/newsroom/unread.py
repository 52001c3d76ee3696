"""Consequences of configuration files with errors: issues that need such a file wait, all others go on.

The content of such a file is unknown: it must never be treated as absent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from composer.errors import Refused
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom, Publication, Unread
from composer.newsroom.plain_secrets import PASSWORD_IN_FILE
from composer.source.finding import Severity
from composer.source.opening import relative
from composer.source.vocabulary import nearest_word

PUBLICATIONS = "config/publications"
SPONSORS = "config/sponsors"
LEXICON = "config/lexicon.yaml"


def unread_publications(newsroom: Newsroom) -> dict[str, Unread]:
    """The publications that cannot be used because their file has errors, by name."""
    found = _in(newsroom.unread, PUBLICATIONS)
    return {name: unread for name, unread in found.items() if name not in newsroom.publications}


def unread_sponsors(newsroom: Newsroom) -> dict[str, Unread]:
    """The sponsors that cannot be used because their file has errors, by name: their bookings are unknown."""
    return _in(newsroom.unread, SPONSORS)


def _in(unread: Mapping[str, Unread], folder: str) -> dict[str, Unread]:
    return {PurePosixPath(file).stem: each for file, each in unread.items() if file.startswith(f"{folder}/")}


def unread_sentence(*unread: Unread) -> str:
    """The message to the operator: which files have errors, and the command that shows them."""
    message = _("there are mistakes in {files}, and what it says is not known; “filigrane check --all” shows them")
    return message.format(files=", ".join(each.file for each in unread))


def publication_named(newsroom: Newsroom, name: str) -> Publication:
    """The publication ``name``. Raises ``Refused`` where there is none, or where its file has errors."""
    if name in newsroom.publications:
        return newsroom.publications[name]
    if (unread := unread_publications(newsroom).get(name)) is not None:
        raise Refused(unread_sentence(unread))
    if not newsroom.publications:
        raise Refused(_("there is no publication that can be read: each is a file, config/publications/NAME.yaml"))
    raise Refused(unknown_publication(name, newsroom.publications))


def unknown_publication(name: str, known: Collection[str]) -> str:
    """The message that there is no publication ``name``, with the one of ``known`` that is probably meant."""
    message, near = _("there is no publication “{name}”").format(name=name), nearest_word(name, known)
    if near is not None:
        return message + _("; did you mean {better}?").format(better=near)
    return message + _("; there are: {known}").format(known=", ".join(sorted(known)))


def publication_of(issue: Path, newsroom: Newsroom) -> str | None:
    """The publication of the issue at ``issue``, by its folder as typed; None where it is not in issues/<publication>/.

    Where no publication has that name, links are followed: the old folder of a renamed publication may be one.
    """
    parts = PurePosixPath(relative(issue, newsroom.root)).parts
    typed = parts[1] if len(parts) == 3 and parts[0] == "issues" else None
    if typed in newsroom.publications or typed in unread_publications(newsroom):
        return typed
    folder = issue.resolve().parent
    return folder.name if folder == (newsroom.root / "issues" / folder.name).resolve() else typed


def publication_file(issue: Path, newsroom: Newsroom) -> str:
    """Path, relative to the newsroom, of the publication's file for the issue at ``issue``."""
    return f"{PUBLICATIONS}/{publication_of(issue, newsroom) or issue.resolve().parent.name}.yaml"


def title_of(newsroom: Newsroom, name: str) -> str:
    """The title of a publication, or its name where its file cannot be used."""
    return newsroom.publications[name].title if name in newsroom.publications else name


def files_with_errors(newsroom: Newsroom) -> dict[str, int]:
    """File → number of its errors, for the files that have any that keep it from being used."""
    counts: dict[str, int] = {}
    for finding in newsroom.findings:
        if finding.severity is Severity.ERROR and finding.code != PASSWORD_IN_FILE:
            counts[finding.place.file] = counts.get(finding.place.file, 0) + 1
    return counts


def consequences(newsroom: Newsroom) -> list[str]:
    """A line for each publication with errors in its file, saying what happens to its issues."""
    lines = []
    for name, unread in _in(newsroom.unread, PUBLICATIONS).items():
        if name in newsroom.publications:
            message = _("{publication}: it goes on as it was when its file could be read")
        elif unread.schedule is None:
            message = _("{publication}: when it is due cannot be read. Nothing of it leaves, and no hold is told")
        else:
            message = _("{publication}: what falls due is held, and nothing of it leaves")
        lines.append(message.format(publication=name))
    return lines


def keeping(fresh: Newsroom, before: Newsroom) -> Newsroom:
    """``fresh``, plus the publications of ``before`` that can no longer be read: a running process keeps using them.

    Sponsors are not kept: a seal records the advertisement that was approved, and an unreadable file cannot be compared
    with it.
    """
    lost = unread_publications(fresh)
    kept = {name: publication for name, publication in before.publications.items() if name in lost}
    return replace(fresh, publications={**fresh.publications, **kept})
