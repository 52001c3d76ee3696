"""``only_to``: on staging, nobody else is written to. Asked when a mailing opens, and again before each message: a copy
of the production database must not write to its readers."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_


def allows(only_to: tuple[str, ...], address: str) -> bool:
    """Whether ``address`` may be written to. ``only_to`` holds whole addresses, and domains that begin with @."""
    lowered = address.lower()
    return not only_to or any(
        lowered.endswith(entry.lower()) if entry.startswith("@") else lowered == entry.lower() for entry in only_to
    )


def allowed(only_to: tuple[str, ...], email: ColumnElement[str]) -> ColumnElement[bool]:
    """The same, for a column; ``only_to`` holds at least one entry."""
    lowered = func.lower(email)
    return or_(
        *(
            lowered.endswith(entry.lower(), autoescape=True) if entry.startswith("@") else lowered == entry.lower()
            for entry in only_to
        )
    )
