"""Three hundred fictional readers, as the CSV files an operator would import."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from composer.demo.server import BUSY_READER, UNKNOWN_READER


@dataclass(frozen=True)
class Reader:
    """``lists`` are positions of publications (0 the first); ``left`` says that the reader unsubscribed."""

    email: str
    lists: tuple[int, ...]
    paid: bool
    left: bool
    language: str


def readers() -> Iterator[Reader]:
    """300 people: 130 on the first list, 110 on the second, 60 on both; every fourth pays, every fifteenth left.

    Every seventh reads English, where an issue has an edition in it. Three on each list are busy at first (450, then
    250) and three have no mailbox (550).
    """
    for number in range(300):
        lists = (0,) if number < 130 else (1,) if number < 240 else (0, 1)
        kind = BUSY_READER if 240 <= number < 243 else UNKNOWN_READER if 243 <= number < 246 else "lecteur-"
        plain = kind == "lecteur-"
        language = "en" if number % 7 == 5 else "fr"
        email = f"{kind}{number:03d}@lecteurs.example"
        yield Reader(email, lists, number % 4 == 0, plain and number % 15 == 7, language)


def as_csv(position: int) -> bytes:
    """The list of one publication as a French spreadsheet writes it: semicolons, accents, cp1252."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    rows.writerow(["Adresse e-mail", "Prénom", "Formule", "Langue", "Source"])
    for reader in readers():
        if position in reader.lists:
            tier = "payant" if reader.paid else "gratuit"
            rows.writerow([reader.email, "Lectrice fictive", tier, reader.language, "démonstration"])
    return text.getvalue().encode("cp1252")


def who_left(position: int) -> list[str]:
    """Addresses that unsubscribed from one publication before the demonstration begins."""
    return [reader.email for reader in readers() if reader.left and position in reader.lists]
