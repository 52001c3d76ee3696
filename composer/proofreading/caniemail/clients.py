"""Find features of a letter that mail clients do not support."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from composer.locale import gettext as _
from composer.proofreading.caniemail import markup
from composer.proofreading.caniemail.support import baseline, names, support
from composer.source.document import Source
from composer.source.finding import Finding, Severity


def unsupported(letters: Iterable[etree._Element]) -> dict[str, str]:
    """The features used in ``letters`` that at least one client does not support, each with an example."""
    uses: dict[str, str] = {}
    for letter in letters:
        uses = markup.features(letter) | uses
    known = support().features
    return {feature: example for feature, example in uses.items() if feature in known and known[feature].without}


def findings(letters: Iterable[etree._Element], source: Source) -> Iterator[Finding]:
    """A warning for each feature that some client lacks and the shipped letter does not use; placed on the issue."""
    for feature, example in sorted(unsupported(letters).items()):
        if feature not in baseline():
            known = support().features[feature]
            message = _("{feature} is not supported by {clients}; the letter uses it: {example}").format(
                feature=known.title, clients=names(known.without), example=example
            )
            yield source.finding("unsupported", message, severity=Severity.WARNING)
