"""Mail client support from Can I email's data, and the features that the shipped letter uses regardless."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from composer.locale import gettext as _


@dataclass(frozen=True)
class Feature:
    """``without``: the clients tested not to support it, one for each platform (``Gmail/mobile-webmail``).

    Partial and unknown support is not in it.
    """

    title: str
    without: tuple[str, ...]


@dataclass(frozen=True)
class Support:
    """``date`` is that of the data; ``clients`` are all those in it."""

    date: str
    clients: tuple[str, ...]
    features: Mapping[str, Feature]


@lru_cache(maxsize=1)
def support() -> Support:
    data = _data("caniemail.json")
    clients = tuple(data["clients"])
    features = {
        slug: Feature(title, tuple(client for client, seen in zip(clients, letters, strict=True) if seen == "n"))
        for slug, (title, letters) in data["features"].items()
    }
    return Support(data["date"], clients, features)


@lru_cache(maxsize=1)
def baseline() -> Mapping[str, str]:
    """Feature → why the shipped letter uses it although some clients lack it."""
    return {feature: reason for part in _data("baseline.json").values() for feature, reason in part.items()}


def names(clients: tuple[str, ...]) -> str:
    """``clients`` for messages: families, with the platforms in brackets where only some of a family are meant."""
    families = dict.fromkeys(client.partition("/")[0] for client in clients)
    return ", ".join(_name(family, clients) for family in families)


def _name(family: str, clients: tuple[str, ...]) -> str:
    all_of = [client for client in support().clients if client.startswith(f"{family}/")]
    meant = [client for client in all_of if client in clients]
    if len(meant) == len(all_of):
        return family
    platforms = {
        "android": "Android",
        "desktop-webmail": _("webmail"),
        "ios": "iOS",
        "macos": "macOS",
        "mobile-webmail": _("webmail on a telephone"),
        "outlook-com": "Outlook.com",
        "windows": "Windows",
        "windows-mail": "Windows Mail",
    }
    return f"{family} ({', '.join(platforms[client.partition('/')[2]] for client in meant)})"


def _data(name: str) -> Any:
    return json.loads(resources.files("composer.proofreading").joinpath("data", name).read_text(encoding="utf-8"))
