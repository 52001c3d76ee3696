"""A cache of compiled templates, kept from one process to the next.

They are code, so they are kept in the cache folder of the account (``~/.cache/filigrane``) and never in the newsroom:
a newsroom may come from a colleague, an archive or a repository, and opening it must not run code stored in it.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from composer.rendering.cache import Cache, code, key

#: Part of the cache key: Jinja's settings decide what a template is compiled to.
_CODE = tuple(str(Path(__file__).with_name(name)) for name in ("templates.py", "overrides.py"))

_MADE_BY = f"{version('jinja2')} {sys.implementation.cache_tag} {sys.hexversion}"


class Bytecode(BytecodeCache):
    """Jinja's interface to the cache. ``sandboxed`` templates are other code than those that are not."""

    def __init__(self, cache: Cache, sandboxed: bool) -> None:
        self._cache = cache
        self._kind = "sandboxed" if sandboxed else "template"

    def load_bytecode(self, bucket: Bucket) -> None:
        if (kept := self._cache.get(self._name(bucket))) is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._cache.put(self._name(bucket), bucket.bytecode_to_string())

    def _name(self, bucket: Bucket) -> str:
        """The cache key, from the template's name and file (``key``) and its text (``checksum``)."""
        return key(self._kind, code(*_CODE), _MADE_BY, bucket.key, bucket.checksum)
