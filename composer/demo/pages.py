"""The approved editions as pages to open in a browser, and a page that lists them."""

from __future__ import annotations

from html import escape
from pathlib import Path

from composer import locale
from composer.approval.model import Sealed
from composer.approval.verify import verdict
from composer.issue import find_issues
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom

_INDEX = """<!DOCTYPE html>
<html lang="{language}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ max-width: 640px; margin: 0 auto; padding: 40px 24px; font: 17px/27px Charter, Georgia, Cambria, serif }}
h1 {{ margin: 0 0 24px; font-size: 34px; line-height: 39px }}
ul {{ margin: 0; padding: 0; list-style: none }}
li {{ padding: 12px 0; border-top: 1px solid }}
a {{ color: inherit }}
</style>
<h1>{title}</h1>
<ul>
{items}
</ul>
</html>
"""


def show(newsroom: Newsroom, folder: Path) -> None:
    """Write each approved edition to ``folder``, with its pictures beside it instead of at their public address.

    ``index.html`` lists them.
    """
    media = folder / "media"
    media.mkdir(parents=True, exist_ok=True)
    published = newsroom.settings.public_url.rstrip("/") + "/media/"
    items: list[str] = []
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
            items.append(_item(f"{newsroom.publications[issue.key.publication].title}, {name}", stem, edition.subject))
    title = escape(_("{name}: the letters").format(name=newsroom.settings.name))
    page = _INDEX.format(language=locale.language(), title=title, items="\n".join(items))
    (folder / "index.html").write_text(page, encoding="utf-8")


def _item(what: str, stem: str, subject: str) -> str:
    html, text = (f'<a href="{escape(stem)}.{end}">' for end in ("html", "txt"))
    audience = " · ".join(stem.split(".")[1:])
    return (
        f"<li>{escape(what)} · {escape(audience)}<br>{html}{escape(subject)}</a> · {text}{escape(_('text'))}</a></li>"
    )
