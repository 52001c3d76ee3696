"""Load an issue: its file, its name, and the checks within it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from composer.issue.checks import check
from composer.issue.consequences import independent
from composer.issue.files import BadName, key_of
from composer.issue.model import Front, Issue, IssueKey
from composer.issue.unstructured import unstructured
from composer.locale import gettext as _
from composer.newsroom.environment import key_files
from composer.newsroom.model import Newsroom
from composer.source.document import Document, Partial
from composer.source.finding import Finding, Severity
from composer.source.load import load
from composer.source.vocabulary import find_key

#: Keys that the path of an issue sets, and its file must not repeat.
_SAID_BY_PATH = ("publication", "date", "slug", "language")


def load_issue(path: Path, newsroom: Newsroom, content: bytes | None = None) -> Document[Issue]:
    """The issue at ``path``, with every finding within it. Pictures and bookings are checked by ``compose``.

    ``content`` is read in place of what the file holds: the text of an open editor. Raises ``FileMissing`` where there
    is no such file, ``OutsideWorld`` where it cannot be read.
    """
    secrets = key_files(newsroom.root, newsroom.settings)
    document = load(path, Front, root=newsroom.root, keys=newsroom.settings.keys, secrets=secrets, content=content)
    source, findings = document.source, [_said_by_path(finding) for finding in document.findings]
    front = document.partial
    if document.value is None and (alone := unstructured(source, newsroom.settings.keys)) is not None:
        findings, front = [alone], None
    try:
        key: IssueKey | None = key_of(path, newsroom)
    except BadName as error:
        findings.insert(0, source.finding(error.code, str(error), suggestion=error.better))
        key = _better_key(error, path, newsroom)
        if document.value is not None:  # findings on the date, at the top of the file, may be wrong
            front = Partial(document.value, source, source, frozenset(), frozenset({source.place()}), ())
        elif front is not None:
            front = replace(front, damaged=front.damaged | {source.place()})
    if front is None and document.value is not None and key is not None:
        issue = Issue(key, document.value, source)
        findings += check(issue, newsroom)
        kept = without_ignored(issue, sorted(findings, key=lambda finding: finding.place))
        if not any(finding.severity is Severity.ERROR for finding in kept):
            return Document(issue, source, kept)
        return Document(None, source, kept, Partial(issue, source, source, frozenset(), frozenset(), ()))
    if front is None or key is None:
        return Document(None, source, tuple(findings))
    partial = Partial(
        Issue(key, front.remains, front.source), front.source, source, front.dropped, front.damaged, front.mistakes
    )
    findings += independent(partial, check(partial.remains, newsroom))
    kept = without_ignored(partial.remains, sorted(findings, key=lambda finding: finding.place))
    return Document(None, source, kept, partial)


def _better_key(error: BadName, path: Path, newsroom: Newsroom) -> IssueKey | None:
    """The key that the file will have under the suggested name."""
    if error.better is None:
        return None
    renamed = newsroom.root / error.better if "/" in error.better else path.with_name(error.better)
    try:
        return key_of(renamed, newsroom)
    except BadName:
        return None


def without_ignored(issue: Issue, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings without the warnings and notes that the editor ignores (``ignore:``). Errors stay."""
    codes = issue.front.ignore
    return tuple(each for each in findings if each.severity is Severity.ERROR or each.code not in codes)


def _said_by_path(finding: Finding) -> Finding:
    if finding.code != "unknown-key" or finding.excerpt is None or finding.place.column != 1:
        return finding
    word = re.match(r"[\"']?([\w -]{1,60}?)[\"']?\s*:", finding.excerpt)
    key = find_key(word[1], _SAID_BY_PATH) if word else None
    if word is None or key is None:
        return finding
    message = _("“{key}” is said by the file's own name, issues/<publication>/<date>.yaml: take this line out")
    return replace(finding, message=message.format(key=word[1]), suggestion=None)
