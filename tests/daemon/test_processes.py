"""run, worker and web as real processes, with real signals."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import update

from composer import clock
from composer.database import db_now
from composer.delivery.control import resume
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.tables import mailings
from composer.schedule.downtime import ticked
from composer.schedule.tick import tick
from tests.daemon.support.daemon_process import Start, events, logs, wait_for
from tests.schedule.support.sample_hour import READERS, SECRET, Hour
from tests.support.newsrooms import png


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.usefixtures("each_engine")
def test_two_daemons_at_the_due_instant_write_to_each_reader_once(hour: Hour, start: Start) -> None:
    daemons = [start(hour.root, "run", "--port", "0", "--log", "json") for _ in range(2)]
    wait_for(lambda: len(hour.mailings) == 1 and hour.mailings[0].state == "done", "the mailing")
    for daemon in daemons:
        daemon.send_signal(signal.SIGINT)
    assert [daemon.wait(60) for daemon in daemons] == [0, 0]
    assert len(hour.mailings) == 1
    assert outcomes(hour.engine, 1) == {"accepted": READERS}
    assert len({str(message["To"]) for message in hour.relay.messages}) == len(hour.relay.messages) == READERS


@pytest.mark.slow
def test_a_worker_alone_sends_what_a_tick_opened_elsewhere(hour: Hour, start: Start) -> None:
    tick(clock.now(), hour.newsroom, hour.engine, SECRET)
    process = start(hour.root, "worker")
    wait_for(lambda: outcomes(hour.engine, 1) == {"accepted": READERS}, "every outcome")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def mute_at_the_dot(relay: socket.socket) -> None:
    """Take one connection, and its message up to the final dot: a worker waits minutes for what follows it."""
    connection, _ = relay.accept()
    with connection, connection.makefile("rb") as heard:
        connection.sendall(b"220 relay.example\r\n")
        for line in heard:
            if line == b".\r\n":
                heard.read()
            elif line.startswith((b"EHLO", b"MAIL", b"RCPT")):
                connection.sendall(b"250 ok\r\n")
            elif line.startswith(b"DATA"):
                connection.sendall(b"354 go on\r\n")


@pytest.mark.slow
def test_a_second_signal_ends_it_at_once(hour: Hour, start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as relay:
        hour.write(relay=relay.getsockname()[1])
        listening = threading.Thread(target=mute_at_the_dot, args=(relay,), daemon=True)
        listening.start()
        process = start(hour.root, "run", "--port", "0", "--log", "json")
        wait_for(lambda: hour.mailings and "in_flight" in outcomes(hour.engine, 1), "a message under way")
        for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGCONT):
            process.send_signal(number)  # two at one instant, as timeout(1) makes an echo: still draining
        wait_for(lambda: "stopping" in events(tmp_path), "the first signal")
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 128 + signal.SIGTERM
        listening.join(30)


@pytest.mark.slow
def test_a_relay_that_never_greets_holds_nothing_up_at_the_end(hour: Hour, start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # accepts, and never says a word
        hour.write(relay=mute.getsockname()[1])
        process = start(hour.root, "run", "--port", "0", "--log", "json")
        connection, _ = mute.accept()
        with connection:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        assert outcomes(hour.engine, 1) == {"queued": READERS}


@pytest.mark.slow
def test_web_serves_the_pages_alone(hour: Hour, start: Start, tmp_path: Path) -> None:
    (hour.root / "var" / "address.key").unlink()  # what strangers reach looks for no address
    process = start(hour.root, "web", "--port", "0", "--log", "json")
    wait_for(lambda: "pages" in events(tmp_path), "the pages")
    port = json.loads(logs(tmp_path).splitlines()[0])["port"]
    with urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert hour.mailings == []


@pytest.mark.slow
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
    (hour.root / "var" / "address.key").rename(hour.root / "var" / "away.key")
    for command in ("run", "worker"):
        code, said = ended(command)
        assert (code, "FILIGRANE_ADDRESS_KEY" in said) == (1, True)
    (hour.root / "var" / "away.key").rename(hour.root / "var" / "address.key")
    (hour.root / "var" / "secret.key").unlink()
    code, said = ended("run")
    assert (code, "there is no secret key" in said) == (1, True)
    hour.write(dkim={"domain": "example.org", "selector": "un"})
    code, said = ended("run", FILIGRANE_SECRET_KEY="07" * 32)
    assert (code, "DKIM" in said) == (1, True)
    (hour.root / "config" / "newsroom.yaml").write_text("nom: [")
    code, said = ended("worker")
    assert (code, "config/newsroom.yaml:1" in said) == (1, True)


@pytest.mark.slow
def test_sighup_rereads_the_configuration_and_mistakes_change_nothing(hour: Hour, start: Start, tmp_path: Path) -> None:
    hour.write(relay=1)  # nobody listens there
    tick(clock.now(), hour.newsroom, hour.engine, SECRET)
    process = start(hour.root, "worker", "--log", "json")
    wait_for(lambda: logs(tmp_path) != "", "the worker")
    good = (hour.root / "config" / "newsroom.yaml").read_text(encoding="utf-8")
    (hour.root / "config" / "newsroom.yaml").write_text("name: [5ec7e7c0ffee", encoding="utf-8")
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: "configuration-not-read" in events(tmp_path), "the mistake")
    assert "config/newsroom.yaml:1:" in logs(tmp_path)
    assert "5ec7e7c0ffee" not in logs(tmp_path)
    (hour.root / "config" / "newsroom.yaml").write_text(good, encoding="utf-8")
    hour.write()
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: outcomes(hour.engine, 1) == {"accepted": READERS}, "every outcome")
    assert "configuration-read" in events(tmp_path)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


@pytest.mark.slow
def test_run_goes_on_after_sighup(hour: Hour, start: Start, tmp_path: Path) -> None:
    process = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: outcomes(hour.engine, 1) == {"accepted": READERS}, "every outcome")
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: events(tmp_path).count("pages") == 2, "the pages, again")
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


@pytest.mark.slow
@pytest.mark.parametrize("command", [("run", "--port", "0"), ("worker",), ("web", "--port", "0")])
def test_sighup_during_the_start_is_answered_after_it(
    hour: Hour, start: Start, tmp_path: Path, command: tuple[str, ...]
) -> None:
    process = start(hour.root, *command, "--log", "json", alone=True)
    mapped = Path(f"/proc/{process.pid}/maps")
    wait_for(lambda: "uvloop" in mapped.read_text(encoding="utf-8"), "the imports")
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: "configuration-read" in events(tmp_path) or process.poll() is not None, "the handler")
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


@pytest.mark.slow
def test_a_newsroom_that_cannot_be_looked_at_changes_nothing(hour: Hour, start: Start, tmp_path: Path) -> None:
    (hour.root / "var" / "address.key").unlink()  # what strangers reach looks for no address
    process = start(hour.root, "web", "--port", "0", "--log", "json")
    wait_for(lambda: "pages" in events(tmp_path), "the pages")
    aside = hour.root.rename(tmp_path / "aside")
    hour.root.symlink_to(hour.root.name)  # leads to itself: looking at it raises no error of our own
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: "configuration-not-read" in events(tmp_path), "the mistake")
    hour.root.unlink()
    aside.rename(hour.root)
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: "configuration-read" in events(tmp_path), "the newsroom")
    assert "Traceback" not in logs(tmp_path)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


@pytest.mark.slow
def test_once_only_to_is_taken_out_the_letter_leaves_to_every_reader_without_a_reload(
    hour: Hour, start: Start, tmp_path: Path
) -> None:
    """A tick reads the configuration again by itself; the sender beside it must not go by the old addresses."""
    hour.write(only_to=["lectrice-1@lecteurs.example"])
    process = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: [row.state for row in hour.mailings] == ["done"], "the rehearsal")
    hour.write()
    wait_for(lambda: [row.state for row in hour.mailings] == ["done", "done"], "the letter")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert outcomes(hour.engine, 1) == {"accepted": 1}
    assert outcomes(hour.engine, 2) == {"accepted": READERS}
    told = sorted(str(message["To"]) for message in hour.relay.messages)
    assert told == sorted([*(f"lectrice-{number}@lecteurs.example" for number in range(READERS)), told[1]])
    assert events(tmp_path).count("configuration-read") == 1


@pytest.mark.slow
def test_what_stood_still_for_long_waits_for_a_person(hour: Hour, start: Start, tmp_path: Path) -> None:
    """A machine that was off since yesterday, or a disk from yesterday: from here they look alike."""
    tick(clock.now(), hour.newsroom, hour.engine, SECRET)
    with hour.engine.begin() as connection:
        ticked(connection, clock.now() - timedelta(hours=7))
        connection.execute(update(mailings).values(opened_at=db_now(-7 * 3600)))
    process = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: len(hour.relay.messages) > 0, "the alert")
    assert hour.mailings[0].state == "paused"
    assert "filigrane mailings resume 1" in hour.relay.last()
    resume(hour.engine, 1)
    wait_for(lambda: outcomes(hour.engine, 1) == {"accepted": READERS}, "every outcome")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


@pytest.mark.slow
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
