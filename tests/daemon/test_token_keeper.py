"""The keeper of the keys: it says whose a token is, and nothing else."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys

from composer.subscribers import unsubscribe_token
from composer.subscribers.tokens import copy_token

KEY, FORMER, OTHER = b"k" * 32, b"f" * 32, b"o" * 32

PAGES = """
import json, os, sys
from composer.daemon.token_keeper import asking, begin_keeper
from composer.errors import OutsideWorld
channel = begin_keeper(int(sys.argv[1]))
read = asking(channel)
tokens = json.loads(sys.argv[2])
(keeper,) = map(int, open(f"/proc/self/task/{os.getpid()}/children").read().split())
print(json.dumps([[read.leaving(token), read.copy(token)] for token in tokens]), flush=True)
print(os.stat(f"/proc/{keeper}/environ").st_uid, os.getuid(), flush=True)
os.kill(keeper, 9)
try:
    read.leaving(tokens[0])
except OutsideWorld:
    print("away", flush=True)
"""


def test_it_reads_tokens_and_the_pages_end_without_it() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        pickle.dump((KEY, FORMER), pipe)
    valid = unsubscribe_token(7, KEY)
    signed = [valid, unsubscribe_token(0, KEY), unsubscribe_token(8, FORMER), unsubscribe_token(9, OTHER)]
    copies = [copy_token(7, 3, KEY), copy_token(0, 0, FORMER), copy_token(7, 3, OTHER)]
    tokens = [*signed, *copies, valid + "A", "é" * 16, "é" * 20, "A" * 41, ""]
    command = [sys.executable, "-c", PAGES, str(reading), json.dumps(tokens)]
    done = subprocess.run(command, pass_fds=(reading,), capture_output=True, text=True, timeout=60, check=False)
    os.close(reading)
    numbers, owners, *rest = done.stdout.splitlines()
    left, read = zip(*json.loads(numbers), strict=True)
    assert left == (7, 0, 8, *[None] * 9)
    assert read == (*[None] * 4, [7, 3], [0, 0], *[None] * 6)
    assert owners.split()[0] == "0"  # root's: no other process of the account may look
    assert rest in (["away"], [])  # the signal that ends the process may come first
    assert done.returncode == -15
