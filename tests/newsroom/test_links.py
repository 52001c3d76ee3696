"""A file of the configuration, or its folder, that is a symbolic link to another place of the newsroom."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.newsroom import load_newsroom
from composer.newsroom.load import examine
from composer.newsroom.unread import files_with_errors, unread_publications, unread_sponsors
from tests.support.newsrooms import write_newsroom, write_sponsor

FILES = ("config/newsroom.yaml", "config/publications/vendredi.yaml", "config/sponsors/voilerie.yaml")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_newsroom(tmp_path / "redaction")
    write_sponsor(root)
    return root


def move_and_link(root: Path, file: str) -> Path:
    """Move ``file`` to partage/ of the newsroom, and put a link to it in its place."""
    kept = root / "partage" / f"ailleurs-{Path(file).name}"
    kept.parent.mkdir(exist_ok=True)
    (root / file).rename(kept)
    (root / file).symlink_to(Path(*[".."] * (len(Path(file).parts) - 1), "partage", kept.name))
    return kept


@pytest.mark.parametrize("file", FILES)
def test_a_linked_file_is_read_as_one_in_its_place(root: Path, file: str) -> None:
    before = load_newsroom(root)
    move_and_link(root, file)
    after = load_newsroom(root)
    assert (after.settings, after.publications, after.sponsors) == (
        before.settings,
        before.publications,
        before.sponsors,
    )
    assert after.sources.keys() == before.sources.keys()
    assert (after.findings, after.unread) == (before.findings, {})


@pytest.mark.parametrize("folder", ["config", "config/publications"])
def test_a_linked_folder_is_read_as_one_in_its_place(root: Path, folder: str) -> None:
    before = load_newsroom(root)
    (root / folder).rename(root / f"{folder}_")
    (root / folder).symlink_to(f"{Path(folder).name}_")
    after = load_newsroom(root)
    assert after.publications == before.publications
    assert after.sources.keys() == before.sources.keys()


@pytest.mark.parametrize("file", FILES[1:])
def test_a_mistake_in_a_linked_file_is_of_the_place_where_the_link_stands(root: Path, file: str) -> None:
    with move_and_link(root, file).open("a", encoding="utf-8") as stream:
        stream.write("nonsense: [\n")
    newsroom = load_newsroom(root)
    assert files_with_errors(newsroom).keys() == {file}
    assert {*unread_publications(newsroom), *unread_sponsors(newsroom)} == {Path(file).stem}


def test_a_mistake_in_the_linked_settings_is_of_the_settings(root: Path) -> None:
    with move_and_link(root, FILES[0]).open("a", encoding="utf-8") as stream:
        stream.write("timezone: Europe/Pariss\n")
    newsroom, findings = examine(root)
    assert newsroom is None
    assert [(finding.code, finding.place.file) for finding in findings][:1] == [("unknown-timezone", FILES[0])]


def test_a_sponsor_that_is_a_link_to_the_settings_is_a_mistake_of_the_sponsor(root: Path) -> None:
    (root / "config/sponsors/zz.yaml").symlink_to("../newsroom.yaml")
    newsroom = load_newsroom(root)
    assert list(unread_sponsors(newsroom)) == ["zz"]
    assert files_with_errors(newsroom).keys() == {"config/sponsors/zz.yaml"}
    assert newsroom.publications.keys() == {"vendredi", "samedi"}


@pytest.mark.parametrize("name", ["keys/dkim.pem", "keys/secret"])
@pytest.mark.parametrize("file", ["config/publications/fuite.yaml", "config/lexicon.yaml"])
def test_a_link_to_a_key_kept_in_the_newsroom_is_not_read(tmp_path: Path, file: str, name: str) -> None:
    root = write_newsroom(tmp_path, dkim={"domain": "example.org", "selector": "un", "key": "keys/dkim.pem"})
    for folder in ("keys", "var"):
        (root / folder).mkdir()
    (root / name).write_text("x: 5ec7e7c0ffee")
    (root / "var/secret.key").symlink_to("../keys/secret")
    (root / file).symlink_to(root / name)
    (found,) = load_newsroom(root).findings
    assert (found.code, str(found.place), found.excerpt) == ("outside-newsroom", f"{file}:1:1", None)
    assert "secret key" in found.message
    (root / file).unlink()
    (root / file).hardlink_to(root / name)
    (found,) = load_newsroom(root).findings
    assert (found.code, found.excerpt) == ("outside-newsroom", None)
