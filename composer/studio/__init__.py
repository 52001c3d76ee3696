"""The studio: the issue being written, live in the browser."""

from composer.studio.app import app

__all__ = ["app"]
