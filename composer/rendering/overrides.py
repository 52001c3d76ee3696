"""Templates of a newsroom that replace shipped ones: they are read from inside its folder, and run sandboxed.

The folder is a git repository to which more people may push than may know the passwords and keys of the process that
renders. A template is only to arrange what it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date as Date
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, TemplateNotFound
from jinja2.environment import TemplateModule
from jinja2.loaders import split_template_path
from jinja2.runtime import LoopContext, TemplateReference
from jinja2.sandbox import ImmutableSandboxedEnvironment

from composer.source.opening import FileMissing, content_of

#: Bytes of a template that are read; the longest shipped one has 8,000.
_MOST_BYTES = 1_000_000

#: The only types with methods that a template may call. Those of other objects may read a file (a path's ``read_text``)
#: or run code (``parse_raw`` of a pydantic model).
_CALLABLE_ON = (str, int, float, tuple, list, Mapping, Date, LoopContext, TemplateReference, TemplateModule)

#: Jinja's own functions that are left out: `cycler.__init__.__globals__` leads to every module.
_LEFT_OUT = ("cycler", "joiner", "lipsum")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja that calls the functions it is given and methods of plain values, and nothing else.

    Not held: time and memory. A template can still loop for ever.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name in _LEFT_OUT:
            del self.globals[name]

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if callable(value) and not isinstance(obj, _CALLABLE_ON):
            return False
        # `append`: the shipped letter.txt.j2 uses it, and newsrooms have copies of that file
        return super().is_safe_attribute(obj, attr, value) or (isinstance(obj, list) and attr == "append")


class Overrides(BaseLoader):
    """Loads from ``templates/`` of the newsroom ``root``. A link that leads out of the newsroom is ``Refused``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        path = self._root.joinpath("templates", *split_template_path(template))
        changed = _changed(path)
        try:
            source = content_of(path, self._root, _MOST_BYTES)
        except FileMissing as error:
            raise TemplateNotFound(template) from error
        return source.decode("utf-8", "replace"), str(path), lambda: _changed(path) == changed


def has_overrides(root: Path, shipped: Path) -> bool:
    """True if the newsroom has a folder of templates of its own, other than the folder of the shipped ones."""
    folder = root / "templates"
    try:
        return not folder.samefile(shipped)
    except OSError:  # none; or it cannot be looked at, which the loader reports
        return folder.is_symlink() or folder.exists()


def _changed(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size
