"""filigrane reconcile: what the relay's log proves is settled, in every form that a log has; nothing else."""

from __future__ import annotations

import gzip
import json
import lzma
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, select, update

from composer.cli import filigrane
from composer.database import read_only
from composer.delivery.tables import deliveries, mailings, workers
from composer.errors import OutsideWorld, Refused, WrongUsage
from composer.returns.reconcile import settle_by_log
from composer.subscribers.tables import subscribers, subscriptions, suppressions
from tests.delivery.support.sample_ledger import engine as database
from tests.delivery.support.sample_ledger import states
from tests.delivery.support.sample_newsroom import newsroom
from tests.returns.relay_logs.conftest import at, fill, log_text, logs_read, row_of, tokens, weighed

BORIS, CHLOE, DENIS = 2, 3, 4


def run(folder: Path, *words: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(filigrane, ["--newsroom", str(folder), "reconcile", "1", *words], input=stdin)


def document(folder: Path, text: str, *words: str) -> dict[str, object]:
    """The JSON for a log of ``text``; ``is`` of each delivery by its id is added to it, as ``by_id``."""
    done = run(folder, "--log", "-", "--json", "--yes", *words, stdin=text.encode())
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    found: dict[str, object] = json.loads(done.stdout)
    listed = found["deliveries"]
    assert isinstance(listed, list)
    return {**found, "by_id": {one["id"]: one.get("why", one["is"]) for one in listed}}


def changed(text: str, pattern: str, to: str) -> str:
    found = re.sub(pattern, to, text, flags=re.MULTILINE)
    assert found != text
    return found


def iso(text: str) -> str:
    return changed(text, r"^Nov 27 (\S+) ", r"2026-11-27T\1.250000+01:00 ")


def journal(text: str) -> str:
    return "-- Journal begins at Mon 2026-11-02. --\n" + changed(text, r"^Nov 27 (\S+) ", r"2026-11-27T\1+0100 ")


def rfc5424(text: str) -> str:
    return changed(text, r"^Nov 27 (\S+) (\S+) ([^\s\[]+)\[(\d+)\]: ", r"<22>1 2026-11-27T\1+01:00 \2 \3 \4 - - ")


POSTFIX: dict[str, Callable[[str], str]] = {
    "traditional": str,
    "iso": iso,
    "journalctl": journal,
    "rfc5424": rfc5424,
    "another instance": lambda text: text.replace(" postfix/", " postfix-out/"),
    "long queue ids": lambda text: text.replace("4F1A06000", "3ZbgmK0pqRz9"),
}


PROVEN = {"boris": "kept", "chloe": "safe", "denis": "safe"}


@pytest.mark.parametrize("form", POSTFIX)
def test_what_postfix_kept_and_what_it_never_had_in_each_form_of_its_log(form: str, kept_ledger: Engine) -> None:
    assert weighed(kept_ledger, POSTFIX[form](log_text("postfix.log"))) == PROVEN


def test_what_was_kept_is_accepted_with_the_next_hops_answer_and_the_rest_is_sent_again_when_asked(
    folder: Path, engine: Engine
) -> None:
    first = document(folder, log_text("postfix.log"))
    assert first["by_id"] == {BORIS: "kept", CHLOE: "safe", DENIS: "safe"}
    assert (first["accepted"], first["safe_to_resend"], first["in_doubt"]) == (1, 2, 2)
    boris = row_of(engine, "boris")
    assert (boris["state"], boris["reply_code"], boris["reply_status"]) == ("accepted", 250, "2.0.0")
    assert boris["reply_text"] == "kept, says the relay's log: Ok: queued as 99CC for <address>"
    assert row_of(engine, "chloe")["state"] == "in_doubt"
    again = document(folder, log_text("postfix.log"), "--resend")
    assert (again["accepted"], again["resent"], again["in_doubt"]) == (0, 2, 0)
    assert row_of(engine, "boris") == boris
    assert (row_of(engine, "chloe")["state"], row_of(engine, "denis")["state"]) == ("queued", "queued")


@pytest.mark.usefixtures("each_engine")
def test_it_is_settled_on_each_engine_once(tmp_path: Path) -> None:
    ledger = database(tmp_path)
    fill(ledger, newsroom(tmp_path))
    found = logs_read(log_text("postfix.log"))
    assert [settle_by_log(ledger, 1, found) for _time in range(2)] == [1, 0]
    boris = row_of(ledger, "boris")
    assert (boris["state"], boris["reply_code"], boris["reply_status"]) == ("accepted", 250, "2.0.0")
    assert Counter(states(ledger).values()) == {"accepted": 3, "in_doubt": 2, "queued": 1}
    found.close()
    ledger.dispose()


EXIM: dict[str, Callable[[str], str]] = {
    "its own file": str,
    "milliseconds, zone, process": lambda text: changed(
        text, r"^(2026-11-27 \S+) (?=1v)", r"\1.123 +0100 [901] "
    ).replace(":50 ", ":50.000 +0100 "),
    "syslog": lambda text: changed(text, r"^2026-11-27 (\S+) ", r"Nov 27 \1 mail1 exim[901]: "),
    "syslog and its own time": lambda text: changed(
        text, r"^(2026-11-27) (\S+) ", r"Nov 27 \2 mail1 exim4[901]: \1 \2 "
    ),
    "ids before 4.97": lambda text: changed(text, r"-00000000(E\d\w)-0a(B\d)", r"-000\1-\2"),
    "another sender": lambda text: changed(text, r"<= b-\w+@retours", "<= list-bounces@retours"),
}


@pytest.mark.parametrize("form", EXIM)
def test_what_exim_kept_and_what_it_never_had_in_each_form_of_its_log(form: str, kept_ledger: Engine) -> None:
    assert weighed(kept_ledger, EXIM[form](log_text("exim.log"))) == PROVEN


def test_rotated_logs_are_read_in_any_order_compressed_or_not(folder: Path, tmp_path: Path) -> None:
    lines = log_text("postfix.log").encode().splitlines(keepends=True)
    files = [tmp_path / name for name in ("mail.log", "mail.log.1", "mail.log.2.gz", "mail.log.3")]
    files[0].write_bytes(b"".join(lines[30:]))
    files[1].write_bytes(b"".join(lines[20:30]))
    files[2].write_bytes(gzip.compress(b"".join(lines[9:20])))
    files[3].write_bytes(lzma.compress(b"".join(lines[:9])))
    done = run(folder, "--log", *map(str, files), "--json", "--yes", "--resend")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["accepted"] == 1


def test_times_without_a_year_go_across_new_year(folder: Path, engine: Engine) -> None:
    """The letter leaves on the 31st of December at 23:59:55, and the log ends in January."""
    with engine.begin() as connection:
        connection.execute(update(mailings).values(opened_at=at("00:00").replace(month=12, day=31, hour=22)))
    text = log_text("postfix.log").replace("Nov 27 06:59", "Dec 31 23:58")
    text = changed(text, r"^Nov 27 07:00:([01])", r"Dec 31 23:59:\1")
    text = changed(text, r"^Nov 27 07:", "Jan  1 00:")
    found = document(folder, text)
    assert found["by_id"] == {BORIS: "kept", CHLOE: "safe", DENIS: "safe"}
    logs = found["logs"]
    assert isinstance(logs, list)
    assert (logs[0]["until"], logs[0]["in_order"]) == ("2026-12-31T23:05:13+00:00", True)


def without(*patterns: str) -> Callable[[str], str]:
    """The log, without the lines that hold one of ``patterns``."""
    return lambda text: "".join(
        line for line in text.splitlines(keepends=True) if not any(re.search(each, line) for each in patterns)
    )


UNPROVEN: dict[str, tuple[str, Callable[[str], str], dict[str, str]]] = {
    "it begins after it": (
        "postfix.log",
        without("06:59", "07:00:0"),
        {"boris": "kept", "chloe": "hole", "denis": "hole"},
    ),
    "it ends before it": ("postfix.log", without("07:00:4", "07:05"), {"chloe": "hole", "denis": "hole"}),
    "an accepted letter is not in it": ("postfix.log", without("4F1A06000A1"), {"chloe": "hole", "denis": "hole"}),
    "another relay's": (
        "postfix.log",
        without("4F1A06000[ABD]"),
        {"boris": "hole", "chloe": "hole", "denis": "hole"},
    ),
    "the queue manager's lines are lost": (
        "postfix.log",
        without("qmgr.*06000B2"),
        {"boris": "half-seen", "chloe": "safe", "denis": "safe"},
    ),
    "how one ended is lost": ("postfix.log", without("after DATA"), {"chloe": "safe", "denis": "half-seen"}),
    "one is still coming in": (
        "postfix.log",
        lambda text: text + "Nov 27 07:05:20 mail1 postfix/smtpd[999]: 4F1A06000FF: client=x[192.0.2.7]\n",
        {"chloe": "ends-too-soon", "denis": "ends-too-soon"},
    ),
    "its lines are shuffled": (
        "postfix.log",
        lambda text: "".join(reversed(text.splitlines(keepends=True))),
        {"chloe": "safe", "denis": "half-seen"},
    ),
    "exim's ends at once": ("exim.log", without("07:29"), {"chloe": "ends-too-soon", "denis": "ends-too-soon"}),
    "two hosts, and one's letters are not there": (
        "exim.log",
        without("id=b-\\w+@example.org$"),
        {"chloe": "hole", "denis": "hole"},
    ),
}


@pytest.mark.parametrize("what", UNPROVEN)
def test_what_a_log_does_not_prove_stays_in_doubt_with_the_reason(what: str, kept_ledger: Engine) -> None:
    name, change, expected = UNPROVEN[what]
    assert weighed(kept_ledger, change(log_text(name))) == PROVEN | expected


def test_where_no_letter_was_accepted_near_it_only_a_person_can_decide(folder: Path, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == 5).values(changed_at=at("20:00")))
    done = run(folder, "--log", "-", "--yes", stdin=log_text("postfix.log").encode())
    assert done.exit_code == 1
    assert (
        "2 stay in doubt:\n  2: no letter accepted between 2026-11-27 07:00:40 and 2026-11-27 07:10:40" in done.stdout
    )


