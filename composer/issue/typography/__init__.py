"""House typography: the publication's rules, applied to everything the newsroom wrote and to nothing else."""

from composer.issue.typography.apply_edition import set_edition
from composer.issue.typography.rules import set_text
from composer.issue.typography.ruleset import PROFILES, Ruleset, ruleset
from composer.issue.typography.spans import set_spans

__all__ = ["PROFILES", "Ruleset", "ruleset", "set_edition", "set_spans", "set_text"]
