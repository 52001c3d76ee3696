"""Filigrane: composes a newsletter from YAML and sends it to each reader exactly once."""

__version__ = "0.1.0"
