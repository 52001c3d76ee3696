"""How a message is displayed. All of it is in the URL, so that a view can be bookmarked and sent to a colleague."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints
from urllib.parse import urlencode

from composer.issue.block import Audience
from composer.locale import gettext as _


@dataclass(frozen=True)
class ViewOptions:
    """One view of a message. The first value of each field is the default and is left out of the URL."""

    width: Literal["both", "desktop", "phone"] = "both"
    part: Literal["html", "bare", "text", "source", "message"] = "html"
    audience: Literal["free", "paid", "both"] = "free"
    light: Literal["day", "night", "forced"] = "day"
    images: Literal["shown", "blocked"] = "shown"

    @classmethod
    def read(cls, query: Mapping[str, str]) -> ViewOptions:
        """The options that a query string gives; what is missing or invalid in it is the default."""
        hints: dict[str, Any] = get_type_hints(cls)
        known = {name: query[name] for name in hints if query.get(name) in get_args(hints[name])}
        return cls(**known)  # type: ignore[arg-type] # reason: each value was just found among its field's

    @property
    def first(self) -> Audience:
        """The audience of the first letter shown."""
        return "paid" if self.audience == "paid" else "free"

    def address(self, path: str, **more: str) -> str:
        """``path`` with these options, and ``more``, as its query."""
        said = {name: value for name, value in asdict(self).items() if value != getattr(ViewOptions(), name)} | more
        return f"{path}?{urlencode(said)}" if said else path


@dataclass(frozen=True)
class ViewChoice:
    """One option of the toolbar: a link, with the key that does the same."""

    id: str
    label: str
    key: str
    address: str
    chosen: bool


@dataclass(frozen=True)
class ViewGroup:
    label: str
    choices: tuple[ViewChoice, ...]


def toolbar(look: ViewOptions, path: str) -> list[ViewGroup]:
    """The options of ``look``, by group. A shortcut key is the same in every language."""
    words: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
        "width": (
            _("Width"),
            {"both": (_("Both screens"), "c"), "desktop": (_("Desktop"), "d"), "phone": (_("Phone"), "p")},
        ),
        "part": (
            _("Part"),
            {
                "html": ("HTML", "h"),
                "bare": (_("Without styles"), "y"),
                "text": (_("Text"), "t"),
                "source": (_("Source"), "s"),
                "message": (_("Message"), "m"),
            },
        ),
        "audience": (
            _("Edition"),
            {"free": (_("Free"), "g"), "paid": (_("Subscribers"), "a"), "both": (_("Both editions"), "x")},
        ),
        "light": (_("Light"), {"day": (_("Day"), "j"), "night": (_("Night"), "n"), "forced": (_("Forced dark"), "v")}),
        "images": (_("Images"), {"shown": (_("With images"), "i"), "blocked": (_("Without images"), "b")}),
    }
    groups = []
    for field in fields(ViewOptions):
        label, options = words[field.name]
        choices = (
            ViewChoice(f"{field.name}-{value}", word, key, replaced.address(path), replaced == look)
            for value, (word, key) in options.items()
            for replaced in [replace(look, **{field.name: value})]  # type: ignore[arg-type] # reason: as above
        )
        groups.append(ViewGroup(label, tuple(choices)))
    return groups
