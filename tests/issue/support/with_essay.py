"""The program with one more block, ``essay``: a process of its own, since the models are made when they are imported.

``python -m tests.issue.support.with_essay ROOT ISSUE DOCUMENT`` checks the issue of the newsroom in ROOT; if it has no
error it approves it, changes DOCUMENT and looks at the approval again. It prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

BLOCKS = Path(__file__).parents[3] / "composer" / "issue" / "blocks"
NAME = "composer.issue.blocks"


#: Template → its text.
TEMPLATES = {
    "essay.mjml.j2": """\
<mj-text css-class="t g">
  <h2 class="headline{% if block is sameas lead %} lead{% endif %}" id="{{ block.id }}">{{ spans(block.headline) }}</h2>
  {% if block.standfirst %}<p class="standfirst">{{ spans(block.standfirst) }}</p>{% endif %}
  {% for each in block.chapters %}<p id="{{ each.id }}">{{ spans(each.title) }}</p>{% endfor %}
</mj-text>
{% with body = block.body, style = block.style %}{% include "body.mjml.j2" %}{% endwith %}
{% if block.further %}
{% with block = further(block.further), level = 3 %}{% include "blocks/links.mjml.j2" %}{% endwith %}
{% endif %}
""",
    "essay.txt.j2": """\
{{ underline(words(block.headline), "=") }}

{% with body = block.body, style = block.style %}{% include "body.txt.j2" %}{% endwith %}
""",
}


class _OneMore(SourceFileLoader):
    """The one edit that ``docs/developing.md`` asks for: the block's constant in ``BLOCK_TYPES``."""

    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_text(encoding="utf-8")
        first = "BLOCK_TYPES: tuple[BlockType[Any], ...] = (\n"
        assert first in source
        more = "from tests.issue.support.essay import ESSAY\n\n"
        return compile(source.replace(first, f"{more}{first}    ESSAY,\n"), self.path, "exec", dont_inherit=True)


class _Finder:
    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name != NAME:
            return None
        file = BLOCKS / "__init__.py"
        loader = _OneMore(name, str(file))
        return spec_from_file_location(name, file, loader=loader, submodule_search_locations=[str(BLOCKS)])


def main(root: Path, issue: Path, document: Path) -> dict[str, Any]:
    from composer.approval.freeze import approve
    from composer.approval.model import Unsealed
    from composer.approval.verify import verdict
    from composer.issue.load import load_issue
    from composer.newsroom import load_newsroom
    from composer.proofreading import review

    newsroom = load_newsroom(root)
    reading = review(load_issue(issue, newsroom), newsroom, lambda _newsroom, _key: ())
    found = [(each.code, each.place.line, each.place.column) for each in reading.findings]
    if not reading.letters or any(each.severity == "error" for each in reading.findings):
        return {"found": found}
    seal = approve(issue, newsroom, "Odile Ferrand", now=datetime(2026, 11, 26, 17, 4, tzinfo=UTC))
    before = verdict(issue, newsroom)
    document.write_text("something else", encoding="utf-8")
    after = verdict(issue, newsroom)
    return {
        "found": found,
        "preheader": seal.preheader,
        "html": {audience: edition.html for (audience, _language), edition in seal.editions.items()},
        "verdicts": [each.reason if isinstance(each, Unsealed) else None for each in (before, after)],
    }


if __name__ == "__main__":
    sys.meta_path.insert(0, _Finder())
    print(json.dumps(main(*(Path(each) for each in sys.argv[1:]))))
