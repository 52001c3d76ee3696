"""Small newsrooms on disk, for any room's tests: English keys, a Friday and a Saturday publication, tiny issues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date
from io import BytesIO
from pathlib import Path

import yaml
from PIL import Image

FRIDAY, SATURDAY = Date(2026, 11, 27), Date(2026, 11, 28)

LEGAL = {
    "publisher": "Éditions de l'Estuaire",
    "address": "1 quai des Essais, 44000 Nantes",
    "director": "Odile Ferrand",
    "host": {"name": "Hébergerie de l'amont", "address": "2 rue des Serveurs, 75000 Paris"},
}

ISSUE = """\
subject: {subject}
preheader: Trois choses à savoir avant le marché
blocks:
  - edito:
      headline: La digue tiendra
      body: |
        Le chantier de la digue **avance**, et le port respire.
  - article:
      headline: Le marché couvert rouvre
      teaser: Le détail des loyers, étal par étal
      body: |
        Les étals reviennent sous la halle.
        ===
        Un loyer de douze euros le mètre, pas un de plus.
  - masthead: auto
"""


def png(colour: str = "navy", size: tuple[int, int] = (600, 300)) -> bytes:
    """A picture of one colour."""
    content = BytesIO()
    Image.new("RGB", size, colour).save(content, "PNG")
    return content.getvalue()


def write_newsroom(
    root: Path,
    *,
    relay: int = 1,
    alerts: Sequence[str] = ("permanence@example.org",),
    editors: Sequence[str] = (),
    schedule: dict[str, object] | None = None,
    **settings: object,
) -> Path:
    """A newsroom under ``root``. ``relay`` is a port of 127.0.0.1 without TLS; ``schedule`` overrides Friday's."""
    _yaml(
        root / "config" / "newsroom.yaml",
        {
            "name": "Gazette d'essai",
            "language": "en",
            "public_url": "https://lettre.example.org",
            "relays": [{"host": "127.0.0.1", "port": relay, "security": "none"}],
            "alerts": list(alerts),
        }
        | settings,
    )
    write_publication(root, "vendredi", {"every": ["friday"], "at": "07:00"} | (schedule or {}), editors)
    write_publication(root, "samedi", {"every": ["saturday"], "at": "08:30"})
    return root


def write_publication(root: Path, name: str, schedule: dict[str, object], editors: Sequence[str] = ()) -> None:
    _yaml(
        root / "config" / "publications" / f"{name}.yaml",
        {
            "title": f"L'Estuaire du {name}",
            "from": f"{name}@example.org",
            "schedule": schedule,
            "editors": list(editors),
            "legal": LEGAL,
            "people": {"odile": {"name": "Odile Ferrand", "role": "rédactrice en chef"}},
            "slots": {"haut": {"label": "Haut de lettre"}},
        },
    )


def configure(root: Path, publication: str = "vendredi", **keys: object) -> None:
    """Change keys of a publication's file; None takes one out."""
    path = root / "config" / "publications" / f"{publication}.yaml"
    held = yaml.safe_load(path.read_text(encoding="utf-8")) | keys
    _yaml(path, {key: value for key, value in held.items() if value is not None})


def write_sponsor(root: Path, headline: str = "Des cirés pour tous les temps", picture: str = "navy") -> None:
    """An advertiser whose creative is booked on Friday's slot."""
    folder = root / "config" / "sponsors"
    _yaml(
        folder / "voilerie.yaml",
        {
            "advertiser": "La Voilerie",
            "creatives": {
                "cires": {
                    "headline": headline,
                    "image": {"src": "cires.png", "alt": "Trois cirés jaunes"},
                    "button": {"text": "Voir", "url": "https://voilerie.example"},
                }
            },
            "bookings": [{"publication": "vendredi", "date": str(FRIDAY), "slot": "haut", "creative": "cires"}],
        },
    )
    (folder / "cires.png").write_bytes(png(picture))


def write_issue(root: Path, publication: str, date: Date, text: str = ISSUE, subject: str = "La digue tiendra") -> Path:
    path = root / "issues" / publication / f"{date}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.format(subject=subject), encoding="utf-8")
    return path


def _yaml(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=10**6), encoding="utf-8")
