"""The table of operators' words (``vocabulary.toml``), and the judgement of a report by it and by the far host's words.

The far host's words go first (``causes.toml``): an operator calls permanent what a block list refused. Where they are
mute, or the operator's own, its word counts. A word that no row has is refused, never a yes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from composer.returns.causes import RULES, rule_for
from composer.returns.evidence import evidence_of
from composer.returns.hooks.believing import HookRefusal, NotBelieved
from composer.returns.hooks.reports import HookReport
from composer.returns.judgement import BounceClass, Cause, Judgement, ReturnKind

#: Characters of the far host's words that are kept.
_MOST_KEPT = 200


@dataclass(frozen=True)
class OperatorWord:
    """One row. ``own``: what comes with it are the operator's words and no far host's. ``heard``: a bounce only where
    the far host said something; else it may be an automatic answer, and is taken for one."""

    kind: ReturnKind
    cause: Cause
    source: str
    bounce_class: BounceClass | None
    own: bool
    heard: bool


def _word(given: Mapping[str, Any]) -> OperatorWord:
    kind, found = ReturnKind(given["kind"]), given.get("class")
    if (kind is ReturnKind.BOUNCE) != (found is not None):
        raise ValueError(f"a bounce has a class, and nothing else has one: {given}")
    bounce_class = None if found is None else BounceClass(found)
    own, heard = given.get("own", False), given.get("heard", False)
    return OperatorWord(kind, Cause(given["cause"]), given["source"], bounce_class, own, heard)


#: (operator, event, type) → its row.
OPERATOR_WORDS: Mapping[tuple[str, str, str], OperatorWord] = {
    (row["provider"], row["event"], row.get("type", "")): _word(row)
    for row in tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))["word"]
}


def judge_report(report: HookReport) -> Judgement:
    """What the report is. Raises ``NotBelieved`` where no row has its words."""
    word = OPERATOR_WORDS.get((report.provider, report.event, report.type))
    if word is None:
        raise NotBelieved(HookRefusal.VOCABULARY)
    address = report.address or None
    if word.kind is not ReturnKind.BOUNCE:
        return Judgement(word.kind, word.cause, address, carried=report.tokens)
    evidence = evidence_of("" if word.own else report.words, "" if word.own else report.status)
    rule = rule_for(evidence)
    mute = rule is RULES[-1]
    if mute and word.heard:
        return Judgement(ReturnKind.AUTO_REPLY, Cause.AUTOMATIC, address, carried=report.tokens)
    bounce_class, cause = (word.bounce_class, word.cause) if mute else (rule.bounce_class, rule.cause)
    said = " ".join(" ".join((evidence.code, evidence.words)).split())[:_MOST_KEPT]
    status = evidence.status[:16] or None
    return Judgement(word.kind, cause, address, bounce_class, status, said, carried=report.tokens)
