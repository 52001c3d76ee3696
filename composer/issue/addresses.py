"""Addresses that a letter may link to, and what was meant by those that lack a beginning."""

from __future__ import annotations

import re

from composer.source.late_pattern import late

_URL = late(
    r"https?://[^\s/?#]+[^\s]*|mailto:[^\s@]+@[^\s@]+|tel:\+?[0-9().-]+|#[a-z0-9][a-z0-9_-]{0,63}", re.IGNORECASE
)
_DOMAIN = late(r"(?:www\.|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,})(?:[/?#:].*)?", re.IGNORECASE)
#: A beginning that is nearly one: https:/, https//, htps://, //, twice.
_SCHEME = late(
    r"^(?:(?:h?t{1,3}ps?|https?|hhtps?|htpps?|http?s)(?::/{0,3}|//)|//|https?:/{0,2})(?:https?:?/{1,2})?(?=[\w-]+\.)",
    re.I,
)
#: A file of one's own, which is no site.
_FILE = late(
    r"[^/?#]{1,200}\.(?:html?|php|aspx?|pdf|docx?|xlsx?|pptx?|odt|md|txt|png|jpe?g|gif|webp|heic|svg|mp[34]|zip|csv)(?:[?#].*)?",
    re.IGNORECASE,
)
_MAIL = late(r"[^\s@:/]+@[^\s@:/]+\.[a-z]{2,}", re.IGNORECASE)


def is_address(url: str) -> bool:
    """True if a letter may link to ``url``."""
    return _URL.fullmatch(url) is not None


def whole_address(written: str) -> str:
    """The address that ``written`` is as a whole, with the beginning it lacks: https://, mailto:. Empty for words."""
    if written[:4].casefold() == "www." and written[4:5].isalnum():
        return f"https://{written}" if _DOMAIN.fullmatch(written) else ""
    if _MAIL.fullmatch(written):
        return f"mailto:{written}"
    return written if written[:1] != "#" and is_address(written) else ""


def completed(url: str) -> str:
    """``url`` with the beginning that it lacks, or has twice or misspelt; empty where it is none, or a file's name."""
    if _MAIL.fullmatch(url):
        return f"mailto:{url}"
    if _DOMAIN.fullmatch(url) and not _FILE.fullmatch(url):
        return f"https://{url}"
    right = _SCHEME.sub("https://", url)
    return right if right != url and is_address(right) else ""
