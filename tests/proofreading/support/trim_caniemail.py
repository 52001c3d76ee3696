"""Can I email's data, cut down to what the proofreader asks: ``python -m tests.proofreading.support.trim_caniemail
caniemail.json``.

See ``composer/proofreading/data/README.md``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[3] / "composer" / "proofreading" / "data" / "caniemail.json"

#: The clients that are proofread for, as Can I email calls them, in the order in which a message names them.
CLIENTS = {
    "orange": "Orange",
    "sfr": "SFR",
    "laposte": "La Poste",
    "free-fr": "Free",
    "gmail": "Gmail",
    "outlook": "Outlook",
    "apple-mail": "Apple Mail",
    "yahoo": "Yahoo",
    "samsung-email": "Samsung",
    "thunderbird": "Thunderbird",
    "protonmail": "Proton",
}


def trimmed(whole: dict[str, Any]) -> dict[str, Any]:
    """Each feature's title, and one letter a client: y, n, a (in part), u (unknown), - (not tested).

    A client's versions stand from the oldest to the newest: the last one holds.
    """
    platforms = [
        (family, platform)
        for family in CLIENTS
        for platform in sorted({name for feature in whole["data"] for name in feature["stats"].get(family, {})})
    ]
    return {
        "date": whole["last_update_date"][:10],
        "clients": [f"{CLIENTS[family]}/{platform}" for family, platform in platforms],
        "features": {
            feature["slug"]: [feature["title"], "".join(_latest(feature, *each) for each in platforms)]
            for feature in whole["data"]
        },
    }


def _latest(feature: dict[str, Any], family: str, platform: str) -> str:
    versions = feature["stats"].get(family, {}).get(platform, {})
    return str([*versions.values()][-1])[0] if versions else "-"


def main() -> None:
    made = trimmed(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    features = ",\n".join(
        f"  {json.dumps(slug)}: {json.dumps(each, ensure_ascii=False)}" for slug, each in made.pop("features").items()
    )
    head = json.dumps(made, ensure_ascii=False, indent=1).removesuffix("\n}")
    DATA.write_text(f'{head},\n "features": {{\n{features}\n }}\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
