"""A newsroom with open doors, one accepted letter, the pages on a real socket, and the daemon's look at what came."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select, update

from composer.database import read_only
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.message.verp import return_path
from composer.newsroom.model import Hooks
from composer.public import app
from composer.returns.hooks.doors import hook_addresses, hook_digests
from composer.returns.hooks.receiving import FarEnd, HookKeys, receive_posts
from composer.returns.hooks.sns import Certificates
from composer.returns.hooks.tables import hook_posts
from composer.subscribers import token_reader
from composer.subscribers.tables import subscribers, subscriptions, suppressions
from tests.delivery.support.sample_ledger import Ready, ready
from tests.delivery.support.sample_newsroom import SECRET
from tests.public.support.page_server import serving
from tests.returns.hooks.support.amazon import TOPIC, Amazon

FORMER = bytes(range(32))
SIGNING = "key-of-mailgun-0123456789"
HOOKS = Hooks(providers=("ses", "mailgun", "brevo", "postmark"), topics=(TOPIC,))


@dataclass
class Hooked:
    """``ready``: a ledger of one reader whose letter was accepted."""

    ready: Ready
    base: str
    amazon: Amazon = field(default_factory=Amazon)
    hooks: Hooks = HOOKS

    def __post_init__(self) -> None:
        self.far_end = FarEnd(self.amazon.fetch, Certificates(self.amazon.fetch))

    def token(self, key: bytes = SECRET, reader: int = 1) -> str:
        return return_path(reader, self.ready.mailing, key)

    @property
    def source(self) -> str:
        return f"{self.token()}@bounces.example"

    def way(self, provider: str, key: bytes = SECRET) -> str:
        found = dict(hook_addresses(self.ready.room, key))[provider]
        return found[found.index("/hooks/") :]

    def post(self, provider: str, said: object, way: str | None = None) -> httpx.Response:
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        return httpx.post(f"{self.base}{way or self.way(provider)}", content=content, timeout=30)

    def look(self, mailgun: str = SIGNING) -> int:
        return receive_posts(self.ready.engine, self.hooks, HookKeys((SECRET, FORMER), mailgun), self.far_end)

    def standing(self) -> tuple[str, str | None, str]:
        """The state of the delivery, why its reader is suppressed, and the subscription's."""
        with read_only(self.ready.engine).connect() as connection:
            state = connection.execute(select(deliveries.c.state)).scalar_one()
            theirs = suppressions.c.address_key == subscribers.c.address_key
            reason = connection.execute(select(suppressions.c.reason).where(theirs)).scalar()
            return state, reason, connection.execute(select(subscriptions.c.status)).scalar_one()

    def waiting(self) -> int:
        with read_only(self.ready.engine).connect() as connection:
            return int(connection.execute(select(func.count()).select_from(hook_posts)).scalar_one())


UNTOUCHED = (State.ACCEPTED, None, "active")


@contextmanager
def hooked(root: Path, **settings: Any) -> Iterator[Hooked]:
    found = ready(root, **settings)
    room = found.room
    settings_now = room.settings.model_copy(update={"hooks": HOOKS, "public_url": "https://lettre.example.org"})
    found.room = type(room)(**{**vars(room), "settings": settings_now})
    with found.engine.begin() as connection:
        connection.execute(update(deliveries).values(state=State.ACCEPTED))
    digests = hook_digests(found.room, (SECRET, FORMER))
    with serving(app(found.engine, found.room, token_reader(SECRET), digests)) as base:
        yield Hooked(found, base)
    found.engine.dispose()


def mailgun(ours: str, event: Mapping[str, Any], key: str = SIGNING, **given: Any) -> dict[str, Any]:
    """A report of Mailgun's; ``ours``: our token, in its variables; ``given`` replaces parts of the signature."""
    seconds, once = str(int(time.time())), "e0b5477167110d68991efc6b9f89f0a11066af27834600e123"
    said = {"timestamp": seconds, "token": once, **{name: str(value) for name, value in given.items()}}
    right = hmac.new(key.encode(), f"{said['timestamp']}{said['token']}".encode(), sha256).hexdigest()
    data = {"user-variables": {"filigrane": ours}, "recipient": "anne@example.org", **event}
    return {"signature": {"signature": right, **said}, "event-data": data}


FAILED = {
    "event": "failed",
    "severity": "permanent",
    "delivery-status": {"code": 550, "message": "5.1.1 No such user", "description": ""},
}


def brevo(token: str, event: str = "hard_bounce", reason: str = "550 5.1.1 No such user") -> dict[str, Any]:
    """A report of Brevo's."""
    return {"event": event, "email": "anne@example.org", "reason": reason, "X-Mailin-custom": token}


def postmark(token: str, kind: str = "HardBounce", record: str = "Bounce") -> dict[str, Any]:
    """A report of Postmark's."""
    said = {"RecordType": record, "Type": kind, "Email": "anne@example.org", "Metadata": {"filigrane": token}}
    return {**said, "Details": "smtp;550 5.1.1 The email account does not exist." if kind == "HardBounce" else ""}
