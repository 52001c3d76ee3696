"""All that is held about one person, shown and written to a file (GDPR, articles 15 and 20)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from composer.cli.json_output import plain
from composer.clock import now
from composer.database import read_only
from composer.delivery import tables as _ledger  # noqa: F401 # reason: ``held_about`` looks into every room's tables
from composer.errors import Refused
from composer.locale import gettext as _
from composer.outbox import tables as _outbox  # noqa: F401 # reason: the same
from composer.returns import tables as _returns  # noqa: F401 # reason: the same
from composer.subscribers.address import Address
from composer.subscribers.held import held_about
from composer.subscribers.list_files import replacing

Held = Mapping[str, list[dict[str, Any]]]


def read_held(engine: Engine, address: Address) -> Held:
    """What ``held_about`` finds, in one transaction that only reads. Raises ``Refused`` where that is nothing."""
    with read_only(engine).connect() as connection:
        held = held_about(connection, address)
    if not held:
        raise Refused(_("{email} is not known here").format(email=address.email))
    return held


def held_document(address: Address, held: Held) -> str:
    """One JSON document: the address, when it was read, and ``held``; instants in UTC (ISO 8601)."""
    document = {"address": address.email, "read_at": now(), "held": held}
    return json.dumps(document, ensure_ascii=False, indent=2, default=plain) + "\n"


def write_private(path: Path, content: str) -> None:
    """Write a ``held_document`` to ``path`` for this account alone (0600), over an earlier one: whole, or not at all.

    Raises as ``replacing``.
    """
    with replacing(path, lambda start: start.startswith('{\n  "address": '), encoding="utf-8") as file:
        file.write(content)
