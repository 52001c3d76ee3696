"""Where templates are, and our Jinja settings.

A file in the newsroom's ``templates/`` replaces the shipped one of the same name.
"""

from __future__ import annotations

import traceback
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    select_autoescape,
)

from composer.errors import Refused
from composer.locale import gettext as _
from composer.newsroom.environment import own_cache
from composer.rendering.bytecode import Bytecode
from composer.rendering.cache import Cache
from composer.rendering.overrides import Overrides, Sandbox, has_overrides


def shipped() -> Path:
    """The folder of the shipped templates: in the package if installed, at the top of a checkout otherwise."""
    package = Path(str(resources.files("composer")))
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


def jinja_for(root: Path, **settings: Any) -> Environment:
    """Jinja for the newsroom at ``root``: sandboxed where the newsroom has templates of its own.

    Then the shipped ones are sandboxed too, since either kind may include or extend the other. Where there are only
    shipped ones, which are code of ours, the sandbox would cost an eighth of a letter's time for nothing.
    """
    settings = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True, **settings}
    ours = FileSystemLoader(shipped())
    if not has_overrides(root, shipped()):
        return Environment(loader=ours, **settings)  # noqa: S701 # reason: each caller says what is escaped
    return Sandbox(loader=ChoiceLoader([Overrides(root), ours]), **settings)


def environment(root: Path) -> Environment:
    """Jinja for letters of the newsroom at ``root``. MJML is autoescaped; style sheets and the text part are not."""
    return _environment(root, has_overrides(root, shipped()))


@lru_cache(maxsize=8)
def _environment(root: Path, sandboxed: bool) -> Environment:
    kept = own_cache()
    return jinja_for(
        root,
        autoescape=select_autoescape(enabled_extensions=("mjml.j2",), default=False),
        keep_trailing_newline=True,  # keep line ends: the text part is made of lines
        bytecode_cache=None if kept is None else Bytecode(Cache(kept / "templates"), sandboxed),
        auto_reload=False,  # else Jinja checks the disk at each include; ``refresh`` does so once a letter
    )


def forget_templates() -> None:
    """Look for templates on disk again at the next letter: Jinja notices a changed one, and not a new override."""
    _environment.cache_clear()


def refresh(jinja: Environment) -> None:
    """Clear the template cache if a template has changed on disk."""
    assert jinja.cache is not None
    if not all(template.is_up_to_date for template in jinja.cache.values()):
        jinja.cache.clear()


def write(jinja: Environment, name: str, context: dict[str, Any], where: str) -> str:
    """Render the template ``name``. ``where`` names the block, for error messages.

    Raises ``Refused`` naming the template's file and line: templates are edited by designers.
    """
    try:
        return jinja.get_template(name).render(context)
    except TemplateSyntaxError as error:
        raise Refused(_message(error.filename or name, error.lineno, str(error.message), where)) from error
    # possible errors of a template: an undefined name, a filter given the wrong type, a field that is None
    except (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        file, line = _innermost(error, name)
        raise Refused(_message(file, line, str(error) or type(error).__name__, where)) from error


def _innermost(error: BaseException, name: str) -> tuple[str, int]:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    return (frames[-1].filename, frames[-1].lineno or 1) if frames else (name, 1)


def _message(file: str, line: int, why: str, where: str) -> str:
    path = Path(file)
    shown = "/".join(path.parts[path.parts.index("templates") :]) if "templates" in path.parts else file
    return _("template {file}, line {line}, at {where}: {why}").format(file=shown, line=line, where=where, why=why)
