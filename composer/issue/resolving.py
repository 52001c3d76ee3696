"""The description of a block type, and how it resolves for one audience."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from composer.issue.block import Block
from composer.issue.context import Context
from composer.issue.resolved import Resolved
from composer.newsroom.model import Style
from composer.source.document import Loc

B = TypeVar("B", bound=Block)


@dataclass(frozen=True)
class BlockPosition:
    """The place of a block, for findings: at ``loc``, or if ``boxed``, at ``line`` of the body that stands at ``loc``.

    ``under`` is the style of the block around a box.
    """

    loc: Loc
    line: int | None = None
    boxed: bool = False
    under: Style | None = None

    def of(self, field: str) -> Loc:
        """The place of a field; for a box, that of the body."""
        return self.loc if self.boxed else (*self.loc, field)


@dataclass(frozen=True)
class BlockType(Generic[B]):
    """Everything about one block type. ``resolve`` returns None where this audience gets nothing of it.

    ``gathers``: it is made from the whole letter, so it is resolved after all the others.
    """

    model: type[B]
    resolved: type[Resolved]
    resolve: Callable[[Context, B, BlockPosition], Resolved | None]
    gathers: bool = False

    @property
    def name(self) -> str:
        """The block's name in English files, which is the value of its model's ``type``."""
        name: Any = self.model.model_fields["type"].default
        return str(name)
