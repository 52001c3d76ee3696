"""The issue: its grammar, reading it, and composing its editions."""

from composer.issue.compose import compose
from composer.issue.files import find_issues, issue_files, issue_path, key_of, sealed_path
from composer.issue.load import load_issue

__all__ = ["compose", "find_issues", "issue_files", "issue_path", "key_of", "load_issue", "sealed_path"]
