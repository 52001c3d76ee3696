"""``only_to``: the only addresses that a staging newsroom sends to. Checked when a mailing opens, and again before each
message, so that a copy of the production database does not write to its readers."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_


def allows(only_to: tuple[str, ...], address: str) -> bool:
    """Whether ``only_to`` allows ``address``. It holds addresses, and domains with a leading @; empty allows all."""
    lowered = address.lower()
    return not only_to or any(
        lowered.endswith(entry.lower()) if entry.startswith("@") else lowered == entry.lower() for entry in only_to
    )


def allowed(only_to: tuple[str, ...], email: ColumnElement[str]) -> ColumnElement[bool]:
    """``allows`` as an SQL condition on a column; ``only_to`` holds at least one entry."""
    lowered = func.lower(email)
    return or_(
        *(
            lowered.endswith(entry.lower(), autoescape=True) if entry.startswith("@") else lowered == entry.lower()
            for entry in only_to
        )
    )
