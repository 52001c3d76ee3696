"""The demonstration: the example is composed, approved and sent for real, in a folder of its own."""

from composer.demo.report import outcome_table, proofs
from composer.demo.run import Told, demonstrate

__all__ = ["Told", "demonstrate", "outcome_table", "proofs"]
