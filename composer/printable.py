"""Make text from elsewhere harmless for a terminal and a log: names of files, replies of servers, consents."""

from __future__ import annotations

import re

#: C0 except tab and line break, DEL and C1, direction overrides and isolates, line separators, half surrogates. A
#: terminal obeys the first ones (title, colours, clearing); the others change what a line seems to say.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""``text`` with each such character as ``\uXXXX``, which inside a JSON string means the same character."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
