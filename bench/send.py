"""Messages a second to Postfix's ``smtp-sink`` on loopback, the whole ledger on, beside nodemailer and ``smtp-source``.

    make bench-send

Each message is multipart, personal and of some 60 KB. The connections are sixteen in all, whoever sends; eight where
the name says so, and for ``smtp_source``, beside which sixteen are tried. Filigrane's ledger is SQLite on this disk
with synchronous=FULL, or PostgreSQL on this disk (fsync on, as installed), every delivery claimed, marked before its
dot and settled; the processor is Python's and PostgreSQL's own processes' together. The contenders take turns, and a
figure is the median of the rounds, so that whatever else the machine does slows everybody. nodemailer composes each
message; ``smtp-source`` (``-d``: it keeps its connections) is C, sends the same bytes over and over, and is the limit;
the loop is aiosmtplib's ``sendmail`` of bytes made beforehand. At the end, what a mark takes on a PostgreSQL without
statistics. Nothing here passes or fails.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from shutil import which
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import text

from bench.marks import without_statistics
from bench.peak import Peak
from bench.processor import processor
from bench.relays import delayed, program, sink
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.ledger.messages import MessageInputs, build_message, mailing_templates
from composer.message.dkim import new_key
from composer.subscribers.tables import subscribers, subscriptions
from tests.delivery.support.sample_ledger import SENTINEL, Reader, add_readers, engine, opened, seal
from tests.delivery.support.sample_newsroom import SECRET, newsroom
from tests.support import databases
from tests.support.postgres import Server, serving

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "bench" / "out" / "send.json"
NODE = ROOT / "tests" / "node" / "send.mjs"
CONNECTIONS, ROUNDS, MESSAGES, FEWER = 16, 3, 10_000, 1_000
EIGHT = 8
RTT = 20.0  #: milliseconds
RTT_MESSAGES, RTT_LOOP = 1_000, 250  #: as long for each, so that starting and ending weigh the same
WORDS = "La digue tiendra, dit le port, et le marché couvert rouvre demain. " * 420


@dataclass(frozen=True)
class Spent:
    """For ``count`` messages: seconds of wall clock, CPU seconds of all its processes, the largest one's memory; of a
    database server beside it, the CPU seconds too."""

    count: int
    seconds: float
    cpu: float
    peak_mb: float
    server_cpu: float = 0.0


def _reported(commands: Sequence[Sequence[str]], count: int) -> Spent:
    """Start the processes, let them begin together once all are ready, and add up what they report."""
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for command in commands
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    peaks = [Peak(process.pid) for process in processes]
    begin = perf_counter()
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    said = [json.loads(process.communicate()[0].splitlines()[-1]) for process in processes]
    seconds = max(each["seconds"] for each in said) if len(said) == 1 else perf_counter() - begin
    return Spent(count, seconds, sum(each["cpu"] for each in said), max(peak.megabytes() for peak in peaks))


def filigrane(
    port: int,
    *,
    processes: int = 1,
    signed: bool = False,
    connections: int = CONNECTIONS,
    count: int = MESSAGES,
    server: Server | None = None,
) -> Spent:
    with TemporaryDirectory() as folder, databases.on(server):
        root = Path(folder)
        if signed:
            (root / "dkim.pem").write_bytes(new_key())
        made, room = engine(root), newsroom(root, port, dkim=signed)
        add_readers(made, [Reader(f"reader{number:05d}@example.org") for number in range(count)])
        if server:
            with made.begin() as connection:
                for table in (subscribers, subscriptions):  # as an import does
                    connection.execute(text(f"ANALYZE {table.name}"))
        mailing = opened(made, room, seal(words=WORDS))
        assert mailing is not None
        each = [sys.executable, "-m", "bench.sending", "filigrane", folder, str(port), str(connections), str(count)]
        pid = server.process.pid if server and server.process else None
        before = processor(pid) if pid else 0.0
        spent = _reported([[*each, databases.url(root)]] * processes, count)
        spent = replace(spent, server_cpu=processor(pid) - before if pid else 0.0)
        assert outcomes(made, mailing) == {"accepted": count}, outcomes(made, mailing)
        made.dispose()
        return spent


def message() -> bytes:
    """One of the messages, unsigned."""
    with TemporaryDirectory() as folder:
        made = engine(Path(folder))
        add_readers(made, [Reader("reader00000@example.org")])
        mailing = opened(made, newsroom(Path(folder)), seal(words=WORDS))
        assert mailing is not None
        with made.connect() as connection:
            content = build_message(
                mailing_templates(connection, mailing, lambda: None, SECRET),
                MessageInputs(mailing, 1, 1, 1, "reader00000@example.org"),
                SECRET,
            ).content
        made.dispose()
        return content


def aiosmtplib_loop(port: int, *, content: bytes, connections: int = CONNECTIONS, count: int = FEWER) -> Spent:
    with TemporaryDirectory() as folder:
        (Path(folder) / "message.eml").write_bytes(content)
        command = [sys.executable, "-m", "bench.sending", "aiosmtplib", folder, str(port), str(connections), str(count)]
        return _reported([command], count)


def nodemailer(port: int, *, signed: bool, count: int = FEWER) -> Spent:
    with TemporaryDirectory() as folder:
        root, edition = Path(folder), seal(words=WORDS).editions["free", "fr"]
        if signed:
            (root / "dkim.pem").write_bytes(new_key())
        (root / "text.txt").write_text(edition.text.replace(SENTINEL, "SENTINEL"), encoding="utf-8")
        (root / "html.html").write_text(edition.html.replace(SENTINEL, "SENTINEL"), encoding="utf-8")
        return _reported([["node", str(NODE), str(port), str(CONNECTIONS), str(count), folder]], count)


def smtp_source(port: int, *, size: int, connections: int = EIGHT, count: int = MESSAGES) -> Spent:
    command = [str(program("smtp-source")), *("-d", "-s", str(connections), "-l", str(size), "-m", str(count))]
    begin = perf_counter()
    process = subprocess.Popen([*command, f"127.0.0.1:{port}"])
    peak = Peak(process.pid)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return Spent(count, perf_counter() - begin, used.ru_utime + used.ru_stime, peak.megabytes())


def contenders(size: int, content: bytes, server: Server | None) -> dict[str, Callable[[int], Spent]]:
    """By the name of their figure; those whose program is not here are left out, and said."""
    found: dict[str, Callable[[int], Spent]] = {
        f"filigrane_{processes}_{'signed' if signed else 'unsigned'}": partial(
            filigrane, processes=processes, signed=signed
        )
        for signed in (True, False)
        for processes in (1, 2)
    }
    found["filigrane_1_unsigned_8"] = partial(filigrane, connections=EIGHT)
    if server:
        found["filigrane_1_unsigned_postgresql"] = partial(filigrane, server=server)
        found["filigrane_2_unsigned_postgresql"] = partial(filigrane, processes=2, server=server)
    else:
        print("PostgreSQL is not there to compare with: apt install postgresql")
    found["aiosmtplib_loop"] = partial(aiosmtplib_loop, content=content)
    if which("node") and (NODE.parent / "node_modules" / "nodemailer").exists():
        found["nodemailer_signed"] = partial(nodemailer, signed=True)
        found["nodemailer_unsigned"] = partial(nodemailer, signed=False)
    else:
        print("nodemailer is not there to compare with: apt install nodejs npm && make node")
    if program("smtp-source"):
        found["smtp_source"] = partial(smtp_source, size=size)
        found["smtp_source_16"] = partial(smtp_source, size=size, connections=CONNECTIONS)
    else:
        print("smtp-sink and smtp-source are not there: apt install postfix. A sink of our own takes the messages")
    return found


def main(*only: str) -> None:
    content = message()
    print(f"{len(content)} bytes a message, {CONNECTIONS} connections; medians of {ROUNDS} rounds")
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}\n")
    with ExitStack() as stack:
        there = any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        server = stack.enter_context(serving(durable=True)) if there else None
        port = stack.enter_context(sink())
        found = contenders(len(content), content, server)
        spent: dict[str, list[Spent]] = {name: [] for name in found if not only or name in only}
        for number in range(ROUNDS):
            for name, rounds in spent.items():
                print(f"\rround {number + 1}: {name:<32}", end="", file=sys.stderr, flush=True)
                rounds.append(found[name](port))
    print(f"\r{'':<48}\r", end="", file=sys.stderr, flush=True)
    figures: dict[str, float] = {}
    print(f"{'':<32}{'messages/s':>12}{'CPU s / 1,000':>16}{'of it server':>14}{'peak MB':>10}")
    for name, rounds in spent.items():
        figures[name] = median(each.count / each.seconds for each in rounds)
        figures[f"cpu_s_per_1000_{name}"] = median(1000 * (each.cpu + each.server_cpu) / each.count for each in rounds)
        figures[f"server_cpu_s_per_1000_{name}"] = median(1000 * each.server_cpu / each.count for each in rounds)
        figures[f"peak_mb_{name}"] = max(each.peak_mb for each in rounds)
        print(
            f"{name:<32}{figures[name]:>12.0f}{figures[f'cpu_s_per_1000_{name}']:>16.3f}"
            f"{figures[f'server_cpu_s_per_1000_{name}']:>14.3f}{figures[f'peak_mb_{name}']:>10.0f}"
        )
    if there and (not only or "marks" in only):
        print("\nA mark on PostgreSQL without statistics, ms")
        for name, milliseconds in without_statistics().items():
            figures[name] = milliseconds
            print(f"{name:<32}{milliseconds:>12.3f}")
    if not only:
        with sink() as far, delayed(far, RTT) as port:
            distant = {
                "filigrane": filigrane(port, signed=True, connections=1, count=RTT_MESSAGES),
                "aiosmtplib_loop": aiosmtplib_loop(port, content=content, connections=1, count=RTT_LOOP),
            }
        print(f"\nOne connection, {RTT:g} ms there and back")
        for name, each in distant.items():
            figures[f"rtt20_{name}"] = each.count / each.seconds
            print(f"{name:<24}{figures[f'rtt20_{name}']:>12.1f}")
        OUT.parent.mkdir(parents=True, exist_ok=True)
        figures = {name: round(figure, 3) for name, figure in figures.items()}
        OUT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    ratios(figures)


def ratios(figures: dict[str, float]) -> None:
    """What was aimed at (docs/scale.md)."""
    for ours, theirs, aim in (
        ("filigrane_1_signed", "nodemailer_signed", 8.0),
        ("filigrane_2_signed", "nodemailer_signed", 8.0),
        ("filigrane_1_unsigned", "smtp_source", 1.0),
        ("filigrane_2_unsigned", "smtp_source", 1.0),
        ("rtt20_filigrane", "rtt20_aiosmtplib_loop", 3.8),
        ("cpu_s_per_1000_filigrane_1_unsigned_postgresql", "cpu_s_per_1000_filigrane_1_unsigned", 1.8),
        ("mark_ms_at_200000", "mark_ms_at_1000", 2.0),
    ):
        if ours in figures and theirs in figures:
            print(f"{ours} / {theirs}: {figures[ours] / figures[theirs]:.2f} (aim {aim:g})")


if __name__ == "__main__":
    main(*sys.argv[1:])
