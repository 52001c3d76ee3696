"""The readers' pages: the way out of a letter, and its pictures."""

from composer.public.app import app
from composer.public.server import serve

__all__ = ["app", "serve"]
