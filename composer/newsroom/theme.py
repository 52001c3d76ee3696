"""The two themes, and the tokens by which a publication changes one.

A token not given has the theme's value. Type sizes and spacing of a theme are in the templates; its separators and
boxes are a ``Style``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from composer.locale import gettext as _
from composer.newsroom.values import Colour
from composer.source.vocabulary import nearest_word

#: Fonts commonly installed on readers' machines, and CSS's generic families.
FONTS = frozenset(
    {"Charter", "Bitstream Charter", "Georgia", "Cambria", "Iowan Old Style", "Palatino", "Palatino Linotype"}
    | {"Book Antiqua", "Baskerville", "Constantia", "Times", "Times New Roman", "Hoefler Text", "Didot"}
    | {"-apple-system", "BlinkMacSystemFont", "system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Helvetica"}
    | {"Arial", "Verdana", "Tahoma", "Trebuchet MS", "Avenir Next", "Optima", "Calibri", "Candara", "Noto Serif"}
    | {"Noto Sans", "Liberation Serif", "Liberation Sans", "DejaVu Serif", "DejaVu Sans", "serif", "sans-serif"}
)
_GENERIC = ("serif", "sans-serif")


def _fonts(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in FONTS:
            near = nearest_word(name, FONTS)
            why = _("“{name}” is not on readers' machines, and a letter fetches no font").format(name=name)
            why += _("; did you mean {better}?").format(better=near) if near else ""
            raise PydanticCustomError("unknown-font", "{why}", {"why": why})
    if names[-1] not in _GENERIC:
        why = _("a list of fonts ends with serif or sans-serif, for machines that have none of the others")
        raise PydanticCustomError("no-generic-font", "{why}", {"why": why})
    return names


Fonts = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_fonts)]


def _even(width: int) -> int:
    if width % 2:
        why = _("an even number is expected: pictures are drawn at twice this width, and halves do not exist")
        raise PydanticCustomError("odd-width", "{why}", {"why": why})
    return width


_SERIF = ("Charter", "Bitstream Charter", "Georgia", "Cambria", "serif")
_GROTESQUE = ("-apple-system", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif")

#: Tokens of the magazine theme that differ from the daily theme's, which are the fields' defaults.
_MAGAZINE = {"accent": "#0f4c5c", "accent_dark": "#7cc3d1", "paper": "#fbf8f2"}
_MAGAZINE |= {"ink": "#20201d"}


class Theme(BaseModel):
    name: Literal["daily", "magazine"] = Field(
        "daily", description="daily: white, tight, boxes run in; magazine: warm, airy, boxes between rules"
    )
    accent: Colour = Field("#9c1d18", description="The one accent colour")
    accent_dark: Colour = Field("#f4a29a", description="The accent in the dark")
    paper: Colour = Field("#ffffff", description="Background")
    paper_dark: Colour = Field("#16181b", description="Background in the dark; never black, letters would glow on it")
    ink: Colour = Field("#1b1a18", description="Colour of the text")
    ink_dark: Colour = Field("#e9e6df", description="Colour of the text in the dark")
    text_fonts: Fonts = Field(_SERIF, description="Fonts of the text, all on readers' machines; serif at the end")
    label_fonts: Fonts = Field(_GROTESQUE, description="Fonts of labels and captions; sans-serif at the end")
    logo: str | None = Field(
        None, description="Nameplate drawing (PNG) beside the publication's file, at most 96 px high; type otherwise"
    )
    logo_dark: str | None = Field(None, description="The same for the dark")
    width: Annotated[int, AfterValidator(_even)] = Field(
        640, ge=480, le=640, description="Width of the column in pixels, from 480 to 640, even"
    )

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        return {**_MAGAZINE, **given} if isinstance(given, dict) and given.get("name") == "magazine" else given
