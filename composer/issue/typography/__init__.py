"""House typography: a profile of the publication, applied to everything the newsroom wrote and to nothing else."""

from composer.issue.typography.letter import set_edition
from composer.issue.typography.profiles import PROFILES, Hand, hand
from composer.issue.typography.rules import set_text
from composer.issue.typography.spans import set_spans

__all__ = ["PROFILES", "Hand", "hand", "set_edition", "set_spans", "set_text"]
