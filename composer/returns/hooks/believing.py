"""Why a report is not believed. Nothing follows from one that is not, but a line in the log."""

from __future__ import annotations

from enum import StrEnum


class HookRefusal(StrEnum):
    """``FORM``: not what its operator writes. ``TOPIC``: of a topic that is not configured. ``AGE``: too old, or from
    the future. ``REPLAY``: its token was used. ``VOCABULARY``: a word that no row explains. ``CLOSED``: its door was
    closed meanwhile. ``KEY``: the key that signs is not known here."""

    FORM = "form"
    TOPIC = "topic"
    CERTIFICATE = "certificate"
    SIGNATURE = "signature"
    AGE = "age"
    REPLAY = "replay"
    VOCABULARY = "vocabulary"
    CLOSED = "closed"
    KEY = "key"


class NotBelieved(Exception):
    """Raised for a report from which nothing may follow."""

    def __init__(self, why: HookRefusal) -> None:
        super().__init__(why)
        self.why = why
