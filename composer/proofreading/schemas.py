"""Whether text editors find the newsroom's schemas, and those that this version writes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from composer.issue.offers import FILE_KINDS
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.newsroom.schema_files import SCHEMAS, old_schemas
from composer.source.document import Source
from composer.source.finding import Finding, Place, Severity

_NAMED = re.compile(r"^#\s*yaml-language-server\s*:.*?\$schema=(?P<path>[^\s]{1,200})", re.MULTILINE)


def missing_schema(source: Source, newsroom: Newsroom) -> Iterator[Finding]:
    """A note where the file names one of the newsroom's schemas, in a comment for text editors, and it is not there."""
    match = _NAMED.search(source.text)
    if match is None or ":" in match["path"]:  # an address is not ours to ask
        return
    named = (newsroom.root / source.file).parent / match["path"]
    schemas = newsroom.root / SCHEMAS
    try:
        if named.resolve().parent != schemas.resolve() or named.is_file():
            return
    except (OSError, RuntimeError, ValueError):
        return
    line = source.text.count("\n", 0, match.start())
    excerpt = match[0]
    message = _("text editors will not find this schema: “filigrane schema” writes it")
    place = Place(source.file, line + 1, match.start("path") - match.start() + 1)
    yield Finding("missing-schema", Severity.NOTE, place, message, excerpt)


def schema_line(newsroom: Newsroom) -> str | None:
    """A line to print where schemas in the newsroom are not those that this version writes."""
    if not old_schemas(newsroom.root / SCHEMAS, FILE_KINDS):
        return None
    message = _("{folder}/ was written by another version, and text editors go by it: “filigrane schema” renews it")
    return message.format(folder=SCHEMAS)
