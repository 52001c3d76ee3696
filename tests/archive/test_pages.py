"""What a page holds, and what it must not."""

from __future__ import annotations

import json
import re
from datetime import date as Date
from html import unescape
from typing import Any

import pytest
from lxml import html

from composer.archive.site import SITE
from tests.archive.support.sample_archive import SampleArchive, weeks
from tests.support.newsrooms import FRIDAY, ISSUE, SATURDAY, png

ADDRESS = f"https://lettre.example.org/a/vendredi/{FRIDAY}/"

HOSTILE = "</script><script>alert(1)</script> <!-- & \"'"


def xpath(page: str, path: str) -> list[str]:
    """What ``path`` finds in ``page``, as text."""
    found = html.document_fromstring(page).xpath(path)
    assert isinstance(found, list)
    return [str(each) for each in found]


def described(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_a_page_says_what_it_is_to_machines(archive: SampleArchive) -> None:
    archive.send()
    archive.look()
    page = archive.page()
    assert xpath(page, "//link[@rel='canonical']/@href") == [ADDRESS]
    assert xpath(page, "//meta[@property='og:url']/@content") == [ADDRESS]
    assert xpath(page, "//meta[@name='description']/@content") == ["Trois choses à savoir avant le marché"]
    assert xpath(page, "//title/text()") == ["La digue tiendra · L'Estuaire du vendredi"]
    assert len(xpath(page, "//h1")) == len(xpath(page, "//main")) == 1
    article = described(page)
    assert article["@type"] == "NewsArticle"
    assert article["headline"] == "La digue tiendra"
    assert article["datePublished"] == "2026-11-27T07:00:00+01:00"
    assert article["mainEntityOfPage"] == ADDRESS


def test_nothing_of_an_issue_can_end_its_element(archive: SampleArchive) -> None:
    archive.send(text=ISSUE.replace("{subject}", f"'{HOSTILE.replace(chr(39), chr(39) * 2)}'"))
    archive.look()
    page = archive.page()
    assert page.count("<script") == 1
    assert "<" not in re.search(r"ld\+json\">(.*?)</script>", page, re.DOTALL)[1]  # type: ignore[index] # reason: it is there
    assert described(page)["headline"].startswith("</script>")


def test_no_way_out_and_no_token_of_a_reader_is_in_a_page(archive: SampleArchive) -> None:
    archive.send()
    archive.look()
    whole = "".join(archive.files().values())
    assert "/u/" not in whole.replace("Disallow: /u/", "")
    assert "NO-READER" not in whole
    assert "UNSUBSCRIBE" not in whole
    assert "because you subscribed" not in whole
    assert "parce que vous y êtes abonné" not in whole
    assert "Éditions de l'Estuaire" in unescape(archive.page()), "the legal notice stays"


def test_the_page_does_not_offer_itself(archive: SampleArchive) -> None:
    path = archive.approved()
    letter = path.with_suffix(".sealed").joinpath("free.fr.html").read_text(encoding="utf-8")
    assert f'<a href="{ADDRESS}"' in letter
    archive.open(path)
    archive.look()
    assert f'<a href="{ADDRESS}"' not in archive.page()
    assert "Lire cette lettre en ligne" not in archive.page()


def test_what_only_mail_programs_need_is_not_in_a_page(archive: SampleArchive) -> None:
    archive.send()
    archive.look()
    page = archive.page()
    for word in ("<!--", "mso", "data-ogsc", "aria-roledescription", "style=", "display:none", "\u034f", "http://"):
        assert word not in page.replace("https://schema.org", ""), word


def test_pictures_are_those_that_were_published(archive: SampleArchive) -> None:
    (archive.root / "issues" / "vendredi").mkdir(parents=True)
    (archive.root / "issues" / "vendredi" / "digue.png").write_bytes(png())
    figure = "  - figure: {{src: digue.png, alt: Une digue, credit: {{photo: Odile}}}}\n  - masthead"
    archive.send(text=ISSUE.replace("  - masthead", figure))
    archive.look()
    (source,) = xpath(archive.page(), "//img/@src")
    assert re.fullmatch(r"\.\./\.\./\.\./media/[0-9a-f]{32}\.png", source)
    assert (archive.root / "var" / "media" / source.rpartition("/")[2]).is_file()
    (image,) = xpath(archive.page(), "//meta[@property='og:image']/@content")
    assert image == "https://lettre.example.org/media/" + source.rpartition("/")[2]


def test_an_edition_in_another_language_has_its_own_page(archive: SampleArchive) -> None:
    path = archive.approved()
    english = ISSUE.replace("Le chantier de la digue **avance**, et le port respire.", "Work on the dyke goes on.")
    other = path.with_name(f"{FRIDAY}.en.yaml")
    other.write_text(
        f"translation_of: {FRIDAY}.yaml\n" + english.format(subject="The dyke will hold"), encoding="utf-8"
    )
    from composer.approval.freeze import approve

    approve(other, archive.newsroom, "Odile Ferrand")
    archive.open(path)
    archive.look()
    page, original = archive.page(f"a/vendredi/{FRIDAY}/en/"), archive.page()
    assert '<html lang="en"' in page
    assert "Work on the dyke" in page
    assert f'<link rel="canonical" href="{ADDRESS}en/">' in page
    for each in (page, original):
        assert re.findall(r'rel="alternate" hreflang="(..)" href="([^"]*)"', each) == [
            ("en", f"{ADDRESS}en/"),
            ("fr", ADDRESS),
        ]
    assert "The dyke will hold" in archive.page("a/vendredi/en/")
    assert "The dyke will hold" not in archive.page("a/vendredi/")
    assert 'href="../../a/vendredi/en/">English</a>' in archive.page("a/vendredi/")
    named = re.findall(r'<li lang="(..)"><a href="[^"]*">([^<]*)</a>', archive.page("a/"))
    assert named == [("fr", "L&#39;Estuaire du vendredi"), ("en", "L&#39;Estuaire du vendredi · English")]
    other.write_text("online: false\n" + other.read_text(encoding="utf-8"), encoding="utf-8")
    archive.look()
    assert [path for path in archive.files() if "/en/" in path and "vendredi" in path] == []


def test_an_index_lists_the_latest_first_and_a_year_all_of_it(archive: SampleArchive) -> None:
    for date in (Date(2026, 12, 25), Date(2027, 1, 1)):
        archive.send(date, subject=f"Lettre du {date}")
    archive.look()
    titles = re.findall(r"Lettre du (\S+)</a>", archive.page("a/vendredi/"))
    assert titles == ["2027-01-01", "2026-12-25"]
    assert re.findall(r"Lettre du (\S+)</a>", archive.page("a/vendredi/2026/")) == ["2026-12-25"]
    assert re.findall(r'href="(\S+)">(\d{4})</a>', archive.page("a/vendredi/")) == [
        ("../../a/vendredi/2027/", "2027"),
        ("../../a/vendredi/2026/", "2026"),
    ]


def test_every_link_between_pages_leads_to_a_file(archive: SampleArchive) -> None:
    for date in weeks(2):
        archive.send(date)
    archive.look()
    top = archive.root / SITE
    for path, text in archive.files().items():
        if not path.endswith(".html") or path == "404.html":
            continue
        for href in xpath(text, "//a/@href"):
            if "://" in href or href.startswith(("mailto:", "#")):
                continue
            if "search" in href:  # no file: our own pages answer it
                assert (top / path).parent.joinpath(href.partition("?")[0]).resolve() == top / "search"
                continue
            target = (top / path).parent.joinpath(href).resolve()
            assert (target / "index.html" if href.endswith("/") else target).is_file(), f"{path}: {href}"


def test_the_address_follows_from_publication_date_and_name_alone(archive: SampleArchive) -> None:
    path = archive.root / "issues" / "vendredi" / f"{SATURDAY}-hors-serie.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ISSUE.format(subject="Hors-série"), encoding="utf-8")
    from composer.approval.freeze import approve

    approve(path, archive.newsroom, "Odile Ferrand")
    archive.open(path)
    archive.look()
    assert f"a/vendredi/{SATURDAY}-hors-serie/index.html" in archive.files()


def test_a_token_elsewhere_than_in_a_link_makes_no_page(archive: SampleArchive) -> None:
    templates = archive.root / "templates"
    templates.mkdir()
    (templates / "foot.mjml.j2").write_text(
        '<mj-text css-class="t g"><p><a href="{{ unsubscribe_url }}">Partir</a> {{ unsubscribe_url }}</p></mj-text>',
        encoding="utf-8",
    )
    archive.send()
    archive.look()
    assert archive.files() == {}
    (why,) = archive.site.store.troubles().values()
    assert "token" in why


@pytest.mark.parametrize("name", ["index", "letter", "style"])
def test_a_newsroom_may_have_its_own_pages(archive: SampleArchive, name: str) -> None:
    archive.send()
    archive.look()
    templates = archive.root / "templates" / "archive"
    templates.mkdir(parents=True)
    suffix = "css" if name == "style" else "html"
    (templates / f"{name}.{suffix}.j2").write_text(
        "/* ours */" if name == "style" else "ours {{ title }}", encoding="utf-8"
    )
    assert archive.look()
    assert "ours" in archive.page("a/vendredi/" if name == "index" else f"a/vendredi/{FRIDAY}/")


def test_a_page_keeps_the_way_to_join_without_the_way_to_itself(archive: SampleArchive) -> None:
    archive.configure(join=True)
    archive.send()
    archive.look()
    line = xpath(archive.page(), "//p[a[contains(@href, '/join/vendredi')]]//text()")
    assert "".join(line).strip() == "S’inscrire"
    assert "cette lettre en ligne" not in archive.page()


def test_the_page_for_what_is_absent_says_where_to_write(archive: SampleArchive) -> None:
    archive.send()
    archive.look()
    links = "//a[starts-with(@href, 'mailto:')]/@href"
    assert xpath(archive.files()["404.html"], links) == ["mailto:vendredi@example.org"], (
        "where answers to the letter go"
    )
    archive.configure(reply_to="redaction@example.org")
    archive.look()
    assert xpath(archive.files()["404.html"], links) == ["mailto:redaction@example.org"]
    archive.settings(language="fr")
    archive.look()
    assert "dites-le-nous" in archive.files()["404.html"]
