"""The proofreader: remarks on an issue that loads, before anybody approves it."""

from composer.proofreading.proofread import Reading, proofread, read

__all__ = ["Reading", "proofread", "read"]
