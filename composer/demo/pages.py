"""The approved editions as pages to open in a browser."""

from __future__ import annotations

from pathlib import Path

from composer.approval.model import Sealed
from composer.approval.verify import verdict
from composer.issue import find_issues
from composer.newsroom.model import Newsroom


def show(newsroom: Newsroom, folder: Path) -> None:
    """Write each approved edition to ``folder``, with its pictures beside it instead of at their public address."""
    media = folder / "media"
    media.mkdir(parents=True, exist_ok=True)
    published = newsroom.settings.public_url.rstrip("/") + "/media/"
    for issue in find_issues(newsroom):
        sealed = verdict(issue.path, newsroom)
        assert isinstance(sealed, Sealed)
        for name, picture in sealed.seal.media.items():
            (media / name).write_bytes(picture.read_bytes())
        for (audience, language), edition in sealed.seal.editions.items():
            name = f"{issue.key.date}-{issue.key.slug}" if issue.key.slug else f"{issue.key.date}"
            stem = f"{issue.key.publication}-{name}.{audience}.{language}"
            (folder / f"{stem}.html").write_text(edition.html.replace(published, "media/"), encoding="utf-8")
            (folder / f"{stem}.txt").write_text(edition.text, encoding="utf-8")
