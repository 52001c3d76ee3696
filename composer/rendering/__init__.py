"""Edition → HTML and text, made once per edition, with slots for what differs from reader to reader."""

from composer.rendering.letter import render
from composer.rendering.model import Medium, Rendering

__all__ = ["Medium", "Rendering", "render"]
