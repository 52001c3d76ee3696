"""A newsroom in memory. Apart from the ledgers, so that a sending process starts without what it does not need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from composer.newsroom.model import Dkim, Host, Legal, Lexicon, Newsroom, Publication, Schedule, Settings

SECRET = b"a secret for tests, 32 bytes long"


def newsroom(
    root: Path,
    port: int = 1,
    *,
    retry: Sequence[str] = ("1s",),
    dkim: bool = False,
    returns: Mapping[str, object] | None = None,
    **relay: object,
) -> Newsroom:
    """One publication, ``vendredi``; ``port`` is the relay's, on 127.0.0.1, without TLS unless ``relay`` says so."""
    settings = Settings.model_validate(
        {
            "name": "Gazette d'essai",
            "public_url": "https://lettre.example.org",
            "relays": [
                {"host": "127.0.0.1", "port": port, "security": "none", "ehlo": "essai.example", "connections": 2}
                | relay
            ],
            "retry": retry,
            "dkim": Dkim(domain="example.org", selector="essai", key="dkim.pem") if dkim else None,
            "bounces": "retours.example.org",
            "returns": returns or {},
        }
    )
    publication = Publication.model_validate(
        {
            "title": "L'Estuaire",
            "from": "lettre@example.org",
            "schedule": Schedule.model_validate({"every": ["friday"], "at": "07:00"}),
            "legal": Legal(
                publisher="Éditions de l'Estuaire",
                address="1 quai des Essais",
                director="Odile Ferrand",
                host=Host(name="Hébergeur", address="2 rue des Serveurs"),
            ),
        }
    )
    return Newsroom(root, settings, {"vendredi": publication}, {}, Lexicon(), {})
