"""The proofreader: remarks on an issue, before anybody approves it."""

from composer.proofreading.proofread import Reading, proofread, read, review

__all__ = ["Reading", "proofread", "read", "review"]
