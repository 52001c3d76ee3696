"""A newsroom in which another publication's sponsor file has mistakes: Friday's issue leaves all the same."""

from __future__ import annotations

import signal
import subprocess

import pytest

from composer.approval.freeze import unapprove
from composer.delivery.ledger.mailings import outcomes
from tests.daemon.support.daemon_process import Start, wait_for
from tests.schedule.support.sample_hour import READERS, Hour
from tests.support import program


def filigrane(hour: Hour, *words: str) -> subprocess.CompletedProcess[str]:
    return program.run("filigrane", "--newsroom", str(hour.root), *words)


@pytest.mark.slow
def test_friday_s_issue_is_checked_approved_and_sent_and_the_broken_file_is_reported(hour: Hour, start: Start) -> None:
    (path,) = (hour.root / "issues" / "vendredi").glob("*.yaml")
    unapprove(path)
    sponsors = hour.root / "config" / "sponsors"
    sponsors.mkdir()
    (sponsors / "phare.yaml").write_text(
        f"advertiser: Le Phare\ncreatives: {{a: {{headline: A}}}}\n"
        f"bookings: [{{publication: samedi, date: {path.stem}, slot: haut, creativ: a}}\n",
        encoding="utf-8",
    )
    checked = filigrane(hour, "check", f"vendredi/{path.stem}")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "config/sponsors/phare.yaml:3:" in checked.stdout
    approved = filigrane(hour, "approve", f"vendredi/{path.stem}", "--by", "Odile")
    assert approved.returncode == 0
    assert "config/sponsors/phare.yaml" in approved.stderr
    process = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: outcomes(hour.engine, 1) == {"accepted": READERS}, "every letter")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    alerts = [message for message in hour.relay.messages if message["To"] == "permanence@example.org"]
    assert [str(message["Subject"]) for message in alerts] == ["[Filigrane] the configuration has mistakes"]
    assert "config/sponsors/phare.yaml:3:" in str(alerts[0].get_content())
    assert len(hour.relay.messages) == READERS + 1
