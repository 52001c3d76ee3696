"""A table's cell of several items, as many in a line as fit; none is broken in two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from composer.printable import printable

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.measure import Measurement

_GAP = "  "


class Packed:
    """Rich asks it how wide it may be, and for its lines. No line folds, though an item be wider than the column."""

    def __init__(self, items: Sequence[str]) -> None:
        self._items = [printable(item) for item in items]

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        from rich.measure import Measurement

        longest = max(map(len, self._items), default=0)
        return Measurement(longest, max(longest, len(_GAP.join(self._items)))).with_maximum(options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        lines: list[str] = []
        for item in self._items:
            if lines and len(lines[-1] + _GAP + item) <= options.max_width:
                lines[-1] += _GAP + item
            else:
                lines.append(item)
        yield Text("\n".join(lines), no_wrap=True, overflow="ellipsis")
