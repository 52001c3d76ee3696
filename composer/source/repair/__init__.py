"""Mistakes in YAML: what was probably meant, applied in memory so that the rest is read in the same run."""
