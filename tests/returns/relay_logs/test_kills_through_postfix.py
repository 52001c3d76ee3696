"""Workers killed while letters leave through a real Postfix: its own log settles every doubt, and the next hop's record
says that none was settled wrongly."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Row, select

from composer.database import read_only
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.ledger.relay_evidence import KEPT_BY_LOG
from composer.delivery.ledger.resend import resend
from composer.delivery.tables import deliveries
from composer.returns.reconcile import settle_by_log, weigh
from composer.returns.relay_logs.coverage import _SLACK
from composer.returns.relay_logs.read import read_logs
from tests.delivery.support.kill_run import begin, sender
from tests.delivery.support.postfix_server import folder, postfix
from tests.delivery.support.sample_ledger import DATED, Ready, ready
from tests.delivery.support.sample_newsroom import SECRET
from tests.delivery.worker.test_kill import sink
from tests.support.lengths import WHOLE

pytestmark = [
    pytest.mark.postfix,
    pytest.mark.skipif(os.geteuid() != 0, reason="Postfix's master wants root: run this test as root"),
]

#: Fewer in `make test`: each begins a process, which on a busy machine takes longer than it then lives.
KILLS = 200 if WHOLE else 20
READERS = 30 * KILLS
PARIS = ZoneInfo("Europe/Paris")


def kept(record: Path) -> Counter[str]:
    """What the next hop has, by recipient."""
    return Counter(line.split()[0] for line in record.read_text().splitlines()) if record.exists() else Counter()


def send_and_kill(ledger: Ready, root: Path, port: int, record: Path, kills: int) -> None:
    """Send the whole mailing; kill the sender at ``kills`` instants, drawn as numbers of letters kept."""
    chance = random.Random()
    instants = sorted(chance.sample(range(READERS * 9 // 10), kills))
    running, following = begin(sender(root, port, 4)), sender(root, port, 4)
    for instant in instants:
        while sum(kept(record).values()) < instant:
            assert running.poll() is None, "nothing is being sent any more"
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.05))
        running.kill()
        running.wait()
        running, following = begin(following), sender(root, port, 4)
    following.kill()
    following.communicate()
    assert running.wait(timeout=600) == 0


@pytest.mark.slow
def test_each_doubt_of_a_killed_sender_is_settled_by_the_log_of_postfix_and_none_wrongly(tmp_path: Path) -> None:
    record = tmp_path / "next-hop"
    with folder() as root, sink(record, longest=0) as hop, postfix(root, hop, None, {}) as port:
        ledger = ready(tmp_path, port, [f"reader{number:05d}@example.org" for number in range(READERS)])
        time.sleep(_SLACK + 1)  # the log of a relay that starts with the mailing has nothing from before its letters
        send_and_kill(ledger, tmp_path, port, record, KILLS)
        wait_for_the_queue(root)
        before = outcomes(ledger.engine, ledger.mailing)
        with (root / "log").open("rb") as log:
            found = read_logs([("log", log)], (SECRET,), PARIS, DATED)
        evidence = weigh(ledger.engine, ledger.mailing, found, (), ())
        print(before, "kept", len(evidence.kept), "safe", len(evidence.safe), "unproven", evidence.unproven)
        by_id = addresses(ledger)
        has = kept(record)
        assert evidence.unproven == []
        assert all(has[by_id[number]] == 1 for number in evidence.kept)
        assert not any(has[by_id[number]] for number in evidence.safe)
        whole = (root / "log").read_bytes().splitlines(keepends=True)
        for part in (whole[: len(whole) // 2], whole[len(whole) // 2 :], whole[len(whole) // 3 :: 2]):
            less = read_logs([("part", BytesIO(b"".join(part)))], (SECRET,), PARIS, DATED)
            proven = weigh(ledger.engine, ledger.mailing, less, (), ())
            assert set(proven.kept) <= set(evidence.kept)
            assert set(proven.safe) <= set(evidence.safe)
        assert settle_by_log(ledger.engine, ledger.mailing, found) == len(evidence.kept)
        answers = {row.reply_text for row in rows(ledger) if row.id in set(evidence.kept)}
        assert answers <= {f"{KEPT_BY_LOG}: kept"}
        resend(ledger.engine, ledger.mailing, evidence.safe)
        assert begin(sender(tmp_path, port, 4)).wait(timeout=60) == 0
        wait_for_the_queue(root)
    assert outcomes(ledger.engine, ledger.mailing) == {"accepted": READERS}
    assert Counter(kept(record).values()) == {1: READERS}


def wait_for_the_queue(root: Path) -> None:
    """Until the next hop has all that Postfix queued."""
    deadline = time.monotonic() + 120
    while (root / "log").read_text().count(": removed") < (root / "log").read_text().count("(queue active)"):
        assert time.monotonic() < deadline, "Postfix does not empty its queue"
        time.sleep(0.1)


def rows(ledger: Ready) -> Sequence[Row[Any]]:
    with read_only(ledger.engine).connect() as connection:
        return connection.execute(select(deliveries)).all()


def addresses(ledger: Ready) -> dict[int, str]:
    return {row.id: row.email for row in rows(ledger)}
