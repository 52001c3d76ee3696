"""The person who writes: a value that each act is given."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: What git takes out of a name or an address, and what would end its line.
_CRUD = re.compile(r"[\x00-\x20\x7f-\x9f<>\u2028\u2029]+")
_EDGES = " .,:;\"'\\"


@dataclass(frozen=True)
class Actor:
    """``address`` is an email address; it may be empty."""

    name: str
    address: str = ""

    @property
    def signature(self) -> tuple[str, str]:
        """Name and address on one line each, as git signs: never without a name."""
        address = _CRUD.sub("", self.address)
        return _CRUD.sub(" ", self.name).strip(_EDGES) or address.strip(_EDGES) or "?", address

    @property
    def signed(self) -> str:
        """``Name <address>``."""
        return "{} <{}>".format(*self.signature)
