"""The content of the studio's frame: the message as a mail client would show it, its text part, or its source."""

from __future__ import annotations

import re
from html import escape

from composer.message.trial import DEAD_TOKEN
from composer.rendering.model import Rendering
from composer.studio.forced_dark import with_forced_dark
from composer.studio.proof import ProofLetter
from composer.studio.raw_message import raw_message
from composer.studio.view_options import ViewOptions

#: No script, no form, no plug-in, nothing from anywhere else; ``sandbox`` holds for a message opened alone too.
#: The letter's own scripts are forbidden by script-src. The sandbox allows them because Safari would not run the
#: studio's listeners in the frame either (bugs.webkit.org/show_bug.cgi?id=218086).
_POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-scripts"
)
_SHEETS = re.compile(r"<style[^>]*>[^<]*</style>")
_DARK_QUERY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)")
_SCHEME = re.compile(r"(color-scheme\s*:\s*|color-scheme\"\s+content=\")light dark")


def policy(look: ViewOptions) -> str:
    """Content-Security-Policy of the frame. Pictures are blocked as a mail client blocks them: not fetched."""
    return _POLICY.format(images="'none'" if look.images == "blocked" else "'self'")


def framed(letter: ProofLetter, look: ViewOptions) -> str:
    """The HTML of the frame: the letter with the places of its sentences, without its style sheets as some mailboxes
    show it, or another part of the message.

    Pictures come from the studio: before the approval they are published nowhere else. ``Refused`` as
    ``raw_message``.
    """
    if look.part in ("html", "bare"):
        here = letter.placed.replace(f"{letter.newsroom.settings.public_url.rstrip('/')}/media/", "/media/")
        shown = _lit(_unslotted(letter.rendering, here), look.light == "night")
        if look.light == "forced":
            shown = with_forced_dark(shown)
        return _SHEETS.sub("", shown) if look.part == "bare" else shown
    dark = look.light != "day"
    return _PAGE.format(scheme="dark" if dark else "light", kind=look.part, words=escape(_words(letter, look.part)))


def _words(letter: ProofLetter, part: str) -> str:
    """A part of the message, as text."""
    if part == "message":
        return raw_message(letter.newsroom, letter.edition, letter.rendering)
    return _unslotted(letter.rendering, letter.rendering.text if part == "text" else letter.rendering.html)


def _unslotted(rendering: Rendering, words: str) -> str:
    for sentinel in rendering.slots.values():
        words = words.replace(sentinel, DEAD_TOKEN)
    return words


def _lit(html: str, night: bool) -> str:
    """``html`` with its own rules for the dark forced on or off, whatever the machine prefers.

    The message's media queries are answered rather than its colours inverted: this is what Apple Mail and Thunderbird
    do. For clients that change the colours by rules of their own, see ``forced_dark``.
    """
    html = _DARK_QUERY.sub("(min-width:0px)" if night else "(max-width:0px)", html)
    return _SCHEME.sub(rf"\g<1>{'dark' if night else 'light'}", html)


_PAGE = """<!DOCTYPE html>
<html style="color-scheme:{scheme}"><meta charset="utf-8"><title>{kind}</title>
<style>
body {{
  margin: 24px auto; padding: 0 24px; max-width: 84ch;
  font: 15px/24px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}}
pre {{ margin: 0; font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }}
@media (max-width: 480px) {{ body {{ margin: 16px 0; padding: 0 16px; font-size: 14px; line-height: 21px; }} }}
</style>
<pre>{words}</pre>
</html>
"""
