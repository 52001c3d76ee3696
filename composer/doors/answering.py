"""One look at the requests: each becomes rows, in one transaction with its removal, so none is answered twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from composer.database import DATABASE_TROUBLE, advisory_lock, read_only
from composer.delivery.smtp.reply import scrub
from composer.doors.choosing import answer_choice, answer_link, write_link
from composer.doors.forgetting import complete_erasures
from composer.doors.moving import answer_address
from composer.doors.writing import put
from composer.errors import FiligraneError, Refused
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import CONFIRM, absolute, open_letters
from composer.outbox import written_message
from composer.subscribers import read_address
from composer.subscribers.links import any_due_link, due_links, put_off_link
from composer.subscribers.reasons import REASONS, count_reason
from composer.subscribers.requests import JoinRequest, ReaderRequest, any_request, take_requests
from composer.subscribers.returning import record_return
from composer.subscribers.signups import (
    DueSignup,
    any_due_signup,
    confirm_signup,
    due_signups,
    mailed_signup,
    note_signup,
    put_off_signup,
)

#: Requests, and messages, of one transaction: some milliseconds.
ONE_LOOK = 50

#: What may become of requests, as the log counts it.
ANSWERS = (
    "asked",
    "dropped",
    "confirmed",
    "returned",
    "reasons",
    "links",
    "chosen",
    "held",
    "forgotten",
    "moved",
    "erased",
    "void",
    "mailed",
)

_log = structlog.get_logger()


def anything_asked(engine: Engine, *, to_write: bool = True) -> bool:
    """Whether there is something to answer, or, with ``to_write``, a sign-up or a link to mail."""
    with read_only(engine).connect() as connection:
        return any_request(connection) or (to_write and (any_due_signup(connection) or any_due_link(connection)))


def answer_requests(engine: Engine, newsroom: Newsroom, now: datetime) -> int:
    """Answer up to ``ONE_LOOK`` requests and write up to ``ONE_LOOK`` messages; return how many of both.

    ``engine`` has the address key. Raises what the database raises, and then nothing was changed.
    """
    done: Counter[str] = Counter()
    with engine.begin() as connection:
        advisory_lock(connection, "adding subscribers")  # what subscribes takes it too: in one order
        for request in take_requests(connection, ONE_LOOK):
            done[_alone(connection, partial(_answered, connection, newsroom, request, now)) or "dropped"] += 1
        for signup in due_signups(connection, open_letters(newsroom), ONE_LOOK):
            if _alone(connection, partial(_write, connection, newsroom, signup, now)):
                done["mailed"] += 1
            else:
                put_off_signup(connection, signup)
        for link in due_links(connection, ONE_LOOK):
            if _alone(connection, partial(write_link, connection, newsroom, link, now)):
                done["mailed"] += 1
            else:
                put_off_link(connection, link)
    done += Counter({"erased": complete_erasures(engine)})
    if done.total():
        _log.info("doors", **{what: done[what] for what in ANSWERS})
    return done.total()


def _alone(connection: Connection, work: Callable[[], str]) -> str | None:
    """The result of ``work``; None where it failed, with nothing of it written: one request stops itself alone."""
    try:
        with connection.begin_nested():
            return work()
    except (*DATABASE_TROUBLE, OperationalError):
        raise  # of all of them: the next look tries again
    except Exception as error:  # noqa: BLE001 # reason: whatever one request does, the others are answered
        _log.error("door-failed", why=scrub(str(error)) if isinstance(error, FiligraneError) else type(error).__name__)
        return None


def _answered(connection: Connection, newsroom: Newsroom, request: ReaderRequest, now: datetime) -> str:
    """What became of one request: the word of the log."""
    if request.link is not None:
        return answer_link(connection, newsroom, request.link)
    if request.choice is not None:
        return answer_choice(connection, newsroom, request.choice, request.at, now)
    if request.join is not None:
        return "asked" if _note(connection, newsroom, request.join) else "dropped"
    if request.subscription_id is not None:
        return "returned" if record_return(connection, request.subscription_id, request.at) else "void"
    if request.kind == "address":
        return answer_address(connection, request.token or "")
    if request.kind == "why":
        return _count(connection, newsroom, request)
    return "confirmed" if request.token and confirm_signup(connection, request.token) else "void"


def _count(connection: Connection, newsroom: Newsroom, request: ReaderRequest) -> str:
    """Count why a reader left: one answer of ours, about one publication of ours."""
    (letter,) = request.letters if len(request.letters) == 1 else ("",)
    if letter not in newsroom.publications or request.reason not in REASONS:
        return "dropped"
    month = f"{request.at.astimezone(ZoneInfo(newsroom.settings.timezone)):%Y-%m}"
    count_reason(connection, letter, month, request.reason)
    return "reasons"


def _note(connection: Connection, newsroom: Newsroom, asked: JoinRequest) -> bool:
    """Write a sign-up down, of letters that may be joined; the pages checked, and are not trusted."""
    letters = tuple(letter for letter in asked.letters if letter in open_letters(newsroom))
    try:
        address = read_address(asked.email)
    except Refused:
        return False
    if not letters or asked.language not in ("fr", "en"):
        return False
    known = JoinRequest(address.email, letters, asked.language, asked.form, asked.wording, asked.page)
    return note_signup(connection, address, known)


def _write(connection: Connection, newsroom: Newsroom, signup: DueSignup, now: datetime) -> str:
    """The message of a sign-up: asks to confirm what this address does not receive, or says that it receives it all.

    Nothing in it was typed into the form.
    """
    token = mailed_signup(connection, signup)
    letters = signup.wanted if token else signup.letters
    publication = letters[0] if len(letters) == 1 else ""
    titles = [newsroom.publications[each].in_language(signup.language).title for each in letters]
    url = absolute(newsroom, CONFIRM + token) if token else ""
    kind = "confirm" if token else "already"
    content = written_message(newsroom, kind, publication, signup.language, now, titles=titles, url=url)
    put(connection, newsroom, kind, signup.email, signup.address_key, content, publication)
    return kind
