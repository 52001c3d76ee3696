"""The public pages: unsubscribe, and the pictures of messages."""

from composer.public.app import app
from composer.public.server import serve

__all__ = ["app", "serve"]
