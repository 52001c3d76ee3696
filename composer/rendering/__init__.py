"""Edition → HTML and text, once per edition, with slots for what differs from reader to reader."""

from composer.rendering.model import Medium, Rendering
from composer.rendering.render import render

__all__ = ["Medium", "Rendering", "render"]
