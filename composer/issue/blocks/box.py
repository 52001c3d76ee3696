"""The common resolved type of En filigrane, À surveiller and insights, which differ by label and title."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from typing import Literal

from composer.issue.field_types import AnchorId
from composer.issue.inline import Spans
from composer.issue.resolved import Resolved, ResolvedBody
from composer.newsroom.model import Style
from composer.newsroom.values import Identifier, Prose


@dataclass(frozen=True)
class ResolvedBox(Resolved):
    """En filigrane, À surveiller, or another insight; ``label`` in the letter's language."""

    template = "box"

    kind: Literal["en_filigrane", "a_surveiller", "insight"]
    label: Prose
    title: Spans
    text: ResolvedBody
    style: Style
    due: Date | None = None
    names: tuple[Prose, ...] = ()
    follows: Identifier | None = None
    id: AnchorId | None = None
