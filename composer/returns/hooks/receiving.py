"""One look at what operators posted: each report is believed or not, judged, and acts, in one transaction with its end.

What is fetched (a certificate of Amazon's) is fetched before that transaction begins. A report that cannot be checked
now waits, three days at most; one that is not believed is taken out, and the log says why. No line holds an address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Engine

from composer.database import read_only
from composer.delivery.smtp.reply import scrub
from composer.errors import OutsideWorld
from composer.newsroom.model import Hooks
from composer.returns.acts import act_on
from composer.returns.hooks.believing import HookRefusal, NotBelieved
from composer.returns.hooks.json_body import read_object
from composer.returns.hooks.mailgun import signed_token
from composer.returns.hooks.posts import HookPost, any_post, due_posts, put_off_post, take_post, use_token
from composer.returns.hooks.reports import READERS, HookReport
from composer.returns.hooks.sns import Certificates, Fetch, believed, confirmation
from composer.returns.hooks.vocabulary import judge_report
from composer.returns.identity import identify
from composer.returns.judgement import Judgement, ReturnKind
from composer.returns.return_act import ReturnAct

#: Reports of one look.
HOOK_LOOK = 50

#: What may become of reports, as the log counts it. ``strangers``: without a token of ours; nothing follows.
HOOK_ENDS = ("acted", "again", "other", "strangers", "confirmed", "refused", "waiting")

_log = structlog.get_logger()


@dataclass(frozen=True)
class HookKeys:
    """``secrets``: the secret key and former ones; ``mailgun``: the key that signs Mailgun's reports, or empty."""

    secrets: Sequence[bytes]
    mailgun: str = ""


@dataclass(frozen=True)
class FarEnd:
    """How the daemon asks Amazon: for a certificate, and to confirm a subscription."""

    fetch: Fetch
    certificates: Certificates


@dataclass(frozen=True)
class _Checked:
    """A report that is believed. ``token``: acts once; ``confirm``: the address that confirms a subscription."""

    report: HookReport | None = None
    token: str = ""
    confirm: str = ""
    topic: str = ""


def anything_posted(engine: Engine) -> bool:
    """Whether a report may be read now."""
    with read_only(engine).connect() as connection:
        return any_post(connection)


def receive_posts(engine: Engine, hooks: Hooks | None, keys: HookKeys, far_end: FarEnd) -> int:
    """Read up to ``HOOK_LOOK`` reports; return how many. Raises what the database raises: the row at hand stays."""
    with read_only(engine).connect() as connection:
        posts = due_posts(connection, HOOK_LOOK)
    done = Counter(_received(engine, hooks, keys, far_end, post) for post in posts)
    if done:
        _log.info("hooks", **{end: done[end] for end in HOOK_ENDS})
    return len(posts)


def _received(engine: Engine, hooks: Hooks | None, keys: HookKeys, far_end: FarEnd, post: HookPost) -> str:
    """What became of one report: the word of the log."""
    try:
        checked = _checked(hooks, keys, far_end, post)
        judgement = judge_report(checked.report) if checked.report is not None else None
    except NotBelieved as error:
        return _refused(engine, post, error.why)
    except OutsideWorld as error:
        return _waits(engine, post, scrub(str(error)))
    except Exception as error:  # noqa: BLE001 # reason: whatever one report does, the others are read
        _log.error("hook-failed", provider=post.provider, why=type(error).__name__)
        return _refused(engine, post, HookRefusal.FORM)
    if checked.confirm:
        _log.info("hook-confirmed", provider=post.provider, topic=checked.topic)
    with engine.begin() as connection:
        if not take_post(connection, post):
            return "other"  # another process reads it
        if checked.token and not use_token(connection, post.provider, checked.token):
            _log.warning("hook-refused", provider=post.provider, why=HookRefusal.REPLAY.value)
            return "refused"
        if judgement is None:
            return "confirmed" if checked.confirm else "other"
        return _acted(connection, judgement, keys, post.provider)


def _checked(hooks: Hooks | None, keys: HookKeys, far_end: FarEnd, post: HookPost) -> _Checked:
    if hooks is None or post.provider not in hooks.providers:
        raise NotBelieved(HookRefusal.CLOSED)
    fields = read_object(post.body)
    read = READERS[post.provider]
    if post.provider == "mailgun":
        return _Checked(read(fields), token=signed_token(fields, keys.mailgun, post.at))
    if post.provider != "ses":
        return _Checked(read(fields))
    message = believed(fields, hooks.topics, post.at, far_end.certificates)
    if message.type == "SubscriptionConfirmation":
        address = confirmation(message)
        far_end.fetch(address)
        return _Checked(confirm=address, topic=message.topic)
    if message.type != "Notification":
        _log.warning("hook-unsubscribed", provider=post.provider, topic=message.topic)
        return _Checked()
    return _Checked(_of_ses(message.message))


def _of_ses(message: str) -> HookReport | None:
    """None of a message that reports nothing: Amazon tells a new topic in a sentence that it is one."""
    try:
        said: Mapping[str, Any] = read_object(message)
    except NotBelieved:
        return None
    return READERS["ses"](said)


def _acted(connection: Connection, judgement: Judgement, keys: HookKeys, provider: str) -> str:
    if judgement.kind in (ReturnKind.OTHER, ReturnKind.AUTO_REPLY):
        return "other"
    identity = identify(judgement, keys.secrets)
    act = ReturnAct.UNKNOWN if identity is None else act_on(connection, judgement, identity)
    if act is ReturnAct.UNKNOWN:
        _log.warning(
            "hook-of-a-stranger",
            provider=provider,
            kind=judgement.kind.value,
            bounce_class=judgement.bounce_class.value if judgement.bounce_class else None,
        )
        return "strangers"
    return "again" if act is ReturnAct.AGAIN else "acted"


def _refused(engine: Engine, post: HookPost, why: HookRefusal) -> str:
    _log.warning("hook-refused", provider=post.provider, why=why.value)
    with engine.begin() as connection:
        take_post(connection, post)
    return "refused"


def _waits(engine: Engine, post: HookPost, why: str) -> str:
    """Put it off; or take it out, where it waited long enough."""
    _log.error("hook-not-checked", provider=post.provider, given_up=post.late, why=why)
    with engine.begin() as connection:
        if post.late:
            take_post(connection, post)
            return "refused"
        put_off_post(connection, post)
    return "waiting"
