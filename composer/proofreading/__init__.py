"""The proofreader: findings on an issue, before it is approved."""

from composer.proofreading.proofread import Reading, proofread, read, review

__all__ = ["Reading", "proofread", "read", "review"]
