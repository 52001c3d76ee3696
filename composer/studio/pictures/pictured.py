"""The pictures of the studio's letter say which figure of the issue they are, and are otherwise those that are sent."""

from __future__ import annotations

import re
from collections import defaultdict
from html import escape
from pathlib import Path

from composer.issue.model import Issue
from composer.issue.revision.figures import listed_figures
from composer.rendering.model import Rendering

_IMAGE = re.compile(r"<img\b[^<>]{0,3000}>")
_SOURCE = re.compile(r'\ssrc="[^"]{0,500}/media/(?P<name>[0-9a-f]{32}\.[a-z]{3,4})"')


def with_figures(html: str, rendering: Rendering, issue: Issue, folder: Path) -> str:
    """``html`` of the letter with ``data-figure``, the place of a figure, on each picture of one; ``folder`` holds the
    issue. A file that is printed several times is each of its figures in turn."""
    media = {name: path for path, name in rendering.files}
    places: dict[Path, list[str]] = defaultdict(list)
    for each in listed_figures(issue):
        places[(folder / each.figure.src).resolve()].append(each.at)

    def marked(match: re.Match[str]) -> str:
        source = _SOURCE.search(match[0])
        own = places.get(media[source["name"]].resolve(), []) if source and source["name"] in media else []
        if not own:
            return match[0]
        at = own.pop(0) if len(own) > 1 else own[0]
        return f'<img data-figure="{escape(at)}"{match[0][4:]}'

    return _IMAGE.sub(marked, html)
