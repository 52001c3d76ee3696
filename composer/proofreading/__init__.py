"""The proofreader: remarks on an issue that loads, before anybody approves it."""

from composer.proofreading.proofread import proofread

__all__ = ["proofread"]