def test_where_the_ledger_has_no_accepted_letter_a_log_without_ours_proves_nothing(
    folder: Path, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.state == "accepted").values(state="rejected"))
    text = without("b-")(log_text("postfix.log"))
    assert document(folder, text)["by_id"] == dict.fromkeys((BORIS, CHLOE, DENIS), "nothing-after")


def test_who_was_accepted_by_a_log_or_sent_twice_is_no_witness(folder: Path, engine: Engine) -> None:
    """Elsa's row says when she was settled, not when a log must name her."""
    with engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == 5).values(pinned=True))
    assert document(folder, log_text("postfix.log"))["by_id"] == {
        BORIS: "kept",
        CHLOE: "nothing-after",
        DENIS: "nothing-after",
    }
    assert document(folder, log_text("postfix.log"))["by_id"] == {CHLOE: "nothing-after", DENIS: "nothing-after"}


def test_with_two_relays_both_logs_are_wanted(folder: Path, engine: Engine) -> None:
    settings = folder / "config" / "newsroom.yaml"
    two = "relays:\n- {name: first, host: 127.0.0.1, port: 1, security: none}\n"
    two += "- {name: second, host: 127.0.0.1, port: 2, security: none}\n"
    settings.write_text(re.sub(r"^relays:\n(?:[- ].*\n)+", two, settings.read_text(), flags=re.MULTILINE))
    with engine.begin() as connection:
        connection.execute(update(workers).values(connections={"first": 1, "second": 1}))
    text = log_text("postfix.log")
    assert document(folder, text)["by_id"] == {BORIS: "kept", CHLOE: "other-relay", DENIS: "other-relay"}
    missing = document(folder, text, "--relay", "first")["missing"]
    assert isinstance(missing, list)
    assert [one["relays"] for one in missing] == [["second"]]
    both = "--relay", "first", "--relay", "second"
    assert document(folder, text, *both)["by_id"] == {CHLOE: "other-relay", DENIS: "other-relay"}
    assert isinstance(run(folder, "--log", "-", "--relay", "third", stdin=text.encode()).exception, WrongUsage)


