"""What strangers can put into a relay's log, and what befalls a log, never makes it say what it does not prove."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from composer.returns.relay_logs.lines import LINE_LIMIT
from tests.returns.relay_logs.conftest import LOGS, log_text, tokens, weighed

FORGED = yaml.safe_load((LOGS / "forged.yaml").read_text())
PROVEN = {"boris": "kept", "chloe": "safe", "denis": "safe"}
LINES = log_text("postfix.log").splitlines(keepends=True)


def forged(line: str) -> str:
    """``line`` with the words of a line that says that the relay kept chloe's letter."""
    kept = f"4F1A06000C3: from=<{tokens()['chloe']}@retours.example.org>, size=1, nrcpt=1 (queue active)"
    words = {**tokens(), "kept": kept, "other": tokens(mailing=2)["chloe"], "wrong": tokens(secret=b"x" * 32)["chloe"]}
    padding = "x" * (LINE_LIMIT - line.index("{padding}")) if "{padding}" in line else ""
    return line.format(**words, padding=padding) + "\n"


@pytest.mark.parametrize("one", FORGED, ids=lambda one: one["why"])
def test_a_forged_line_proves_nothing(one: dict[str, str], kept_ledger: Engine) -> None:
    lines = log_text("exim.log" if one.get("exim") else "postfix.log").splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if "07:00:45" in line)
    assert weighed(kept_ledger, "".join([*lines[:place], forged(one["line"]), *lines[place:]])) == PROVEN


def test_there_are_enough_of_them() -> None:
    assert len(FORGED) >= 30


def test_the_line_they_imitate_would_have_said_so(kept_ledger: Engine) -> None:
    line = forged("Nov 27 07:00:20 mail1 postfix/qmgr[884]: {kept}")
    assert weighed(kept_ledger, "".join([*LINES, line]))["chloe"] == "kept"


def test_a_queue_id_used_again_carries_nothing_over(kept_ledger: Engine) -> None:
    """Denis's letter was thrown away, and elsa's has its queue id: without her own name in it, hers is still hers."""
    text = "".join(LINES).replace(f"from=<{tokens()['elsa']}@retours", "from=<srs0@retours")
    assert weighed(kept_ledger, text) == PROVEN


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(len(LINES))), more=st.lists(st.sampled_from(FORGED), max_size=3), twice=st.booleans()
)
def test_a_shuffled_log_closes_nothing_that_the_whole_one_does_not(
    kept_ledger: Engine, order: list[int], more: list[dict[str, str]], twice: bool
) -> None:
    lines = [LINES[number] for number in order] * (2 if twice else 1) + [forged(one["line"]) for one in more]
    for reader, what in weighed(kept_ledger, "".join(lines)).items():
        assert what in (PROVEN[reader], "half-seen", "ends-too-soon", "nothing-before")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, len(LINES)), last=st.integers(0, len(LINES)))
def test_a_log_that_lost_an_accepted_letter_does_not_say_that_another_was_never_there(
    first: int, last: int, kept_ledger: Engine
) -> None:
    left = LINES[: min(first, last)] + LINES[max(first, last) :]
    witnesses = [f"from=<{tokens()[name]}@" for name in ("anne", "elsa")]
    if left and not all(any(one in line for line in left) for one in witnesses):
        found = weighed(kept_ledger, "".join(left))
        assert "safe" not in found.values()
        assert {reader for reader, what in found.items() if what == "kept"} <= {"boris"}
