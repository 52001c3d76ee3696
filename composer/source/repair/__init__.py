"""Repair YAML mistakes in memory by what was probably meant, so that the rest is checked in the same run."""
