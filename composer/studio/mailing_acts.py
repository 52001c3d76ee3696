"""What is ordered of a mailing from the newsroom's sheet, by the functions of the command line and in its words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from composer.database import read_only
from composer.delivery.ledger.mailings import find
from composer.delivery.ledger.progress import progress
from composer.delivery.orders import ORDERS, order_words, page_goes_words, rolled_back_words
from composer.delivery.state import NOT_OVER, MailingState
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.locale.asking import question_words
from composer.schedule.wording import letter_words
from composer.studio.act import Right, StudioUser
from composer.studio.newsroom_act import ActDone, ActPlace, ActQuestion, NewsroomAct, seen_digest
from composer.studio.under_way import mailing_line


def _ask(order: str, place: ActPlace, _user: StudioUser) -> ActQuestion:
    with read_only(place.ledger).connect() as connection:
        (found,) = progress(connection, place.mailing)
        rolled_back = rolled_back_words(connection, place.mailing) if order == "resume" else None
        page_goes = page_goes_words(connection, place.mailing, place.newsroom) if order == "cancel" else None
    line = mailing_line(found, place.newsroom)
    titles = {
        "pause": _("Stop the mailing of {issue} for now"),
        "resume": _("Let the mailing of {issue} go on"),
        "cancel": _("End the mailing of {issue} for good"),
    }
    buttons = {"pause": _("Stop it"), "resume": _("Go on"), "cancel": _("End it for good")}
    possible = found.mailing.state in NOT_OVER and (order != "resume" or found.mailing.state == MailingState.PAUSED)
    what = rolled_back or order_words(found, order)
    lines = [question_words(what) if order == "cancel" or rolled_back else f"{what}.", line.outcomes]
    lines += filter(None, [line.reason, page_goes])
    seen = seen_digest(place.mailing, found.mailing.state, found.mailing.reason, found.mailing.version)
    key = IssueKey(found.mailing.publication, found.mailing.date, found.mailing.slug)
    title = titles[order].format(issue=letter_words(key, place.newsroom))
    if not possible:
        return ActQuestion(title, [f"{line.state}: {line.outcomes}"], None, seen)
    return ActQuestion(title, list(filter(None, lines)), buttons[order], seen, final=order == "cancel")


def _do(order: str, place: ActPlace, _user: StudioUser, _said: Mapping[str, str]) -> ActDone:
    ORDERS[order](place.ledger, place.mailing)
    with read_only(place.ledger).connect() as connection:
        line = mailing_line(progress(connection, place.mailing)[0], place.newsroom)
        page_goes = page_goes_words(connection, place.mailing, place.newsroom) if order == "cancel" else None
        publication = find(connection, place.mailing).publication
    title = _("{publication}, mailing {id}: {state}").format(publication=publication, id=line.id, state=line.state)
    return ActDone(title, list(filter(None, [line.numbers, line.outcomes, page_goes])))


MAILING_ACTS: Mapping[str, NewsroomAct] = {
    order: NewsroomAct(Right.OPERATE, partial(_ask, order), partial(_do, order))
    for order in ("pause", "resume", "cancel")
}
