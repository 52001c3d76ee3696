"""Metrics: each has its line in docs/metrics.md and the other way round; they count what happened, and name nobody."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from composer.delivery.metrics import REGISTRY, LedgerCollector, exposition
from composer.delivery.worker.worker import Worker
from composer.returns.metrics import ReturnsCollector
from tests.delivery.support.fake_relay import listening
from tests.delivery.support.sample_ledger import Ready, ready
from tests.delivery.support.sample_newsroom import SECRET

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
GONE, LATER = "gone@example.org", "later@example.org"
REJECTED = ("filigrane_messages_total", "rejected")


def scraped(ledger: Ready) -> dict[tuple[str, ...], float]:
    """(name, label values...) → value."""
    text = exposition(ledger.engine, ReturnsCollector(ledger.engine)).decode()
    assert "@" not in text
    assert "_created" not in text  # of the library's, and in no documentation of ours
    families = text_string_to_metric_families(text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_every_metric_is_documented_with_its_type_and_every_line_is_a_metric(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    beside = ReturnsCollector(ledger.engine).describe()
    families = [*REGISTRY.collect(), *LedgerCollector(ledger.engine).describe(), *beside]
    exposed = {(family.name + ("_total" if family.type == "counter" else ""), family.type) for family in families}
    rows = re.findall(r"^\| `(filigrane_\w+)` \| (\w+).*?\|.*\| \S.* \|$", PAGE, re.MULTILINE)
    assert set(rows) == exposed
    assert len(rows) == len(exposed)
    assert set(re.findall(r"filigrane_\w+", PAGE)) - {"filigrane_tick_seconds_count"} == {name for name, _ in exposed}


def test_every_label_is_documented(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    labels = {
        family.name + ("_total" if family.type == "counter" else ""): set(sample.labels) - {"le"}
        for family in text_string_to_metric_families(
            exposition(ledger.engine, ReturnsCollector(ledger.engine)).decode()
        )
        for sample in family.samples
    }
    for name, documented in re.findall(r"^\| `(filigrane_\w+)` \| [^|]*\| ([^|]*)\|", PAGE, re.MULTILINE):
        assert labels.get(name, set()) <= set(re.findall(r"`(\w+)`", documented)), name


async def test_they_count_what_happened_and_name_nobody(tmp_path: Path) -> None:
    replies = {GONE: b"550 5.7.1 no", LATER: b"451 4.3.0 later"}
    async with listening(lambda step, who: replies.get(who) if step == "RCPT" else None) as relay:
        ledger = ready(tmp_path, relay.port, ["anne@example.org", GONE, LATER], retry=["1h"])
        before = scraped(ledger)
        assert before["filigrane_queue_depth", "queued"] == 3
        assert before["filigrane_mailings_open", "sending"] == 1
        stop = asyncio.Event()
        working = asyncio.create_task(Worker(ledger.engine, ledger.room, SECRET, poll=0.05).run(stop))
        for _ in range(1200):
            now = scraped(ledger)  # a refusal that waits to be asked again is deferred too: the rejection is what ends
            rejected = now.get(REJECTED, 0) - before.get(REJECTED, 0)
            if now["filigrane_queue_depth", "deferred"] == 1 and rejected and relay.accepted:
                break
            await asyncio.sleep(0.05)
        assert len([key for key in scraped(ledger) if key[0] == "filigrane_heartbeat_age_seconds"]) == 1
        stop.set()
        await working
    after = scraped(ledger)

    def grown(*key: str) -> float:
        return after[key] - before.get(key, 0)

    # A refusal in words that are not known is deferred, and asked for once more.
    counted = (("accepted", 1, "2xx", 1), ("rejected", 1, "5xx", 2), ("deferred", 2, "4xx", 1))
    for outcome, messages, code, heard in counted:
        assert grown("filigrane_messages_total", outcome) == messages
        assert grown("filigrane_replies_total", code, "other") == heard
    assert grown("filigrane_commit_items_count") > 0
    assert grown("filigrane_commit_seconds_count") > 0
    assert grown("filigrane_claim_seconds_count") > 0
    assert after["filigrane_sessions_open",] == before["filigrane_sessions_open",]
    assert after["filigrane_queue_depth", "queued"] == 0
    assert after["filigrane_in_doubt",] == 0
