"""The row of a message in the lists of three mail clients, cut where each of them cuts.

Characters of an average line, as others counted them on devices: clients cut by width, so that a line of « M » ends
sooner. docs/studio.md says by whom and when.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Client → characters of the subject, and of the preheader, that its list shows.
CUT_AFTER = {"Gmail, Android": (37, 40), "Apple Mail, iPhone": (48, 99), "Outlook, Windows": (60, 50)}


@dataclass(frozen=True)
class InboxRow:
    """``subject`` and ``preheader`` as shown; ``cut``: the subject is not shown whole."""

    client: str
    subject: str
    preheader: str
    cut: bool


def inbox_rows(subject: str, preheader: str) -> list[InboxRow]:
    """The rows of a message, by client."""
    return [
        InboxRow(client, _cut(subject, most), _cut(preheader, of_preheader), len(subject) > most)
        for client, (most, of_preheader) in CUT_AFTER.items()
    ]


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
