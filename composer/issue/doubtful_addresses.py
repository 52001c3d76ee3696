"""Addresses that parse and lead elsewhere: through another program, to one machine, to where a site is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from composer.issue.addresses import is_address
from composer.locale import gettext as _

#: The beginning of an address twice.
_TWICE = re.compile(r"(?:https?:/{1,2}){2}", re.IGNORECASE)
#: What a mail program or a site puts before an address that is copied from it, to watch its readers.
_WATCHED = re.compile(
    r"https?://(?:(?:www\.)?google\.[a-z.]{2,6}/url\?(?:[^#]*&)?(?:q|url)=|[\w.-]+\.safelinks\.protection\.outlook\.com/\?(?:[^#]*&)?url="
    r"|l\.(?:facebook|instagram|messenger)\.com/l?\.?(?:php)?\?(?:[^#]*&)?u=)(?P<address>https?(?::|%3A)[^&#]{1,1500})"
    r"|https?://urldefense\.com/v3/__(?P<defended>https?:[^\s]{1,1500}?)__;"
    r"|https?://(?:www\.)?google\.[a-z.]{2,6}/amp/s/(?P<amp>[^\s]{1,1500})",
    re.IGNORECASE,
)
#: What a program adds to an address that is copied from it: what follows the copier, or the program.
_FOLLOWED = re.compile(
    r"(?<=[?&])(?P<part>(?:fbclid|gclid|dclid|msclkid|twclid|igsh|igshid|mc_eid|mkt_tok|vero_id|_hsenc|yclid"
    r"|utm_source=(?:chatgpt\.com|openai|perplexity)(?=[&#]|$))(?:=[^&#\s]{0,500})?)(?:&|(?=#)|$)",
    re.IGNORECASE,
)
#: The page on which a site is written, which asks for a password, or the draft of one.
_WRITTEN = re.compile(
    r"https?://[^\s?#]{1,500}?(?:/wp-admin/|/wp-login\.php|/ghost/?#|/publish/posts?/|/p/[0-9a-f]{8,14}/edit)"
    r"|https?://[^\s?#]{1,500}\?(?:[^\s#]{0,500}&)?preview(?:_id|_nonce)?=",
    re.IGNORECASE,
)
_FILLED_IN = re.compile(
    r"%7C[A-Z_:]{2,40}%7C|(?:%7B){2}[^/]{1,60}(?:%7D){2}|\{\{|(?:%25){2}\w{1,40}(?:%25){2}", re.IGNORECASE
)
_NO_SITE = re.compile(r"https?://(?:\.|[^/?#]{0,253}(?:,|\.\.))", re.IGNORECASE)
#: A site that only one machine, or one house, has.
_AT_HOME = re.compile(
    r"https?://(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|10\.\d{1,3}\.\d{1,3}\.\d{1,3}|192\.168\.\d{1,3}\.\d{1,3}"
    r"|172\.(?:1[6-9]|2\d|3[01])\.\d{1,3}\.\d{1,3}|[\w-]+(?:\.local|\.lan|\.localhost)?)(?::\d{1,5})?(?:[/?#].*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class DoubtfulAddress:
    """What is wrong with an address, and the one that was meant; None where that is not known."""

    code: str
    message: str
    better: str | None = None


def doubt_of(url: str) -> DoubtfulAddress | None:
    """What is wrong with ``url``, an address that a letter may link to; None of most."""
    if _TWICE.match(url):
        better = _TWICE.sub("https://", url)
        return DoubtfulAddress(
            "broken-link", _("this address begins twice: {better}").format(better=better[:90]), better
        )
    if (watched := _WATCHED.match(url)) is not None:
        better = watched["defended"] or (f"https://{watched['amp']}" if watched["amp"] else unquote(watched["address"]))
        message = _("this address goes through a program that watches who follows it: {better} is the page itself")
        shown = better if is_address(better) and not re.search(r"[\s()<>]", better) else None
        return DoubtfulAddress("broken-link", message.format(better=better[:90]), shown)
    if (followed := _FOLLOWED.search(url)) is not None:
        better = re.sub(r"[?&](?=#|$)", "", _FOLLOWED.sub("", url))
        message = _("“{part}” was added to this address where it was copied, to follow it: {better} is the page itself")
        return DoubtfulAddress("broken-link", message.format(part=followed["part"][:40], better=better[:90]), better)
    if _WRITTEN.match(url):
        message = _("“{url}” is where the site is written, or a draft of it: no reader may open it")
        return DoubtfulAddress("broken-link", message.format(url=url[:80]))
    if "@" in url.split("?")[0].removeprefix("https://").removeprefix("http://").split("/")[0] and "://" in url:
        message = _("this address holds a name and perhaps a password, which all readers would have: take them out")
        return DoubtfulAddress("broken-link", message)
    if _FILLED_IN.search(url):
        return DoubtfulAddress(
            "leftover", _("another program fills in a part of this address: here it stays as it stands")
        )
    if _NO_SITE.match(url):
        return DoubtfulAddress(
            "broken-link", _("“{url}” names no site: look at its dots and commas").format(url=url[:80])
        )
    if _AT_HOME.fullmatch(url):
        message = _("“{url}” leads to one machine or one house: no reader has it").format(url=url[:80])
        return DoubtfulAddress("broken-link", message)
    return None
