"""YAML with line numbers, keys in English or French: the one reader of every file of the newsroom."""

from composer.source.document import Document, Loc, Mark, Source
from composer.source.finding import Finding, Place, Problem, Severity
from composer.source.load import load, read
from composer.source.opening import FileMissing, OutsideNewsroom
from composer.source.paths import inside

__all__ = [
    "Document",
    "FileMissing",
    "Finding",
    "Loc",
    "Mark",
    "OutsideNewsroom",
    "Place",
    "Problem",
    "Severity",
    "Source",
    "inside",
    "load",
    "read",
]
