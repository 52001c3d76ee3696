"""Compiled templates, kept from one process to the next.

They are code, so they are kept in the cache folder of the account (``~/.cache/filigrane``) and never in the newsroom:
a newsroom comes from a colleague, out of an archive or a repository, and opening it must not run what is in it.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from composer.rendering.cache import Cache, code, key

#: How Jinja is set up decides what a template is compiled to.
_CODE = str(Path(__file__).with_name("templates.py"))

_MADE_BY = f"{version('jinja2')} {sys.implementation.cache_tag} {sys.hexversion}"


class Bytecode(BytecodeCache):
    """What Jinja asks for what it compiled before."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def load_bytecode(self, bucket: Bucket) -> None:
        if (kept := self._cache.get(_name(bucket))) is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._cache.put(_name(bucket), bucket.bytecode_to_string())


def _name(bucket: Bucket) -> str:
    """Of the template's name and file (``key``), and of its text (``checksum``)."""
    return key("template", code(_CODE), _MADE_BY, bucket.key, bucket.checksum)
