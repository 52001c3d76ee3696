"""Reading an issue: its file, its name, and what must hold inside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from composer.issue.checks import check
from composer.issue.files import BadName, key_of
from composer.issue.model import Front, Issue
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.document import Document
from composer.source.finding import Finding, Severity
from composer.source.keys import find_key
from composer.source.load import load

#: What the path of an issue says, and its file may therefore not say again.
_SAID_BY_PATH = ("publication", "date", "slug", "language")


def load_issue(path: Path, newsroom: Newsroom) -> Document[Issue]:
    """The issue at ``path``, with everything that is wrong inside it. Pictures and bookings are for ``compose``.

    Raises ``FileMissing`` where there is no such file, ``OutsideWorld`` where it cannot be read.
    """
    document = load(path, Front, root=newsroom.root, keys=newsroom.settings.keys)
    findings = [_said_by_path(finding) for finding in document.findings]
    try:
        key = key_of(path, newsroom)
    except BadName as error:
        findings.insert(0, document.source.finding("file-name", str(error), suggestion=error.better))
        return Document(None, document.source, tuple(findings))
    if document.value is None:
        return Document(None, document.source, tuple(findings))
    issue = Issue(key, document.value, document.source)
    findings += check(issue, newsroom)
    kept = without_ignored(issue, sorted(findings, key=lambda finding: finding.place))
    failed = any(finding.severity is Severity.ERROR for finding in kept)
    return Document(None if failed else issue, document.source, kept)


def without_ignored(issue: Issue, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, without the warnings and notes that the editor considered (``ignore:``). Errors stay."""
    codes = issue.front.ignore
    return tuple(each for each in findings if each.severity is Severity.ERROR or each.code not in codes)


def _said_by_path(finding: Finding) -> Finding:
    if finding.code != "unknown-key" or finding.excerpt is None or finding.place.column != 1:
        return finding
    word = re.match(r"[\"']?([\w -]+?)[\"']?\s*:", finding.excerpt)
    key = find_key(word[1], _SAID_BY_PATH) if word else None
    if word is None or key is None:
        return finding
    message = _("“{key}” is said by the file's own name, issues/<publication>/<date>.yaml: take this line out")
    return replace(finding, message=message.format(key=word[1]), suggestion=None)
