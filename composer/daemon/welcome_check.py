"""What ``filigrane doctor`` says of the welcome paths: is each letter of them approved, and can readers begin one?"""

from __future__ import annotations

from composer.approval.model import Sealed
from composer.errors import Refused
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import open_letters
from composer.schedule.welcome import path_steps, step_letter
from composer.schedule.wording import wait_words


def look_at_welcome(newsroom: Newsroom) -> str:
    """Each step of the welcome paths. Raises ``Refused`` where the letter of one cannot leave."""
    lines, held = [], False
    for step in path_steps(newsroom):
        found = step_letter(newsroom, step)
        named = {"publication": step.publication, "letter": step.letter, "wait": wait_words(step.after)}
        if isinstance(found, Sealed):
            lines.append(_("{publication}/{letter} is approved, and leaves {wait}").format(**named))
        else:
            held = True
            why = _("{publication}/{letter} cannot leave, and no letter after it before a week is over: {why}")
            lines.append(why.format(why=found.sentence, **named))
        if step.publication not in open_letters(newsroom):
            shut = _("{publication} cannot be joined at a door: nobody gets {letter}")
            lines.append(shut.format(**named))
    if held:
        raise Refused("\n".join(lines))
    return "\n".join(lines)
