"""The typography of an edition: the publication's settings over the language's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from composer.newsroom.model import Publication, Typography

#: Defaults of each profile.
PROFILES: Mapping[str, Typography] = {
    "french": Typography(
        profile="french",
        thin_space="nbsp",
        colon="space",
        high_marks="space",
        guillemets="space",
        quotes="guillemets",
        apostrophes="curly",
        ellipsis="character",
        thousands="space",
        percent="space",
        currency="space",
        units="space",
        abbreviations="space",
        dashes="en-dash",
    ),
    "english": Typography(
        profile="english",
        thin_space="nbsp",
        colon="none",
        high_marks="none",
        guillemets="none",
        quotes="curly",
        apostrophes="curly",
        ellipsis="character",
        thousands="comma",
        percent="none",
        currency="keep",
        units="space",
        abbreviations="space",
        dashes="keep",
    ),
}

_CUSTOM: Mapping[str, Literal["french", "english"]] = {"fr": "french", "en": "english"}


@dataclass(frozen=True)
class Ruleset:
    """Settings for texts: a complete profile, or None to leave them as typed; the language; names to leave alone."""

    profile: Typography | None
    language: str = "fr"
    names: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Cached: needed for each sentence."""
        return hash((self.profile, self.language, self.names))

    @cached_property
    def for_headers(self) -> Ruleset:
        """The same without U+202F, which some mail clients' message lists show as a box."""
        if self.profile is None:
            return self
        return Ruleset(self.profile.model_copy(update={"thin_space": "nbsp"}), self.language, self.names)


def ruleset(publication: Publication, language: str, names: tuple[str, ...] = ()) -> Ruleset:
    """The ruleset of an edition of ``publication``; one in another language uses that language's defaults."""
    own = publication.typography if language == publication.language else Typography()
    if publication.typography.profile == "off" or own.profile == "off":
        return Ruleset(None, language, names)
    return _known(Ruleset(own.over(PROFILES[own.profile or _CUSTOM[language]]), language, names))


@lru_cache(maxsize=64)
def _known(rules: Ruleset) -> Ruleset:
    """The first that was equal to ``rules``: sentences are kept by it, and one is compared with itself at once."""
    return rules
