"""A million rows of another platform, moved in: how long, how much memory, how long the write lock is held.

    make bench-move
    .venv/bin/python -m bench.move_in --rows 100000

Three files as Mailchimp writes them, 94 of 100 rows subscribed, 3 gone, 1 bounced, 2 twice. The command is a process of
its own at a terminal, so that its progress bar runs; beside it another one writes to the same SQLite file every 10 ms,
as a worker's heartbeat would, and notes the longest that it waited. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import os
import pty
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

COLUMNS = (
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,"
    "GMTOFF,DSTOFF,TIMEZONE,CC,REGION,"
)
#: State → the columns after ``COLUMNS``, and their cells after the day.
STATES = {
    "subscribed": ("LAST_CHANGED,LEID,EUID,NOTES,TAGS", ",,,,"),
    "unsubscribed": (
        "UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS",
        ",Lettre 3,,NORMAL,,,,,",
    ),
    "cleaned": ("CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS", ",Lettre 2,,,,,"),
}


def write_exports(folder: Path, rows: int) -> list[Path]:
    """The three files."""
    paths = {state: folder / f"{state}_email_audience_export_1.csv" for state in STATES}
    files = {state: path.open("w", encoding="utf-8") for state, path in paths.items()}
    for state, (names, _rest) in STATES.items():
        files[state].write(f"{COLUMNS}{names}\n")
    for number in range(rows):
        kind = number % 100
        state = "cleaned" if kind == 97 else "unsubscribed" if 94 <= kind < 97 else "subscribed"
        whose = number if kind < 98 else number - 50
        day = f"2024-{number % 12 + 1:02d}-{number % 28 + 1:02d} 09:00:00"
        address = f"Lectrice.{whose}@domaine-{whose % 2500}.example"
        files[state].write(f'{address},Léa,"Roux, née {number}",3,{day},,{day},,,,,,,,,{day}{STATES[state][1]}\n')
    for file in files.values():
        file.close()
    return list(paths.values())


def beat(database: Path, ended: threading.Event, waits: list[float]) -> None:
    """Write now and then, as a worker does, and note how long it took."""
    with closing(sqlite3.connect(database, timeout=60, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE beats (at REAL)")
        while not ended.wait(0.01):
            began = time.monotonic()
            connection.execute("INSERT INTO beats VALUES (1)")
            waits.append(time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    command = [str(Path(sys.executable).with_name("filigrane"))]
    with TemporaryDirectory() as scratch:
        root = Path(scratch) / "room"
        subprocess.run([*command, "init", str(root), "--language", "en"], check=True, capture_output=True)
        files = write_exports(Path(scratch), rows)
        ended, waits = threading.Event(), list[float]()
        beating = threading.Thread(target=beat, args=(root / "var" / "filigrane.db", ended, waits))
        beating.start()
        terminal, theirs = pty.openpty()
        began = time.monotonic()
        move = [*command, "--newsroom", str(root), "move-in", *map(str, files), "--publication", "letter"]
        with subprocess.Popen(
            [*move, "--source", "form", "--yes"], stdin=theirs, stderr=theirs, stdout=theirs
        ) as process:
            os.close(theirs)
            shown = read_all(terminal)
        took = time.monotonic() - began
        ended.set()
        beating.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("\n".join(line for line in shown.splitlines() if "unexplained" in line or f"{rows:,} rows" in line))
    print(f"exit {process.returncode}; {took:.1f} s, of the processor {used.ru_utime + used.ru_stime:.1f} s")
    print(f"peak memory {used.ru_maxrss / 1024:.0f} MB; frames of the progress bar: {shown.count('/s')}")
    print(f"another writer waited {max(waits, default=0):.2f} s at most, in {len(waits)} writes")


def read_all(terminal: int) -> str:
    """What the command shows, to its end."""
    shown = bytearray()
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # reason: how the end of a terminal is told on Linux
            part = b""
        if not part:
            return shown.decode("utf-8", "replace")
        shown += part


if __name__ == "__main__":
    main()
