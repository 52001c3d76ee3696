"""Real work trees: one commit for a burst, nothing else touched, and no program of the repository started."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from composer.studio.saving import bursts as bursting
from composer.studio.saving import git_tree
from composer.studio.saving.actor import Actor
from composer.studio.saving.git_tree import GitFailed, WorkTree
from composer.studio.saving.keeper import Keeper
from tests.support.saving import ODILE, TEXT, history_of, kept_words, typed, words_in

HOOKS = (
    *("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-index-change", "post-rewrite"),
    *("reference-transaction", "pre-auto-gc", "fsmonitor-watchman"),
)
BRUNO = Actor("Bruno <Le> Bras\n", "bruno@example.org")


@pytest.fixture(autouse=True)
def nothing_of_this_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def git(root: Path) -> Callable[..., str]:
    """Git as a person runs it, in a repository with the file committed."""

    def run(*arguments: str, code: int = 0) -> str:
        who = ["-c", "user.name=Personne", "-c", "user.email=p@example.org"]
        done = subprocess.run(["git", *who, *arguments], cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout

    run("init", "--quiet", "--initial-branch=main")
    (root / ".gitignore").write_text("var/\n")
    (root / "other.txt").write_text("un\n")
    run("add", "-A")
    run("commit", "--quiet", "-m", "first")
    return run


def test_a_burst_is_one_commit_in_its_authors_names(path: Path, root: Path, git: Callable[..., str]) -> None:
    with Keeper(root) as keeper:
        for word in ("un", "deux", "trois"):
            keeper.save(path, typed("anne", word), ODILE)
        keeper.save(path, typed("bruno", "quatre"), BRUNO)
    assert git("log", "--format=%an <%ae>, %cn: %s") == (
        "Odile Ferrand <odile@example.org>, Odile Ferrand: vendredi/2026-11-27: written in the studio\n"
        "Personne <p@example.org>, Personne: first\n"
    )
    body = git("log", "-1", "--format=%b")
    assert body == "4 changes.\n\nCo-authored-by: Bruno Le Bras <bruno@example.org>\n\n"
    assert git("status", "--porcelain") == ""


def test_a_burst_ends_once_nothing_is_saved_for_a_while(path: Path, root: Path, git: Callable[..., str]) -> None:
    with Keeper(root, idle=0.05) as keeper:
        keeper.save(path, typed("anne", "mot"), ODILE)
        _until(lambda: git("rev-list", "--count", "HEAD") == "2\n")
        assert keeper.waits_for(path) == ""
    assert git("rev-list", "--count", "HEAD") == "2\n"


def test_what_is_staged_stays_staged_and_uncommitted(path: Path, root: Path, git: Callable[..., str]) -> None:
    (root / "other.txt").write_text("deux\n")
    (root / "new.txt").write_text("neuf\n")
    git("add", "other.txt", "new.txt")
    path.write_text(typed("place", "mis")(TEXT).text)
    git("add", str(path))
    path.write_text(TEXT)
    with Keeper(root) as keeper:
        keeper.save(path, typed("anne", "mot"), ODILE)
    assert git("diff", "--cached", "--name-only") == "new.txt\nother.txt\n"
    assert git("show", "--name-only", "--format=") == "issues/vendredi/2026-11-27.yaml\n"
    assert "mis" in words_in(*history_of(root, path).glob("*.yaml"))  # what was staged of the file itself


def test_what_others_left_uncommitted_in_the_file_is_named(path: Path, root: Path, git: Callable[..., str]) -> None:
    path.write_text(typed("place", "p1")(TEXT).text)
    with Keeper(root) as keeper:
        keeper.save(path, typed("anne", "mot"), ODILE)
    assert "another program" in git("log", "-1", "--format=%b")
    with Keeper(root) as keeper:
        keeper.save(path, typed("anne", "mot"), ODILE)
    assert "another program" not in git("log", "-1", "--format=%b")


def test_a_new_file_is_committed_and_an_ignored_or_deleted_one_is_not(
    path: Path, root: Path, git: Callable[..., str]
) -> None:
    new, ignored = path.with_name("-2026-12-04*.yaml"), path.with_name("2026-12-11.yaml")
    for each in (new, ignored):
        each.write_text(TEXT)
    (root / ".git/info/exclude").write_text("2026-12-11.yaml\n")
    with Keeper(root) as keeper:
        keeper.save(new, typed("anne", "mot"), ODILE)
        keeper.save(ignored, typed("anne", "mot"), ODILE)
        keeper.save(path, typed("anne", "mot"), ODILE)
        path.unlink()
    assert git("show", "-z", "--name-only", "--format=").strip("\0\n") == "issues/vendredi/-2026-12-04*.yaml"
    assert git("ls-files", "--error-unmatch", str(ignored), code=1) == ""
    assert "mot" in words_in(*history_of(root, ignored).glob("*.yaml"))
    assert keeper.waits_for(ignored) == ""
    assert git("status", "--porcelain") == " D issues/vendredi/2026-11-27.yaml\n"


def test_the_first_commit_of_a_repository(path: Path, root: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    with Keeper(root) as keeper:
        keeper.save(path, typed("anne", "mot"), Actor("", ""))
    log = subprocess.run(["git", "log", "--format=%an <%ae>"], cwd=root, capture_output=True, text=True, check=True)
    assert log.stdout == "? <>\n"


@pytest.mark.parametrize("state", ["merge", "rebase", "lock", "detached"])
def test_what_is_under_way_is_waited_for_and_said(
    path: Path, root: Path, git: Callable[..., str], monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(bursting, "RETRY_AFTER", 0.05)
    git("branch", "side")
    (root / "other.txt").write_text("deux\n")
    git("commit", "--quiet", "-am", "second")
    before = "2\n"
    if state in ("merge", "rebase"):
        git("switch", "--quiet", "side")
        (root / "other.txt").write_text("trois\n")
        git("commit", "--quiet", "-am", "third")
        git(*(["merge", "main"] if state == "merge" else ["rebase", "main"]), code=1)
    elif state == "lock":
        (root / ".git/index.lock").touch()
    else:
        git("checkout", "--quiet", "--detach")
    with Keeper(root, idle=0.01) as keeper:
        keeper.save(path, typed("anne", "mot"), ODILE)
        _until(lambda: keeper.waits_for(path) != "")
        assert git("rev-list", "--count", "HEAD") == before
        assert "mot" in words_in(*history_of(root, path).glob("*.yaml"))
        if state == "merge":
            (root / "other.txt").write_text("quatre\n")
            git("add", "other.txt")
            git("commit", "--quiet", "--no-edit")
        elif state == "rebase":
            git("checkout", "--force", "HEAD", "--", "other.txt")
            git("rebase", "--quit")
            git("switch", "--quiet", "main")
        elif state == "lock":
            (root / ".git/index.lock").unlink()
        else:
            git("switch", "--quiet", "main")
        _until(lambda: keeper.waits_for(path) == "" and "written in" in git("log", "-1", "--format=%s"))
    assert git("show", "--name-only", "--format=") == "issues/vendredi/2026-11-27.yaml\n"


def test_a_killed_studio_s_burst_is_found(path: Path, root: Path, git: Callable[..., str]) -> None:
    killed = Keeper(root)  # never closed
    killed.save(path, typed("anne", "mot"), ODILE)
    killed.save(path, typed("anne", "mot"), BRUNO)
    with Keeper(root):
        _until(lambda: git("rev-list", "--count", "HEAD") == "2\n")
    assert git("log", "-1", "--format=%an: %b") == (
        "Odile Ferrand: 2 changes.\n\nCo-authored-by: Bruno Le Bras <bruno@example.org>\n\n"
    )
    with Keeper(root):
        pass
    assert git("rev-list", "--count", "HEAD") == "2\n"


@pytest.mark.parametrize("kind", ["none", "bare", "no git", "broken"])
def test_without_a_work_tree_a_burst_is_a_version(
    path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "bare":
        subprocess.run(["git", "init", "--quiet", "--bare", "."], cwd=root, check=True)
    elif kind == "broken":
        (root / ".git").write_text("gitdir: nowhere\n")
    elif kind == "no git":
        monkeypatch.setenv("PATH", "")
    with Keeper(root) as keeper:
        keeper.save(path, typed("anne", "un"), ODILE)
        keeper.save(path, typed("anne", "deux"), ODILE)
    versions = sorted(history_of(root, path).glob("*.yaml"))
    assert [words_in(each) & {"un", "deux"} for each in versions] == [set(), {"un", "deux"}]


def test_no_program_of_the_repository_is_started(path: Path, root: Path, git: Callable[..., str]) -> None:
    ran, evil = root.parent / "ran", root.parent / "evil"
    evil.write_text(f"#!/bin/sh\necho $0 $* >> {ran}\nexit 0\n")
    evil.chmod(0o755)
    for hook in HOOKS:
        (root / ".git/hooks" / hook).write_text(evil.read_text())
        (root / ".git/hooks" / hook).chmod(0o755)
    settings = {
        "core.hooksPath": str(root / ".git/hooks"),
        "core.fsmonitor": str(evil),
        "core.editor": str(evil),
        "core.pager": str(evil),
        "core.sshCommand": str(evil),
        "core.askPass": str(evil),
        "core.alternateRefsCommand": str(evil),
        "commit.gpgSign": "true",
        "gpg.program": str(evil),
        "log.showSignature": "true",
        "credential.helper": str(evil),
        "diff.external": str(evil),
        "diff.odd=name.x.textconv": str(evil),
        "filter.odd=name.x.clean": str(evil),
        "filter.odd=name.x.smudge": str(evil),
        "filter.two.process": str(evil),
        "filter.two.required": "true",
        "gc.auto": "1",
        "gc.recentObjectsHook": str(evil),
        "alias.commit": f"!{evil}",
        "remote.origin.url": f"ext::{evil}",
        "remote.origin.promisor": "true",
        "protocol.ext.allow": "always",
        "trailer.x.command": str(evil),
        "interactive.diffFilter": str(evil),
        "core.attributesFile": str(root / "attributes"),
    }
    with (root / ".git/config").open("a") as config:
        config.write('[filter "odd=name.x"]\n\tclean = ' + str(evil) + "\n")
    for key, value in settings.items():
        section, _dot, last = key.rpartition(".")
        name, _dot, driver = section.partition(".")
        head = f'[{name} "{driver}"]' if driver else f"[{name}]"
        with (root / ".git/config").open("a") as config:
            config.write(f'{head}\n\t{last} = "{value}"\n')
    (root / ".gitattributes").write_text("*.txt filter=odd=name.x diff=odd=name.x\n.gitignore filter=two\n")
    for each in ("other.txt", ".gitignore"):
        os.utime(root / each, (1, 1))  # the index has to look into them again
    with Keeper(root) as keeper:
        keeper.save(path, typed("anne", "mot"), ODILE)
    assert not ran.exists(), ran.read_text()
    tree = WorkTree.of(root)
    assert tree is not None
    count = tree.checked(tree.run("rev-list", "--count", "HEAD"))
    assert count == b"2\n"
    # The traps are real: what a person runs falls into them.
    subprocess.run(["git", "status"], cwd=root, capture_output=True, check=False)
    assert ran.exists()


def test_a_file_that_a_filter_changes_is_left_to_the_person(path: Path, root: Path, git: Callable[..., str]) -> None:
    (root / ".gitattributes").write_text("*.yaml filter=secret\n")
    git("config", "filter.secret.clean", f"touch {root.parent / 'ran'}; cat")
    with Keeper(root) as keeper:
        keeper.save(path, typed("anne", "mot"), ODILE)
        assert "filter" in keeper.waits_for(path)
    assert git("rev-list", "--count", "HEAD") == "1\n"
    assert not (root.parent / "ran").exists()
    assert "mot" in words_in(*history_of(root, path).glob("*.yaml"))


def test_a_git_that_never_ends_is_ended(
    path: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_text("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 0.1; done\n")
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(git_tree, "PATIENCE", 0.2)
    monkeypatch.setattr(git_tree, "_ENDING", 0.2)
    with pytest.raises(GitFailed, match="did not end"):
        WorkTree.of(root)
    with Keeper(root) as keeper:
        keeper.save(path, typed("anne", "mot"), ODILE)
    assert "mot" in kept_words(root, path)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
