"""The frames in which an issue is shown: one letter on a desk and on a telephone, or the free one beside the paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from composer.issue.block import AUDIENCES, Audience
from composer.locale import gettext as _
from composer.studio.proof import ProofLetter
from composer.studio.view_options import ViewOptions

#: Parts of the message that have a width of their own; the others are text.
_SET = ("html", "bare")


@dataclass(frozen=True)
class Frame:
    """``caption`` says what it shows; ``screen``: ``desktop``, ``phone``, or ``half``, which shares the width."""

    address: str
    caption: str
    screen: str


def state_of(letter: ProofLetter) -> str:
    """What stands in the address of a letter's frame, which is another when the letter is."""
    return letter.rendering.digest[:16]


def frames(look: ViewOptions, path: str, letters: Mapping[Audience, ProofLetter]) -> list[Frame]:
    """One frame or two; ``path`` is of the letter's address, ``letters`` those that can be shown."""

    def frame(audience: Audience, caption: str, screen: str) -> Frame:
        shown = replace(look, audience=audience, width="both")
        return Frame(shown.address(path, state=state_of(letters[audience])), caption, screen)

    editions: dict[Audience, str] = {"free": _("Free readers"), "paid": _("Subscribers")}
    if look.audience == "both":
        screen = "phone" if look.width == "phone" else "half"
        return [frame(audience, editions[audience], screen) for audience in AUDIENCES if audience in letters]
    if look.part not in _SET:
        return [frame(look.first, editions[look.first], "desktop")]
    screens = {"desktop": _("Desktop"), "phone": _("Phone")}
    chosen = screens if look.width == "both" else {look.width: screens[look.width]}
    return [frame(look.first, caption, screen) for screen, caption in chosen.items()]
