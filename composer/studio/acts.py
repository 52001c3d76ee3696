"""What can be done to an issue from the studio, and what is read for it, by the first word of its address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from composer.issue.revision.model import Unwritable
from composer.locale import gettext as _
from composer.studio.act import Act, Right, Writing, audience_of, hour_of
from composer.studio.block_acts import change_block, read_blocks
from composer.studio.correcting import correct_line
from composer.studio.draft_acts import MOST_DRAFT_SENT, take_in_draft
from composer.studio.element_acts import change_element, read_elements
from composer.studio.pictures.picture_acts import change_picture, picture_stays, read_pictures
from composer.studio.saving.actor import Actor
from composer.studio.saving.history import History
from composer.studio.sentence_acts import read_sentence, write_sentence


def change_history(writing: Writing, actor: Actor, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring a version back, take a change of the studio back, put words back that another program took out, or offer
    them no more: by their ``id``."""
    keeper, path = writing.keeper, writing.path
    match said:
        case {"act": "bring_back", "id": str(id), "seen": str(seen)}:
            saved = History(keeper).bring_back(path, id, seen, actor)
        case {"act": "undo", "id": str(id)}:
            saved = keeper.undo(path, id, actor)
            stays = picture_stays(writing, id, saved.text)
            return {"saved": hour_of(saved, writing.newsroom), "undo": saved.span} | ({"stays": stays} if stays else {})
        case {"act": "put_back", "id": str(id)}:
            saved = keeper.put_back(path, id, actor)
        case {"act": "dismiss", "id": str(id)}:
            keeper.dismiss(path, id)
            return {}
        case _:
            raise Unwritable(_("of versions, one is brought back, or words are put back or dismissed"))
    return {"saved": hour_of(saved, writing.newsroom), "undo": saved.span}


ACTS: Mapping[str, Act] = {
    "sentence": Act(Right.WRITE, write_sentence),
    "element": Act(Right.WRITE, change_element),
    "block": Act(Right.WRITE, change_block),
    "picture": Act(Right.WRITE, change_picture),
    "history": Act(Right.WRITE, change_history),
    "correction": Act(Right.WRITE, correct_line),
    "draft": Act(Right.WRITE, take_in_draft, most=MOST_DRAFT_SENT),
}

#: What anyone with the right to read an issue may ask of it: by the address's first word, given the address's query.
READINGS: Mapping[str, Callable[[Writing, Mapping[str, str]], Mapping[str, Any]]] = {
    "sentence": lambda writing, asked: read_sentence(
        writing, asked.get("at", ""), audience_of(asked.get("audience")), asked.get("d", "")
    ),
    "element": lambda writing, asked: read_elements(writing, asked.get("at", ""), asked.get("d", "")),
    "block": lambda writing, _asked: read_blocks(writing),
    "picture": lambda writing, _asked: read_pictures(writing),
}
