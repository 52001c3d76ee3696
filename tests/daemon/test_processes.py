"""run, worker and web as real processes, with real signals."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from composer import clock
from composer.delivery import outcomes
from composer.schedule import tick
from tests.newsrooms import png
from tests.schedule.scene import READERS, SECRET, Hour

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts ``filigrane``, its logs as JSON in a file; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(root: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        log = (tmp_path / f"log-{len(started)}").open("w")
        command = [sys.executable, "-c", "from composer.cli import main; main()", "--newsroom", str(root), *arguments]
        with log:
            process = subprocess.Popen(command, stderr=log, text=True, env=os.environ | environment)
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def logs(tmp_path: Path, number: int = 0) -> str:
    return (tmp_path / f"log-{number}").read_text()


def wait_for(condition: Callable[[], object], what: str) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail(f"never: {what}")


def events(tmp_path: Path, number: int = 0) -> list[str]:
    return [json.loads(line)["event"] for line in logs(tmp_path, number).splitlines()]


def test_run_sends_what_is_due_and_a_signal_drains_it(hour: Hour, start: Start, tmp_path: Path) -> None:
    process = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: len(hour.relay.messages) == READERS, "every reader's letter")
    wait_for(lambda: outcomes(hour.engine, 1) == {"accepted": READERS}, "every outcome")
    wait_for(lambda: "pages" in events(tmp_path), "the pages")
    (port,) = [line["port"] for line in map(json.loads, logs(tmp_path).splitlines()) if line["event"] == "pages"]
    with urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert events(tmp_path)[-1] == "stopped"
    assert "@lecteurs.example" not in logs(tmp_path)
    assert sorted(str(message["To"]) for message in hour.relay.messages) == [
        f"lectrice-{number}@lecteurs.example" for number in range(READERS)
    ]


def test_two_daemons_at_the_due_instant_write_to_each_reader_once(hour: Hour, start: Start) -> None:
    daemons = [start(hour.root, "run", "--port", "0", "--log", "json") for _ in range(2)]
    wait_for(lambda: len(hour.mailings) == 1 and hour.mailings[0].state == "done", "the mailing")
    for daemon in daemons:
        daemon.send_signal(signal.SIGINT)
    assert [daemon.wait(60) for daemon in daemons] == [0, 0]
    assert len(hour.mailings) == 1
    assert outcomes(hour.engine, 1) == {"accepted": READERS}
    assert len({str(message["To"]) for message in hour.relay.messages}) == len(hour.relay.messages) == READERS


def test_a_worker_alone_sends_what_a_tick_opened_elsewhere(hour: Hour, start: Start) -> None:
    tick(clock.now(), hour.newsroom, hour.engine, SECRET)
    process = start(hour.root, "worker")
    wait_for(lambda: outcomes(hour.engine, 1) == {"accepted": READERS}, "every outcome")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_a_second_signal_ends_it_at_once(hour: Hour, start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # accepts, and never says a word
        hour.write(relay=mute.getsockname()[1])
        process = start(hour.root, "run", "--port", "0", "--log", "json")
        wait_for(lambda: len(hour.mailings) == 1, "the mailing")
        connection, _ = mute.accept()
        with connection:
            process.send_signal(signal.SIGTERM)
            wait_for(lambda: "stopping" in events(tmp_path), "the first signal")
            process.send_signal(signal.SIGTERM)  # an echo, as timeout(1) makes one: still draining
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(1.5)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 128 + signal.SIGTERM


def test_web_serves_the_pages_alone(hour: Hour, start: Start, tmp_path: Path) -> None:
    process = start(hour.root, "web", "--port", "0", "--log", "json")
    wait_for(lambda: "pages" in events(tmp_path), "the pages")
    port = json.loads(logs(tmp_path).splitlines()[0])["port"]
    with urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert hour.mailings == []


def test_what_is_missing_is_said_with_its_exit_code(hour: Hour, start: Start, tmp_path: Path) -> None:
    def ended(*arguments: str, **environment: str) -> tuple[int, str]:
        number = sum(1 for path in tmp_path.iterdir() if path.name.startswith("log-"))
        return start(hour.root, *arguments, **environment).wait(60), logs(tmp_path, number)

    code, said = ended("worker", FILIGRANE_DATABASE_URL="postgresql+psycopg://127.0.0.1:1/filigrane")
    assert (code, "Traceback" in said) == (3, False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = ended("web", "--port", str(taken.getsockname()[1]))
    assert (code, "Traceback" in said, "port" in said) == (3, False, True)
    code, said = ended("run", FILIGRANE_SECRET_KEY="short")
    assert (code, "secret key is too short" in said) == (1, True)
    (hour.root / "var" / "secret.key").unlink()
    code, said = ended("run")
    assert (code, "there is no secret key" in said) == (1, True)
    hour.write(dkim={"domain": "example.org", "selector": "un"})
    code, said = ended("run", FILIGRANE_SECRET_KEY="07" * 32)
    assert (code, "DKIM" in said) == (1, True)
    (hour.root / "config" / "newsroom.yaml").write_text("nom: [")
    code, said = ended("worker")
    assert (code, "config/newsroom.yaml:1" in said) == (1, True)


def test_run_serves_the_pictures_that_it_asks_for_before_it_sends(hour: Hour, start: Start, tmp_path: Path) -> None:
    """The first tick comes with the first request: the pages listen before it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    hour.write(public_url=f"http://127.0.0.1:{port}")
    (path,) = (hour.root / "issues" / "vendredi").glob("*.yaml")
    figure = "  - figure: {src: quai.png, alt: Le quai, credit: {photo: Odile Ferrand}}\n"
    path.write_text(path.read_text(encoding="utf-8") + figure, encoding="utf-8")
    (path.parent / "quai.png").write_bytes(png())
    hour.approve(path)
    process = start(hour.root, "run", "--port", str(port), "--log", "json")
    wait_for(lambda: len(hour.relay.messages) == READERS, "every reader's letter")
    (name,) = (picture.name for picture in (hour.root / "var" / "media").iterdir())
    with urlopen(f"http://127.0.0.1:{port}/media/{name}") as answer:
        assert answer.headers["Content-Type"] == "image/png"
    assert all("[Filigrane]" not in subject for subject in hour.relay.subjects())
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
