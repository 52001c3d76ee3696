"""``filigrane archive build``: the same site, as files of a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from composer.archive.building import build_site
from composer.cli import filigrane
from composer.errors import OutsideWorld, Refused
from tests.archive.support.sample_archive import NOW, SampleArchive, weeks
from tests.support.newsrooms import FRIDAY, ISSUE, png


def typed(archive: SampleArchive, *words: str) -> Result:
    return CliRunner().invoke(filigrane, ["--newsroom", str(archive.root), "archive", "build", *words])


def there(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_it_writes_what_the_daemon_does_but_for_the_search(archive: SampleArchive, tmp_path: Path) -> None:
    (archive.root / "issues" / "vendredi").mkdir(parents=True)
    (archive.root / "issues" / "vendredi" / "digue.png").write_bytes(png())
    figure = "  - figure: {{src: digue.png, alt: Une digue, credit: {{photo: Odile}}}}\n  - masthead"
    archive.send(text=ISSUE.replace("  - masthead", figure))
    archive.look()
    out = tmp_path / "out"
    typed_out = typed(archive, "--out", str(out), "--json")
    assert typed_out.exit_code == 0
    built = there(out)
    (picture,) = [name for name in built if name.startswith("media/")]
    assert json.loads(typed_out.stdout) == {"folder": str(out), "files": len(built) - 1, "missing": {}}
    assert set(archive.files()) == set(built) - {picture, ".filigrane-archive"}
    assert built["a/vendredi/rss.xml"].decode() == archive.files()["a/vendredi/rss.xml"]
    assert 'href="../../../search' in archive.page()
    assert b"search" not in built[f"a/vendredi/{FRIDAY}/index.html"]
    assert (out / f"a/vendredi/{FRIDAY}/index.html").stat().st_mode & 0o777 == 0o644


def test_it_replaces_an_earlier_build_whole(archive: SampleArchive, tmp_path: Path) -> None:
    first, second = weeks(2)
    out = tmp_path / "out"
    archive.send(first)
    archive.send(second)
    assert typed(archive, "--out", str(out)).exit_code == 0
    before = there(out)
    assert typed(archive, "--out", str(out)).exit_code == 0
    assert there(out) == before
    issue = archive.root / "issues" / "vendredi" / f"{first}.yaml"
    issue.write_text("online: false\n" + issue.read_text(encoding="utf-8"), encoding="utf-8")
    assert typed(archive, "--out", str(out)).exit_code == 0
    assert not (out / f"a/vendredi/{first}").exists()
    assert [path.name for path in out.parent.iterdir() if path.name.startswith(".out")] == []


def test_a_folder_that_holds_something_else_is_not_touched(archive: SampleArchive, tmp_path: Path) -> None:
    archive.send()
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match="something that is not of an earlier build"):
        build_site(archive.newsroom, archive.engine, out, NOW)
    assert there(out) == {"mine.txt": b"mine"}
    with pytest.raises(Refused, match="no folder"):
        build_site(archive.newsroom, archive.engine, out / "mine.txt", NOW)
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(Refused, match="no folder"):
        build_site(archive.newsroom, archive.engine, tmp_path / "link", NOW)
    with pytest.raises(OutsideWorld):
        build_site(archive.newsroom, archive.engine, out / "mine.txt" / "below", NOW)
    with pytest.raises(OutsideWorld, match="its name is too long"):
        build_site(archive.newsroom, archive.engine, tmp_path / ("x" * 300), NOW)


def test_the_folder_where_one_stands_is_written(
    archive: SampleArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.send()
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    build_site(archive.newsroom, archive.engine, Path(), NOW)
    assert (tmp_path / "out/a").is_dir()


def test_where_there_is_nothing_to_write_it_says_why(archive: SampleArchive, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no letter stands on the web yet"):
        build_site(archive.newsroom, archive.engine, tmp_path / "out", NOW)
    archive.configure(archive=None)
    with pytest.raises(Refused, match="write archive:"):
        build_site(archive.newsroom, archive.engine, tmp_path / "out", NOW)
    assert not (tmp_path / "out").exists()


def test_a_letter_that_has_no_page_is_named_and_the_exit_code_says_so(archive: SampleArchive, tmp_path: Path) -> None:
    first, second = weeks(2)
    archive.send(first)
    archive.send(second)
    (archive.root / "issues" / "vendredi" / f"{second}.yaml").unlink()
    done = typed(archive, "--out", str(tmp_path / "out"))
    assert done.exit_code == 1
    assert f"no page of a/vendredi/{second}/" in done.stderr
    assert (tmp_path / "out" / f"a/vendredi/{first}/index.html").is_file()
