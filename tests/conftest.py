"""Shared by every room's tests: what needs a part of the system says so, and says how to get it."""

from __future__ import annotations

import logging
import os
import shutil
import signal
from collections.abc import Callable, Generator, Iterator
from ctypes.util import find_library
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from composer import file_modes, locale
from composer.cli import explain
from tests.support import databases, finding_codes, postgres, program
from tests.support.lengths import WHOLE

# A deadline asserts a time, and a busy machine misses it: what a property costs is the benches' affair.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("whole", settings.get_profile("house"), max_examples=1000)
settings.load_profile("whole" if WHOLE else "house")

# A shell starts what is to run in its background with SIGINT ignored, and every child inherits it (POSIX.1-2017, Shell
# Command Language, 2.11): commands that tests interrupt would not notice.
signal.signal(signal.SIGINT, signal.default_int_handler)

#: What npm brought, by tests/node/package-lock.json.
NODE_MODULES = Path(__file__).parent / "node" / "node_modules"

#: Where Debian keeps what only root runs: not on everybody's path.
SBIN = f"{os.environ.get('PATH', '')}:/usr/sbin"

#: Marker → (is it there, what to type to get it). With FILIGRANE_REQUIRE_ALL=1 an absent part is a failure.
PARTS: dict[str, tuple[Callable[[], bool], str]] = {
    "chromium": (
        lambda: any(map(shutil.which, ("chromium", "chromium-browser"))) and bool(find_library("atomic")),
        "apt install chromium libatomic1 && make .venv/.browser",
    ),
    "node": (
        lambda: bool(shutil.which("node")) and (NODE_MODULES / ".built").exists(),
        "apt install nodejs npm && make node",
    ),
    "postgres": (lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb")), "apt install postgresql"),
    "nginx": (lambda: bool(shutil.which("nginx", path=SBIN)), "apt install nginx-light"),
    "postfix": (lambda: bool(shutil.which("postfix", path=SBIN)), "apt install postfix"),
    "unbound": (lambda: bool(shutil.which("unbound", path=SBIN)), "apt install unbound"),
    "dovecot": (
        lambda: bool(shutil.which("dovecot", path=SBIN)) and Path("/usr/lib/dovecot/lmtp").exists(),
        "apt install dovecot-imapd dovecot-lmtpd",
    ),
}


#: Seconds of processor, of the test's process and of those that it started, beyond which a test is marked ``slow``.
SLOW = 2.0


def processor() -> float:
    """Seconds of processor that this process and its ended children took so far."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system + program.spent()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """What a test costs, with its fixtures: module and session fixtures count for the test that needs them first.

    What ends with the session (databases, browsers) is nobody's: the last test is counted without its teardown.
    """
    item.stash[_BEGAN], item.stash[_LAST] = processor(), nextitem is None
    return (yield)


_BEGAN, _LAST = pytest.StashKey[float](), pytest.StashKey[bool]()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what `make check` waits for and could leave out."""
    found = [
        (cost, report.nodeid)
        for reports in terminalreporter.stats.values()
        for report in reports
        if "slow" not in getattr(report, "keywords", ())
        for name, cost in getattr(report, "user_properties", ())
        if name == "processor" and cost > SLOW
    ]
    if found:
        terminalreporter.section(f"more than {SLOW:.0f} s of processor, and not marked slow")
        for cost, nodeid in sorted(found, reverse=True):
            terminalreporter.write_line(f"{cost:6.1f} s  {nodeid}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is required, a skip for whatever reason is a failure."""
    report = yield
    if report.when == ("call" if item.stash[_LAST] else "teardown"):
        report.user_properties.append(("processor", processor() - item.stash[_BEGAN]))
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("FILIGRANE_REQUIRE_ALL") == "1":
        report.outcome = "failed"
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives a browser, a server or npm's packages is slow, each in its first test at least."""
    for item in items:
        if any(item.get_closest_marker(name) for name in PARTS):
            item.add_marker("slow")


def pytest_runtest_setup(item: pytest.Item) -> None:
    locale.use("en")  # loading a newsroom sets the language of messages, and the next test may load none
    for name, (present, remedy) in PARTS.items():
        if item.get_closest_marker(name) and not present():
            pytest.skip(f"{name} is not installed: {remedy}")


@pytest.fixture(autouse=True, scope="session")
def templates_are_compiled_here(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Processes that tests start compile a template once, and leave nothing in the home of who runs the tests."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("account"))


@pytest.fixture(autouse=True)
def logs_are_the_test_s_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command that a test runs in this process configures the logs, for good: loggers keep what they first met."""
    configure, root = structlog.configure, logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def for_now(**settings: Any) -> None:
        configure(**{**settings, "cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", for_now)
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(autouse=True)
def every_finding_has_its_entry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What an editor may be told stands in docs/findings.md and docs/remarques.md, with the severity it really has."""
    with finding_codes.remembered(monkeypatch) as made:
        yield
    for language in finding_codes.SEVERITIES:
        known = finding_codes.documented(language)
        assert [each for each in sorted(made) if each[1] not in known.get(each[0], ())] == [], (
            f"docs/{explain.PAGES[language]}: write an entry “### `code`” whose first words name this severity"
        )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One for all tests; whoever stops it starts one of its own (``postgres.serving``)."""
    with postgres.serving() as server:
        yield server


@pytest.fixture(autouse=True)
def no_database_outlives_its_test() -> Iterator[None]:
    yield
    postgres.drop_databases()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def each_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run the test on SQLite and on PostgreSQL: ``databases.url`` gives the one or the other, and a newsroom has it."""
    server: postgres.Server | None = None
    url: str | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        assert server is not None
        url = server.new_database()
        monkeypatch.setenv("FILIGRANE_DATABASE_URL", url)
    with databases.on(server, url):
        yield request.param


@pytest.fixture(autouse=True)
def own_umask(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """``main()`` sets the umask of its process, which here is that of all tests."""
    umask = os.umask(0o022)
    os.umask(umask)
    monkeypatch.setattr(file_modes, "_account_umask", None)
    yield
    os.umask(umask)
