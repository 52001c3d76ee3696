"""Read a YAML file into a model: the same way for issues and every configuration file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from composer import locale
from composer.locale import Language
from composer.locale import gettext as _
from composer.source.binding import bind_record
from composer.source.document import Document
from composer.source.field_spec import record_of
from composer.source.finding import Finding, Severity, united
from composer.source.legible import legible
from composer.source.opening import relative
from composer.source.parse_state import ParseState
from composer.source.reading import clean, read_text
from composer.source.repair.silent_changes import restore_lost
from composer.source.repair.syntax import mended_tree
from composer.source.tree import Mapping, Node, Sequence
from composer.source.validating import validate
from composer.source.vocabulary import fold_key, words

T = TypeVar("T", bound=BaseModel)


def load(
    path: Path,
    model: type[T],
    *,
    root: Path,
    keys: Language | None = None,
    secrets: Iterable[Path] = (),
    content: bytes | None = None,
) -> Document[T]:
    """The file at ``path`` as a ``model``, with all its findings; never raises for what the file contains.

    Messages name keys in the language that the file mostly uses; where that is undecided, in ``keys``, the
    newsroom's choice. ``secrets`` are files that are never read as one of these. ``content`` is read in place of what
    the file holds. Raises ``FileMissing`` where there is no such file, ``OutsideWorld`` where it cannot be read.
    """
    text, findings = read_text(path, root, secrets, content)
    return read(text, model, file=relative(path, root), keys=keys, findings=findings)


def read(
    text: str, model: type[T], *, file: str, keys: Language | None = None, findings: list[Finding] | None = None
) -> Document[T]:
    """Parse ``text`` as a ``model``. ``findings`` are those made while decoding its bytes."""
    typed = text
    text, findings = clean(text, file, findings or [])
    default = keys or locale.language()
    state = ParseState.of(file, text, default, typed)
    state.findings += findings
    tree = mended_tree(state)
    value: T | None = None
    data: Any = None
    if isinstance(tree, Mapping):
        state.language = _language(tree) or default
        record = record_of(model)
        state.mark((), tree)
        restore_lost(state, tree)
        data = bind_record(state, tree, record, ())
        value = validate(state, data, model, record)
    elif not state.findings:
        if tree is None:
            state.report("empty-file", _("this file is empty"), 0, 0)
        else:
            message = _("keys are expected here, each with a colon")
            state.report("wrong-shape", message, tree.span.line, tree.span.column)
    findings = united(sorted(state.findings, key=lambda finding: (finding.place.line, finding.place.column)))
    errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
    if errors:
        return Document(None, state.source, tuple(findings), legible(state, data, model, errors))
    return Document(value, state.source, tuple(findings))


def _language(tree: Node) -> Language | None:
    """The language of most of the keys; None where undecided."""
    votes = {"fr": 0, "en": 0}
    waiting: list[Node] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            for key, value in node.entries:
                word = fold_key(key.text)
                for language, only in words().items():
                    votes[language] += word in only
                waiting.append(value)
        elif isinstance(node, Sequence):
            waiting += node.items
    if votes["fr"] == votes["en"]:
        return None
    return "fr" if votes["fr"] > votes["en"] else "en"
