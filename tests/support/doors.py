"""A newsroom whose doors are open, its database, and what its readers and their mailboxes do."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Engine, Row, select, update

from composer.database import db_now, read_only
from composer.doors import answer_requests
from composer.message import SlotValues, Template
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.outbox.tables import outbox
from composer.public.form import door_form
from composer.subscribers.requests import (
    ChoiceRequest,
    JoinRequest,
    LinkRequest,
    ask_for_link,
    ask_to_choose,
    ask_to_confirm,
    ask_to_confirm_address,
    ask_to_join,
)
from composer.subscribers.signups import token_hash
from composer.subscribers.tables import links, signups, subscribers, subscriptions
from tests.support import databases
from tests.support.address_keys import open_database
from tests.support.newsrooms import configure, write_newsroom

ZOE = "zoe@example.org"


def open_doors(root: Path, publication: str, **join: object) -> None:
    """Open the door of a publication on disk."""
    configure(root, publication, join=join or True)


@dataclass
class OpenHouse:
    """Friday's and Saturday's letters may be joined, alone or at the page of the house."""

    root: Path
    engine: Engine

    @property
    def newsroom(self) -> Newsroom:
        return load_newsroom(self.root)

    def asked(self, address: str = ZOE, *letters: str, language: str = "fr") -> JoinRequest:
        form = door_form(self.newsroom, "", language)
        assert form is not None
        page = "https://lettre.example.org/join"
        return JoinRequest(address, letters or ("vendredi",), language, form.mark, form.consent, page)

    def ask(self, address: str = ZOE, *letters: str, language: str = "fr") -> None:
        """As the pages do: a row."""
        with self.engine.begin() as connection:
            assert ask_to_join(connection, self.asked(address, *letters, language=language))

    def answer(self) -> None:
        """As the daemon does, until nothing more can be done."""
        while answer_requests(self.engine, self.newsroom, datetime.now(UTC)):
            pass

    def join(self, address: str = ZOE, *letters: str) -> str:
        """Ask and be answered; the token of the newest message."""
        self.ask(address, *letters)
        self.answer()
        return self.token()

    def confirm(self, token: str) -> None:
        with self.engine.begin() as connection:
            ask_to_confirm(connection, token)
        self.answer()

    def choices(self, address: str = ZOE, language: str = "fr") -> str:
        """Ask for the link to the choices and be answered; its token in the newest message."""
        with self.engine.begin() as connection:
            assert ask_for_link(connection, LinkRequest(address, language))
        self.answer()
        return self.token("choices")

    def choose(self, token: str, act: str = "save", *letters: str, **said: Any) -> str:
        """Act behind a link, and be answered; the token that is next."""
        following = token_urlsafe(24)
        with self.engine.begin() as connection:
            assert ask_to_choose(connection, ChoiceRequest(token, token_hash(following), act, letters, **said))
        self.answer()
        return following

    def move(self, wanted: str, token: str) -> tuple[str, str]:
        """Ask for another address behind a link; the tokens mailed to the old address and to the new one."""
        before = len(self.mails())
        self.choose(token, "move", email=wanted)
        if len(self.mails()) < before + 2:
            return "", ""
        former, new = (re.search(r"/address/([\w-]{32})", self.text(number)) for number in (-2, -1))
        assert former is not None
        assert new is not None
        return former[1], new[1]

    def confirm_address(self, token: str) -> None:
        with self.engine.begin() as connection:
            ask_to_confirm_address(connection, token)
        self.answer()

    def mails(self) -> list[Row[tuple[object, ...]]]:
        with read_only(self.engine).connect() as connection:
            return list(connection.execute(select(outbox).order_by(outbox.c.id)).all())

    def text(self, number: int = -1) -> str:
        """The text of a message that waits."""
        row = self.mails()[number]
        content = Template.loads(row.content).fill(SlotValues(to=row.email, message_id="x", unsubscribe="none"))
        message = email.message_from_bytes(content, policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        return f"{message['Subject']}\n{body.get_content()}"

    def token(self, page: str = "confirm") -> str:
        """The token of the link in the newest message, empty where it has none."""
        return found[1] if (found := re.search(rf"/{page}/([\w-]{{32}})", self.text())) else ""

    def signups(self) -> list[tuple[str, str]]:
        """State and letters of each sign-up."""
        with read_only(self.engine).connect() as connection:
            rows = connection.execute(select(signups).order_by(signups.c.id)).all()
        return [(row.state, row.letters.strip()) for row in rows]

    def readers(self) -> Mapping[tuple[str, str], str]:
        """Address and publication → status."""
        with read_only(self.engine).connect() as connection:
            rows = connection.execute(
                select(subscribers.c.email, subscriptions.c.publication, subscriptions.c.status).join_from(
                    subscribers, subscriptions
                )
            ).all()
        return {(row.email, row.publication): row.status for row in rows}

    def later(self, seconds: float) -> None:
        """So many seconds pass."""
        with self.engine.begin() as connection:
            now = connection.execute(select(db_now())).scalar_one()
            for table in (signups, links):
                for name in ("asked_at", "not_before", "mailed_at", "expires_at"):
                    column = table.c[name]
                    rows = connection.execute(select(table.c.id, column).where(column.is_not(None))).all()
                    for row in rows:
                        shifted = db_now((row[1] - now).total_seconds() - seconds)
                        connection.execute(update(table).where(table.c.id == row.id).values({name: shifted}))


def open_house(root: Path, **settings: object) -> OpenHouse:
    write_newsroom(root, **({"join": True, "choices": True} | settings))  # type: ignore[arg-type] # reason: passed on as they are
    open_doors(root, "vendredi")
    open_doors(root, "samedi")
    return OpenHouse(root, open_database(databases.url(root), root, create=True))