def test_what_waits_in_a_restored_mailing_is_settled_too(folder: Path, engine: Engine) -> None:
    letter = log_text("postfix.log").splitlines()[2:7]
    felix = "\n".join(letter).replace("06000A1", "0600F61").replace("anne", "felix")
    felix = re.sub(r"<b-\w+@", f"<{tokens()['felix']}@", felix)
    text = log_text("postfix.log") + felix.replace("07:00:0", "07:06:0") + "\n"
    for values, state in (
        ({"state": "sending"}, "queued"),
        ({"state": "paused"}, "queued"),
        ({"state": "paused", "rollback_id": 0}, "accepted"),
    ):
        with engine.begin() as connection:
            connection.execute(update(mailings).values(**values))
        document(folder, text)
        assert row_of(engine, "felix")["state"] == state
    assert row_of(engine, "felix")["reply_text"] == "kept, says the relay's log: Ok: queued as 77AA"


def test_it_says_what_it_will_do_and_does_nothing_before_it_is_told_to(folder: Path, engine: Engine) -> None:
    asked = run(folder, "--log", "-", "--resend", stdin=log_text("postfix.log").encode())
    assert isinstance(asked.exception, Refused)
    assert "1 message would count as accepted, 2 messages would be sent again; to do it: --yes" in str(asked.exception)
    assert "1 in doubt was kept by the relay: accepted" in asked.stdout
    assert {row_of(engine, name)["state"] for name in ("boris", "chloe", "denis")} == {"in_doubt"}


