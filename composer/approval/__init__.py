"""Approval (« bon à tirer »): what was approved is frozen, and is what is sent."""

from composer.approval.freeze import approve, unapprove
from composer.approval.languages import whole_verdict
from composer.approval.model import FrozenEdition, Reason, Seal, Sealed, Unsealed
from composer.approval.past import past_issues
from composer.approval.verdict import publish_media, verdict

__all__ = [
    "FrozenEdition",
    "Reason",
    "Seal",
    "Sealed",
    "Unsealed",
    "approve",
    "past_issues",
    "publish_media",
    "unapprove",
    "verdict",
    "whole_verdict",
]
