"""The studio: a live preview in the browser of the issue being written."""

from composer.studio.app import app

__all__ = ["app"]