def test_a_log_changes_no_address_no_subscription_and_suppresses_nobody(folder: Path, engine: Engine) -> None:
    def people() -> list[object]:
        with read_only(engine).connect() as connection:
            found: list[object] = list(connection.execute(select(subscribers)).all())
            found += connection.execute(select(subscriptions)).all()
            return [*found, connection.execute(select(func.count()).select_from(suppressions)).scalar_one()]

    before = people()
    document(folder, log_text("postfix.log"), "--resend")
    assert people() == before


def test_what_is_no_log_or_is_cut_short_changes_nothing(folder: Path, tmp_path: Path) -> None:
    assert isinstance(run(folder, "--log", "-", "--yes", stdin=b"a\x00b\n" * 9).exception, Refused)
    (cut := tmp_path / "mail.log.1.gz").write_bytes(gzip.compress(log_text("postfix.log").encode())[:-400])
    done = run(folder, "--log", str(cut), "--yes")
    assert isinstance(done.exception, OutsideWorld)
    assert "it is damaged, or cut short; nothing was changed" in str(done.exception)
    assert run(folder, "--log", str(tmp_path / "none"), "--yes").exit_code == 2


def test_it_speaks_french(folder: Path) -> None:
    settings = folder / "config" / "newsroom.yaml"
    settings.write_text("language: fr\n" + settings.read_text().replace("language: en\n", ""))
    done = run(folder, "--log", "-", "--yes", stdin=log_text("postfix.log").encode())
    assert "1 en doute a été gardé par le relais\N{NO-BREAK SPACE}: accepté" in done.stdout
